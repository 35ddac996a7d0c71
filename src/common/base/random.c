#include "random.h"

static uint64_t rotated_left(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static uint64_t random_next(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t result = rotated_left(s[1] * 5, 7) * 9, t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotated_left(s[3], 45);
	return result;
}

/* splitmix64, with which xoshiro's state is to be filled. */
static uint64_t next_splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15;
	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

void random_seed(struct random *random, unsigned long seed, const char *name)
{
	/* FNV-1a */
	uint64_t state = 0xCBF29CE484222325;
	for (const char *p = name; *p; p++)
		state = (state ^ (unsigned char)*p) * 0x100000001B3;
	state ^= next_splitmix(&(uint64_t){seed});
	for (int i = 0; i < 4; i++)
		random->state[i] = next_splitmix(&state);
}

size_t random_below(struct random *random, size_t below)
{
	/* The upper bits scaled: below is far less than 2^32. */
	return (size_t)((random_next(random) >> 32) * below >> 32);
}

bool random_chance(struct random *random, unsigned percent)
{
	return random_below(random, 100) < percent;
}

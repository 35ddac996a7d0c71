/* Numbers that look random, the same for the same seed on every machine
 * (xoshiro256**). */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
	uint64_t state[4];
};

/* name: what the sequence is for; each has one of its own. */
void random_seed(struct random *random, unsigned long seed, const char *name);

/* 0 .. below - 1; below is not 0. */
size_t random_below(struct random *random, size_t below);

bool random_chance(struct random *random, unsigned percent);

#endif

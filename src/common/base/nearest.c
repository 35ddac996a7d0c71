#include "nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "arena.h"

enum { WORD_MAX = 64, BEGINNING_MIN = 5 };

static size_t least_of(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many letters to change, add, drop or swap with the next (optimal string
 * alignment); upper and lower case are the same letter. */
static size_t count_edits(const char *a, size_t a_length, const char *b,
			  size_t b_length)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	memset(rows, 0, sizeof rows);
	for (size_t j = 0; j <= b_length; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			int x = tolower((unsigned char)a[i - 1]);
			int y = tolower((unsigned char)b[j - 1]);

			row[j] = least_of(last[j] + 1, row[j - 1] + 1,
					  last[j - 1] + (x != y));
			if (i > 1 && j > 1 &&
			    x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				row[j] = least_of(row[j], before[j - 2] + 1,
						  row[j]);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_length];
}

struct nearest nearest_to(const char *word)
{
	/* A third of the letters wrong is a slip; more is another word. */
	size_t limit = (strlen(word) + 2) / 3 + 1;

	return (struct nearest){
		.word = word, .distance = limit, .limit = limit};
}

/* "procedure" for "procedureCode" is near, however much is left out. */
static bool is_beginning(const char *a, size_t a_length, const char *b,
			 size_t b_length)
{
	size_t shorter = a_length < b_length ? a_length : b_length;

	return shorter >= BEGINNING_MIN && strncmp(a, b, shorter) == 0;
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
	size_t a = strlen(nearest->word), b = strlen(candidate), distance;

	if (a > WORD_MAX || b > WORD_MAX)
		return;
	/* Each letter more is an edit at least. */
	distance = a > b ? a - b : b - a;
	if (distance < nearest->distance)
		distance = count_edits(nearest->word, a, candidate, b);
	if (distance >= nearest->limit &&
	    is_beginning(nearest->word, a, candidate, b))
		distance = nearest->limit - 1;
	if (distance >= nearest->distance)
		return;
	nearest->distance = distance;
	nearest->best = candidate;
}

const char *nearest_hint(const struct nearest *nearest, struct arena *arena)
{
	if (!nearest->best)
		return "";
	return arena_printf(arena, "; did you mean '%s'?", nearest->best);
}

/* The right spelling that is nearest to a wrong one. */
#ifndef NEAREST_H
#define NEAREST_H

#include <stddef.h>

struct arena;

struct nearest {
	const char *word;
	const char *best; /* NULL: nothing is near enough */
	size_t distance, limit;
};

struct nearest nearest_to(const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate);

/* "; did you mean 'best'?", or "". */
const char *nearest_hint(const struct nearest *nearest, struct arena *arena);

#endif

/* Numbers by up to three pointers: who has been where, and how often. */
#ifndef COUNTS_H
#define COUNTS_H

#include <stddef.h>

struct counts_slot;

/* {0} is empty. */
struct counts {
	struct counts_slot *slots; /* a hash table */
	size_t count, size;
};

void counts_free(struct counts *counts);

/* That of a (which is not NULL), b and c; at first 0.  Good until another is
 * asked for. */
size_t *counts_of(struct counts *counts, const void *a, const void *b,
		  const void *c);

#endif

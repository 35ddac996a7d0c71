/*
 * What gives arenas their room (arena.c), for the generator alone: each piece of
 * memory that is asked for stays what it is, so that it can be told what is in
 * it.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct piece {
	void *memory;
	size_t size; /* a multiple of that of a word */
	size_t number;
};

/* All pieces of an arena, in the order in which they were asked for. */
const struct piece *recorded_pieces(const struct arena *arena, size_t *count);

/* The piece that an address is in, or right behind; NULL: none of them. */
const struct piece *recorded_piece(struct arena *arena, uintptr_t address);

#endif

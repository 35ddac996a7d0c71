#include "recorder.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"

struct arena {
	struct piece *pieces, *by_address;
	size_t count;
};

struct arena *arena_new(void)
{
	struct arena *arena = xmalloc(sizeof *arena);

	*arena = (struct arena){0};
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (size_t i = 0; i < arena->count; i++)
		free(arena->pieces[i].memory);
	free(arena->pieces);
	free(arena->by_address);
	free(arena);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t word = sizeof(uintptr_t);
	struct piece piece = {.size = (size + word - 1) / word * word,
			      .number = arena->count};

	/* a word more: an end is of no other piece, and no value of JSON */
	piece.memory = memory_of(calloc(1, piece.size + word));
	array_room(arena->pieces, arena->count);
	arena->pieces[arena->count++] = piece;
	return piece.memory;
}

void *arena_room(struct arena *arena, size_t size)
{
	return arena_alloc(arena, size);
}

/* ---- what was recorded ---- */

const struct piece *recorded_pieces(const struct arena *arena, size_t *count)
{
	*count = arena->count;
	return arena->pieces;
}

static int compare_addresses(const void *left, const void *right)
{
	const struct piece *a = left, *b = right;

	return (uintptr_t)a->memory < (uintptr_t)b->memory ? -1 : 1;
}

/* Once nothing more is asked for. */
static void sort_pieces(struct arena *arena)
{
	size_t size = arena->count * sizeof *arena->pieces;

	arena->by_address = memcpy(xmalloc(size), arena->pieces, size);
	qsort(arena->by_address, arena->count, sizeof *arena->pieces,
	      compare_addresses);
}

const struct piece *recorded_piece(struct arena *arena, uintptr_t address)
{
	size_t low = 0, high = arena->count;
	const struct piece *found;

	if (!arena->by_address)
		sort_pieces(arena);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((uintptr_t)arena->by_address[middle].memory <= address)
			low = middle + 1;
		else
			high = middle;
	}
	found = low ? &arena->by_address[low - 1] : NULL;
	return found && address - (uintptr_t)found->memory <= found->size
		       ? found
		       : NULL;
}

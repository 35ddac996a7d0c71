#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The first is small, for most arenas are; each next is four times as large. */
enum { CHUNK_MIN = 1024 - 64, CHUNK_SIZE = 16 * 1024 - 64 };

struct chunk {
	struct chunk *next;
	size_t used, size;
	max_align_t memory[];
};

struct arena {
	struct chunk *chunks; /* the first is the one that is being filled */
};

struct arena *arena_new(void)
{
	struct arena *arena = xmalloc(sizeof(*arena));

	arena->chunks = NULL;
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	while (arena->chunks) {
		struct chunk *chunk = arena->chunks;

		arena->chunks = chunk->next;
		free(chunk);
	}
	free(arena);
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *chunk;

	if (size > SIZE_MAX - sizeof(*chunk))
		out_of_memory();
	chunk = xmalloc(sizeof(*chunk) + size);
	chunk->next = NULL;
	chunk->used = 0;
	chunk->size = size;
	return chunk;
}

/* Of the size of so many max_align_t.  Most are small, and a call takes longer
 * than they do. */
static void *zeroed_memory(max_align_t *memory, size_t size)
{
	static const max_align_t zero;

	switch (size / sizeof(*memory)) {
	case 3:
		memory[2] = zero;
		__attribute__((fallthrough));
	case 2:
		memory[1] = zero;
		__attribute__((fallthrough));
	case 1:
		memory[0] = zero;
		return memory;
	default:
		return memset(memory, 0, size);
	}
}

static size_t rounded_to_alignment(size_t size)
{
	const size_t align = sizeof(max_align_t);

	if (size > SIZE_MAX - align)
		out_of_memory();
	return (size + align - 1) / align * align;
}

/* Behind the first chunk, so that its rest is not wasted. */
static void *large_room(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks, *large = chunk_new(size);

	large->used = size;
	if (chunk) {
		large->next = chunk->next;
		chunk->next = large;
	} else {
		arena->chunks = large;
	}
	return large->memory;
}

static struct chunk *next_chunk(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks;
	size_t next = chunk ? 4 * chunk->size : CHUNK_MIN;

	if (next < 4 * size)
		next = 4 * size;
	chunk = chunk_new(next < CHUNK_SIZE ? next : CHUNK_SIZE);
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk;
}

void *arena_room(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks;
	max_align_t *memory;

	size = rounded_to_alignment(size);
	if (size > CHUNK_SIZE / 4)
		return large_room(arena, size);
	if (!chunk || chunk->size - chunk->used < size)
		chunk = next_chunk(arena, size);
	memory = chunk->memory + chunk->used / sizeof(*memory);
	chunk->used += size;
	return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return zeroed_memory(arena_room(arena, size),
			     rounded_to_alignment(size));
}

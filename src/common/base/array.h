/*
 * Lists that grow one by one, of which only elements and count are kept: such
 * a list is full when its count is a power of two (or 0), and then gets room
 * for twice as many.  So n elements cost O(n), and no capacity stands beside
 * each count.
 *
 *	array_room(list->at, list->count);
 *	list->at[list->count++] = element;
 *
 * All that is ever added must be added so: what was allocated with exactly as
 * many elements as it has may not be full at a power of two, and yet be full.
 * The count may become smaller.  Arguments are evaluated several times.
 */
#ifndef ARRAY_H
#define ARRAY_H

#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "memory.h"

/* Room in `list`, a pointer to elements, for one behind `count` of them; NULL
 * is a list of none.  It is to be freed. */
#define array_room(list, count)                                                \
	((list) = array_grown((list), (count), sizeof *(list)))

/* The same in an arena, of which older and shorter ones stay part. */
#define array_room_in(arena, list, count)                                      \
	((list) = array_grown_in((arena), (list), (count), sizeof *(list)))

static inline size_t array_capacity(size_t count)
{
	return count ? 2 * count : 1;
}

static inline void *array_grown(void *list, size_t count, size_t size)
{
	return count & (count - 1)
		       ? list
		       : xrealloc(list, array_capacity(count) * size);
}

static inline void *array_grown_in(struct arena *arena, void *list,
				   size_t count, size_t size)
{
	void *bigger;

	if (count & (count - 1))
		return list;
	bigger = arena_alloc(arena, array_capacity(count) * size);
	return count ? memcpy(bigger, list, count * size) : bigger;
}

#endif

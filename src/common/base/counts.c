#include "counts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

struct counts_slot {
	const void *key[3]; /* the first is NULL: it is free */
	size_t count;
};

void counts_free(struct counts *counts)
{
	free(counts->slots);
	*counts = (struct counts){0};
}

static uint64_t mix_pointer(uint64_t hash, const void *pointer)
{
	return (hash ^ (uint64_t)(uintptr_t)pointer) * 0x9e3779b97f4a7c15u;
}

static struct counts_slot *count_slot_of(const struct counts *counts,
					 const void *const key[3])
{
	uint64_t hash = mix_pointer(mix_pointer(mix_pointer(0, key[0]), key[1]),
				    key[2]);
	size_t i = (size_t)(hash >> 32);
	for (;; i++) {
		struct counts_slot *slot =
			&counts->slots[i & (counts->size - 1)];
		if (!slot->key[0] ||
		    memcmp(slot->key, key, sizeof slot->key) == 0)
			return slot;
	}
}

static void grow_counts(struct counts *counts)
{
	struct counts_slot *old = counts->slots;
	size_t size = counts->size;
	counts->size = size ? 2 * size : 64;
	counts->slots = xmalloc(counts->size * sizeof *old);
	memset(counts->slots, 0, counts->size * sizeof *old);
	for (size_t i = 0; i < size; i++)
		if (old[i].key[0])
			*count_slot_of(counts, old[i].key) = old[i];
	free(old);
}

size_t *counts_of(struct counts *counts, const void *a, const void *b,
		  const void *c)
{
	const void *key[3] = {a, b, c};
	if (2 * counts->count >= counts->size)
		grow_counts(counts);
	struct counts_slot *slot = count_slot_of(counts, key);
	if (!slot->key[0]) {
		memcpy(slot->key, key, sizeof key);
		counts->count++;
	}
	return &slot->count;
}

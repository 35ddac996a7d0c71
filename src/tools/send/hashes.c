#include "hashes.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static size_t slot_of(const struct hashes *set, uint64_t hash)
{
	size_t at = (size_t)hash & (set->size - 1);
	while (set->at[at] && set->at[at] != hash)
		at = (at + 1) & (set->size - 1);
	return at;
}

/* 0 is an empty slot. */
static uint64_t key_of(uint64_t hash)
{
	return hash ? hash : 1;
}

bool hashes_have(const struct hashes *set, uint64_t hash)
{
	return set->count && set->at[slot_of(set, key_of(hash))];
}

static void grow(struct hashes *set)
{
	struct hashes old = *set;
	set->size = old.size ? 2 * old.size : 64;
	set->at = xmalloc(set->size * sizeof *set->at);
	memset(set->at, 0, set->size * sizeof *set->at);
	for (size_t i = 0; i < old.size; i++)
		if (old.at[i])
			set->at[slot_of(set, old.at[i])] = old.at[i];
	free(old.at);
}

void hashes_add(struct hashes *set, uint64_t hash)
{
	if (2 * (set->count + 1) > set->size)
		grow(set);
	size_t slot = slot_of(set, key_of(hash));
	set->count += !set->at[slot];
	set->at[slot] = key_of(hash);
}

/* What lies behind it may have been pushed there by it. */
void hashes_take_out(struct hashes *set, uint64_t hash)
{
	if (!hashes_have(set, hash))
		return;
	size_t slot = slot_of(set, key_of(hash));
	set->at[slot] = 0;
	set->count--;
	for (;;) {
		slot = (slot + 1) & (set->size - 1);
		uint64_t moved = set->at[slot];
		if (!moved)
			return;
		set->at[slot] = 0;
		set->at[slot_of(set, moved)] = moved;
	}
}

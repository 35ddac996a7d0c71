/* A set of hashes: 8 to 16 bytes for each of them. */
#ifndef HASHES_H
#define HASHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {0} is empty; `at` is to be freed. */
struct hashes {
	uint64_t *at;
	size_t count, size;
};

bool hashes_have(const struct hashes *set, uint64_t hash);
void hashes_add(struct hashes *set, uint64_t hash);
void hashes_take_out(struct hashes *set, uint64_t hash);

#endif

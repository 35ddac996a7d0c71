/* FNV-1a, 64 bits: for tables, and to see that bytes are still the same; no
 * protection against those who want two to be. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 14695981039346656037u
#define HASH_PRIME 1099511628211u

/* hash: HASH_START, or that of what came before. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes,
				  size_t length)
{
	const unsigned char *at = bytes;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * HASH_PRIME;
	return hash;
}

#endif

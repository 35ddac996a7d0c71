/*
 * malloc(3) that leaves nothing between two pieces of memory, to be preloaded:
 * other libraries of this kind do so for pieces of some sizes, and where one
 * ends another one begins.  For a program of one thread that soon ends.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { UNIT = sizeof(max_align_t), UNITS = 1 << 24 };

static max_align_t memory[UNITS];
static uint32_t lengths[UNITS]; /* of the piece that begins there, in units */
static size_t used;

void *malloc(size_t size)
{
	size_t units = size ? (size - 1) / UNIT + 1 : 1, at = used;

	if (units > UNITS - used) {
		errno = ENOMEM;
		return NULL;
	}
	used += units;
	lengths[at] = (uint32_t)units;
	return &memory[at];
}

void *calloc(size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return malloc(count * size); /* it was never used */
}

void *realloc(void *old, size_t size)
{
	void *made = malloc(size);
	size_t length = old ? lengths[(max_align_t *)old - memory] * UNIT : 0;

	return made && old ? memcpy(made, old, length < size ? length : size)
			   : made;
}

void free(void *memory_of_it)
{
	(void)memory_of_it;
}

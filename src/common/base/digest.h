/* SHA-256. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>

enum { DIGEST_SIZE = 65 };

/* In hexadecimal, of the whole file behind fd, whose offset stays.  -1:
 * errno. */
int digest_file(int fd, char out[DIGEST_SIZE]);

/* The same of a part of it. */
int digest_part(int fd, unsigned long long offset, unsigned long long length,
		char out[DIGEST_SIZE]);

int digest_bytes(const void *bytes, size_t length, char out[DIGEST_SIZE]);

#endif

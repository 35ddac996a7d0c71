/* Bytes that grow.  {0} is empty. */
#ifndef BUFFER_H
#define BUFFER_H

#include <stddef.h>

struct buffer {
	unsigned char *bytes;
	size_t length, size;
};

void buffer_add(struct buffer *buffer, const void *bytes, size_t length);

/* With its NUL. */
void buffer_add_text(struct buffer *buffer, const char *text);

void buffer_free(struct buffer *buffer);

#endif

/* Bytes that grow.  {0} is empty. */
#ifndef BUFFER_H
#define BUFFER_H

#include <stddef.h>
#include <string.h>

struct buffer {
	unsigned char *bytes;
	size_t length, size;
};

/* Room for so many more. */
void buffer_reserve(struct buffer *buffer, size_t length);

/* Here, for most is added in pieces of a byte or two. */
static inline void buffer_add(struct buffer *buffer, const void *bytes,
			      size_t length)
{
	if (!length)
		return;
	if (buffer->size - buffer->length < length)
		buffer_reserve(buffer, length);
	memcpy(buffer->bytes + buffer->length, bytes, length);
	buffer->length += length;
}

/* With its NUL. */
void buffer_add_text(struct buffer *buffer, const char *text);

void buffer_free(struct buffer *buffer);

#endif

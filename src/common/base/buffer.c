#include "buffer.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

void buffer_reserve(struct buffer *buffer, size_t length)
{
	buffer->size = 2 * buffer->size + length + 256;
	buffer->bytes = xrealloc(buffer->bytes, buffer->size);
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text) + 1);
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}

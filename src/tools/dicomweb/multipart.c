#include "multipart.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory.h"

/* More headers than any part has. */
enum { HEADERS_MAX = 65536, BLANKS_MAX = 256 };

char *multipart_delimiter(const char *type)
{
	static const char name[] = "boundary=";
	if (!type || strncasecmp(type, "multipart/", 10) != 0)
		return NULL;
	for (const char *at = type; *at; at++) {
		if (strncasecmp(at, name, strlen(name)) != 0)
			continue;
		at += strlen(name);
		bool quoted = *at == '"';
		at += quoted;
		size_t length = strcspn(at, quoted ? "\"" : "; \t");
		char *text = xmalloc(length + 5);
		memcpy(text, "\r\n--", 4);
		memcpy(text + 4, at, length);
		text[length + 4] = '\0';
		return text;
	}
	return NULL;
}

void multipart_begin(struct multipart *multipart, char *delimiter)
{
	free(multipart->delimiter);
	multipart->delimiter = delimiter;
	multipart->state = BEFORE_PARTS;
	multipart->rest.length = 0;
	/* the first delimiter may be without the line break */
	buffer_add(&multipart->rest, "\r\n", 2);
}

bool multipart_is_over(const struct multipart *multipart)
{
	return multipart->state == BEHIND_PARTS;
}

void multipart_free(struct multipart *multipart)
{
	free(multipart->delimiter);
	buffer_free(&multipart->rest);
}

static void drop_bytes(struct buffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->bytes, buffer->bytes + length, buffer->length);
}

/* The functions below return 1: go on with the rest; 0: more must come; -1. */

/* What follows a delimiter (RFC 2046 5.1.1): the end of all, or blanks and the
 * end of the line.  Else it only begins like one.  1, 0: more must come, -1. */
static int is_multipart_delimiter(const char *after, size_t length)
{
	size_t blanks = 0;
	while (blanks < length && strchr(" \t", after[blanks]) && after[blanks])
		blanks++;
	after += blanks;
	length -= blanks;
	if (blanks > BLANKS_MAX)
		return -1;
	if (length < 2)
		return 0;
	return memcmp(after, "\r\n", 2) == 0 ||
			       (!blanks && memcmp(after, "--", 2) == 0)
		       ? 1
		       : -1;
}

/* Where the content ends: at a delimiter (1), or at what may become one (0). */
static int find_content_end(const struct multipart *multipart, size_t *at)
{
	const struct buffer *rest = &multipart->rest;
	size_t size = strlen(multipart->delimiter);
	for (*at = 0;;) {
		const unsigned char *found =
			memmem(rest->bytes + *at, rest->length - *at,
			       multipart->delimiter, size);
		if (!found)
			break;
		*at = (size_t)(found - rest->bytes);
		int is = is_multipart_delimiter((const char *)found + size,
						rest->length - *at - size);
		if (is >= 0)
			return is;
		*at += 2; /* behind the line break */
	}
	if (rest->length - *at > size)
		*at = rest->length - size;
	return 0;
}

/* Up to the next delimiter, which is passed over; in a part it is given. */
static int pass_content(struct multipart *multipart)
{
	struct buffer *rest = &multipart->rest;
	size_t length;
	bool found = find_content_end(multipart, &length);
	bool in_part = multipart->state == IN_PART;
	if (in_part && length &&
	    multipart->take(rest->bytes, length, multipart->context) != 0)
		return -1;
	drop_bytes(rest,
		   found ? length + strlen(multipart->delimiter) : length);
	if (!found)
		return 0;
	if (in_part && multipart->end(multipart->context) != 0)
		return -1;
	multipart->state = IN_HEADERS;
	return 1;
}

/* Behind a delimiter: headers and an empty line, or the end of all. */
static int pass_headers(struct multipart *multipart)
{
	struct buffer *rest = &multipart->rest;
	if (rest->length < 2)
		return 0;
	if (memcmp(rest->bytes, "--", 2) == 0) {
		multipart->state = BEHIND_PARTS;
		return 1;
	}
	const unsigned char *found =
		memmem(rest->bytes, rest->length, "\r\n\r\n", 4);
	if (!found)
		return rest->length > HEADERS_MAX ? -1 : 0;
	drop_bytes(rest, (size_t)(found - rest->bytes) + 4);
	multipart->state = IN_PART;
	return 1;
}

int multipart_add(struct multipart *multipart, const void *bytes, size_t length)
{
	int answer = 1;
	buffer_add(&multipart->rest, bytes, length);
	while (answer > 0) {
		if (multipart->state == BEHIND_PARTS) {
			multipart->rest.length = 0;
			return 0;
		}
		if (multipart->state == IN_HEADERS)
			answer = pass_headers(multipart);
		else
			answer = pass_content(multipart);
	}
	return answer;
}

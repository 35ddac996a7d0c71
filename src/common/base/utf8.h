/* Is it UTF-8?  Names of files need not be, but JSON must (RFC 8259 8.1). */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <string.h>

/* How many of the bytes are whole characters, up to the first that are not;
 * NUL is one. */
size_t utf8_length(const char *text, size_t length);

static inline bool utf8_is_text(const char *text, size_t length)
{
	return utf8_length(text, length) == length;
}

/* The length of the character that these bytes, at least one, begin with; 0:
 * their first is not part of UTF-8. */
size_t utf8_character(const char *text, size_t left);

/* The most that utf8_repair() writes. */
static inline size_t utf8_repaired_size(const char *text)
{
	return 3 * strlen(text) + 1;
}

/* Copy with U+FFFD in the place of each byte that is not part of UTF-8. */
void utf8_repair(const char *text, char *out);

#endif

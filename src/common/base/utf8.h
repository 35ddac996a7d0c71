/* Is it UTF-8?  Names of files need not be, but JSON must (RFC 8259 8.1). */
#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <string.h>

/* How many bytes it begins with that are ASCII. */
size_t utf8_ascii(const char *text, size_t length);

/* How many of the bytes are whole characters, up to the first that are not;
 * NUL is one. */
size_t utf8_length(const char *text, size_t length);

static inline bool utf8_is_text(const char *text, size_t length)
{
	return utf8_length(text, length) == length;
}

/* Of the character that `bytes` begin with; 0: it is none, or is cut off after
 * `left` bytes, of which there is one. */
size_t utf8_character(const char *bytes, size_t left);

/* Is it no byte that goes on with a character? */
static inline bool utf8_is_start(char byte)
{
	return ((unsigned char)byte & 0xC0) != 0x80;
}

/* How many characters; of what is not UTF-8, bytes that could begin one. */
size_t utf8_count(const char *text, size_t length);

/* The bytes of the first characters of a text that is UTF-8. */
size_t utf8_first(const char *text, size_t characters);

/* A code point that is no surrogate; its length. */
size_t utf8_encode(unsigned long code, char out[4]);

/* The most that utf8_repair() writes. */
static inline size_t utf8_repaired_size(const char *text)
{
	return 3 * strlen(text) + 1;
}

/* Copy with U+FFFD in the place of each byte that is not part of UTF-8. */
void utf8_repair(const char *text, char *out);

#endif

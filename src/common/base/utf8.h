/* Names of files in JSON, which is UTF-8 (RFC 8259 8.1); they need not be. */
#ifndef UTF8_H
#define UTF8_H

#include <string.h>

/* The most that utf8_repair() writes. */
static inline size_t utf8_repaired_size(const char *text)
{
	return 3 * strlen(text) + 1;
}

/* Copy with U+FFFD in the place of each byte that is not part of UTF-8. */
void utf8_repair(const char *text, char *out);

#endif

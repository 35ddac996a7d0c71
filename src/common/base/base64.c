#include "base64.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *bytes, size_t length)
{
	const unsigned char *in = bytes;
	char *out = xmalloc((length + 2) / 3 * 4 + 1), *end = out;
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		unsigned group = (unsigned)in[i] << 16;
		group |= left > 1 ? (unsigned)in[i + 1] << 8 : 0;
		group |= left > 2 ? in[i + 2] : 0;
		*end++ = digits[group >> 18 & 63];
		*end++ = digits[group >> 12 & 63];
		*end++ = left > 1 ? digits[group >> 6 & 63] : '=';
		*end++ = left > 2 ? digits[group & 63] : '=';
	}
	*end = '\0';
	return out;
}

void *base64_decode(const char *text, size_t *length)
{
	size_t size = strlen(text);
	unsigned char *out = xmalloc(size / 4 * 3 + 1), *end = out;
	for (size_t i = 0; i < size; i += 4) {
		unsigned group = 0;
		int bytes = 3;
		for (size_t k = 0; k < 4; k++) {
			char c = i + k < size ? text[i + k] : '\0';
			const char *digit = c ? strchr(digits, c) : NULL;
			if (c == '=' && k > 1 && i + 4 == size)
				bytes--;
			else if (!digit || bytes < 3) {
				free(out);
				return NULL;
			}
			group = group << 6 |
				(digit ? (unsigned)(digit - digits) : 0);
		}
		for (int k = 0; k < bytes; k++)
			*end++ = (unsigned char)(group >> (16 - 8 * k));
	}
	*length = (size_t)(end - out);
	return out;
}

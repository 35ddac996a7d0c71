#include "utf8.h"

#include <stdint.h>

/* Unicode, table 3-7. */
size_t utf8_character(const char *bytes, size_t left)
{
	const unsigned char *at = (const unsigned char *)bytes;
	unsigned char low = 0x80, high = 0xbf;
	size_t length = *at < 0x80		     ? 1
			: *at >= 0xc2 && *at <= 0xdf ? 2
			: *at >= 0xe0 && *at <= 0xef ? 3
			: *at >= 0xf0 && *at <= 0xf4 ? 4
						     : 0;
	if (*at == 0xe0)
		low = 0xa0;
	else if (*at == 0xed)
		high = 0x9f;
	else if (*at == 0xf0)
		low = 0x90;
	else if (*at == 0xf4)
		high = 0x8f;
	if (length > left)
		return 0;
	for (size_t i = 1; i < length; i++, low = 0x80, high = 0xbf)
		if (at[i] < low || at[i] > high)
			return 0;
	return length;
}

/* Most text is ASCII alone, and is gone through by eight bytes. */
size_t utf8_ascii(const char *text, size_t length)
{
	static const uint64_t highest = 0x8080808080808080;
	size_t at = 0;
	uint64_t word;

	for (; length - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, text + at, sizeof(word));
		if (word & highest)
			break;
	}
	while (at < length && (unsigned char)text[at] < 0x80)
		at++;
	return at;
}

size_t utf8_length(const char *text, size_t length)
{
	size_t at = utf8_ascii(text, length), step;

	while (at < length) {
		step = utf8_character(text + at, length - at);
		if (!step)
			break;
		at += step;
		at += utf8_ascii(text + at, length - at);
	}
	return at;
}

size_t utf8_encode(unsigned long code, char out[4])
{
	size_t length = code < 0x80	 ? 1
			: code < 0x800	 ? 2
			: code < 0x10000 ? 3
					 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = length - 1; i > 0; i--, code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(first[length] | code);
	return length;
}

size_t utf8_count(const char *text, size_t length)
{
	size_t count = utf8_ascii(text, length);

	for (size_t i = count; i < length; i++)
		count += utf8_is_start(text[i]);
	return count;
}

size_t utf8_first(const char *text, size_t characters)
{
	size_t left = strlen(text), at = 0, length;

	for (; characters && left > at; characters--) {
		length = utf8_character(text + at, left - at);
		if (!length)
			break;
		at += length;
	}
	return at;
}

void utf8_repair(const char *text, char *out)
{
	for (size_t left = strlen(text); left;) {
		size_t length = utf8_character(text, left);
		if (length) {
			memcpy(out, text, length);
			out += length;
			text += length;
			left -= length;
		} else {
			memcpy(out, "\xef\xbf\xbd", 3);
			out += 3;
			text++;
			left--;
		}
	}
	*out = '\0';
}

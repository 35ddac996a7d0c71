/* Single characters and their conversion. */
#include "charset_code.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"

void charset_add(struct charset_text *text, const char *bytes, size_t length)
{
	if (text->capacity - text->length <= length) {
		text->capacity = 2 * text->capacity + length + 64;
		text->bytes = xrealloc(text->bytes, text->capacity);
	}
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

bool charset_is_control(unsigned char c)
{
	return c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool charset_is_ascii(unsigned char c)
{
	return (c >= 0x20 && c < 0x7f) || charset_is_control(c);
}

size_t charset_utf8_length(const char *text)
{
	const unsigned char *u = (const unsigned char *)text;
	size_t length = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

	if (u[0] < 0x80)
		return charset_is_ascii(u[0]) ? 1 : 0;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((u[0] == 0xe0 && u[1] < 0xa0) || (u[0] == 0xed && u[1] > 0x9f) ||
	    (u[0] == 0xf0 && u[1] < 0x90) || (u[0] == 0xf4 && u[1] > 0x8f))
		return 0;
	return length;
}

size_t charset_convert(iconv_t *converter, const char *to, const char *from,
		       const char *in, size_t in_length, char *out, size_t room)
{
	/* POSIX gives iconv a pointer that it does not write through. */
	char *source = (char *)(uintptr_t)in;
	char *target = out;
	size_t left = in_length, irreversible;

	if (*converter == (iconv_t)-1)
		*converter = iconv_open(to, from);
	if (*converter == (iconv_t)-1 && errno == ENOMEM)
		out_of_memory();
	if (*converter == (iconv_t)-1)
		return 0;
	irreversible = iconv(*converter, &source, &left, &target, &room);
	if (irreversible != 0 || left != 0) {
		iconv(*converter, NULL, NULL, NULL, NULL);
		return 0;
	}
	return (size_t)(target - out);
}

size_t charset_decode_character(struct charset *charset,
				enum code_element element, const char *bytes,
				char utf8[8])
{
	unsigned char width = code_elements[element].width;
	char in[3];
	size_t length = 0;

	if (code_elements[element].single_shift)
		in[length++] = (char)code_elements[element].single_shift;
	for (size_t i = 0; i < width; i++) {
		unsigned char high = (unsigned char)bytes[i] | 0x80;

		if (((bytes[i] ^ bytes[0]) & 0x80) != 0 || high < 0xa0 ||
		    (width == 2 && (high == 0xa0 || high == 0xff)))
			return 0;
		in[length++] = (char)high;
	}
	return charset_convert(&charset->converters[element].decode, "UTF-8",
			       code_elements[element].encoding, in, length,
			       utf8, 8);
}

bool charset_encode_character(struct charset *charset,
			      enum code_element element, const char *utf8,
			      size_t length, char bytes[2])
{
	size_t shift = code_elements[element].single_shift ? 1 : 0;
	size_t width = code_elements[element].width;
	char out[8], back[8];

	if (charset_convert(&charset->converters[element].encode,
			    code_elements[element].encoding, "UTF-8", utf8,
			    length, out, sizeof(out)) != shift + width)
		return false;
	if (shift &&
	    (unsigned char)out[0] != code_elements[element].single_shift)
		return false;
	for (size_t i = 0; i < width; i++) {
		bytes[i] = out[shift + i];
		if ((unsigned char)bytes[i] < 0xa0)
			return false;
		if (!code_elements[element].right)
			bytes[i] = (char)(bytes[i] & 0x7f);
	}
	/* Some converters take look-alikes in one direction. */
	return charset_decode_character(charset, element, bytes, back) ==
		       length &&
	       memcmp(back, utf8, length) == 0;
}

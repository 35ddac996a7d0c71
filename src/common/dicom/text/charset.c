/* A whole value: ASCII, a set without code extensions, or ISO 2022. */
#include "charset_code.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

bool charset_applies(const char vr[3])
{
	switch (vr[0]) {
	case 'L':
		return vr[1] == 'O' || vr[1] == 'T';
	case 'P':
		return vr[1] == 'N';
	case 'S':
		return vr[1] == 'H' || vr[1] == 'T';
	case 'U':
		return vr[1] == 'C' || vr[1] == 'T';
	default:
		return false;
	}
}

static bool all_ascii_text(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!charset_is_ascii((unsigned char)bytes[i]))
			return false;
	}
	return true;
}

static bool is_utf8_text(const char *text, size_t length)
{
	for (size_t i = 0, step; i < length; i += step) {
		step = charset_utf8_length(text + i);
		if (step == 0)
			return false;
	}
	return true;
}

static char *decode_alone(struct charset *charset, const char *bytes,
			  size_t length)
{
	/* No set needs more than 3 bytes of UTF-8 for one of its own. */
	size_t room = 3 * length;
	char *text;

	if (length > SIZE_MAX / 4)
		return NULL;
	text = xmalloc(room + 1);
	if (charset->alone == ISO_IR_192)
		memcpy(text, bytes, length);
	else
		length = charset_convert(
			&charset->converters[charset->alone].decode, "UTF-8",
			code_elements[charset->alone].encoding, bytes, length,
			text, room);
	text[length] = '\0';
	if (length == 0 || !is_utf8_text(text, length)) {
		free(text);
		return NULL;
	}
	return text;
}

static char *encode_alone(struct charset *charset, const char *utf8,
			  size_t *length)
{
	size_t from = strlen(utf8), room = 2 * from;
	char *bytes, *back;

	if (!is_utf8_text(utf8, from) || from > SIZE_MAX / 4)
		return NULL;
	bytes = xmalloc(room + 1);
	if (charset->alone == ISO_IR_192) {
		memcpy(bytes, utf8, from + 1);
		*length = from;
		return bytes;
	}
	*length = charset_convert(&charset->converters[charset->alone].encode,
				  code_elements[charset->alone].encoding,
				  "UTF-8", utf8, from, bytes, room);
	bytes[*length] = '\0';
	back = *length ? decode_alone(charset, bytes, *length) : NULL;
	if (!back || strcmp(back, utf8) != 0) {
		free(bytes);
		bytes = NULL;
	}
	free(back);
	return bytes;
}

char *charset_decode(struct charset *charset, const char vr[3],
		     const char *bytes, size_t length)
{
	struct charset_text out = {NULL, 0, 0};

	/* Padding with NUL instead of SPACE is common. */
	while (length > 0 && bytes[length - 1] == '\0')
		length--;
	if (all_ascii_text(bytes, length)) {
		charset_add(&out, bytes, length);
		return out.bytes;
	}
	if (charset->alone != NONE)
		return decode_alone(charset, bytes, length);
	charset_add(&out, "", 0);
	if (!charset_iso2022_decode(charset, vr, bytes, length, &out)) {
		free(out.bytes);
		return NULL;
	}
	return out.bytes;
}

char *charset_encode(struct charset *charset, const char vr[3],
		     const char *utf8, size_t *length)
{
	struct charset_text out = {NULL, 0, 0};
	size_t from = strlen(utf8);

	*length = 0;
	if (all_ascii_text(utf8, from)) {
		charset_add(&out, utf8, from);
	} else if (charset->alone != NONE) {
		return encode_alone(charset, utf8, length);
	} else if (!charset_iso2022_encode(charset, vr, utf8, &out)) {
		free(out.bytes);
		return NULL;
	}
	*length = out.length;
	return out.bytes;
}

#include "dcm_number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

bool dcm_number_is(const char *vr)
{
	return (vr[0] == 'U' || vr[0] == 'S') &&
	       (vr[1] == 'S' || vr[1] == 'L') && !vr[2];
}

static size_t size_of(const char *vr)
{
	return vr[1] == 'L' ? 4 : 2;
}

/* PS3.5 6.2: two's complement, little endian here. */
static int64_t number_at(const unsigned char *bytes, const char *vr)
{
	uint32_t value = 0;
	for (size_t i = size_of(vr); i > 0; i--)
		value = value << 8 | bytes[i - 1];
	if (vr[0] == 'U')
		return (int64_t)value;
	return size_of(vr) == 2 ? (int16_t)value : (int32_t)value;
}

const char *dcm_number_text(const struct dcm_element *element,
			    struct arena *arena)
{
	const unsigned char *bytes = element->bytes;
	struct buffer text = {0};
	if (!dcm_number_is(element->vr) || !bytes || !element->length ||
	    element->length % size_of(element->vr))
		return NULL;
	for (size_t at = 0; at < element->length; at += size_of(element->vr)) {
		char one[24];
		snprintf(one, sizeof one, "%s%" PRId64, at ? "\\" : "",
			 number_at(bytes + at, element->vr));
		buffer_add(&text, one, strlen(one));
	}
	const char *out =
		arena_strndup(arena, (const char *)text.bytes, text.length);
	buffer_free(&text);
	return out;
}

/* *at goes behind the number. */
static bool read_number(const char **at, const char *vr, int64_t *out)
{
	const int bits = (int)(8 * size_of(vr));
	const int64_t low = vr[0] == 'U' ? 0 : -((int64_t)1 << (bits - 1));
	const int64_t high = ((int64_t)1 << (bits - (vr[0] == 'S'))) - 1;
	char *end;
	errno = 0;
	*out = strtoll(*at, &end, 10);
	bool good = end != *at && !errno && *out >= low && *out <= high &&
		    (!*end || *end == '\\');
	*at = end;
	return good;
}

const char *dcm_number_fault(const char *vr, const char *text)
{
	int64_t number;
	for (const char *at = text; *at; at += *at == '\\')
		if (!read_number(&at, vr, &number))
			return "is no integer that the VR has room for";
	return NULL;
}

static bool set_numbers(struct dcm_item *item, const struct dcm_tag *tag,
			const char *vr, const char *text)
{
	struct buffer bytes = {0};
	int64_t number;
	for (const char *at = text; *at; at += *at == '\\') {
		if (!read_number(&at, vr, &number)) {
			buffer_free(&bytes);
			return false;
		}
		for (size_t i = 0; i < size_of(vr); i++) {
			unsigned char one =
				(unsigned char)((uint64_t)number >> (8 * i));
			buffer_add(&bytes, &one, 1);
		}
	}
	dcm_item_set_bytes(item, tag, vr, bytes.bytes, bytes.length);
	buffer_free(&bytes);
	return true;
}

void dcm_number_set(struct dcm_item *item, const struct dcm_tag *tag,
		    const char *vr, const char *text)
{
	if (!dcm_number_is(vr))
		dcm_item_set_text(item, tag, vr, text);
	else if (!*text || !set_numbers(item, tag, vr, text))
		dcm_item_set_text(item, tag, vr, "");
}

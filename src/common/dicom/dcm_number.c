#include "dcm_number.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "json_read.h"

/* PS3.5 6.2: two's complement and IEEE 754, little endian here. */
static const struct number_kind {
	char vr[3];
	size_t size;
	bool is_signed, is_float;
} kinds[] = {
	{"US", 2, false, false}, {"UL", 4, false, false},
	{"SS", 2, true, false},	 {"SL", 4, true, false},
	{"FL", 4, true, true},	 {"FD", 8, true, true},
};

static const struct number_kind *kind_of(const char *vr)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].vr[0] == vr[0] && kinds[i].vr[1] == vr[1])
			return &kinds[i];
	return NULL;
}

bool dcm_number_is(const char *vr)
{
	return kind_of(vr) != NULL;
}

bool dcm_number_is_float(const char *vr)
{
	const struct number_kind *kind = kind_of(vr);
	return kind && kind->is_float;
}

/* ---- from bytes to text ---- */

void dcm_float_text(double value, bool is_double, char text[DCM_FLOAT_ROOM])
{
	int digits = is_double ? 15 : 6;
	for (; digits < (is_double ? 17 : 9); digits++) {
		snprintf(text, DCM_FLOAT_ROOM, "%.*g", digits, value);
		double read = json_double(text);
		if (is_double ? read == value : (float)read == (float)value)
			break;
	}
	snprintf(text, DCM_FLOAT_ROOM, "%.*g", digits, value);
	for (char *comma = text; *comma; comma++)
		*comma = *comma == ',' ? '.' : *comma;
}

static double float_of(uint64_t bits, size_t size)
{
	uint32_t low = (uint32_t)bits;
	float single;
	double number;
	if (size == 4) {
		memcpy(&single, &low, sizeof single);
		return single;
	}
	memcpy(&number, &bits, sizeof number);
	return number;
}

static void number_text_at(const unsigned char *bytes,
			   const struct number_kind *kind,
			   char text[DCM_FLOAT_ROOM])
{
	uint64_t bits = 0;
	for (size_t i = kind->size; i > 0; i--)
		bits = bits << 8 | bytes[i - 1];
	if (kind->is_float)
		dcm_float_text(float_of(bits, kind->size), kind->size == 8,
			       text);
	else if (!kind->is_signed)
		snprintf(text, DCM_FLOAT_ROOM, "%" PRIu64, bits);
	else
		snprintf(text, DCM_FLOAT_ROOM, "%d",
			 kind->size == 2 ? (int16_t)bits : (int32_t)bits);
}

static const char *element_number_text(const struct dcm_element *element,
				       struct arena *arena)
{
	const struct number_kind *kind = kind_of(element->vr);
	struct buffer text = {0};
	if (!kind || !element->bytes || !element->length ||
	    element->length % kind->size)
		return NULL;
	for (size_t at = 0; at < element->length; at += kind->size) {
		char one[DCM_FLOAT_ROOM];
		number_text_at(element->bytes + at, kind, one);
		buffer_add(&text, "\\", at ? 1 : 0);
		buffer_add(&text, one, strlen(one));
	}
	const char *out =
		arena_strndup(arena, (const char *)text.bytes, text.length);
	buffer_free(&text);
	return out;
}

const char *dcm_element_text(const struct dcm_element *element,
			     struct arena *arena)
{
	return element->text ? element->text
			     : element_number_text(element, arena);
}

/* ---- from text to bytes ---- */

enum { NUMBER_MAX = 64 }; /* characters; none of these VRs needs more */

static bool read_integer(const char *text, const struct number_kind *kind,
			 uint64_t *out)
{
	const int bits = (int)(8 * kind->size);
	const int64_t low = kind->is_signed ? -((int64_t)1 << (bits - 1)) : 0;
	const int64_t high = ((int64_t)1 << (bits - kind->is_signed)) - 1;
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	*out = (uint64_t)number;
	return end != text && !errno && !*end && number >= low &&
	       number <= high;
}

/* Decimal digits, a point, an exponent: no names, no hexadecimals. */
static bool read_float(const char *text, const struct number_kind *kind,
		       uint64_t *out)
{
	size_t length = strlen(text);
	double number = json_double(text);
	float single = (float)number;
	uint32_t low;
	if (!length || !strpbrk(text, "0123456789") ||
	    strspn(text, "0123456789+-.eE ") != length || !isfinite(number) ||
	    (kind->size == 4 && !isfinite(single)))
		return false;
	if (kind->size == 8) {
		memcpy(out, &number, sizeof number);
		return true;
	}
	memcpy(&low, &single, sizeof single);
	*out = low;
	return true;
}

static bool read_number_bits(const char *text, const struct number_kind *kind,
			     uint64_t *out)
{
	return kind->is_float ? read_float(text, kind, out)
			      : read_integer(text, kind, out);
}

/* The bytes of all values of a list; false: one is no number, or has no room.
 */
static bool read_number_list(const char *text, const struct number_kind *kind,
			     struct buffer *bytes)
{
	bool good = true;
	for (const char *at = text; good;) {
		size_t length = strcspn(at, "\\");
		char one[NUMBER_MAX + 1];
		uint64_t bits = 0;
		snprintf(one, sizeof one, "%.*s", (int)length, at);
		good = length <= NUMBER_MAX &&
		       read_number_bits(one, kind, &bits);
		for (size_t i = 0; good && i < kind->size; i++) {
			unsigned char byte = (unsigned char)(bits >> (8 * i));
			buffer_add(bytes, &byte, 1);
		}
		if (!at[length])
			break;
		at += length + 1;
	}
	return good;
}

const char *dcm_number_fault(const char *vr, const char *text)
{
	const struct number_kind *kind = kind_of(vr);
	struct buffer bytes = {0};
	bool good = read_number_list(text, kind, &bytes);
	buffer_free(&bytes);
	if (good)
		return NULL;
	return kind->is_float ? "is no number that the VR has room for"
			      : "is no integer that the VR has room for";
}

const char *dcm_number_nearest(const char *vr, const char *text,
			       struct arena *arena)
{
	const struct number_kind *kind = kind_of(vr);
	char out[DCM_FLOAT_ROOM];
	uint64_t bits;
	if (!kind || !kind->is_float || !read_float(text, kind, &bits))
		return NULL;
	dcm_float_text(float_of(bits, kind->size), kind->size == 8, out);
	return arena_strdup(arena, out);
}

void dcm_number_set(struct dcm_item *item, const struct dcm_tag *tag,
		    const char *vr, const char *text)
{
	const struct number_kind *kind = kind_of(vr);
	struct buffer bytes = {0};
	if (!kind)
		dcm_item_set_text(item, tag, vr, text);
	else if (!*text || !read_number_list(text, kind, &bytes))
		dcm_item_set_text(item, tag, vr, "");
	else
		dcm_item_set_bytes(item, tag, vr, bytes.bytes, bytes.length);
	buffer_free(&bytes);
}

/* Values of DICOM JSON, as they are stored (PS3.18 F.2.3, PS3.5 6.2). */
#include "dcm_json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "decimal.h"
#include "dcm_file.h"
#include "json_read.h"
#include "vr.h"

static const char no_text[] = "is no text in the JSON, as it has to be";
static const char no_number[] = "is no number of its VR in the JSON";
static const char half[] = "has half of a surrogate pair in the JSON";

/* Of an integer of 64 bits there are not more. */
enum { DIGITS_MAX = 20 };

bool dcm_json_is_empty(const struct dcm_json_value *value)
{
	switch (value->kind) {
	case DCM_JSON_NULL:
		return true;
	case DCM_JSON_TEXT:
		return !value->length;
	case DCM_JSON_OBJECT:
		for (int i = 0; i < DCM_JSON_GROUPS; i++)
			if (value->groups[i] && *value->groups[i])
				return false;
		return !value->has_others && !value->item->count;
	default:
		return false;
	}
}

static const char *wrong_kind(const struct dcm_json_value *value,
			      const char *fault)
{
	return value->kind == DCM_JSON_HALF ? half : fault;
}

/* ---- integers ---- */

/* 3.0 and 1.7E1 are integers, too; NULL: it is none. */
static const char *integer_of(const char *text, struct arena *arena)
{
	struct decimal number;
	char digits[DIGITS_MAX + 2];
	int point, used = 0;

	if (text[strspn(text, "-0123456789")] == '\0' && *text)
		return text;
	if (!decimal_read(text, arena, &number))
		return NULL;
	if (decimal_is_zero(&number))
		return "0";
	point = number.point + (number.has_exponent ? number.exponent : 0);
	if (point < 1 || point > DIGITS_MAX)
		return NULL;
	for (int i = point; i < number.count; i++)
		if (number.digits[i] != '0')
			return NULL;
	if (number.negative)
		digits[used++] = '-';
	for (int i = 0; i < point; i++)
		digits[used++] = i < number.count ? number.digits[i] : '0';
	return arena_strndup(arena, digits, (size_t)used);
}

/* ---- texts ---- */

/* What a name has of groups, with = between them.  Some servers put all into
 * the first one: then the others must not say something else. */
static const char *add_person_name(const struct dcm_json_value *value,
				   struct buffer *out)
{
	const char *first = value->groups[0] ? value->groups[0] : "";
	int last = DCM_JSON_GROUPS - 1;

	if (value->has_others || value->item->count)
		return no_text;
	while (last > 0 && !(value->groups[last] && *value->groups[last]))
		last--;
	if (strchr(first, '=') && last > 0)
		return "has groups within the alphabetic one, and beside it";
	for (int i = 0; i <= last; i++) {
		const char *group = value->groups[i] ? value->groups[i] : "";

		buffer_add(out, "=", i > 0);
		buffer_add(out, group, strlen(group));
	}
	return NULL;
}

static bool same_vr(const char *vr, const char *other)
{
	return memcmp(vr, other, 2) == 0;
}

static const char *add_number_text(const struct dcm_json_value *value,
				   const char *vr, struct arena *arena,
				   struct buffer *out)
{
	const char *text = NULL;

	/* 12345 may have been 0012345 */
	if (same_vr(vr, "DS"))
		text = value->text;
	else if (same_vr(vr, "IS"))
		text = integer_of(value->text, arena);
	else
		return no_text;
	if (!text)
		return no_number;
	buffer_add(out, text, strlen(text));
	return NULL;
}

/* Without the padding that a UID had in its file (PS3.5 6.2). */
static size_t text_length_of(const struct dcm_json_value *value, const char *vr)
{
	size_t length = value->length;

	while (same_vr(vr, "UI") && length && !value->text[length - 1])
		length--;
	return length;
}

/* Blanks before a number say nothing, and some archives pad with them. */
static void add_text_value(const struct dcm_json_value *value, const char *vr,
			   struct buffer *out)
{
	size_t from = 0;

	if (same_vr(vr, "DS") || same_vr(vr, "IS"))
		while (from < value->length && value->text[from] == ' ')
			from++;
	buffer_add(out, value->text + from, text_length_of(value, vr) - from);
}

static const char *add_one_text(const struct dcm_json_value *value,
				const char *vr, struct arena *arena,
				struct buffer *out)
{
	if (dcm_json_is_empty(value))
		return NULL;
	if (value->kind == DCM_JSON_NUMBER)
		return add_number_text(value, vr, arena, out);
	if (value->kind == DCM_JSON_OBJECT && same_vr(vr, "PN"))
		return add_person_name(value, out);
	if (value->kind != DCM_JSON_TEXT)
		return wrong_kind(value, no_text);
	if (memchr(value->text, '\0', text_length_of(value, vr)))
		return "has a NUL among its characters in the JSON";
	add_text_value(value, vr, out);
	return NULL;
}

static const char *add_text_values(const struct dcm_json_attribute *attribute,
				   const char *vr, struct arena *arena,
				   struct buffer *out)
{
	const struct dcm_json_value *value = attribute->values;
	const char *fault = NULL;

	for (size_t i = 0; i < attribute->count && !fault; i++) {
		buffer_add(out, "\\", i > 0);
		fault = add_one_text(value, vr, arena, out);
		value = value->next;
	}
	return fault;
}

/* ---- numbers, little endian ---- */

static void add_bits(struct buffer *out, uint64_t bits, size_t width)
{
	unsigned char bytes[8];

	dcm_put_u32(bytes, false, (uint32_t)(bits & UINT32_MAX));
	dcm_put_u32(bytes + 4, false, (uint32_t)(bits >> 32));
	buffer_add(out, bytes, width);
}

static const struct whole {
	char vr[3];
	unsigned char width;
	bool is_signed;
} wholes[] = {
	{"US", 2, false}, {"UL", 4, false}, {"UV", 8, false},
	{"SS", 2, true},  {"SL", 4, true},  {"SV", 8, true},
};

static bool fits_width(const struct whole *whole, const char *text,
		       uint64_t *bits)
{
	uint64_t half_range = (uint64_t)1 << (8 * whole->width - 1);
	long long value;

	errno = 0;
	if (!whole->is_signed) {
		*bits = strtoull(text, NULL, 10);
		return !errno && (*text != '-' || !*bits) &&
		       (whole->width == 8 || *bits < 2 * half_range);
	}
	value = strtoll(text, NULL, 10);
	*bits = (uint64_t)value;
	return !errno &&
	       (whole->width == 8 || (value < (long long)half_range &&
				      value >= -(long long)half_range));
}

/* A number that a JSON string or number holds, without blanks around it. */
static const char *trimmed_number_text(const struct dcm_json_value *value,
				       struct arena *arena)
{
	const char *text = value->text;
	size_t length = value->length;

	if ((value->kind != DCM_JSON_TEXT && value->kind != DCM_JSON_NUMBER) ||
	    memchr(text, '\0', length))
		return NULL;
	for (; length && *text == ' '; length--)
		text++;
	while (length && text[length - 1] == ' ')
		length--;
	return arena_strndup(arena, text, length);
}

static const char *add_whole(const struct dcm_json_value *value,
			     const struct whole *whole, struct arena *arena,
			     struct buffer *out)
{
	const char *text = trimmed_number_text(value, arena);
	uint64_t bits;

	if (text && *text)
		text = integer_of(text, arena);
	if (!text || !text[strcspn(text, "0123456789")] ||
	    strchr(text + 1, '-') || !fits_width(whole, text, &bits))
		return wrong_kind(value, no_number);
	add_bits(out, bits, whole->width);
	return NULL;
}

/* PS3.18 F.2.3, and what Python and DCMTK write. */
static bool read_double(const char *text, struct arena *arena, double *out)
{
	static const struct {
		const char *word;
		double value;
	} words[] = {{"NaN", NAN},	     {"nan", NAN},
		     {"Infinity", INFINITY}, {"-Infinity", -INFINITY},
		     {"inf", INFINITY},	     {"-inf", -INFINITY}};
	struct decimal number;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(text, words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	if (!decimal_read(text, arena, &number))
		return false;
	*out = json_double(text);
	return isfinite(*out);
}

static const char *add_float(const struct dcm_json_value *value, bool is_double,
			     struct arena *arena, struct buffer *out)
{
	const char *text = trimmed_number_text(value, arena);
	uint64_t bits = 0;
	uint32_t short_bits;
	double number;
	float shorter;

	if (!text || !read_double(text, arena, &number))
		return wrong_kind(value, no_number);
	if (is_double) {
		memcpy(&bits, &number, sizeof(number));
		add_bits(out, bits, sizeof(number));
		return NULL;
	}
	shorter = (float)number;
	if (isfinite(number) && !isfinite(shorter))
		return no_number;
	memcpy(&short_bits, &shorter, sizeof(shorter));
	add_bits(out, short_bits, sizeof(shorter));
	return NULL;
}

static const char *add_attribute_tag(const struct dcm_json_value *value,
				     struct buffer *out)
{
	unsigned long tag;

	if (value->kind != DCM_JSON_TEXT || value->length != 8 ||
	    strspn(value->text, "0123456789abcdefABCDEF") != 8)
		return "is no tag of eight digits in the JSON";
	tag = strtoul(value->text, NULL, 16);
	add_bits(out, tag >> 16, 2);
	add_bits(out, tag & 0xffff, 2);
	return NULL;
}

static const char *add_one_number(const struct dcm_json_value *value,
				  const char *vr, struct arena *arena,
				  struct buffer *out)
{
	if (same_vr(vr, "AT"))
		return add_attribute_tag(value, out);
	if (same_vr(vr, "FL") || same_vr(vr, "FD"))
		return add_float(value, same_vr(vr, "FD"), arena, out);
	for (size_t i = 0; i < sizeof(wholes) / sizeof(*wholes); i++)
		if (same_vr(vr, wholes[i].vr))
			return add_whole(value, &wholes[i], arena, out);
	return "has values where bytes have to be in the JSON";
}

/* ---- all ---- */

static const char *add_base64(const char *text, struct buffer *out)
{
	size_t length;
	void *bytes = base64_decode(text, &length);

	if (!bytes)
		return "is no base 64 in the JSON";
	buffer_add(out, bytes, length);
	free(bytes);
	return NULL;
}

const char *dcm_json_values(const struct dcm_json_attribute *attribute,
			    const char vr[3], struct arena *arena,
			    struct buffer *out)
{
	const struct dcm_json_value *value = attribute->values;
	const char *fault = NULL;

	if (attribute->inline_binary)
		return add_base64(attribute->inline_binary, out);
	if (attribute->count == 1 && dcm_json_is_empty(value))
		return NULL;
	if (vr_is_text(vr))
		return add_text_values(attribute, vr, arena, out);
	for (size_t i = 0; i < attribute->count && !fault; i++) {
		fault = add_one_number(value, vr, arena, out);
		value = value->next;
	}
	return fault;
}

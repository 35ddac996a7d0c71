/* A file as DICOM JSON (PS3.18 F): all of its dataset, but for the pixels. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "dcm_file.h"
#include "dcm_number.h"
#include "dcm_put.h"
#include "error.h"
#include "json_print.h"
#include "json_read.h"
#include "source.h"
#include "vr.h"

struct json_writer {
	const char *name; /* of the file, for messages */
	dfh_error **error;
};

static json_object *item_json(struct json_writer *writer,
			      struct dcmtk_item *item,
			      struct dcm_charset *outer);

static bool vr_equals(const char *vr, const char *other)
{
	return memcmp(vr, other, 2) == 0;
}

static void add_value_list(json_object *to, json_object *values)
{
	if (json_count(values))
		json_add(to, "Value", values);
	else
		json_object_put(values);
}

/* ---- texts ---- */

/* The groups of a name; NULL: it has none. */
static json_object *name_json(const char *text, size_t length)
{
	static const char *const groups[] = {"Alphabetic", "Ideographic",
					     "Phonetic"};
	json_object *name = NULL;
	const char *end = text + length;

	for (size_t i = 0; i < 3 && text <= end; i++) {
		const char *equals = memchr(text, '=', (size_t)(end - text));
		/* what is behind the third stays in it */
		size_t size = (size_t)((equals && i < 2 ? equals : end) - text);

		if (size && !name)
			name = json_new_object();
		if (size)
			json_add(name, groups[i],
				 json_new_string_of(text, size));
		text += size + 1;
	}
	return name;
}

static json_object *text_json(const char *vr, const char *text, size_t length)
{
	while (length && text[length - 1] == ' ')
		length--;
	if (!length)
		return NULL;
	return vr_equals(vr, "PN") ? name_json(text, length)
				   : json_new_string_of(text, length);
}

/* Each value that a backslash divides; empty ones are null, and of empty ones
 * alone there is no list. */
static void add_json_texts(json_object *to, const char *vr, const char *text)
{
	json_object *values = json_new_array();

	for (;; text++) {
		size_t length =
			vr_is_multiple(vr) ? strcspn(text, "\\") : strlen(text);

		json_append(values, text_json(vr, text, length));
		text += length;
		if (!*text)
			break;
	}
	if (json_count(values) == 1 && !json_at(values, 0)) {
		json_object_put(values);
		return;
	}
	json_add(to, "Value", values);
}

/* ---- numbers: little endian, as DCMTK gives them ---- */

static json_object *float_json(double value, bool is_double)
{
	char text[DCM_FLOAT_ROOM];

	if (isnan(value))
		return json_new_string("NaN");
	if (isinf(value))
		return json_new_string(value < 0 ? "-Infinity" : "Infinity");
	dcm_float_text(value, is_double, text);
	return json_new_number(value, text);
}

static json_object *number_json(const char *vr, const unsigned char *bytes)
{
	uint32_t low = vr_equals(vr, "US") || vr_equals(vr, "SS")
			       ? dcm_u16(bytes, false)
			       : dcm_u32(bytes, false);
	uint64_t bits = low;
	char text[32];
	double number;
	float shorter;

	if (vr_equals(vr, "AT")) {
		snprintf(text, sizeof(text), "%04X%04X", dcm_u16(bytes, false),
			 dcm_u16(bytes + 2, false));
		return json_new_string(text);
	}
	if (vr_equals(vr, "FL")) {
		memcpy(&shorter, &low, sizeof(shorter));
		return float_json(shorter, false);
	}
	if (vr_equals(vr, "SS"))
		return json_new_integer((int16_t)(uint16_t)low);
	if (vr_equals(vr, "SL"))
		return json_new_integer((int32_t)low);
	if (vr_equals(vr, "US") || vr_equals(vr, "UL"))
		return json_new_integer((int64_t)low);
	bits |= (uint64_t)dcm_u32(bytes + 4, false) << 32;
	if (vr_equals(vr, "FD")) {
		memcpy(&number, &bits, sizeof(number));
		return float_json(number, true);
	}
	/* others read numbers as doubles, which have not all digits */
	snprintf(text, sizeof(text), vr_equals(vr, "SV") ? "%lld" : "%llu",
		 (unsigned long long)bits);
	return json_new_string(text);
}

/* 0: it is no number. */
static size_t number_width_of(const char *vr)
{
	static const struct {
		const char *vrs;
		size_t width;
	} widths[] = {{"US SS", 2}, {"UL SL FL AT", 4}, {"FD SV UV", 8}};

	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++)
		if (strstr(widths[i].vrs, vr))
			return widths[i].width;
	return 0;
}

static bool add_numbers(json_object *to, const char *vr, const char *bytes,
			size_t length)
{
	json_object *values = json_new_array();
	size_t width = number_width_of(vr);

	for (size_t i = 0; i + width <= length; i += width)
		json_append(values,
			    number_json(vr, (const unsigned char *)bytes + i));
	add_value_list(to, values);
	return length % width == 0;
}

/* ---- elements ---- */

static int refuse_json_element(struct json_writer *writer,
			       const struct dcmtk_info *info, const char *fault)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	char name[128];

	return error_because(writer->error, DFH_UNSUPPORTED,
			     "%s: %s (%04X,%04X) %s", writer->name,
			     dcm_tag_name(&tag, name), tag.group, tag.element,
			     fault);
}

static void add_bytes(json_object *to, const char *bytes, size_t length)
{
	char *text = base64_encode(bytes, length);

	if (length)
		json_add(to, "InlineBinary", json_new_string(text));
	free(text);
}

static int add_value(struct json_writer *writer, const struct dcmtk_info *info,
		     const char *bytes, struct dcm_charset *charset,
		     json_object *to)
{
	char *text;

	if (!vr_is_text(info->vr)) {
		if (!number_width_of(info->vr))
			add_bytes(to, bytes, info->length);
		else if (!add_numbers(to, info->vr, bytes, info->length))
			return refuse_json_element(
				writer, info,
				"has no length of its VR, so that JSON "
				"cannot hold it");
		return 0;
	}
	text = dcm_value_decode(charset, info->vr, bytes,
				dcm_value_trim(bytes, info->length));
	if (!text)
		return refuse_json_element(
			writer, info,
			"is no text in its character set, so that JSON "
			"cannot hold it");
	add_json_texts(to, info->vr, text);
	free(text);
	return 0;
}

static int add_json_items(struct json_writer *writer,
			  struct dcmtk_element *element,
			  struct dcm_charset *charset, json_object *to)
{
	json_object *values = json_new_array();
	struct dcmtk_item *at = NULL;
	int answer = 0;

	while (answer == 0 && (at = dcmtk_item_next(element, at))) {
		json_object *item = item_json(writer, at, charset);

		answer = item ? 0 : -1;
		if (item)
			json_append(values, item);
	}
	add_value_list(to, values);
	return answer;
}

/* Whoever did not know the attribute called it UN, and what it holds is in
 * implicit VR (PS3.5 6.2.2). */
static void resolve_unknown_vr(struct dcmtk_item *item,
			       struct dcmtk_element **element,
			       struct dcmtk_info *info)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	struct dcmtk_element *unfolded;
	char vr[3];

	if (!vr_equals(info->vr, "UN") || info->is_sequence)
		return;
	if (dcm_tag_is_creator(&tag))
		memcpy(info->vr, "LO", sizeof(vr));
	if (tag.group & 1)
		return;
	dcm_vr_of(&tag, vr);
	if (!*vr)
		return;
	if (!vr_equals(vr, "SQ")) {
		memcpy(info->vr, vr, sizeof(vr));
		return;
	}
	unfolded = dcmtk_unfold(item, *element);
	if (unfolded) {
		*element = unfolded;
		dcmtk_look(unfolded, info);
	}
}

static json_object *dcmtk_element_json(struct json_writer *writer,
				       struct dcmtk_item *item,
				       struct dcmtk_element **element,
				       struct dcmtk_info *info,
				       struct dcm_charset *charset)
{
	json_object *out = json_new_object();
	char *bytes = NULL;
	int answer;

	resolve_unknown_vr(item, element, info);
	json_add(out, "vr",
		 json_new_string(info->is_sequence ? "SQ" : info->vr));
	if (info->is_sequence) {
		answer = add_json_items(writer, *element, charset, out);
	} else if (info->group == 8 && info->element == 5) {
		answer = 0;
		add_json_texts(out, "CS", "ISO_IR 192");
	} else {
		bytes = dcmtk_value_copy(*element, info);
		answer = bytes ? add_value(writer, info, bytes, charset, out)
			       : refuse_json_element(writer, info,
						     "cannot be read");
	}
	free(bytes);
	if (answer == 0)
		return out;
	json_object_put(out);
	return NULL;
}

/* ---- items ---- */

static bool is_written_element(const struct dcmtk_info *info)
{
	return info->group > 2 && info->group != 0x7fe0 &&
	       info->group < 0xfffc && info->element;
}

static int add_elements(struct json_writer *writer, struct dcmtk_item *item,
			struct dcm_charset *charset, json_object *to)
{
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;
	char name[16];

	while ((element = dcmtk_next(item, element))) {
		json_object *json;

		dcmtk_look(element, &info);
		if (!is_written_element(&info))
			continue;
		json = dcmtk_element_json(writer, item, &element, &info,
					  charset);
		if (!json)
			return -1;
		snprintf(name, sizeof(name), "%04X%04X", info.group,
			 info.element);
		json_add(to, name, json);
	}
	return 0;
}

static json_object *item_json(struct json_writer *writer,
			      struct dcmtk_item *item,
			      struct dcm_charset *outer)
{
	json_object *out = json_new_object();
	struct dcm_charset own, *charset = outer;
	char *term = dcmtk_charset_term(item);
	int answer;

	if (term) {
		charset = &own;
		dcm_charset_init(&own, term);
	}
	answer = add_elements(writer, item, charset, out);
	if (term)
		dcm_charset_clear(&own);
	free(term);
	if (answer == 0)
		return out;
	json_object_put(out);
	return NULL;
}

/* ---- all ---- */

static char *dataset_json(struct dcm_file *file, dfh_error **error)
{
	struct json_writer writer = {file->name, error};
	struct dcmtk_item *dataset;
	struct dcm_charset ascii;
	json_object *json;
	char *text = NULL;

	if (dcm_file_scan(file, error) < 0)
		return NULL;
	dataset = dcm_file_parse(file, NULL, true, error);
	if (!dataset)
		return NULL;
	dcm_charset_init(&ascii, NULL);
	json = item_json(&writer, dataset, &ascii);
	dcm_charset_clear(&ascii);
	dcmtk_free(dataset);
	if (json)
		text = json_printed(json,
				    JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE);
	json_object_put(json);
	return text;
}

char *dfh_dicom_json(const dfh_source *given, dfh_error **error)
{
	struct dcm_source source;
	struct dcm_file file;
	char *text;

	if (source_take(&source, given, error) < 0 ||
	    dcm_file_open(&file, &source, error) < 0)
		return NULL;
	text = dataset_json(&file, error);
	dcm_file_close(&file);
	return text;
}

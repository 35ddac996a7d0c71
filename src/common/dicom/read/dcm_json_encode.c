/* The tree of an instance, as the bytes of its dataset. */
#include "dcm_json.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dcm_bytes.h"
#include "dcm_put.h"
#include "error.h"
#include "vr.h"

/* What a length of 16 bits tells, and is even (PS3.5 7.1.2). */
enum { SHORT_MAX = 65534 };

static const struct dcm_encoding encoding = {.explicit_vr = true};
static const struct dcm_tag charset_tag = {0x0008, 0x0005, NULL};

/* What of an item is wanted, and how it is called. */
struct encode_place {
	const struct dcm_want *wants;
	size_t count;
	bool whole;
	const struct dcm_tag *sequence; /* that it is in, or NULL */
	const struct encode_place *outer;
};

static int encode_item(struct dcm_json_encoder *encoder,
		       const struct dcm_json_item *item,
		       const struct encode_place *place, struct buffer *out);

/* ---- what is not carried ---- */

static void add_told(struct dcm_json_encoder *encoder, const char *name,
		     const char *text)
{
	struct dataset *told = encoder->told;

	array_room(told->told, told->told_count);
	told->told[told->told_count++] =
		(struct dcm_told){arena_strdup(told->arena, name), text};
}

/* "RequestAttributesSequence.AccessionNumber" */
static const char *attribute_path_of(struct dcm_json_encoder *encoder,
				     const struct encode_place *place,
				     const struct dcm_tag *tag)
{
	char name[128];

	dcm_tag_name(tag, name);
	if (!place->sequence)
		return arena_strdup(encoder->arena, name);
	return arena_printf(
		encoder->arena, "%s.%s",
		attribute_path_of(encoder, place->outer, place->sequence),
		name);
}

/* ---- value representations ---- */

static bool has_negative(const struct dcm_json_attribute *attribute)
{
	const struct dcm_json_value *value = attribute->values;

	for (size_t i = 0; i < attribute->count; i++, value = value->next)
		if (value->text && *value->text == '-')
			return true;
	return false;
}

/* That of the text, or else of the rules or the dictionary.  Whoever did not
 * know the attribute called it UN. */
static void find_json_vr(const struct dcm_json_attribute *attribute,
			 const struct dcm_tag *tag, const struct dcm_want *want,
			 char vr[3])
{
	bool is_un = strcmp(attribute->vr, "UN") == 0;

	memcpy(vr, attribute->vr, 3);
	if (*vr && !(is_un && attribute->count))
		return;
	if (dcm_tag_is_creator(&attribute->tag)) {
		memcpy(vr, "LO", 3);
	} else if (want && *want->vr) {
		memcpy(vr, want->vr, 3);
	} else {
		dcm_vr_of(tag, vr);
		if (!*vr)
			memcpy(vr,
			       attribute->inline_binary	 ? "OW"
			       : has_negative(attribute) ? "SS"
							 : "US",
			       3);
	}
	/* a sequence as bytes is implicit VR (PS3.5 6.2.2) */
	if (strcmp(vr, "SQ") == 0 && attribute->inline_binary)
		memcpy(vr, "UN", 3);
}

/* ---- values ---- */

static const char *encode_sequence(struct dcm_json_encoder *encoder,
				   const struct dcm_json_attribute *attribute,
				   const struct encode_place *in_items,
				   struct buffer *out, int *answer)
{
	const struct dcm_json_value *value = attribute->values;
	struct buffer item = {0};
	const char *fault = NULL;

	if (attribute->count == 1 && value->kind == DCM_JSON_TEXT &&
	    !value->length)
		return NULL;
	for (size_t i = 0; i < attribute->count && !fault && !*answer; i++) {
		item.length = 0;
		if (value->kind == DCM_JSON_OBJECT && !value->has_groups)
			*answer = encode_item(encoder, value->item, in_items,
					      &item);
		else if (value->kind != DCM_JSON_NULL)
			fault = "is no sequence of items in the JSON";
		dcm_bytes_item(out, encoding, &item, false);
		value = value->next;
	}
	buffer_free(&item);
	return fault;
}

static const char *fetch_value(struct dcm_json_encoder *encoder,
			       const char *uri, const char *vr,
			       struct buffer *out)
{
	static const char elsewhere[] =
		"stands elsewhere (BulkDataURI) and was not fetched";
	const struct dcm_fetch *fetch = encoder->fetch;
	void *bytes;
	size_t length;

	if (!fetch || strcmp(vr, "SQ") == 0 ||
	    fetch->fetch(uri, &bytes, &length, fetch->context) < 0)
		return elsewhere;
	buffer_add(out, bytes, length);
	free(bytes);
	return NULL;
}

/* What is wrong, or NULL.  *answer -1: the instance is refused. */
static const char *encode_value(struct dcm_json_encoder *encoder,
				const struct dcm_json_attribute *attribute,
				const struct encode_place *in_items,
				bool is_wanted, const char *vr,
				struct buffer *out, int *answer)
{
	if (attribute->wrong_vr || !vr_is_known(vr))
		return "has no value representation of DICOM in the JSON";
	if (attribute->uri && !attribute->count && !attribute->inline_binary)
		return is_wanted ? fetch_value(encoder, attribute->uri, vr, out)
				 : NULL;
	if (strcmp(vr, "SQ") != 0)
		return dcm_json_values(attribute, vr, encoder->arena, out);
	return attribute->inline_binary
		       ? "is no sequence of items in the JSON"
		       : encode_sequence(encoder, attribute, in_items, out,
					 answer);
}

static void encode_element(struct buffer *out, const struct dcm_tag *tag,
			   char *vr, struct buffer *value)
{
	bool is_text = vr_is_text(vr) && strcmp(vr, "UI") != 0;

	if (value->length & 1)
		buffer_add(value, is_text ? " " : "", 1);
	/* PS3.5 6.2.2, note on UN: what is too long for its VR */
	if (value->length > SHORT_MAX && !(vr_kind(vr) & VR_LONG))
		memcpy(vr, "UN", 3);
	if (strcmp(vr, "SQ") == 0)
		dcm_bytes_sequence(out, encoding, tag, value, false);
	else
		dcm_bytes_element(out, encoding, tag, vr, value->bytes,
				  value->length);
}

/* ---- items ---- */

static int compare_attributes(const void *left, const void *right)
{
	const struct dcm_json_attribute *a =
		*(const struct dcm_json_attribute *const *)left;
	const struct dcm_json_attribute *b =
		*(const struct dcm_json_attribute *const *)right;
	int order = dcm_tag_compare(&a->tag, &b->tag);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

static struct dcm_json_attribute **
sorted_attributes(const struct dcm_json_item *item, struct arena *arena)
{
	struct dcm_json_attribute **list =
		arena_alloc(arena, (item->count + 1) * sizeof(*list));
	size_t count = 0;

	for (struct dcm_json_attribute *at = item->attributes; at;
	     at = at->next)
		list[count++] = at;
	if (count)
		qsort(list, count, sizeof(*list), compare_attributes);
	return list;
}

/* Elements name their creator by the block, of which this is the creator. */
static void note_json_creator(struct dcm_json_encoder *encoder,
			      const struct dcm_json_attribute *attribute,
			      struct dcm_blocks *blocks)
{
	const struct dcm_json_value *value = attribute->values;
	struct dcm_charset charset;

	if (!value || value->kind != DCM_JSON_TEXT)
		return;
	dcm_charset_init(&charset, "ISO_IR 192");
	dcm_blocks_note(blocks, &attribute->tag, value->text, value->length,
			&charset, encoder->arena);
	dcm_charset_clear(&charset);
}

/* One attribute; of what has a fault nothing is there, or nothing but that it
 * is, if nobody wants it. */
static int encode_attribute(struct dcm_json_encoder *encoder,
			    const struct dcm_json_attribute *attribute,
			    const struct encode_place *place,
			    struct dcm_blocks *blocks, struct buffer *out)
{
	struct dcm_tag tag = attribute->tag;
	const struct dcm_want *want = NULL;
	struct buffer value = {0};
	const char *fault;
	bool is_wanted;
	int answer = 0;
	char vr[3];

	if (dcm_tag_is_creator(&tag))
		note_json_creator(encoder, attribute, blocks);
	else
		dcm_blocks_name(blocks, &tag);
	if (!place->whole)
		want = dcm_want_find(place->wants, place->count, &tag);
	is_wanted = place->whole || want;
	find_json_vr(attribute, &tag, want, vr);
	fault = encode_value(
		encoder, attribute,
		&(struct encode_place){want ? want->in_items : NULL,
				       want ? want->in_items_count : 0,
				       place->whole || (want && want->whole),
				       &tag, place},
		is_wanted, vr, &value, &answer);
	if (fault && is_wanted)
		add_told(encoder, attribute_path_of(encoder, place, &tag),
			 fault);
	if (fault)
		value.length = 0;
	if (answer == 0 && !(fault && is_wanted))
		encode_element(out, &attribute->tag, vr, &value);
	buffer_free(&value);
	return answer;
}

static int refuse_doubled(struct dcm_json_encoder *encoder,
			  const struct encode_place *place,
			  const struct dcm_tag *tag)
{
	return error_because(encoder->error, DFH_DAMAGED,
			     "%s: has %s (%04X,%04X) twice, with two values",
			     encoder->name,
			     attribute_path_of(encoder, place, tag), tag->group,
			     tag->element);
}

/* The same attribute once more: does it say the same as the one at `before`?
 * Then it is taken away again. */
static bool is_the_same(struct buffer *out, size_t before, size_t at)
{
	size_t length = at - before;

	if (out->length - at != length ||
	    (length &&
	     memcmp(out->bytes + before, out->bytes + at, length) != 0))
		return false;
	out->length = at;
	return true;
}

static int encode_item(struct dcm_json_encoder *encoder,
		       const struct dcm_json_item *item,
		       const struct encode_place *place, struct buffer *out)
{
	struct dcm_json_attribute **list =
		sorted_attributes(item, encoder->arena);
	struct dcm_blocks blocks = {0};
	size_t before = 0;

	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_tag *tag = &list[i]->tag;
		size_t at = out->length;
		bool again =
			i > 0 && dcm_tag_compare(&list[i - 1]->tag, tag) == 0;

		/* all is UTF-8, whatever it was in */
		if (dcm_tag_compare(tag, &charset_tag) == 0)
			continue;
		if (encode_attribute(encoder, list[i], place, &blocks, out) < 0)
			return -1;
		if (!again)
			before = at;
		else if (!is_the_same(out, before, at))
			return refuse_doubled(encoder, place, tag);
	}
	return 0;
}

int dcm_json_encode(struct dcm_json_encoder *encoder,
		    const struct dcm_json_item *item,
		    const struct dcm_wants *wants, struct buffer *out)
{
	const struct encode_place place = {.wants = wants->list,
					   .count = wants->count};

	dcm_bytes_text(out, encoding, &charset_tag, "CS", "ISO_IR 192");
	return encode_item(encoder, item, &place, out);
}

/* What Original Attributes Sequence says, read from its bytes. */
#include "dcm_original.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dcm_original_tags.h"
#include "dcm_text.h"
#include "error.h"

/* ASCII is what all our own values are; of others, a byte that is not stands
 * for itself in no message. */
static char *ascii_text_of(const struct dcm_part *item,
			   struct dcm_encoding encoding,
			   const struct dcm_tag *tag)
{
	struct dcm_part part;
	char *text;

	if (!dcm_part_find(item, encoding, tag, &part))
		return xstrdup("");
	text = dcm_value_trimmed(part.value, part.value_length);
	if (!dcm_is_ascii((const char *)part.value,
			  dcm_value_trim((const char *)part.value,
					 part.value_length)))
		*text = '\0';
	return text;
}

/* A value in our own block of the item; false: it has none. */
static bool find_own_value(const struct dcm_part *item,
			   struct dcm_encoding encoding,
			   const struct dcm_tag *tag, struct dcm_part *out)
{
	size_t length = strlen(own_creator_name);
	struct dcm_part creator;

	return dcm_part_find(item, encoding, &own_creator, &creator) &&
	       creator.value_length >= length &&
	       memcmp(creator.value, own_creator_name, length) == 0 &&
	       dcm_part_find(item, encoding, tag, out);
}

static struct dcm_tag tag_at(const unsigned char *bytes,
			     struct dcm_encoding encoding)
{
	return (struct dcm_tag){dcm_u16(bytes, encoding.big_endian),
				dcm_u16(bytes + 2, encoding.big_endian), NULL};
}

static char *comment_of(const struct dcm_part *item,
			struct dcm_encoding encoding)
{
	struct dcm_part part;

	if (!find_own_value(item, encoding, &reason_comment, &part))
		return xstrdup("");
	return dcm_value_trimmed(part.value, part.value_length);
}

static int compare_original_tags(const void *a, const void *b)
{
	return dcm_tag_compare(a, b);
}

/* In their order. */
static struct dcm_tag *own_tags_of(const struct dcm_part *item,
				   struct dcm_encoding encoding,
				   const struct dcm_tag *tag, size_t *count)
{
	struct dcm_part part;
	struct dcm_tag *tags;
	size_t i;

	*count = 0;
	if (!find_own_value(item, encoding, tag, &part))
		return NULL;
	*count = part.value_length / 4;
	tags = xmalloc((*count + 1) * sizeof(*tags));
	for (i = 0; i < *count; i++)
		tags[i] = tag_at(part.value + 4 * i, encoding);
	qsort(tags, *count, sizeof(*tags), compare_original_tags);
	return tags;
}

static void read_own(struct dcm_original *original,
		     struct dcm_encoding encoding)
{
	struct dcm_part part;
	size_t i;

	original->comment = comment_of(&original->item, encoding);
	original->added = own_tags_of(&original->item, encoding,
				      &added_creators, &original->added_count);
	original->empty =
		own_tags_of(&original->item, encoding, &empty_attributes,
			    &original->empty_count);
	if (find_own_value(&original->item, encoding, &given_charset, &part)) {
		original->given_count = part.value_length / 2;
		original->given = xmalloc((original->given_count + 1) *
					  sizeof(*original->given));
		for (i = 0; i < original->given_count; i++)
			original->given[i] = dcm_u16(part.value + 2 * i,
						     encoding.big_endian);
	}
}

static void read_original_item(struct dcm_original *original,
			       struct dcm_encoding encoding)
{
	struct dcm_part part;

	original->time =
		ascii_text_of(&original->item, encoding, &modification_time);
	original->system =
		ascii_text_of(&original->item, encoding, &modifying_system);
	original->source =
		ascii_text_of(&original->item, encoding, &previous_source);
	original->reason =
		ascii_text_of(&original->item, encoding, &modification_reason);
	read_own(original, encoding);
	if (dcm_part_find(&original->item, encoding, &modified_attributes,
			  &part)) {
		const unsigned char *at = part.value;
		size_t length = part.value_length;

		original->has_modified = dcm_part_next(&at, &length, encoding,
						       &original->modified);
	}
	original->has_nonconforming = dcm_part_find(&original->item, encoding,
						    &nonconforming_attributes,
						    &original->nonconforming);
}

static int refuse_originals(const struct dcm_splice *splice)
{
	return error_because(splice->error, DFH_DAMAGED,
			     "%s: OriginalAttributesSequence does not add up",
			     splice->file.name);
}

static int read_items(struct dcm_splice *splice, struct dcm_originals *out)
{
	struct dcm_encoding encoding = dcm_splice_encoding(splice);
	const unsigned char *at = out->sequence.value;
	size_t length = out->sequence.value_length;
	struct dcm_part item;

	while (dcm_part_next(&at, &length, encoding, &item)) {
		array_room(out->at, out->count);
		out->at[out->count] = (struct dcm_original){.item = item};
		read_original_item(&out->at[out->count++], encoding);
	}
	return length ? refuse_originals(splice) : 0;
}

int dcm_originals_read(struct dcm_splice *splice, struct dcm_originals *out)
{
	const unsigned char *at;
	bool fault = false;
	size_t length = 0;
	int answer;

	*out = (struct dcm_originals){0};
	out->bytes =
		dcm_splice_old(splice, &original_attributes, &length, &fault);
	if (!out->bytes)
		return fault ? -1 : 0;
	at = out->bytes;
	if (!dcm_part_next(&at, &length, dcm_splice_encoding(splice),
			   &out->sequence) ||
	    (*out->sequence.vr && memcmp(out->sequence.vr, "SQ", 2) != 0))
		answer = refuse_originals(splice);
	else
		answer = read_items(splice, out);
	if (answer < 0)
		dcm_originals_free(out);
	return answer;
}

void dcm_originals_free(struct dcm_originals *originals)
{
	size_t i;

	for (i = 0; i < originals->count; i++) {
		struct dcm_original *at = &originals->at[i];

		free(at->time);
		free(at->system);
		free(at->source);
		free(at->reason);
		free(at->comment);
		free(at->added);
		free(at->empty);
		free(at->given);
	}
	free(originals->at);
	free(originals->bytes);
	*originals = (struct dcm_originals){0};
}

/* ---- the previous elements of one item ---- */

/* What is said of an attribute; of one that is named twice, what is said last
 * counts. */
struct said {
	struct dcm_previous previous;
	size_t at; /* where it is said */
	char vr[3];
};

struct said_list {
	struct said *at;
	size_t count;
};

static struct said *add_said(struct said_list *list, const struct dcm_tag *tag,
			     struct buffer bytes)
{
	struct said *at;

	array_room(list->at, list->count);
	at = &list->at[list->count];
	*at = (struct said){.previous = {*tag, bytes.bytes, bytes.length},
			    .at = list->count++};
	return at;
}

static int compare_said(const void *a, const void *b)
{
	const struct said *x = a, *y = b;
	int order = dcm_tag_compare(&x->previous.tag, &y->previous.tag);

	return order ? order : x->at < y->at ? -1 : x->at > y->at;
}

/* Into the order of tags, with the last word of each. */
static void keep_last_said(struct said_list *list)
{
	size_t kept = 0, i;

	if (!list->count)
		return;
	qsort(list->at, list->count, sizeof(*list->at), compare_said);
	for (i = 1; i < list->count; i++) {
		if (dcm_tag_compare(&list->at[kept].previous.tag,
				    &list->at[i].previous.tag) != 0)
			kept++;
		else
			free(list->at[kept].previous.bytes);
		list->at[kept] = list->at[i];
	}
	list->count = kept + 1;
}

static int compare_to_said(const void *tag, const void *said)
{
	return dcm_tag_compare(tag, &((const struct said *)said)->previous.tag);
}

static bool is_among_tags(const struct dcm_tag *tag, const struct dcm_tag *tags,
			  size_t count)
{
	return count &&
	       bsearch(tag, tags, count, sizeof(*tags), compare_original_tags);
}

static void add_modified(struct said_list *list,
			 const struct dcm_original *original,
			 struct dcm_encoding encoding)
{
	const unsigned char *at = original->modified.value;
	size_t length = original->modified.value_length;
	struct dcm_part part;

	while (original->has_modified &&
	       dcm_part_next(&at, &length, encoding, &part)) {
		struct buffer bytes = {0};
		bool was_there =
			part.value_length
				? !is_among_tags(&part.tag, original->added,
						 original->added_count)
				: is_among_tags(&part.tag, original->empty,
						original->empty_count);

		if (was_there)
			buffer_add(&bytes, part.bytes, part.length);
		memcpy(add_said(list, &part.tag, bytes)->vr, part.vr,
		       sizeof(part.vr));
	}
}

/* The value that stands for an empty one in the modified attributes, which
 * are settled and tell its VR. */
static void add_nonconforming_values(struct said_list *list,
				     const struct dcm_original *original,
				     struct dcm_encoding encoding)
{
	const unsigned char *at = original->nonconforming.value;
	size_t length = original->nonconforming.value_length;
	size_t modified = list->count;
	struct dcm_part item, tag, value;

	while (modified && original->has_nonconforming &&
	       dcm_part_next(&at, &length, encoding, &item)) {
		struct buffer bytes = {0};
		const struct said *empty;
		struct dcm_tag of;

		if (!dcm_part_find(&item, encoding, &selector_attribute,
				   &tag) ||
		    tag.value_length != 4 ||
		    !dcm_part_find(&item, encoding, &nonconforming_value,
				   &value))
			continue;
		of = tag_at(tag.value, encoding);
		empty = bsearch(&of, list->at, modified, sizeof(*list->at),
				compare_to_said);
		if (!empty)
			continue;
		dcm_bytes_element(&bytes, encoding, &of, empty->vr, value.value,
				  value.value_length);
		add_said(list, &of, bytes);
	}
}

struct dcm_previous *dcm_original_previous(const struct dcm_original *original,
					   struct dcm_encoding encoding,
					   size_t *count)
{
	struct dcm_previous *previous;
	struct said_list list = {0};
	size_t i;

	add_modified(&list, original, encoding);
	keep_last_said(&list);
	add_nonconforming_values(&list, original, encoding);
	for (i = 0; i < list.count; i++)
		list.at[i].at = i;
	keep_last_said(&list);
	previous = xmalloc((list.count + 1) * sizeof(*previous));
	for (i = 0; i < list.count; i++)
		previous[i] = list.at[i].previous;
	*count = list.count;
	free(list.at);
	return previous;
}

void dcm_previous_free(struct dcm_previous *previous, size_t count)
{
	size_t i;

	for (i = 0; previous && i < count; i++)
		free(previous[i].bytes);
	free(previous);
}

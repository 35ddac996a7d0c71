/* Original Attributes Sequence after an undo: the items that stay. */
#include "dcm_undo_stay.h"

#include <stdlib.h>

#include "dcm_original_tags.h"

static int compare_previous(const void *tag, const void *previous)
{
	const struct dcm_previous *at = previous;

	return dcm_tag_compare(tag, &at->tag);
}

const struct dcm_previous *undo_kept_of(const struct undo *undo, size_t item,
					const struct dcm_tag *tag)
{
	const struct kept *kept = &undo->kept[item];

	return kept->count ? bsearch(tag, kept->at, kept->count,
				     sizeof(*kept->at), compare_previous)
			   : NULL;
}

bool undo_names(const struct undo *undo, size_t item, const struct dcm_tag *tag)
{
	return undo_kept_of(undo, item, tag) != NULL;
}

/* The time of a change that is undone is no longer what an item that stays
 * found: that is what the oldest of them right before it found. */
static bool found_time(const struct undo *undo, size_t item, struct buffer *out)
{
	const struct dcm_previous *found = NULL;
	size_t i;

	if (!undo_names(undo, item, &coercion_time))
		return false;
	for (i = item; i-- > 0;) {
		const struct dcm_previous *kept =
			undo_kept_of(undo, i, &coercion_time);

		if (kept && !undo->undone[i])
			break;
		if (kept)
			found = kept;
	}
	if (found && found->length)
		buffer_add(out, found->bytes, found->length);
	else if (found)
		dcm_bytes_element(out, undo->encoding, &coercion_time, "DT",
				  NULL, 0);
	return found != NULL;
}

/* The elements of an item, of which one is another (empty: is none). */
static void copy_but(const struct undo *undo, const struct dcm_part *item,
		     const struct dcm_tag *tag, const struct buffer *other,
		     struct buffer *to)
{
	const unsigned char *at = item->value;
	size_t length = item->value_length;
	struct dcm_part part;

	while (dcm_part_next(&at, &length, undo->encoding, &part))
		if (dcm_tag_compare(&part.tag, tag) == 0)
			buffer_add(to, other->bytes, other->length);
		else
			buffer_add(to, part.bytes, part.length);
}

/* Modified Attributes Sequence of an item, with that time in it. */
static void set_time(const struct undo *undo,
		     const struct dcm_original *original,
		     const struct buffer *time, struct buffer *to)
{
	const struct dcm_part *modified = &original->modified;
	struct buffer elements = {0}, items = {0};
	struct dcm_part sequence;
	const unsigned char *end = modified->bytes + modified->length;

	if (!dcm_part_find(&original->item, undo->encoding,
			   &modified_attributes, &sequence))
		return;
	copy_but(undo, modified, &coercion_time, time, &elements);
	dcm_bytes_item(&items, undo->encoding, &elements, modified->undefined);
	buffer_add(&items, end,
		   (size_t)(sequence.value + sequence.value_length - end));
	dcm_bytes_sequence(to, undo->encoding, &modified_attributes, &items,
			   sequence.undefined);
	buffer_free(&elements);
	buffer_free(&items);
}

/* An item that stays, without the character set that a stamp gave it, and
 * without the time of a change that is undone. */
static void keep_item(const struct undo *undo, size_t index, struct buffer *to)
{
	const struct dcm_original *original = &undo->originals.at[index];
	struct dcm_part item = original->item;
	struct buffer time = {0}, modified = {0}, first = {0}, second = {0};
	static const struct buffer nothing;
	bool is_given = undo->given[index];
	bool has_time = found_time(undo, index, &time);

	if (!is_given && !has_time) {
		buffer_add(to, item.bytes, item.length);
		return;
	}
	if (is_given) {
		copy_but(undo, &item, &character_set, &nothing, &first);
		item.value = first.bytes;
		item.value_length = first.length;
	}
	if (has_time) {
		set_time(undo, original, &time, &modified);
		copy_but(undo, &item, &modified_attributes, &modified, &second);
		item.value = second.bytes;
		item.value_length = second.length;
	}
	dcm_bytes_item(to, undo->encoding, has_time ? &second : &first,
		       item.undefined);
	buffer_free(&time);
	buffer_free(&modified);
	buffer_free(&first);
	buffer_free(&second);
}

void undo_keep_items(const struct undo *undo, struct buffer *to)
{
	struct buffer items = {0};
	size_t i;

	for (i = 0; i < undo->originals.count; i++)
		if (!undo->undone[i])
			keep_item(undo, i, &items);
	if (items.length)
		dcm_bytes_sequence(to, undo->encoding, &original_attributes,
				   &items, undo->originals.sequence.undefined);
	buffer_free(&items);
}

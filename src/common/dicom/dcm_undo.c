/* Puts back what Original Attributes Sequence kept of our own stamps. */
#include "dcm_undo.h"

#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "dcm_original.h"
#include "dcm_original_tags.h"
#include "dcm_signature.h"
#include "error.h"

enum { ESCAPE = 0x1b };

struct undo {
	struct dcm_splice splice;
	struct dcm_encoding encoding;
	struct dcm_originals originals;
	bool *undone; /* for each item */
};

static int refuse_touched(const struct undo *undo, const struct dcm_tag *tag,
			  const struct dcm_original *by)
{
	char name[128];

	return error_because(
		undo->splice.error, DFH_TOUCHED,
		"%s: not undone: %s was changed again on %s by '%s'",
		undo->splice.file.name, dcm_tag_name(tag, name),
		*by->time ? by->time : "a day that is not told", by->system);
}

static bool names(const struct undo *undo, size_t item,
		  const struct dcm_tag *tag)
{
	struct dcm_previous *previous;
	bool found = false;
	size_t count, i;

	previous = dcm_original_previous(&undo->originals.at[item],
					 undo->encoding, &count);
	for (i = 0; i < count; i++)
		found |= dcm_tag_compare(&previous[i].tag, tag) == 0;
	dcm_previous_free(previous, count);
	return found;
}

/* May it be put back?  -1: someone whose change stays touched it after that
 * item.  Every change sets Instance Coercion DateTime: it stays that of the
 * last one that stays. */
static int check_untouched(const struct undo *undo, size_t item,
			   const struct dcm_tag *tag, bool *stays)
{
	size_t i;

	*stays = false;
	for (i = item + 1; i < undo->originals.count; i++) {
		if (undo->undone[i] || !names(undo, i, tag))
			continue;
		if (dcm_tag_compare(tag, &coercion_time) != 0)
			return refuse_touched(undo, tag,
					      &undo->originals.at[i]);
		*stays = true;
	}
	return 0;
}

/* ---- the character set ---- */

/* In bytes that are the same in every character set? */
static bool is_ascii(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] > 0x7f || bytes[i] == ESCAPE)
			return false;
	return true;
}

static bool is_plain(const struct undo *undo, const struct dcm_part *part,
		     int depth);

/* Elements of an item, or items of a sequence; what does not add up to them
 * is only bytes. */
static bool are_plain(const struct undo *undo, const struct dcm_part *parts,
		      int depth)
{
	const unsigned char *at = parts->value;
	size_t length = parts->value_length;
	struct dcm_part part;

	while (dcm_part_next(&at, &length, undo->encoding, &part))
		if (!is_plain(undo, &part, depth))
			return false;
	return is_ascii(at, length);
}

static const char *vr_of(const struct dcm_part *part, struct dcm_entry *entry)
{
	return !*part->vr && dcm_entry_of(&part->tag, entry) ? entry->vr
							     : part->vr;
}

/* Does it mean the same in every character set?  A sequence and its item are a
 * level each; nothing is deeper that was read as sequences. */
static bool is_plain(const struct undo *undo, const struct dcm_part *part,
		     int depth)
{
	struct dcm_entry entry;
	const char *vr = vr_of(part, &entry);

	if ((part->tag.group == 0xfffe || memcmp(vr, "SQ", 2) == 0) &&
	    depth < 2 * DCM_DEPTH_MAX)
		return are_plain(undo, part, depth + 1);
	if (*vr && memcmp(vr, "SQ", 2) != 0 && memcmp(vr, "UN", 2) != 0 &&
	    !charset_applies(vr))
		return true;
	return is_ascii(part->value, part->value_length);
}

static bool is_plain_element(const struct undo *undo,
			     const unsigned char *bytes, size_t length)
{
	struct dcm_part part;

	return !bytes ||
	       !dcm_part_next(&bytes, &length, undo->encoding, &part) ||
	       is_plain(undo, &part, 0);
}

static int refuse_charset(const struct undo *undo, const struct dcm_tag *tag,
			  const struct dcm_original *by)
{
	char name[128];

	return error_because(
		undo->splice.error, DFH_TOUCHED,
		"%s: not undone: %s would not be in the character set "
		"of the file, because of the later change on %s by "
		"'%s'; undo that first",
		undo->splice.file.name, dcm_tag_name(tag, name),
		*by->time ? by->time : "a day that is not told", by->system);
}

/* What an item kept, or what is now in its place, is text that a later or an
 * earlier change of the character set would leave in the wrong one. */
static int check_texts(struct undo *undo, size_t of, bool now,
		       const struct dcm_original *by)
{
	struct dcm_previous *previous;
	bool fault = false;
	size_t count, i;
	int answer = 0;

	previous = dcm_original_previous(&undo->originals.at[of],
					 undo->encoding, &count);
	for (i = 0; answer == 0 && i < count; i++) {
		unsigned char *bytes = NULL;
		size_t length = 0;

		if (now)
			bytes = dcm_splice_old(&undo->splice, &previous[i].tag,
					       &length, &fault);
		if (!is_plain_element(undo, now ? bytes : previous[i].bytes,
				      now ? length : previous[i].length))
			answer = refuse_charset(undo, &previous[i].tag, by);
		free(bytes);
	}
	dcm_previous_free(previous, count);
	return fault ? -1 : answer;
}

static int check_charset(struct undo *undo, size_t item)
{
	size_t i;

	for (i = item + 1; i < undo->originals.count; i++) {
		const struct dcm_original *by = &undo->originals.at[i];

		if (undo->undone[i])
			continue;
		if (names(undo, item, &character_set) &&
		    check_texts(undo, i, true, by) < 0)
			return -1;
		if (names(undo, i, &character_set) &&
		    check_texts(undo, item, false, by) < 0)
			return -1;
	}
	return 0;
}

/* ---- putting back ---- */

/* From the newest to the oldest: the oldest has the last word. */
static int put_back(struct undo *undo, size_t item)
{
	struct dcm_previous *previous;
	size_t count, i;
	int answer = 0;

	previous = dcm_original_previous(&undo->originals.at[item],
					 undo->encoding, &count);
	for (i = 0; answer == 0 && i < count; i++) {
		bool stays;

		answer = check_untouched(undo, item, &previous[i].tag, &stays);
		if (answer < 0 || stays)
			continue;
		dcm_splice_set(&undo->splice, &previous[i].tag,
			       previous[i].bytes, previous[i].length);
		previous[i].bytes = NULL;
	}
	dcm_previous_free(previous, count);
	return answer;
}

static bool was_given_charset(const struct undo *undo, size_t item)
{
	size_t i, k;

	for (i = item + 1; i < undo->originals.count; i++) {
		const struct dcm_original *at = &undo->originals.at[i];

		for (k = 0; undo->undone[i] && k < at->given_count; k++)
			if (at->given[k] == item)
				return true;
	}
	return false;
}

/* What one item kept of Instance Coercion DateTime. */
static bool kept_time(const struct undo *undo, size_t item, struct buffer *out)
{
	struct dcm_previous *previous;
	bool found = false;
	size_t count, i;

	previous = dcm_original_previous(&undo->originals.at[item],
					 undo->encoding, &count);
	for (i = 0; i < count && !found; i++) {
		found = dcm_tag_compare(&previous[i].tag, &coercion_time) == 0;
		if (!found)
			continue;
		buffer_free(out);
		*out = (struct buffer){0};
		buffer_add(out, previous[i].bytes, previous[i].length);
	}
	dcm_previous_free(previous, count);
	return found;
}

/* The time of a change that is undone is no longer what an item that stays
 * found: that is what the oldest of them right before it found. */
static bool found_time(const struct undo *undo, size_t item, struct buffer *out)
{
	bool found = false;
	size_t i;

	if (!names(undo, item, &coercion_time))
		return false;
	for (i = item; i-- > 0;) {
		if (undo->undone[i])
			found |= kept_time(undo, i, out);
		else if (names(undo, i, &coercion_time))
			break;
	}
	if (found && !out->length)
		dcm_bytes_element(out, undo->encoding, &coercion_time, "DT",
				  NULL, 0);
	return found;
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
	bool is_given = was_given_charset(undo, index);
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

static void put_sequence(struct undo *undo)
{
	struct buffer items = {0}, sequence = {0};
	size_t i;

	for (i = 0; i < undo->originals.count; i++)
		if (!undo->undone[i])
			keep_item(undo, i, &items);
	if (items.length)
		dcm_bytes_sequence(&sequence, undo->encoding,
				   &original_attributes, &items,
				   undo->originals.sequence.undefined);
	dcm_splice_set(&undo->splice, &original_attributes, sequence.bytes,
		       sequence.length);
	buffer_free(&items);
}

/* Blanks at the end are padding (PS3.5 6.2, LO). */
static bool is_of(const struct dcm_original *original, const char *system)
{
	size_t length = dcm_value_trim(system, strlen(system));

	return strlen(original->system) == length &&
	       memcmp(original->system, system, length) == 0;
}

static int undo_items(struct undo *undo, const struct dcm_undoing *how,
		      size_t *undone)
{
	struct dcm_originals *originals = &undo->originals;
	size_t i;

	*undone = 0;
	undo->undone = xmalloc((originals->count + 1) * sizeof(bool));
	for (i = 0; i < originals->count; i++) {
		const struct dcm_original *at = &originals->at[i];

		undo->undone[i] = is_of(at, how->system) &&
				  (!how->is_meant ||
				   how->is_meant(at->time, how->context));
		*undone += undo->undone[i];
	}
	for (i = originals->count; i-- > 0;)
		if (undo->undone[i] &&
		    (put_back(undo, i) < 0 || check_charset(undo, i) < 0))
			return -1;
	if (*undone)
		put_sequence(undo);
	return 0;
}

int dcm_undo(const struct dcm_source *source, const char *path,
	     const struct dcm_undoing *how, size_t *undone, dfh_error **error)
{
	struct undo undo = {0};
	int answer;

	if (dcm_splice_open(&undo.splice, source, error) < 0)
		return -1;
	answer = dcm_splice_scan(&undo.splice);
	undo.encoding = dcm_splice_encoding(&undo.splice);
	if (answer == 0)
		answer = dcm_originals_read(&undo.splice, &undo.originals);
	if (answer == 0)
		answer = undo_items(&undo, how, undone);
	if (answer == 0)
		answer = dcm_signatures_keep(&undo.splice);
	if (answer == 0)
		answer = dcm_splice_check(&undo.splice);
	if (answer == 0)
		answer = dcm_splice_write(&undo.splice, path, how->writing);
	dcm_originals_free(&undo.originals);
	free(undo.undone);
	dcm_splice_close(&undo.splice);
	return answer;
}

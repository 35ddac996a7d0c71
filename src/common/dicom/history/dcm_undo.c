/* Puts back what Original Attributes Sequence kept of our own stamps. */
#include "dcm_undo_stay.h"

#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "dcm_original_tags.h"
#include "dcm_signature.h"
#include "error.h"

enum { ESCAPE = 0x1b };

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

/* ---- who names what ---- */

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = dcm_tag_compare(&x->tag, &y->tag);

	return order ? order : x->item < y->item ? -1 : x->item > y->item;
}

/* The first item behind this one that stays and names the attribute, or the
 * number of items. */
static size_t next_that_stays(const struct undo *undo, size_t item,
			      const struct dcm_tag *tag)
{
	const struct named behind = {*tag, item + 1, 0};
	size_t low = 0, high = undo->stay.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_named(&undo->stay.at[middle], &behind) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < undo->stay.count &&
			       !dcm_tag_compare(&undo->stay.at[low].tag, tag)
		       ? undo->stay.at[low].item
		       : undo->originals.count;
}

/* May it be put back?  -1: someone whose change stays touched it after that
 * item.  Every change sets Instance Coercion DateTime: it stays that of the
 * last one that stays. */
static int check_untouched(const struct undo *undo, size_t item,
			   const struct dcm_tag *tag, bool *stays)
{
	size_t other = next_that_stays(undo, item, tag);

	*stays = other < undo->originals.count;
	if (*stays && dcm_tag_compare(tag, &coercion_time) != 0)
		return refuse_touched(undo, tag, &undo->originals.at[other]);
	return 0;
}

/* ---- the character set ---- */

/* In bytes that are the same in every character set? */
static bool is_ascii_without_escape(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] > 0x7f || bytes[i] == ESCAPE)
			return false;
	return true;
}

static bool is_plain_part(const struct undo *undo, const struct dcm_part *part,
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
		if (!is_plain_part(undo, &part, depth))
			return false;
	return is_ascii_without_escape(at, length);
}

static const char *vr_of(const struct dcm_part *part, struct dcm_entry *entry)
{
	return !*part->vr && dcm_entry_of(&part->tag, entry) ? entry->vr
							     : part->vr;
}

/* Does it mean the same in every character set?  A sequence and its item are a
 * level each; nothing is deeper that was read as sequences. */
static bool is_plain_part(const struct undo *undo, const struct dcm_part *part,
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
	return is_ascii_without_escape(part->value, part->value_length);
}

static bool is_plain_element(const struct undo *undo,
			     const unsigned char *bytes, size_t length)
{
	struct dcm_part part;

	return !bytes ||
	       !dcm_part_next(&bytes, &length, undo->encoding, &part) ||
	       is_plain_part(undo, &part, 0);
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

/* What an item kept, or what is now in its place, that is not plain; NULL: all
 * is, or (*fault) the file cannot be read. */
static const struct dcm_previous *
find_charset_dependent(struct undo *undo, size_t item, bool now, bool *fault)
{
	const struct kept *kept = &undo->kept[item];
	bool plain = true;
	size_t i;

	for (i = 0; plain && !*fault && i < kept->count; i++) {
		unsigned char *bytes = NULL;
		size_t length = 0;

		if (now)
			bytes = dcm_splice_old(&undo->splice, &kept->at[i].tag,
					       &length, fault);
		plain = is_plain_element(undo, now ? bytes : kept->at[i].bytes,
					 now ? length : kept->at[i].length);
		free(bytes);
	}
	return plain ? NULL : &kept->at[i - 1];
}

/* What stays behind an item, as a walk from the newest to the oldest sees it.
 */
struct behind {
	size_t with_text;    /* the first that has text now, or the count */
	size_t with_charset; /* the first that changed the character set */
	const struct dcm_previous *text; /* of with_text */
};

/* One more that stays.  reads: its text matters. */
static int stay_behind(struct undo *undo, size_t item, bool reads,
		       struct behind *behind)
{
	const struct dcm_previous *text;
	bool fault = false;

	text = reads ? find_charset_dependent(undo, item, true, &fault) : NULL;
	if (text) {
		behind->with_text = item;
		behind->text = text;
	}
	if (undo_names(undo, item, &character_set))
		behind->with_charset = item;
	return fault ? -1 : 0;
}

/* Text of an item would be left in the wrong character set by a later, or an
 * earlier, change of it. */
static int check_charset(struct undo *undo, size_t item,
			 const struct behind *behind)
{
	const struct dcm_original *all = undo->originals.at;
	size_t count = undo->originals.count;
	bool was_set = undo_names(undo, item, &character_set), fault = false;
	const struct dcm_previous *text = NULL;

	if (was_set && behind->with_text < count &&
	    behind->with_text <= behind->with_charset)
		return refuse_charset(undo, &behind->text->tag,
				      &all[behind->with_text]);
	if (behind->with_charset < count)
		text = find_charset_dependent(undo, item, false, &fault);
	if (text)
		return refuse_charset(undo, &text->tag,
				      &all[behind->with_charset]);
	if (was_set && behind->with_text < count)
		return refuse_charset(undo, &behind->text->tag,
				      &all[behind->with_text]);
	return fault ? -1 : 0;
}

/* ---- putting back ---- */

static int put_back_item(struct undo *undo, size_t item)
{
	const struct kept *kept = &undo->kept[item];
	size_t i;

	for (i = 0; i < kept->count; i++) {
		bool stays;

		if (check_untouched(undo, item, &kept->at[i].tag, &stays) < 0)
			return -1;
		if (!stays)
			undo->back.at[undo->back.count++] =
				(struct named){kept->at[i].tag, item, i};
	}
	return 0;
}

/* The oldest has the last word. */
static void set_previous_values(struct undo *undo)
{
	struct names *back = &undo->back;
	size_t i;

	qsort(back->at, back->count, sizeof(*back->at), compare_named);
	for (i = 0; i < back->count; i++) {
		const struct named *at = &back->at[i];
		struct dcm_previous *kept = &undo->kept[at->item].at[at->at];

		if (i && !dcm_tag_compare(&back->at[i - 1].tag, &at->tag))
			continue;
		dcm_splice_set(&undo->splice, &at->tag, kept->bytes,
			       kept->length);
		kept->bytes = NULL;
	}
}

/* Blanks at the end are padding (PS3.5 6.2, LO). */
static bool is_of_system(const struct dcm_original *original,
			 const char *system)
{
	size_t length = dcm_value_trim(system, strlen(system));

	return strlen(original->system) == length &&
	       memcmp(original->system, system, length) == 0;
}

/* ---- the whole ---- */

/* *reads: a change of the character set is among those that are undone. */
static size_t choose_undone(struct undo *undo, const struct dcm_undoing *how,
			    bool *reads)
{
	size_t undone = 0, i, k;

	*reads = false;
	for (i = 0; i < undo->originals.count; i++) {
		const struct dcm_original *at = &undo->originals.at[i];

		undo->undone[i] = is_of_system(at, how->system) &&
				  (!how->is_meant ||
				   how->is_meant(at->time, how->context));
		if (!undo->undone[i])
			continue;
		undone++;
		*reads |= undo_names(undo, i, &character_set);
		for (k = 0; k < at->given_count; k++)
			if (at->given[k] < i)
				undo->given[at->given[k]] = true;
	}
	return undone;
}

/* Everything that the items kept. */
static void read_kept(struct undo *undo)
{
	size_t count = undo->originals.count, sum = 0, i;

	undo->undone = xmalloc((count + 1) * sizeof(bool));
	undo->given = xmalloc((count + 1) * sizeof(bool));
	undo->kept = xmalloc((count + 1) * sizeof(*undo->kept));
	for (i = 0; i < count; i++) {
		struct kept *kept = &undo->kept[i];

		undo->given[i] = false;
		kept->at = dcm_original_previous(&undo->originals.at[i],
						 undo->encoding, &kept->count);
		sum += kept->count;
	}
	undo->stay.at = xmalloc((sum + 1) * sizeof(*undo->stay.at));
	undo->back.at = xmalloc((sum + 1) * sizeof(*undo->back.at));
}

static void free_kept(struct undo *undo)
{
	size_t i;

	for (i = 0; undo->kept && i < undo->originals.count; i++)
		dcm_previous_free(undo->kept[i].at, undo->kept[i].count);
	free(undo->kept);
	free(undo->undone);
	free(undo->given);
	free(undo->stay.at);
	free(undo->back.at);
}

static void list_those_that_stay(struct undo *undo)
{
	struct names *stay = &undo->stay;
	size_t i, k;

	for (i = 0; i < undo->originals.count; i++)
		for (k = 0; !undo->undone[i] && k < undo->kept[i].count; k++)
			stay->at[stay->count++] =
				(struct named){undo->kept[i].at[k].tag, i, k};
	qsort(stay->at, stay->count, sizeof(*stay->at), compare_named);
}

static int undo_items(struct undo *undo, const struct dcm_undoing *how,
		      size_t *undone)
{
	size_t count = undo->originals.count, i;
	struct behind behind = {count, count, NULL};
	bool reads;
	int answer = 0;

	read_kept(undo);
	*undone = choose_undone(undo, how, &reads);
	list_those_that_stay(undo);
	for (i = count; answer == 0 && i-- > 0;) {
		if (!undo->undone[i])
			answer = stay_behind(undo, i, reads, &behind);
		else if (put_back_item(undo, i) < 0 ||
			 check_charset(undo, i, &behind) < 0)
			answer = -1;
	}
	if (answer == 0 && *undone) {
		struct buffer sequence = {0};

		undo_keep_items(undo, &sequence);
		set_previous_values(undo);
		dcm_splice_set(&undo->splice, &original_attributes,
			       sequence.bytes, sequence.length);
	}
	return answer;
}

static void tell_put_back(const struct undo *undo,
			  const struct dcm_undoing *how)
{
	size_t i;

	for (i = 0; how->visit && i < undo->splice.count; i++)
		if (undo->splice.patches[i].tag.element)
			how->visit(&undo->splice.patches[i].tag,
				   how->visit_context);
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
	if (answer == 0)
		tell_put_back(&undo, how);
	free_kept(&undo);
	dcm_originals_free(&undo.originals);
	dcm_splice_close(&undo.splice);
	return answer;
}

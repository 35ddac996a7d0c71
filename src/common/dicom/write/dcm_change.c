#include "dcm_change.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dcm_original_tags.h"
#include "dcm_put.h"
#include "error.h"

void dcm_changes_free(struct dcm_changes *changes)
{
	free(changes->tags);
	memset(changes, 0, sizeof(*changes));
}

static int compare_changed_tags(const void *a, const void *b)
{
	return dcm_tag_compare(a, b);
}

void dcm_changes_sort(struct dcm_changes *changes)
{
	size_t i, kept = 0;

	if (changes->count)
		qsort(changes->tags, changes->count, sizeof(*changes->tags),
		      compare_changed_tags);
	for (i = 0; i < changes->count; i++)
		if (!kept || dcm_tag_compare(&changes->tags[kept - 1],
					     &changes->tags[i]) != 0)
			changes->tags[kept++] = changes->tags[i];
	changes->count = kept;
}

static void add_changed_tag(struct dcm_changes *changes,
			    const struct dcm_tag *tag)
{
	array_room(changes->tags, changes->count);
	changes->tags[changes->count++] = *tag;
}

void dcm_change_note(struct dcm_change *change, uint16_t group,
		     uint16_t element)
{
	add_changed_tag(change->changes,
			&(struct dcm_tag){group, element, NULL});
}

int dcm_change_refuse(const struct dcm_change *change,
		      const struct dcm_tag *tag, const char *why)
{
	char name[128];

	return error_set(change->error, DFH_REFUSED, "%s: %s %s", change->name,
			 dcm_tag_name(tag, name), why);
}

/* ---- applying ---- */

static int apply_item(struct dcm_change *change, struct dcmtk_item *item,
		      const struct dcm_item *before,
		      const struct dcm_item *after, struct dcm_charset *outer,
		      bool top);

static int put_answer(const struct dcm_change *change,
		      enum dcm_put_answer answer, const struct dcm_tag *tag)
{
	if (answer == DCM_PUT_BAD)
		return dcm_change_refuse(change, tag,
					 "has a value that does not fit "
					 "its VR");
	return answer == DCM_PUT_UNFIT;
}

/*
 * Items that are the same at the beginning and at the end stay; of those
 * between, each takes the changes of its counterpart, and the rest is removed
 * or added behind them.
 */
static int apply_items(struct dcm_change *change,
		       struct dcmtk_element *sequence,
		       const struct dcm_element *before,
		       const struct dcm_element *after,
		       struct dcm_charset *charset)
{
	size_t old_end = before->item_count, new_end = after->item_count;
	struct dcmtk_item *item = NULL;
	size_t first = 0, i;
	struct dcm_tag tag;
	int answer = 0;

	while (first < old_end && first < new_end &&
	       dcm_item_equal(before->items[first], after->items[first]))
		first++;
	while (old_end > first && new_end > first &&
	       dcm_item_equal(before->items[old_end - 1],
			      after->items[new_end - 1])) {
		old_end--;
		new_end--;
	}
	while (old_end > new_end)
		dcmtk_item_remove(sequence, --old_end);
	for (i = first; !answer && i < old_end; i++) {
		item = item ? dcmtk_item_next(sequence, item)
			    : dcmtk_item_at(sequence, i);
		answer = apply_item(change, item, before->items[i],
				    after->items[i], charset, false);
	}
	for (i = old_end; !answer && i < new_end; i++) {
		enum dcm_put_answer put =
			dcm_put_all(dcmtk_item_insert(sequence, i),
				    after->items[i], charset, &tag);

		answer = put_answer(change, put, &tag);
	}
	return answer;
}

uint16_t dcm_change_number(struct dcmtk_item *item, struct dcm_charset *charset,
			   const struct dcm_tag *tag)
{
	uint16_t block;

	if (!tag->creator)
		return tag->element;
	block = dcm_block_find(item, charset, tag);
	if (!block)
		return 0;
	return (uint16_t)(block << 8 | (tag->element & 0xff));
}

static struct dcmtk_element *find_sequence(struct dcmtk_item *item,
					   struct dcm_charset *charset,
					   const struct dcm_element *before)
{
	uint16_t number = dcm_change_number(item, charset, &before->tag);
	struct dcmtk_element *found;
	struct dcmtk_info info;

	found = dcmtk_find(item, before->tag.group, number);
	if (!found)
		return NULL;
	dcmtk_look(found, &info);
	if (!info.is_sequence) {
		found = dcmtk_unfold(item, found);
		if (!found)
			return NULL;
		dcmtk_look(found, &info);
	}
	return info.items == before->item_count ? found : NULL;
}

static bool is_changed_sequence(const struct dcm_element *element)
{
	return element && memcmp(element->vr, "SQ", 2) == 0;
}

static int set_changed_element(struct dcm_change *change,
			       struct dcmtk_item *item,
			       const struct dcm_element *before,
			       const struct dcm_element *after,
			       struct dcm_charset *charset, bool top)
{
	bool had_block = dcm_change_number(item, charset, &after->tag);
	struct dcm_tag tag = after->tag;
	int answer;

	if (is_changed_sequence(before) && is_changed_sequence(after)) {
		struct dcmtk_element *sequence =
			find_sequence(item, charset, before);

		if (!sequence)
			return dcm_change_refuse(change, &tag,
						 "is not what was read before");
		answer = apply_items(change, sequence, before, after, charset);
	} else {
		answer = put_answer(change, dcm_put(item, after, charset, &tag),
				    &tag);
	}
	if (answer == 0 && top) {
		uint16_t number = dcm_change_number(item, charset, &after->tag);

		dcm_change_note(change, after->tag.group, number);
		if (after->tag.creator && !had_block)
			dcm_change_note(change, after->tag.group, number >> 8);
	}
	return answer;
}

static int unset_element(struct dcm_change *change, struct dcmtk_item *item,
			 const struct dcm_element *before,
			 struct dcm_charset *charset, bool top)
{
	uint16_t number = dcm_change_number(item, charset, &before->tag);

	if (before->tag.creator && !number)
		return 0;
	dcmtk_remove(item, before->tag.group, number);
	if (top)
		dcm_change_note(change, before->tag.group, number);
	return 0;
}

/* What a stamp must not touch: the pixel data, the meta header, and what that
 * repeats. */
static bool is_fixed(const struct dcm_tag *tag)
{
	return tag->group <= 2 || tag->group == 0x7fe0 ||
	       (tag->group == 8 &&
		(tag->element == 0x0016 || tag->element == 0x0018));
}

static int apply_element(struct dcm_change *change, struct dcmtk_item *item,
			 const struct dcm_element *before,
			 const struct dcm_element *after,
			 struct dcm_charset *charset, bool top)
{
	const struct dcm_tag *tag = after ? &after->tag : &before->tag;

	if (dcm_tag_is_encoding(tag) ||
	    (before && after && dcm_element_equal(before, after)))
		return 0;
	if (top && is_fixed(tag))
		return dcm_change_refuse(change, tag,
					 "cannot be changed by a stamp");
	if (!after)
		return unset_element(change, item, before, charset, top);
	return set_changed_element(change, item, before, after, charset, top);
}

static int apply_elements(struct dcm_change *change, struct dcmtk_item *item,
			  const struct dcm_item *before,
			  const struct dcm_item *after,
			  struct dcm_charset *charset, bool top)
{
	struct dcm_pair pair = {0};
	int answer = 0;

	while (!answer && dcm_pair_next(&pair, before, after)) {
		answer = apply_element(change, item, pair.a, pair.b, charset,
				       top);
		if (answer == 1 && top && change->unfit) {
			add_changed_tag(change->unfit, &pair.b->tag);
			answer = 0;
		}
	}
	return answer;
}

static int apply_item(struct dcm_change *change, struct dcmtk_item *item,
		      const struct dcm_item *before,
		      const struct dcm_item *after, struct dcm_charset *outer,
		      bool top)
{
	char *term = dcmtk_charset_term(item);
	struct dcm_charset own;
	int answer;

	if (!term)
		return apply_elements(change, item, before, after, outer, top);
	dcm_charset_init(&own, term);
	answer = apply_elements(change, item, before, after, &own, top);
	dcm_charset_clear(&own);
	free(term);
	return answer;
}

static int change_all(struct dcmtk_item *dataset,
		      const struct dcm_revision *revision,
		      struct dcm_change *change)
{
	struct dcm_charset assumed;
	int answer;

	dcm_charset_init(&assumed, revision->assumed_charset);
	assumed.is_assumed = true;
	answer = apply_item(change, dataset, &revision->before->root,
			    &revision->after->root, &assumed, true);
	dcm_charset_clear(&assumed);
	return answer;
}

int dcm_change(struct dcmtk_item *dataset, const struct dcm_revision *revision,
	       struct dcm_changes *changes, dfh_error **error)
{
	struct dcm_change change = {revision->name, changes, NULL, error};

	return change_all(dataset, revision, &change);
}

int dcm_change_unfit(struct dcmtk_item *dataset,
		     const struct dcm_revision *revision,
		     struct dcm_changes *unfit, dfh_error **error)
{
	struct dcm_changes changes = {0};
	struct dcm_change change = {revision->name, &changes, unfit, error};
	int answer = change_all(dataset, revision, &change);

	dcm_changes_free(&changes);
	return answer;
}

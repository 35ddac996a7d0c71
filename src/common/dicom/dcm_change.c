#include "dcm_change.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_original_tags.h"
#include "dcm_put.h"
#include "error.h"

struct change {
	const char *name;
	struct dcm_changes *changes;
	dfh_error **error;
};

void dcm_changes_free(struct dcm_changes *changes)
{
	free(changes->tags);
	memset(changes, 0, sizeof(*changes));
}

static void note(struct change *change, uint16_t group, uint16_t element)
{
	const struct dcm_tag tag = {group, element, NULL};
	struct dcm_changes *changes = change->changes;
	size_t i = changes->count;

	while (i && dcm_tag_compare(&changes->tags[i - 1], &tag) > 0)
		i--;
	if (i && dcm_tag_compare(&changes->tags[i - 1], &tag) == 0)
		return;
	if (changes->count == changes->capacity) {
		changes->capacity = 2 * changes->capacity + 8;
		changes->tags =
			xrealloc(changes->tags,
				 changes->capacity * sizeof(*changes->tags));
	}
	memmove(&changes->tags[i + 1], &changes->tags[i],
		(changes->count - i) * sizeof(*changes->tags));
	changes->tags[i] = tag;
	changes->count++;
}

static int refuse(const struct change *change, const struct dcm_tag *tag,
		  const char *why)
{
	char name[128];

	return error_set(change->error, DFH_REFUSED, "%s: %s %s", change->name,
			 dcm_tag_name(tag, name), why);
}

/* ---- applying ---- */

static int apply_item(struct change *change, struct dcmtk_item *item,
		      const struct dcm_item *before,
		      const struct dcm_item *after, struct dcm_charset *outer,
		      bool top);

static int put_answer(const struct change *change, enum dcm_put_answer answer,
		      const struct dcm_tag *tag)
{
	if (answer == DCM_PUT_BAD)
		return refuse(change, tag,
			      "has a value that does not fit "
			      "its VR");
	return answer == DCM_PUT_UNFIT;
}

static bool same_items(const struct dcm_item *a, const struct dcm_item *b)
{
	size_t i;

	for (i = 0; i < a->count && i < b->count; i++)
		if (!dcm_element_equal(&a->elements[i], &b->elements[i]))
			return false;
	return a->count == b->count;
}

/*
 * Items that are the same at the beginning and at the end stay; of those
 * between, each takes the changes of its counterpart, and the rest is removed
 * or added behind them.
 */
static int apply_items(struct change *change, struct dcmtk_element *sequence,
		       const struct dcm_element *before,
		       const struct dcm_element *after,
		       struct dcm_charset *charset)
{
	size_t old_end = before->item_count, new_end = after->item_count;
	size_t first = 0, i;
	struct dcm_tag tag;
	int answer = 0;

	while (first < old_end && first < new_end &&
	       same_items(before->items[first], after->items[first]))
		first++;
	while (old_end > first && new_end > first &&
	       same_items(before->items[old_end - 1],
			  after->items[new_end - 1])) {
		old_end--;
		new_end--;
	}
	while (old_end > new_end)
		dcmtk_item_remove(sequence, --old_end);
	for (i = first; !answer && i < old_end; i++)
		answer = apply_item(change, dcmtk_item_at(sequence, i),
				    before->items[i], after->items[i], charset,
				    false);
	for (i = old_end; !answer && i < new_end; i++) {
		enum dcm_put_answer put =
			dcm_put_all(dcmtk_item_insert(sequence, i),
				    after->items[i], charset, &tag);

		answer = put_answer(change, put, &tag);
	}
	return answer;
}

/* The number under which an element is stored, or 0. */
static uint16_t number_of(struct dcmtk_item *item, struct dcm_charset *charset,
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
	uint16_t number = number_of(item, charset, &before->tag);
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

static bool is_sequence(const struct dcm_element *element)
{
	return element && memcmp(element->vr, "SQ", 2) == 0;
}

static int set(struct change *change, struct dcmtk_item *item,
	       const struct dcm_element *before,
	       const struct dcm_element *after, struct dcm_charset *charset,
	       bool top)
{
	bool had_block = number_of(item, charset, &after->tag);
	struct dcm_tag tag = after->tag;
	int answer;

	if (is_sequence(before) && is_sequence(after)) {
		struct dcmtk_element *sequence =
			find_sequence(item, charset, before);

		if (!sequence)
			return refuse(change, &tag,
				      "is not what was read before");
		answer = apply_items(change, sequence, before, after, charset);
	} else {
		answer = put_answer(change, dcm_put(item, after, charset, &tag),
				    &tag);
	}
	if (answer == 0 && top) {
		uint16_t number = number_of(item, charset, &after->tag);

		note(change, after->tag.group, number);
		if (after->tag.creator && !had_block)
			note(change, after->tag.group, number >> 8);
	}
	return answer;
}

static int unset(struct change *change, struct dcmtk_item *item,
		 const struct dcm_element *before, struct dcm_charset *charset,
		 bool top)
{
	uint16_t number = number_of(item, charset, &before->tag);

	if (before->tag.creator && !number)
		return 0;
	dcmtk_remove(item, before->tag.group, number);
	if (top)
		note(change, before->tag.group, number);
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

static int apply_element(struct change *change, struct dcmtk_item *item,
			 const struct dcm_element *before,
			 const struct dcm_element *after,
			 struct dcm_charset *charset, bool top)
{
	const struct dcm_tag *tag = after ? &after->tag : &before->tag;

	if (dcm_tag_is_encoding(tag) ||
	    (before && after && dcm_element_equal(before, after)))
		return 0;
	if (top && is_fixed(tag))
		return refuse(change, tag, "cannot be changed by a stamp");
	if (!after)
		return unset(change, item, before, charset, top);
	return set(change, item, before, after, charset, top);
}

static int apply_elements(struct change *change, struct dcmtk_item *item,
			  const struct dcm_item *before,
			  const struct dcm_item *after,
			  struct dcm_charset *charset, bool top)
{
	const struct dcm_element *b = before->elements, *a = after->elements;
	const struct dcm_element *b_end = b + before->count;
	const struct dcm_element *a_end = a + after->count;
	int answer = 0;

	while (!answer && (b < b_end || a < a_end)) {
		int order = b == b_end	 ? 1
			    : a == a_end ? -1
					 : dcm_tag_compare(&b->tag, &a->tag);

		answer = apply_element(change, item, order <= 0 ? b : NULL,
				       order >= 0 ? a : NULL, charset, top);
		b += order <= 0;
		a += order >= 0;
	}
	return answer;
}

static int apply_item(struct change *change, struct dcmtk_item *item,
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

int dcm_change(struct dcmtk_item *dataset, const struct dcm_revision *revision,
	       struct dcm_changes *changes, dfh_error **error)
{
	struct change change = {revision->name, changes, error};
	struct dcm_charset assumed;
	int answer;

	dcm_charset_init(&assumed, revision->assumed_charset);
	assumed.is_assumed = true;
	answer = apply_item(&change, dataset, &revision->before->root,
			    &revision->after->root, &assumed, true);
	dcm_charset_clear(&assumed);
	return answer;
}

/* ---- widening ---- */

static int widen_item(struct change *change, struct dcmtk_item *item,
		      const struct dcm_item *before, struct dcm_charset *outer,
		      bool top);

/* 1: rewritten, 0: there was no need. */
static int widen_value(struct change *change, struct dcmtk_item *item,
		       struct dcmtk_element *element,
		       const struct dcmtk_info *info,
		       struct dcm_charset *charset)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	struct dcm_element wide = {.tag = tag};
	char *value = dcmtk_value_copy(element, info), *text = NULL;
	struct dcm_charset utf8;
	struct dcm_tag culprit;
	size_t length;
	int answer = 1;

	if (!value)
		return refuse(change, &tag, "cannot be read");
	length = dcm_value_trim(value, info->length);
	text = dcm_value_decode(charset, info->vr, value, length);
	if (text && strlen(text) == length && !memcmp(text, value, length)) {
		answer = 0;
	} else if (!text) {
		answer = refuse(change, &tag,
				"cannot be brought into ISO_IR 192: its "
				"character set does not explain it");
	} else {
		wide.text = *text ? text : NULL;
		memcpy(wide.vr, info->vr, sizeof(wide.vr));
		dcm_charset_init(&utf8, "ISO_IR 192");
		if (dcm_put(item, &wide, &utf8, &culprit) != DCM_PUT_DONE)
			answer = refuse(change, &tag,
					"is too long for ISO_IR 192");
		dcm_charset_clear(&utf8);
	}
	free(text);
	free(value);
	return answer;
}

static int widen_sequence(struct change *change, struct dcmtk_element *sequence,
			  size_t items, const struct dcm_element *before,
			  struct dcm_charset *charset)
{
	int answer = 0, rewritten = 0;
	size_t i;

	for (i = 0; answer >= 0 && i < items; i++) {
		const struct dcm_item *old = before && i < before->item_count
						     ? before->items[i]
						     : NULL;

		answer = widen_item(change, dcmtk_item_at(sequence, i), old,
				    charset, false);
		rewritten |= answer > 0;
	}
	return answer < 0 ? -1 : rewritten;
}

/* What was read of an element, or NULL. */
static const struct dcm_element *read_of(struct dcmtk_item *item,
					 const struct dcm_item *before,
					 const struct dcmtk_info *info,
					 struct dcm_charset *charset)
{
	size_t i;

	for (i = 0; before && i < before->count; i++) {
		const struct dcm_element *at = &before->elements[i];

		if (at->tag.group == info->group &&
		    number_of(item, charset, &at->tag) == info->element)
			return at;
	}
	return NULL;
}

/* Take the element for what it was read as, or else for what the dictionary
 * says of UN. */
static void find_vr(struct dcmtk_item *item, struct dcmtk_element **element,
		    struct dcmtk_info *info, const struct dcm_element *read)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	const char *vr = info->vr;
	struct dcmtk_element *unfolded;
	struct dcm_entry entry;

	if (read && (read->text || is_sequence(read)))
		vr = read->vr;
	else if (memcmp(vr, "UN", 2) == 0 && dcm_entry_of(&tag, &entry))
		vr = entry.vr;
	if (info->is_sequence)
		return;
	if (memcmp(vr, "SQ", 2) != 0) {
		memmove(info->vr, vr, sizeof(info->vr));
	} else if ((unfolded = dcmtk_unfold(item, *element))) {
		*element = unfolded;
		dcmtk_look(unfolded, info);
	}
}

/* A UN value of which nobody knows more may be text or not: it stays as it
 * is. */
static int widen_element(struct change *change, struct dcmtk_item *item,
			 const struct dcm_item *before,
			 struct dcmtk_element **element,
			 struct dcmtk_info *info, struct dcm_charset *charset)
{
	const struct dcm_element *read = read_of(item, before, info, charset);

	find_vr(item, element, info, read);
	if (info->is_sequence)
		return widen_sequence(change, *element, info->items, read,
				      charset);
	if (!charset_applies(info->vr))
		return 0;
	return widen_value(change, item, *element, info, charset);
}

/* Private creators, or all but them.  Original attributes stay what they were,
 * in the set that they were in. */
static int widen_elements(struct change *change, struct dcmtk_item *item,
			  const struct dcm_item *before,
			  struct dcm_charset *charset, bool creators, bool top)
{
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;
	int rewritten = 0;

	while ((element = dcmtk_next(item, element))) {
		struct dcm_tag tag;
		int answer;

		dcmtk_look(element, &info);
		tag = (struct dcm_tag){info.group, info.element, NULL};
		if (dcm_tag_is_creator(&tag) != creators ||
		    (top && dcm_tag_compare(&tag, &original_attributes) == 0))
			continue;
		answer = widen_element(change, item, before, &element, &info,
				       charset);
		if (answer < 0)
			return -1;
		if (!answer)
			continue;
		rewritten = 1;
		/* it may have been replaced */
		element = dcmtk_find(item, info.group, info.element);
		if (top)
			note(change, info.group, info.element);
	}
	return rewritten;
}

/* The creators last: until then they must be found. */
static int widen_all(struct change *change, struct dcmtk_item *item,
		     const struct dcm_item *before, struct dcm_charset *charset,
		     bool top)
{
	int rest, creators;

	rest = widen_elements(change, item, before, charset, false, top);
	if (rest < 0)
		return -1;
	creators = widen_elements(change, item, before, charset, true, top);
	return creators < 0 ? -1 : rest | creators;
}

/* 1: rewritten, 0: there was no need.  before: what was read of it, or NULL. */
static int widen_item(struct change *change, struct dcmtk_item *item,
		      const struct dcm_item *before, struct dcm_charset *outer,
		      bool top)
{
	char *term = dcmtk_charset_term(item);
	struct dcm_charset own;
	int answer;

	if (!term)
		return widen_all(change, item, before, outer, top);
	dcm_charset_init(&own, term);
	answer = widen_all(change, item, before, &own, top);
	dcm_charset_clear(&own);
	free(term);
	if (answer < 0)
		return -1;
	/* what an item says of itself is no longer so */
	dcmtk_remove(item, 0x0008, 0x0005);
	return 1;
}

int dcm_widen(struct dcmtk_item *dataset, const struct dcm_revision *revision,
	      struct dcm_changes *changes, dfh_error **error)
{
	struct change change = {revision->name, changes, error};
	struct dcm_charset assumed;
	int answer;

	dcm_charset_init(&assumed, revision->assumed_charset);
	answer = widen_item(&change, dataset, &revision->before->root, &assumed,
			    true);
	dcm_charset_clear(&assumed);
	if (answer < 0)
		return -1;
	dcmtk_put(dataset, 0x0008, 0x0005, "CS", "ISO_IR 192", 10);
	note(&change, 0x0008, 0x0005);
	return 0;
}

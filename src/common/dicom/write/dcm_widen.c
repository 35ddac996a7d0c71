/* All text of a dataset brought into ISO_IR 192. */
#include "dcm_change.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "dcm_original_tags.h"
#include "dcm_put.h"
#include "error.h"

static bool is_read_as_sequence(const struct dcm_element *element)
{
	return element && memcmp(element->vr, "SQ", 2) == 0;
}

/* What was read of an item, and what it is to become; each may be NULL. */
struct item_versions {
	const struct dcm_item *before, *after;
};

static int widen_item(struct dcm_change *change, struct dcmtk_item *item,
		      struct item_versions of, struct dcm_charset *outer,
		      bool top);

/* 1: rewritten, 0: there was no need. */
static int widen_value(struct dcm_change *change, struct dcmtk_item *item,
		       struct dcmtk_element **element,
		       const struct dcmtk_info *info,
		       struct dcm_charset *charset)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	struct dcm_element wide = {.tag = tag};
	char *value = dcmtk_value_copy(*element, info), *text = NULL;
	struct dcm_charset utf8;
	size_t length;
	int answer = 1;

	if (!value)
		return dcm_change_refuse(change, &tag, "cannot be read");
	length = dcm_value_trim(value, info->length);
	text = dcm_value_decode(charset, info->vr, value, length);
	if (text && strlen(text) == length && !memcmp(text, value, length)) {
		answer = 0;
	} else if (!text) {
		answer = dcm_change_refuse(
			change, &tag,
			"cannot be brought into ISO_IR 192: its "
			"character set does not explain it");
	} else {
		wide.text = *text ? text : NULL;
		memcpy(wide.vr, info->vr, sizeof(wide.vr));
		dcm_charset_init(&utf8, "ISO_IR 192");
		if (dcm_put_over(item, element, &wide, &utf8) != DCM_PUT_DONE)
			answer = dcm_change_refuse(
				change, &tag, "is too long for ISO_IR 192");
		dcm_charset_clear(&utf8);
	}
	free(text);
	free(value);
	return answer;
}

static const struct dcm_item *read_item_of(const struct dcm_element *sequence,
					   size_t index)
{
	return sequence && index < sequence->item_count ? sequence->items[index]
							: NULL;
}

static int widen_sequence(struct dcm_change *change,
			  struct dcmtk_element *sequence, size_t items,
			  const struct dcm_element *before,
			  const struct dcm_element *after,
			  struct dcm_charset *charset)
{
	struct dcmtk_item *item = NULL;
	int answer = 0, rewritten = 0;
	size_t i;

	for (i = 0; answer >= 0 && i < items; i++) {
		const struct item_versions of = {read_item_of(before, i),
						 read_item_of(after, i)};

		item = dcmtk_item_next(sequence, item);
		answer = widen_item(change, item, of, charset, false);
		rewritten |= answer > 0;
	}
	return answer < 0 ? -1 : rewritten;
}

/* Whose private blocks an item has, as far as it was gone through. */
struct creators {
	struct dcm_blocks blocks;
	struct arena *arena; /* of their names; NULL: there was none yet */
};

static void note_widened_creator(struct creators *creators,
				 struct dcmtk_element *element,
				 const struct dcmtk_info *info,
				 struct dcm_charset *charset)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	char *value =
		info->is_sequence ? NULL : dcmtk_value_copy(element, info);

	if (!creators->arena)
		creators->arena = arena_new();
	if (value)
		dcm_blocks_note(&creators->blocks, &tag, value, info->length,
				charset, creators->arena);
	free(value);
}

/* What was read of an element, or NULL. */
static const struct dcm_element *read_of(const struct dcm_item *before,
					 const struct dcmtk_info *info,
					 struct creators *creators)
{
	struct dcm_tag tag = {info->group, info->element, NULL};

	dcm_blocks_name(&creators->blocks, &tag);
	return before ? dcm_item_find(before, &tag) : NULL;
}

/* Take the element for what it was read as, or else for what the dictionary
 * says of UN. */
static void apply_read_vr(struct dcmtk_item *item,
			  struct dcmtk_element **element,
			  struct dcmtk_info *info,
			  const struct dcm_element *read)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	const char *vr = info->vr;
	struct dcmtk_element *unfolded;
	struct dcm_entry entry;

	if (read && (read->text || is_read_as_sequence(read)))
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
static int widen_element(struct dcm_change *change, struct dcmtk_item *item,
			 struct item_versions of,
			 struct dcmtk_element **element,
			 struct dcmtk_info *info, struct dcm_charset *charset,
			 struct creators *creators)
{
	const struct dcm_element *read = read_of(of.before, info, creators);
	const struct dcm_element *after =
		read && of.after ? dcm_item_find(of.after, &read->tag) : NULL;

	apply_read_vr(item, element, info, read);
	if (info->is_sequence)
		return widen_sequence(change, *element, info->items, read,
				      after, charset);
	if (!charset_applies(info->vr))
		return 0;
	return widen_value(change, item, element, info, charset);
}

/* Is it one of those that are brought into the new set now: private creators,
 * or all but them?  Original attributes stay what they were, in the set that
 * they were in. */
static bool is_due(const struct dcm_tag *tag, bool creators, bool top)
{
	return dcm_tag_is_creator(tag) == creators &&
	       !(top && dcm_tag_compare(tag, &original_attributes) == 0);
}

static int widen_elements(struct dcm_change *change, struct dcmtk_item *item,
			  struct item_versions of, struct dcm_charset *charset,
			  bool creators, bool top)
{
	struct creators known = {.arena = NULL};
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;
	int rewritten = 0, answer = 0;

	while (answer >= 0 && (element = dcmtk_next(item, element))) {
		struct dcm_tag tag;

		dcmtk_look(element, &info);
		tag = (struct dcm_tag){info.group, info.element, NULL};
		if (dcm_tag_is_creator(&tag))
			note_widened_creator(&known, element, &info, charset);
		if (!is_due(&tag, creators, top))
			continue;
		answer = widen_element(change, item, of, &element, &info,
				       charset, &known);
		if (answer <= 0)
			continue;
		rewritten = 1;
		if (top)
			dcm_change_note(change, info.group, info.element);
	}
	arena_free(known.arena);
	return answer < 0 ? -1 : rewritten;
}

/* The creators last: until then they must be found. */
static int widen_all(struct dcm_change *change, struct dcmtk_item *item,
		     struct item_versions of, struct dcm_charset *charset,
		     bool top)
{
	int rest, creators;

	rest = widen_elements(change, item, of, charset, false, top);
	if (rest < 0)
		return -1;
	creators = widen_elements(change, item, of, charset, true, top);
	return creators < 0 ? -1 : rest | creators;
}

/* Does nothing in it change?  Of what was not read nothing does. */
static bool item_stays(struct item_versions of)
{
	return !of.before || (of.after && dcm_item_equal(of.before, of.after));
}

/* 1: rewritten, 0: there was no need: an item that has a set of its own, and
 * stays what it is, is right in that. */
static int widen_item(struct dcm_change *change, struct dcmtk_item *item,
		      struct item_versions of, struct dcm_charset *outer,
		      bool top)
{
	char *term = dcmtk_charset_term(item);
	struct dcm_charset own;
	int answer;

	if (!term)
		return widen_all(change, item, of, outer, top);
	if (!top && item_stays(of)) {
		free(term);
		return 0;
	}
	dcm_charset_init(&own, term);
	answer = widen_all(change, item, of, &own, top);
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
	struct dcm_change change = {revision->name, changes, NULL, error};
	const struct item_versions of = {&revision->before->root,
					 &revision->after->root};
	struct dcm_charset assumed;
	int answer;

	dcm_charset_init(&assumed, revision->assumed_charset);
	answer = widen_item(&change, dataset, of, &assumed, true);
	dcm_charset_clear(&assumed);
	if (answer < 0)
		return -1;
	dcmtk_put(dataset, 0x0008, 0x0005, "CS", "ISO_IR 192", 10);
	dcm_change_note(&change, 0x0008, 0x0005);
	return 0;
}

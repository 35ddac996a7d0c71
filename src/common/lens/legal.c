#include "legal.h"

#include "conditions.h"
#include "result.h"

static bool is_legal_in(const struct legal *legal, const struct dcm_item *root)
{
	for (size_t i = 0; i < legal->count; i++)
		if (conditions_hold(&legal->in[i], root))
			return true;
	return false;
}

static bool is_tag_as_before(const struct lens *lens,
			     const struct dataset *after,
			     const struct dcm_tag *tag)
{
	const struct dcm_element *was = dcm_item_find(&lens->before->root, tag),
				 *is = dcm_item_find(&after->root, tag);
	return was && is ? dcm_element_equal(was, is) : was == is;
}

static void take_back(const struct lens *lens, struct dataset *after,
		      const struct dcm_tag *tag, const char *why)
{
	if (is_tag_as_before(lens, after, tag))
		return;
	result_tell(lens, tag, why);
	dcm_item_borrow(&after->root, &lens->before->root, tag);
}

static void take_all_back(const struct lens *lens, struct dataset *after,
			  const struct condition *conditions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		take_back(lens, after, &conditions[i].path.tags[0],
			  "another attribute of the dataset would not be legal "
			  "beside it");
}

/* The dataset has a value that was legal: what forbids it is not put. */
static void keep_value(const struct lens *lens, const struct legal *legal,
		       struct dataset *after)
{
	for (size_t i = 0; i < legal->count; i++) {
		const struct conditions *in = &legal->in[i];
		take_all_back(lens, after, in->when, in->when_count);
		take_all_back(lens, after, in->unless, in->unless_count);
	}
}

static void check_one(const struct lens *lens, const struct legal *legal,
		      struct dataset *after)
{
	const struct dcm_tag *tag = &legal->path.tags[0];
	if (!dcm_item_find(&after->root, tag) ||
	    is_legal_in(legal, &after->root))
		return;
	take_back(lens, after, tag, "is not legal in this dataset");
	const struct dcm_element *is = dcm_item_find(&after->root, tag);
	if (!is || !is_legal_in(legal, &lens->before->root))
		return;
	if (dcm_element_is_empty(is))
		dcm_item_remove(&after->root, tag);
	else
		keep_value(lens, legal, after);
}

/* ---- new items ---- */

static bool item_has_value(const struct dcm_item *item,
			   const struct dcm_path *path)
{
	const struct dcm_element *element = dcm_item_find(item, &path->tags[0]);
	return element && !dcm_element_is_empty(element);
}

/* false: it lacks what nobody can give it. */
static bool complete_new_item(const struct new_item *needs,
			      const struct dcm_item *root,
			      struct dcm_item *item)
{
	for (size_t i = 0; i < needs->type1_count; i++)
		if (!item_has_value(item, &needs->type1[i]))
			return false;
	for (size_t i = 0; i < needs->own_count; i++) {
		const struct dcm_path *path = &needs->own[i];
		const struct dcm_element *own =
			dcm_item_find(root, &path->tags[0]);
		if (item_has_value(item, path))
			continue;
		if (!own || !own->text)
			return false;
		dcm_item_set_text(item, &path->tags[0], path->vr, own->text);
	}
	for (size_t i = 0; i < needs->type2_count; i++) {
		const struct dcm_path *path = &needs->type2[i];
		if (!dcm_item_find(item, &path->tags[0]))
			dcm_item_set_text(item, &path->tags[0], path->vr, "");
	}
	return true;
}

/* Someone else's item in the place of one that had it all. */
static bool is_replaced_item(const struct new_item *needs,
			     const struct dcm_item *was,
			     const struct dcm_item *is)
{
	for (size_t i = 0; i < needs->own_count; i++)
		if (item_has_value(was, &needs->own[i]) &&
		    !item_has_value(is, &needs->own[i]))
			return true;
	return false;
}

static void check_items(const struct lens *lens, const struct new_item *needs,
			struct dataset *after)
{
	const struct dcm_tag *tag = &needs->sequence.tags[0];
	const struct dcm_element *was = dcm_item_find(&lens->before->root, tag);
	struct dcm_element *is = dcm_item_find(&after->root, tag);
	size_t old = was ? was->item_count : 0, kept = 0;
	if (!is || !is->item_count)
		return;
	for (size_t i = 0; i < is->item_count; i++)
		if ((i < old &&
		     !is_replaced_item(needs, was->items[i], is->items[i])) ||
		    complete_new_item(needs, &after->root, is->items[i]))
			is->items[kept++] = is->items[i];
	if (kept < is->item_count)
		result_tell(lens, tag,
			    "what an item of it must have (Type 1) is missing");
	is->item_count = kept;
	if (!kept && old) /* of someone whose name was replaced */
		dcm_item_remove(&after->root, tag);
	else if (!kept)
		dcm_item_borrow(&after->root, &lens->before->root, tag);
}

void legal_check(const struct lens *lens, struct dataset *after)
{
	for (size_t i = 0; i < lens->rules->new_item_count; i++)
		check_items(lens, &lens->rules->new_items[i], after);
	for (size_t i = 0; i < lens->rules->legal_count; i++)
		check_one(lens, &lens->rules->legal[i], after);
}

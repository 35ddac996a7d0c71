#include "result.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "beside.h"
#include "lens_policy.h"
#include "vr.h"

/* ---- one value ---- */

static bool has_any_value(const struct dcm_element *element)
{
	return element && !dcm_element_is_empty(element);
}

static bool is_sequence_element(const struct dcm_element *element)
{
	return element && strcmp(element->vr, "SQ") == 0;
}

/* What the VR of binary values is made of; 1: bytes (PS3.5 6.2). */
static size_t binary_unit_of(const char *vr)
{
	static const char two[] = "OW SS US ", eight[] = "FD OD OV SV UV ";
	if (strstr(two, vr))
		return 2;
	if (strstr(eight, vr))
		return 8;
	return strcmp(vr, "OB") == 0 || strcmp(vr, "UN") == 0 ? 1 : 4;
}

/* Files need not have the VR of the dictionary, but a stamp does not bring
 * another. */
static const char *vr_fault_of(const struct dcm_element *was,
			       const struct dcm_element *is)
{
	struct dcm_entry entry;
	if (was && strcmp(was->vr, is->vr) == 0)
		return NULL;
	if (!dcm_entry_of(&is->tag, &entry) || strcmp(entry.vr, "UN") == 0)
		return vr_is_known(is->vr) ? NULL : "is of no VR";
	return strcmp(entry.vr, is->vr) == 0 ? NULL : "is of another VR";
}

static const char *changed_value_fault(const struct dcm_element *was,
				       const struct dcm_element *is)
{
	struct dcm_entry entry = {.vm_max = -1};
	const char *fault = vr_fault_of(was, is);
	if (fault || dcm_element_is_empty(is))
		return fault;
	dcm_entry_of(&is->tag, &entry);
	if (is->text)
		return vr_fault(is->vr, entry.vm_max, is->text);
	if (is->bytes && vr_is_text(is->vr))
		return "is text that no character set explains";
	if (is->bytes && is->length % binary_unit_of(is->vr))
		return "is cut short";
	return NULL;
}

/* ---- in items ---- */

static bool is_in_sequence_items(const struct dcm_element *sequence,
				 const struct dcm_element *element)
{
	for (size_t i = 0; sequence && i < sequence->item_count; i++) {
		const struct dcm_element *other =
			dcm_item_find(sequence->items[i], &element->tag);
		if (other && dcm_element_equal(other, element))
			return true;
	}
	return false;
}

/* Of what was in an item of the sequence before, nothing new is to be said:
 * items move. */
static const char *items_fault(const struct dcm_element *was,
			       const struct dcm_element *is)
{
	const char *fault = NULL;
	for (size_t i = 0; i < is->item_count && !fault; i++) {
		const struct dcm_item *old =
			is_sequence_element(was) && i < was->item_count
				? was->items[i]
				: NULL;
		for (size_t k = 0; k < is->items[i]->count && !fault; k++) {
			const struct dcm_element *b =
				&is->items[i]->elements[k];
			const struct dcm_element *a =
				old ? dcm_item_find(old, &b->tag) : NULL;
			if (a && dcm_element_equal(a, b))
				continue;
			fault = is_sequence_element(b)
					? items_fault(a, b)
					: changed_value_fault(a, b);
			if (fault && is_in_sequence_items(was, b))
				fault = NULL;
		}
	}
	return fault;
}

/* ---- at the top level ---- */

static bool is_tag_of_paths(const struct dcm_path *paths, size_t count,
			    const struct dcm_tag *tag)
{
	for (size_t i = 0; i < count; i++)
		if (paths[i].depth == 1 &&
		    dcm_tag_compare(&paths[i].tags[0], tag) == 0)
			return true;
	return false;
}

static const char *type_fault(const dfh_rules *rules,
			      const struct dcm_element *was,
			      const struct dcm_element *is)
{
	if (has_any_value(was) && !has_any_value(is) &&
	    is_tag_of_paths(rules->type1, rules->type1_count, &was->tag))
		return "must not become empty (Type 1)";
	if (was && !is &&
	    is_tag_of_paths(rules->type2, rules->type2_count, &was->tag))
		return "must not become absent (Type 2)";
	return NULL;
}

static bool is_uid_element(const struct dcm_element *element)
{
	return element && strcmp(element->vr, "UI") == 0;
}

static const char *change_fault_of(const struct lens *lens,
				   const struct dcm_element *was,
				   const struct dcm_element *is)
{
	const struct dcm_tag *tag = was ? &was->tag : &is->tag;
	const char *fault = type_fault(lens->rules, was, is);
	if (fault)
		return fault;
	if (is_uid_element(was) || is_uid_element(is))
		return "a UID is never stamped";
	if (has_any_value(was) && !is_sequence_element(was) &&
	    lens_only_fills(lens, rule_of_tag(lens->rules, tag)))
		return "the dataset has a value, and only what is empty is "
		       "filled";
	if (!is)
		return NULL;
	if (is_sequence_element(is) && (!was || is_sequence_element(was)))
		return items_fault(was, is);
	return is_sequence_element(is) != is_sequence_element(was) && was
		       ? "is of another VR"
		       : changed_value_fault(was, is);
}

struct faulty {
	struct dcm_tag *tags;
	size_t count;
};

/* The rule that makes the items of a sequence, else that of the attribute. */
static const struct rule *rule_telling(const dfh_rules *rules,
				       const struct dcm_tag *tag)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct each *each = &rules->rules[i].each;
		if (rules->rules[i].can_put && each->kind == EACH_ITEM &&
		    dcm_tag_compare(&each->paths[0].tags[0], tag) == 0)
			return &rules->rules[i];
	}
	return rule_of_tag(rules, tag);
}

void result_tell(const struct lens *lens, const struct dcm_tag *tag,
		 const char *fault)
{
	char name[128];
	struct dcm_tag copy = *tag;
	struct dcm_path path = {.text = dcm_tag_name(tag, name),
				.tags = &copy,
				.depth = 1,
				.from_root = true};
	if (lens->note_at)
		lens->note_at(lens->note_context,
			      rule_telling(lens->rules, tag), &path,
			      NOTE_REFUSED, fault);
}

void check_result(const struct lens *lens, struct dataset *after)
{
	struct dcm_pair pair = {0};
	struct faulty all = {0};
	const struct dcm_item *before = &lens->before->root;
	while (dcm_pair_next(&pair, before, &after->root)) {
		const char *fault =
			dcm_pair_differs(&pair)
				? change_fault_of(lens, pair.a, pair.b)
				: NULL;
		if (!fault)
			continue;
		struct dcm_tag tag = pair.a ? pair.a->tag : pair.b->tag;
		result_tell(lens, &tag, fault);
		array_room(all.tags, all.count);
		all.tags[all.count++] = tag;
	}
	for (size_t i = 0; i < all.count; i++)
		dcm_item_borrow(&after->root, before, &all.tags[i]);
	free(all.tags);
}

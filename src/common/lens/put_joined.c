/* Places with joined names and items. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "buffer.h"
#include "lens_one.h"
#include "lens_policy.h"
#include "old_items.h"
#include "put_parts.h"

struct joined {
	struct dcm_item scratch; /* one object's name and item */
	bool has[JOIN_MAX];
	bool was_there; /* the dataset has this person */
};

/* Names and items are read by position where there are as many of the one as
 * of the other.  So they may be written so only if that reading is right. */
static bool reads_back(const struct joined *all, size_t count,
		       const struct each *each)
{
	size_t sums[JOIN_MAX] = {0};
	bool complete = true, mixed = false;
	for (size_t i = 0; i < count; i++) {
		size_t of_this = 0;
		for (size_t k = 0; k < each->count; k++) {
			sums[k] += all[i].has[k];
			of_this += all[i].has[k];
		}
		complete = complete && of_this == each->count;
		mixed = mixed || of_this == each->count;
	}
	if (complete)
		return true;
	bool equal = true;
	for (size_t k = 1; k < each->count; k++)
		equal = equal && sums[k] == sums[0];
	return !equal && !mixed;
}

/* The name of one object, or its item; or NULL. */
static const struct dcm_element *
joined_name_of(const struct joined *one, const struct dcm_tag *tag, size_t k)
{
	return one->has[k] ? dcm_item_find(&one->scratch, tag) : NULL;
}

/* The next value of a list that is not empty; "" at its end. */
static const char *next_name(const char **list, size_t *length)
{
	const char *at = *list + strspn(*list, "\\");
	*length = strcspn(at, "\\");
	*list = at + *length;
	return at;
}

/* The names that are there already, but for empty ones between them? */
static bool same_joined_names(const struct dcm_element *old,
			      const struct dcm_tag *tag,
			      const struct joined *all, size_t count, size_t k)
{
	const char *list = old && old->text ? old->text : "", *text;
	size_t length;
	if (!*list)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct dcm_element *one = joined_name_of(&all[i], tag, k);
		if (!one)
			continue;
		text = next_name(&list, &length);
		if (!one->text || strlen(one->text) != length ||
		    memcmp(one->text, text, length) != 0)
			return false;
	}
	return !*next_name(&list, &length);
}

static void write_names(struct dcm_item *root, const struct dcm_path *path,
			size_t k, const struct joined *all, size_t count)
{
	const struct dcm_tag *tag = &path->tags[0];
	struct buffer list = {0};
	size_t written = 0;
	for (size_t i = 0; i < count; i++) {
		const struct dcm_element *one = joined_name_of(&all[i], tag, k);
		if (!one)
			continue;
		buffer_add(&list, "\\", written++ ? 1 : 0);
		if (one->text)
			buffer_add(&list, one->text, strlen(one->text));
	}
	buffer_add(&list, "", 1);
	dcm_item_set_text(root, tag, path->vr, (const char *)list.bytes);
	buffer_free(&list);
}

static bool same_items(const struct dcm_element *old, const struct dcm_tag *tag,
		       const struct joined *all, size_t count, size_t k)
{
	size_t next = 0;
	for (size_t i = 0; i < count; i++) {
		const struct dcm_element *one = joined_name_of(&all[i], tag, k);
		if (!one || !one->item_count)
			continue;
		if (!old || next >= old->item_count ||
		    !dcm_item_equal(old->items[next], one->items[0]))
			return false;
		next++;
	}
	return old && next == old->item_count;
}

static void write_joined(const struct put *put, const struct place *place,
			 size_t k, const struct joined *all, size_t count)
{
	const struct dcm_path *path = &place->each.paths[k];
	const struct dcm_tag *tag = &path->tags[0];
	struct dcm_item *root = &put->dataset->root;
	const struct dcm_element *old = dcm_item_find(root, tag);
	bool is_sequence = strcmp(path->vr, "SQ") == 0;
	size_t index = 0;
	if (is_sequence ? same_items(old, tag, all, count, k)
			: same_joined_names(old, tag, all, count, k))
		return;
	if (old && !dcm_element_is_empty(old) && put_only_fills(put, place)) {
		put_note_on(
			put, place, NOTE_KEPT,
			"the dataset has a value, and only what is empty is "
			"filled");
		return;
	}
	if (!is_sequence) {
		write_names(root, path, k, all, count);
		return;
	}
	dcm_item_set_text(root, tag, path->vr, "");
	for (size_t i = 0; i < count; i++) {
		const struct dcm_element *one = joined_name_of(&all[i], tag, k);
		if (one && one->item_count)
			dcm_item_copy(dcm_item_need_item(root, tag, index++),
				      one->items[0]);
	}
}

/* Start from what the dataset has of this person, so that what FHIR does not
 * change stays. */
static void seed_joined(const struct put *put, const struct place *place,
			const struct scope *old, struct joined *joined)
{
	const struct each *each = &place->each;
	const struct scope top = scope_root(&put->dataset->root);
	for (size_t k = 0; k < each->count; k++) {
		const struct dcm_path *path = &each->paths[k];
		const struct dcm_tag *tag = &path->tags[0];
		const struct dcm_element *e = scope_element(&top, path);
		if (!e || old->index[k] < 0)
			continue;
		if (e->item_count)
			dcm_item_copy(
				dcm_item_need_item(&joined->scratch, tag, 0),
				e->items[old->index[k]]);
		else
			dcm_item_set_text(&joined->scratch, tag, path->vr,
					  value_at(old->values[k].at, 0,
						   put->lens->arena));
	}
}

static bool is_of_part(const struct rule *rule, const struct dcm_tag *tag)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->ports[i].port &&
		    dcm_tag_compare(&rule->ports[i].path.tags[0], tag) == 0)
			return true;
	return false;
}

/* Does FHIR give the first of the two, the name? */
static bool is_named(const struct put *put, const struct place *place,
		     const struct json_list *values)
{
	const struct dcm_tag *name = &place->each.paths[0].tags[0];
	for (size_t k = 0; k < put_rules_of(put->lens, place); k++) {
		const struct rule *rule = put_rule_at(put->lens, place, k);
		if (values[rule - put->lens->rules->rules].count &&
		    rule->can_put && is_of_part(rule, name))
			return true;
	}
	return false;
}

/* false: it is nobody, of whom nothing is written. */
static bool put_scratch(const struct put *put, const struct place *place,
			json_object *object, struct old_items *old,
			struct joined *joined)
{
	const struct each *each = &place->each;
	struct json_list *values =
		view_values(put->view, put->lens, place, object);
	const struct scope *found = old_items_find(old, values);
	joined->was_there = found != NULL;
	if (found) {
		seed_joined(put, place, found, joined);
		old_items_take(old, found);
	}
	struct scope scope = scope_root(&joined->scratch);
	scope.join = each;
	/* The number of one beside the name of another would be nobody's. */
	bool is_nobody = put->lens->stamps && !put->lens->keys_alone &&
			 !found && !is_named(put, place, values);
	for (enum pass pass = PASS_EARLY; pass < PASSES && !is_nobody; pass++)
		put_place_values(put, place, object, values, &scope, pass);
	if (is_nobody)
		put_note_on(put, place, NOTE_LOST,
			    "someone of whom FHIR gives no name, and whom the "
			    "dataset does not have");
	view_values_free(put->lens->rules, values);
	for (size_t k = 0; k < each->count; k++) {
		const struct dcm_element *e = dcm_item_find(
			&joined->scratch, &each->paths[k].tags[0]);
		joined->has[k] = e && !dcm_element_is_empty(e);
	}
	return !is_nobody;
}

static bool any_has(const struct joined *all, size_t count, size_t k)
{
	bool any = false;
	for (size_t i = 0; i < count && !any; i++)
		any = all[i].has[k];
	return any;
}

/* Of the first of several (PS3.5 6.2.1.1). */
static bool same_family_name(const char *x, const struct dcm_element *name)
{
	const char *y = name && name->text ? name->text : "";
	size_t length = strcspn(x, "^=\\");
	return length && length == strcspn(y, "^=\\") &&
	       strncasecmp(x, y, length) == 0;
}

/* Names that take the place of others' leave no numbers of those behind;
 * before: how they were called. */
static void remove_others(const struct put *put, const struct place *place,
			  const struct joined *all, size_t count,
			  const char *before)
{
	const struct each *each = &place->each;
	struct dcm_item *root = &put->dataset->root;
	if (!put->lens->stamps || !before || put_only_fills(put, place))
		return;
	for (size_t i = 0; i < count; i++)
		if (all[i].was_there || !all[i].has[0] ||
		    same_family_name(
			    before, joined_name_of(&all[i],
						   &each->paths[0].tags[0], 0)))
			return;
	for (size_t k = 1; k < each->count; k++)
		if (!any_has(all, count, k))
			dcm_item_remove(root, &each->paths[k].tags[0]);
}

static void write_all_joined(const struct put *put, const struct place *place,
			     const struct joined *all, size_t count)
{
	const struct each *each = &place->each;
	const struct dcm_element *name =
		dcm_item_find(&put->dataset->root, &each->paths[0].tags[0]);
	const char *before = name ? name->text : NULL;
	bool right = reads_back(all, count, each);
	for (size_t k = 0; k < each->count; k++) {
		bool any = any_has(all, count, k);
		/* Where the reading would be wrong, the names alone stay. */
		if (any && (right || k == 0))
			write_joined(put, place, k, all, count);
		else if (any)
			put_note_on(
				put, place, NOTE_LOST,
				"some have a name or an identification only, "
				"and DICOM joins the two by position");
	}
	remove_others(put, place, all, count, before);
}

void put_joined(const struct put *put, const struct place *place,
		const struct json_list *objects)
{
	struct scope top = scope_root(&put->dataset->root);
	struct old_items *old =
		old_items_new(put->lens, place, scopes_of(&place->each, &top));
	struct joined *all = xmalloc(objects->count * sizeof *all);
	struct arena *arena = arena_new();
	size_t count = 0;
	for (size_t i = 0; i < objects->count; i++) {
		all[count] = (struct joined){.scratch = {.arena = arena}};
		count += put_scratch(put, place, objects->at[i], old,
				     &all[count]);
	}
	if (count)
		write_all_joined(put, place, all, count);
	arena_free(arena);
	free(all);
	old_items_free(old);
}

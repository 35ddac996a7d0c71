/* put of a rule: its values to the items, values or homes of its `each`. */
#include "buffer.h"
#include "lens.h"
#include "lens_one.h"
#include "lens_policy.h"
#include "queues.h"
#include "unite.h"

#include <stdlib.h>
#include <string.h>

static json_object *json_array_of(const struct json_list *values)
{
	json_object *array = json_new_array();
	for (size_t i = 0; i < values->count; i++)
		json_append(array, json_object_get(values->at[i]));
	return array;
}

bool lens_same_values(const struct lens *lens, const struct rule *rule,
		      const struct json_list *got,
		      const struct json_list *values)
{
	if (got->count != values->count)
		return false;
	for (size_t i = 0; i < got->count; i++) {
		json_object *dressed = fhir_path_dressed(
			rule->fhir[lens->release], got->at[i]);
		bool same = json_object_equal(dressed, values->at[i]) ||
			    json_object_equal(got->at[i], values->at[i]);
		json_object_put(dressed);
		if (!same)
			return false;
	}
	return true;
}

/* An item of before by what the rule reads of it, as it is, or dressed.  false:
 * it says nothing. */
static bool queue_old_item(struct queues *queues, const struct lens *quiet,
			   const struct rule *rule, const struct scope *item,
			   size_t index)
{
	struct json_list got = {0};
	lens_get_one(quiet, rule, item, &got);
	json_object *dressed =
		got.count ? fhir_path_dressed(rule->fhir[quiet->release],
					      got.at[0])
			  : NULL;
	if (got.count == 1) {
		queues_add(queues, 0, got.at[0], index);
		queues_add(queues, 0, dressed, index);
		queues_add_coded(queues, got.at[0], index);
		queues_add_coded(queues, dressed, index);
	}
	bool says = got.count > 0;
	json_object_put(dressed);
	lens_values_free(&got);
	return says;
}

static struct queues *queues_of_items(const struct lens *quiet,
				      const struct rule *rule,
				      const struct scope *scope,
				      struct dcm_item **old, size_t old_count)
{
	struct queues *queues = queues_new(old_count);
	for (size_t i = 0; i < old_count; i++) {
		const struct scope item = scope_in(scope, old[i]);
		queue_old_item(queues, quiet, rule, &item, i);
	}
	return queues;
}

/* The items of a sequence, as they were and as they become. */
struct replacing {
	const struct lens *lens, *quiet;
	const struct rule *rule;
	const struct scope *scope;
	struct dcm_item **old;
	struct queues *queues;
};

/* One of before; it is taken. */
static struct dcm_item *take_old_item(const struct replacing *replacing,
				      size_t found)
{
	if (found == QUEUES_NONE)
		return NULL;
	queues_take(replacing->queues, found);
	return replacing->old[found];
}

static struct dcm_item *item_that_says(const struct replacing *replacing,
				       json_object *value)
{
	return take_old_item(replacing,
			     queues_first(replacing->queues, 0, value));
}

/* An item whose value means the same keeps everything else in it; one whose
 * code is the same is displayed anew; else it is a new one. */
static struct dcm_item *item_for(const struct replacing *replacing,
				 json_object *value)
{
	struct json_list got = {0};
	struct dcm_item *item = take_old_item(
		replacing, queues_first_coded(replacing->queues, value));
	bool is_new = !item;
	if (is_new) {
		item = arena_alloc(replacing->scope->root->arena, sizeof *item);
		item->arena = replacing->scope->root->arena;
	}
	struct scope inner = scope_in(replacing->scope, item);
	lens_put_one(replacing->lens, replacing->rule, &inner, value);
	if (is_new)
		lens_get_one(replacing->quiet, replacing->rule, &inner, &got);
	struct dcm_item *same =
		got.count == 1 ? item_that_says(replacing, got.at[0]) : NULL;
	lens_values_free(&got);
	return same ? same : item;
}

/* Those that FHIR did not change are taken before any is looked for otherwise.
 */
static size_t items_for(const struct replacing *replacing,
			const struct json_list *values, struct dcm_item **items)
{
	size_t count = 0;
	for (size_t i = 0; i < values->count; i++)
		items[i] = item_that_says(replacing, values->at[i]);
	for (size_t i = 0; i < values->count; i++) {
		struct dcm_item *item = items[i];
		if (!item)
			item = item_for(replacing, values->at[i]);
		if (item->count)
			items[count++] = item;
	}
	return count;
}

static void put_sequence_items(const struct lens *lens, const struct rule *rule,
			       const struct scope *scope,
			       const struct json_list *values)
{
	const struct dcm_path *path = &rule->each.paths[0];
	struct dcm_element *sequence = scope_element(scope, path);
	size_t old_count = sequence ? sequence->item_count : 0;
	const struct lens quiet = lens_quiet(lens);
	struct replacing replacing = {
		.lens = lens,
		.quiet = &quiet,
		.rule = rule,
		.scope = scope,
		/* The sequence is given others below; these stay. */
		.old = old_count ? sequence->items : NULL,
	};
	struct dcm_item **items =
		dcm_items_new(scope->root->arena, values->count);
	replacing.queues =
		queues_of_items(&quiet, rule, scope, replacing.old, old_count);
	size_t count = items_for(&replacing, values, items);
	queues_free(replacing.queues);
	if (!count)
		return;
	scope_write(scope, path, &(struct port_value){VALUE_EMPTY, NULL});
	sequence = scope_element(scope, path);
	sequence->items = items;
	sequence->item_count = count;
}

/* ---- items of several sequences, or some of one ---- */

/* What a place joins is one item already. */
static bool is_among_others(const struct rule *rule, const struct scope *scope)
{
	const struct dcm_path *path = &rule->each.paths[0];
	return path->items || path->depth > (scope->join ? 2 : 1);
}

struct placing {
	const struct lens *lens, *quiet;
	const struct rule *rule;
	const struct scope *scope;
	const struct dcm_tag *tag; /* of the sequences */
	struct scope_list old;
	bool *says; /* for each of them: it says something */
	struct queues *queues;
};

/* Without those that say something, others stay. */
static void take_out_old_items(struct placing *placing)
{
	const struct scope_list *old = &placing->old;
	for (size_t from = 0, next; from < old->count; from = next) {
		struct dcm_item *in = old->at[from].above[0];
		struct dcm_element *sequence = dcm_item_find(in, placing->tag);
		struct dcm_item **others = arena_alloc(
			in->arena,
			sequence->item_count * sizeof(struct dcm_item *));
		size_t count = 0;
		next = from;
		for (size_t i = 0; i < sequence->item_count; i++) {
			bool is_old = next < old->count &&
				      sequence->items[i] == old->at[next].item;
			if (!is_old || !placing->says[next])
				others[count++] = sequence->items[i];
			next += is_old;
		}
		sequence->items = others;
		sequence->item_count = count;
		sequence->digest = NULL;
	}
}

static void put_back_old_item(struct placing *placing, size_t index)
{
	const struct scope *item = &placing->old.at[index];
	struct dcm_element *sequence =
		dcm_item_find(item->above[0], placing->tag);
	size_t count = sequence->item_count;
	dcm_item_need_item(item->above[0], placing->tag, count);
	sequence->items[count] = item->item;
}

enum { IN_NONE = -1, IN_NEW = -2 };

/* The old item that has the code of a value, which is displayed in another way
 * now; QUEUES_NONE if there is none. */
static size_t displayed_anew(struct placing *placing, json_object *value)
{
	size_t found = queues_first_coded(placing->queues, value);
	if (found != QUEUES_NONE)
		lens_put_one(placing->lens, placing->rule,
			     &placing->old.at[found], value);
	return found;
}

/* The old item that says this very value, has its code, or means the same; else
 * a new one, if the value can be written. */
static long find_item(struct placing *placing, json_object *value)
{
	struct dcm_item item = {.arena = placing->scope->root->arena};
	struct dcm_item in = item;
	const struct scope outer = {.root = placing->scope->root, .item = &in};
	const struct scope apart = scope_in(&outer, &item);
	struct json_list got = {0};
	size_t found = queues_first(placing->queues, 0, value);
	if (found == QUEUES_NONE)
		found = displayed_anew(placing, value);
	if (found == QUEUES_NONE &&
	    lens_put_one(placing->lens, placing->rule, &apart, value))
		lens_get_one(placing->quiet, placing->rule, &apart, &got);
	if (got.count == 1)
		found = queues_first(placing->queues, 0, got.at[0]);
	long index = found != QUEUES_NONE ? (long)found
		     : got.count	  ? (long)IN_NEW
					  : (long)IN_NONE;
	if (found != QUEUES_NONE)
		queues_take(placing->queues, found);
	lens_values_free(&got);
	return index;
}

/* Those that say a value stay in their sequences, new ones come to them, in the
 * order of the values, and the others go; but if no value can be written,
 * nothing changes. */
static void place_all(struct placing *placing, const struct json_list *values)
{
	long *in = xmalloc(values->count * sizeof *in);
	bool any = false;
	for (size_t i = 0; i < values->count; i++) {
		in[i] = find_item(placing, values->at[i]);
		any = any || in[i] != IN_NONE;
	}
	if (any)
		take_out_old_items(placing);
	for (size_t i = 0; i < values->count; i++) {
		if (in[i] >= 0)
			put_back_old_item(placing, (size_t)in[i]);
		if (in[i] != IN_NEW)
			continue;
		const struct scope inner = scope_new_item(
			placing->scope, &placing->rule->each.paths[0]);
		lens_put_one(placing->quiet, placing->rule, &inner,
			     values->at[i]);
	}
	free(in);
}

static void put_among_items(const struct lens *lens, const struct rule *rule,
			    const struct scope *scope,
			    const struct json_list *values)
{
	const struct dcm_path *path = &rule->each.paths[0];
	const struct lens quiet = lens_quiet(lens);
	struct placing placing = {.lens = lens,
				  .quiet = &quiet,
				  .rule = rule,
				  .scope = scope,
				  .tag = &path->tags[path->depth - 1],
				  .old = scopes_of(&rule->each, scope)};
	placing.queues = queues_new(placing.old.count);
	placing.says = xmalloc(placing.old.count + 1);
	for (size_t i = 0; i < placing.old.count; i++)
		placing.says[i] = queue_old_item(placing.queues, &quiet, rule,
						 &placing.old.at[i], i);
	place_all(&placing, values);
	queues_free(placing.queues);
	free(placing.says);
	scope_list_free(&placing.old);
}

static void put_multiple_values(const struct lens *lens,
				const struct rule *rule,
				const struct scope *scope,
				const struct json_list *values)
{
	const struct dcm_path *path = &rule->each.paths[0];
	struct port_value old = scope_read(scope, path, lens->arena);
	const struct port_value none = {VALUE_EMPTY, NULL};
	struct scope inner = *scope;
	struct buffer all = {0};
	bool accepted = false;
	inner.value_of = path;
	/* Each alone, and all at once in the end: n long lists are not made. */
	for (size_t i = 0; i < values->count; i++) {
		scope_write(scope, path, &none);
		if (!lens_put_one(lens, rule, &inner, values->at[i]))
			continue;
		const struct dcm_element *one = scope_element(scope, path);
		const char *text = one && one->text ? one->text : "";
		if (accepted)
			buffer_add(&all, "\\", 1);
		buffer_add(&all, text, strlen(text));
		accepted = true;
	}
	buffer_add(&all, "", 1);
	if (accepted)
		old = (struct port_value){VALUE_TEXT, (const char *)all.bytes};
	scope_write(scope, path, &old);
	buffer_free(&all);
}

size_t lens_home(const struct each *each, const struct dcm_item *root,
		 struct arena *arena)
{
	struct scope top = scope_root((struct dcm_item *)root);
	/* A home that is in use stays the home. */
	for (size_t i = 0; i < each->count; i++) {
		const struct dcm_element *used =
			each->paths[i].depth
				? scope_element(&top, &each->paths[i])
				: NULL;
		if (used && used->item_count)
			return i;
	}
	struct port_value key = scope_read(&top, &each->by, arena);
	const char *name = table_choice(each->table, key.text);
	for (size_t i = 0; i < each->count; i++)
		if (name && strcmp(each->paths[i].text, name) == 0)
			return i;
	return 0;
}

static bool says_something(const struct lens *lens, const struct rule *rule,
			   const struct scope *scope)
{
	struct json_list got = {0};
	const struct lens quiet = lens_quiet(lens);
	if (lens_applies(rule, scope))
		lens_get_one(&quiet, rule, scope, &got);
	bool something = got.count > 0;
	lens_values_free(&got);
	return something;
}

/* The positions in the order in which values go to them: those that have one
 * now, then the others; the caller frees the list. */
static struct scope_list value_scopes(const struct lens *lens,
				      const struct rule *rule,
				      const struct scope *scope, size_t *used)
{
	struct scope_list all = scopes_of(&rule->each, scope);
	struct scope_list sorted = {
		.at = xmalloc((all.count + 1) * sizeof *all.at)};
	for (int empty = 0; empty < 2; empty++) {
		for (size_t i = 0; i < all.count; i++)
			if (says_something(lens, rule, &all.at[i]) == !empty &&
			    !(empty && all.at[i].is_top_level))
				sorted.at[sorted.count++] = all.at[i];
		if (!empty)
			*used = sorted.count;
	}
	scope_list_free(&all);
	return sorted;
}

static void clear_ports(const struct rule *rule, const struct scope *scope)
{
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (rule->ports[i].port && !rule->ports[i].read_only &&
		    !rule->ports[i].shared)
			scope_write(scope, &rule->ports[i].path,
				    &(struct port_value){VALUE_ABSENT, NULL});
}

/* Each value in the item where one is now; a new one in an item that has none,
 * or in a new item; the items stay, for other rules write there too. */
static void put_one_of(const struct lens *lens, const struct rule *rule,
		       const struct scope *scope,
		       const struct json_list *values)
{
	size_t used = 0;
	size_t home = lens_home(&rule->each, scope->root, lens->arena);
	const struct dcm_path *path = &rule->each.paths[home];
	struct scope_list at = value_scopes(lens, rule, scope, &used);
	bool accepted = true;
	for (size_t i = 0; i < values->count; i++) {
		struct scope inner = *scope;
		if (i < at.count) {
			inner = at.at[i];
		} else if (path->depth) {
			const struct dcm_element *sequence =
				scope_element(scope, path);
			inner.item = dcm_item_need_item(
				scope->root, &path->tags[0],
				sequence ? sequence->item_count : 0);
		} else if (i == 0 && lens_applies(rule, scope)) {
			inner.is_top_level = true;
		} else {
			lens_note(lens, rule, NOTE_LOST,
				  "the top level has room for one");
			break;
		}
		accepted = lens_put_one(lens, rule, &inner, values->at[i]) &&
			   accepted;
	}
	/* What was refused has no say on what else there is. */
	for (size_t i = values->count; accepted && i < used; i++)
		clear_ports(rule, &at.at[i]);
	scope_list_free(&at);
}

/* All values together for every item that another rule made. */
static void put_in_every_item(const struct lens *lens, const struct rule *rule,
			      const struct scope *scope,
			      const struct json_list *values)
{
	struct scope_list items = scopes_of(&rule->each, scope);
	json_object *array = json_array_of(values);
	for (size_t i = 0; i < items.count; i++)
		lens_put_one(lens, rule, &items.at[i], array);
	json_object_put(array);
	scope_list_free(&items);
}

/* A list that is not empty is not filled. */
bool lens_keeps_all(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope)
{
	if (rule->each.kind == EACH_NONE || rule->each.kind == EACH_JOIN ||
	    !lens_only_fills(lens, rule) || !lens_has_value(lens, rule, scope))
		return false;
	lens_note(lens, rule, NOTE_KEPT,
		  "the dataset has values, and only what is empty is filled");
	return true;
}

bool lens_says(const struct lens *lens, const struct rule *rule,
	       const struct scope *scope, const struct json_list *values)
{
	struct json_list got = {0};
	const struct lens quiet = lens_quiet(lens);
	lens_get(&quiet, rule, scope, &got);
	bool same = lens_same_values(lens, rule, &got, values);
	lens_values_free(&got);
	return same;
}

void lens_put(const struct lens *lens, const struct rule *rule,
	      const struct scope *scope, const struct json_list *values)
{
	if (!values->count || !rule->can_put || !rule->fhir[lens->release])
		return;
	if (rule->codec->list && rule->each.kind == EACH_ITEM) {
		put_in_every_item(lens, rule, scope, values);
		return;
	}
	bool alike = rule->among == AMONG_AGREE && rule->each.kind != EACH_NONE;
	if (lens_says(lens, rule, scope, values))
		return;
	if (alike) {
		lens_put_alike(lens, rule, scope, values);
		return;
	}
	if (lens_keeps_all(lens, rule, scope))
		return;
	switch (rule->each.kind) {
	case EACH_ITEM:
		if (unites(lens, rule))
			put_united(lens, rule, scope, values);
		else if (is_among_others(rule, scope))
			put_among_items(lens, rule, scope, values);
		else
			put_sequence_items(lens, rule, scope, values);
		return;
	case EACH_VALUE:
		put_multiple_values(lens, rule, scope, values);
		return;
	case EACH_ONE_OF:
		if (rule->each.list.depth)
			lens_put_lists(lens, rule, scope, values);
		else
			put_one_of(lens, rule, scope, values);
		return;
	case EACH_NONE:
	case EACH_JOIN:
		break;
	}
	json_object *value = rule->codec->list ? json_array_of(values)
					       : json_object_get(values->at[0]);
	if (!rule->codec->list && values->count > 1)
		lens_note(lens, rule, NOTE_LOST, "DICOM has room for one");
	lens_put_one(lens, rule, scope, value);
	json_object_put(value);
}

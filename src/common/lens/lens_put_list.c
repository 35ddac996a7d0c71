/* put of a rule that has a list in each of its homes: the values of a home are
 * the items of its list. */
#include <stdlib.h>
#include <string.h>

#include "lens_one.h"
#include "queues.h"

static const struct port_value absent = {VALUE_ABSENT, NULL};
static const struct port_value empty = {VALUE_EMPTY, NULL};

static void get_at_home(const struct lens *lens, const struct rule *rule,
			const struct scope *home, struct json_list *out)
{
	const struct each list = {.kind = EACH_NONE, .list = rule->each.list};
	const struct lens quiet = lens_quiet(lens);
	struct scope_list at = scopes_of(&list, home);
	for (size_t i = 0; i < at.count; i++)
		lens_get_one(&quiet, rule, &at.at[i], out);
	scope_list_free(&at);
}

/* ---- one home ---- */

/* The first item as it is read where it is not the first. */
static void get_without_text(const struct lens *quiet, const struct rule *rule,
			     const struct scope *scope, struct json_list *out)
{
	struct scope other = *scope;
	other.list_index = 1;
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (rule->ports[i].port &&
		    scope_hides(&other, &rule->ports[i].path))
			lens_get_without(quiet, rule, scope, i, out);
}

/* The items of before by what the rule reads of them. */
static struct queues *queues_of_list(const struct lens *lens,
				     const struct rule *rule,
				     const struct scope *home, size_t count)
{
	struct queues *queues = queues_new(count);
	const struct lens quiet = lens_quiet(lens);
	struct scope scope = *home;
	scope.list = &rule->each.list;
	for (scope.list_index = 0; scope.list_index < count;
	     scope.list_index++) {
		struct json_list got = {0};
		lens_get_one(&quiet, rule, &scope, &got);
		if (!scope.list_index)
			get_without_text(&quiet, rule, &scope, &got);
		for (size_t i = 0; i < got.count; i++) {
			queues_add(queues, 0, got.at[i], scope.list_index);
			queues_add_coded(queues, got.at[i], scope.list_index);
		}
		lens_values_free(&got);
	}
	return queues;
}

/* The item that says a value already, or has its code, to be displayed in
 * another way; QUEUES_NONE: neither. */
static void find_items(struct queues *queues, const struct json_list *values,
		       size_t *found)
{
	for (size_t i = 0; i < values->count; i++) {
		found[i] = queues_first(queues, 0, values->at[i]);
		if (found[i] != QUEUES_NONE)
			queues_take(queues, found[i]);
	}
	for (size_t i = 0; i < values->count; i++) {
		if (found[i] != QUEUES_NONE)
			continue;
		found[i] = queues_first_coded(queues, values->at[i]);
		if (found[i] != QUEUES_NONE)
			queues_take(queues, found[i]);
	}
}

/* For each value its item of before, with all that is in it, or a new one;
 * behind them those that say something else. */
static struct dcm_item **arranged_items(struct queues *queues,
					const struct scope *home,
					const struct dcm_element *sequence,
					const struct json_list *values,
					size_t *all)
{
	size_t count = sequence ? sequence->item_count : 0, at = 0;
	struct arena *arena = home->root->arena;
	struct dcm_item **items = dcm_items_new(arena, values->count + count);
	size_t *found = xmalloc((values->count + 1) * sizeof *found);
	find_items(queues, values, found);
	for (size_t i = 0; i < values->count; i++) {
		if (found[i] != QUEUES_NONE) {
			items[at++] = sequence->items[found[i]];
			continue;
		}
		items[at] = arena_alloc(arena, sizeof **items);
		items[at++]->arena = arena;
	}
	free(found);
	for (size_t i = 0; i < count; i++)
		if (!queues_is_taken(queues, i))
			items[at++] = sequence->items[i];
	*all = at;
	return items;
}

/* The list with these items, but for those that nothing became of. */
static void set_list(const struct scope *home, const struct dcm_path *path,
		     struct dcm_item **items, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (items[i]->count)
			items[kept++] = items[i];
	scope_write(home, path, kept ? &empty : &absent);
	struct dcm_element *sequence = scope_element(home, path);
	if (!sequence)
		return;
	sequence->items = items;
	sequence->item_count = kept;
}

/* items: what becomes of the values one by one, and behind these, up to all,
 * the items of before that say something else.  false: some were refused. */
static bool put_arranged(const struct lens *lens, const struct rule *rule,
			 const struct scope *home,
			 const struct json_list *values,
			 struct dcm_item ***items, size_t *all)
{
	const struct dcm_path *path = &rule->each.list;
	struct dcm_element *sequence = scope_element(home, path);
	size_t old = sequence ? sequence->item_count : 0;
	struct queues *queues = queues_of_list(lens, rule, home, old);
	struct scope scope = *home;
	bool accepted = true;
	*items = arranged_items(queues, home, sequence, values, all);
	queues_free(queues);
	scope_write(home, path, &empty);
	sequence = scope_element(home, path);
	sequence->items = *items;
	sequence->item_count = values->count;
	scope.list = path;
	for (scope.list_index = 0; scope.list_index < values->count;
	     scope.list_index++)
		accepted = lens_put_one(lens, rule, &scope,
					values->at[scope.list_index]) &&
			   accepted;
	return accepted;
}

/* How many values before the first one that has an item have none?  Their text
 * would be read as that one's. */
static size_t texts_before(const struct lens *lens, const struct rule *rule,
			   const struct scope *home,
			   const struct json_list *values)
{
	const struct lens quiet = lens_quiet(lens);
	struct scope trial = *home;
	struct dcm_item **items;
	size_t all, first = 0;
	trial.item = arena_alloc(home->root->arena, sizeof *trial.item);
	trial.item->arena = home->root->arena;
	dcm_item_copy(trial.item, home->item);
	put_arranged(&quiet, rule, &trial, values, &items, &all);
	while (first < values->count && !items[first]->count)
		first++;
	return first < values->count ? first : 0;
}

/* false: some were refused, and what was there before is there still. */
static bool put_list(const struct lens *lens, const struct rule *rule,
		     const struct scope *home, const struct json_list *values)
{
	size_t all, texts = values->count > 1
				    ? texts_before(lens, rule, home, values)
				    : 0;
	struct json_list rest = {.at = values->at + texts,
				 .count = values->count - texts};
	struct dcm_item **items;
	for (size_t i = 0; i < texts; i++)
		lens_note(lens, rule, NOTE_LOST,
			  "a text without a code, beside codes of others");
	bool accepted = put_arranged(lens, rule, home, &rest, &items, &all);
	set_list(home, &rule->each.list, items, accepted ? rest.count : all);
	return accepted;
}

void lens_put_at_home(const struct lens *lens, const struct rule *rule,
		      const struct scope *home, const struct json_list *values)
{
	struct json_list got = {0};
	get_at_home(lens, rule, home, &got);
	bool same = lens_same_values(lens, rule, &got, values), has = got.count;
	lens_values_free(&got);
	if (same || (has && lens_keeps_all(lens, rule, home)))
		return;
	if (rule->each.list.depth) {
		put_list(lens, rule, home, values);
		return;
	}
	if (values->count > 1)
		lens_note(lens, rule, NOTE_LOST, "DICOM has room for one");
	lens_put_one(lens, rule, home, values->at[0]);
}

/* ---- all homes ---- */

struct home {
	struct scope scope;
	size_t has;
};

static void add_home(const struct lens *lens, const struct rule *rule,
		     const struct scope *scope, struct home *homes,
		     size_t *count)
{
	struct json_list got = {0};
	if (!lens_applies(rule, scope))
		return;
	get_at_home(lens, rule, scope, &got);
	if (got.count || !scope->is_top_level)
		homes[(*count)++] = (struct home){*scope, got.count};
	lens_values_free(&got);
}

/* A new item, or the top level; false: it is not for this rule. */
static bool new_home(const struct lens *lens, const struct rule *rule,
		     const struct scope *scope, struct home *out)
{
	const struct dcm_path *path = &rule->each.paths[lens_home(
		&rule->each, scope->root, lens->arena)];
	*out = (struct home){*scope, 0};
	if (path->depth)
		out->scope.item =
			dcm_item_need_item(scope->root, &path->tags[0], 0);
	else
		out->scope.is_top_level = true;
	return lens_applies(rule, &out->scope);
}

/* As many values as there are now: each home keeps as many as it has.  Else
 * each gets one, and the last one the rest. */
static size_t share_of_home(const struct home *homes, size_t count, size_t i,
			    bool as_many, size_t left)
{
	size_t share = as_many ? homes[i].has : 1;
	return i + 1 == count || share > left ? left : share;
}

static void clear_home(const struct rule *rule, const struct scope *home)
{
	scope_write(home, &rule->each.list, &absent);
	for (size_t i = 0; i < codec_port_count(rule->codec); i++)
		if (rule->ports[i].port && !rule->ports[i].read_only &&
		    !rule->ports[i].shared)
			scope_write(home, &rule->ports[i].path, &absent);
}

void lens_put_lists(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope, const struct json_list *values)
{
	struct each each = rule->each;
	each.list.depth = 0;
	struct scope_list all = scopes_of(&each, scope);
	struct home *homes = xmalloc((all.count + 1) * sizeof *homes);
	size_t count = 0, from = 0, has = 0;
	bool accepted = true;
	for (size_t i = 0; i < all.count; i++)
		add_home(lens, rule, &all.at[i], homes, &count);
	for (size_t i = 0; i < count; i++)
		has += homes[i].has;
	if (!count && new_home(lens, rule, scope, &homes[0]))
		count = 1;
	for (size_t i = 0; i < count; i++) {
		size_t left = values->count - from;
		size_t share = share_of_home(homes, count, i,
					     has == values->count, left);
		struct json_list own = {.at = values->at + from,
					.count = share};
		if (share)
			accepted =
				put_list(lens, rule, &homes[i].scope, &own) &&
				accepted;
		else if (accepted && homes[i].has)
			clear_home(rule, &homes[i].scope);
		from += share;
	}
	free(homes);
	scope_list_free(&all);
}

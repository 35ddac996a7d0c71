#include "old_items.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "queues.h"

struct old_items {
	const struct lens *lens;
	struct scope_list at;
	const struct rule **rules; /* those of the place */
	size_t rule_count;
	struct queues *queues;
	bool *is_free;
	size_t next_free;
	size_t saying; /* items not taken that say something */
	/* Which rules that identify read something: each set that occurs. */
	uint64_t *sets;
	size_t set_count;
};

/* Does the rule write what identifies the resources of its place? */
static bool rule_identifies(const struct rule *rule, enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];
	return path->place->entry_by &&
	       strcmp(path->steps[0].name, path->place->entry_by) == 0;
}

/* ---- what the rules read ---- */

static void find_rules(struct old_items *items, const struct place *place)
{
	const dfh_rules *rules = items->lens->rules;
	items->rules = xmalloc(rules->rule_count * sizeof(struct rule *));
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		const struct fhir_path *path = rule->fhir[items->lens->release];
		if (path && path->place == place &&
		    (rule->can_get || rule->can_put))
			items->rules[items->rule_count++] = rule;
	}
}

static uint64_t bit_of(size_t rule)
{
	return (uint64_t)1 << rule % 64;
}

/* What a rule reads, alone or in items where such a set of rules that identify
 * reads something. */
static uint64_t kind_alone(size_t rule)
{
	return (uint64_t)rule << 32;
}

static uint64_t kind_in_set(size_t rule, size_t set)
{
	return (uint64_t)rule << 32 | (set + 1);
}

static size_t number_of_set(struct old_items *items, uint64_t set)
{
	for (size_t i = 0; i < items->set_count; i++)
		if (items->sets[i] == set)
			return i;
	array_room(items->sets, items->set_count);
	items->sets[items->set_count] = set;
	return items->set_count++;
}

static void enter_values(struct old_items *items, size_t item, size_t rule,
			 const struct json_list *got, size_t set)
{
	enum fhir_release release = items->lens->release;
	bool alone = rule_identifies(items->rules[rule], release);
	for (size_t k = 0; k < got->count; k++) {
		json_object *dressed = fhir_path_dressed(
			items->rules[rule]->fhir[release], got->at[k]);
		queues_add(items->queues,
			   alone ? kind_alone(rule) : kind_in_set(rule, set),
			   dressed, item);
		json_object_put(dressed);
	}
}

static void enter_old_item(struct old_items *items, const struct lens *quiet,
			   size_t item, struct json_list *got)
{
	uint64_t set = 0;
	bool says = false;
	for (size_t i = 0; i < items->rule_count; i++) {
		const struct rule *rule = items->rules[i];
		lens_get(quiet, rule, &items->at.at[item], &got[i]);
		/* What the top level says for it the item does not say. */
		says = says ||
		       (got[i].count && rule->can_get &&
			(!rule->of_only_item ||
			 lens_has_value(quiet, rule, &items->at.at[item])));
		if (got[i].count && rule->can_put &&
		    rule_identifies(rule, quiet->release))
			set |= bit_of(i);
	}
	size_t number = number_of_set(items, set);
	for (size_t i = 0; i < items->rule_count; i++) {
		if (items->rules[i]->can_put)
			enter_values(items, item, i, &got[i], number);
		lens_values_free(&got[i]);
	}
	bool at_top = items->at.at[item].is_top_level;
	items->is_free[item] = !says && !at_top;
	items->saying += says && !at_top;
}

struct old_items *old_items_new(const struct lens *lens,
				const struct place *place, struct scope_list at)
{
	struct old_items *items = xmalloc(sizeof *items);
	const struct lens quiet = lens_quiet(lens);
	*items = (struct old_items){.lens = lens,
				    .at = at,
				    .queues = queues_new(at.count),
				    .is_free = xmalloc(at.count + 1)};
	if (!at.count)
		return items;
	find_rules(items, place);
	struct json_list *got = xmalloc((items->rule_count + 1) * sizeof *got);
	memset(got, 0, (items->rule_count + 1) * sizeof *got);
	for (size_t i = 0; i < at.count; i++)
		enter_old_item(items, &quiet, i, got);
	free(got);
	return items;
}

void old_items_free(struct old_items *items)
{
	queues_free(items->queues);
	scope_list_free(&items->at);
	free(items->rules);
	free(items->is_free);
	free(items->sets);
	free(items);
}

/* ---- which of them ---- */

static const struct json_list *rule_values_of(const struct old_items *items,
					      size_t rule,
					      const struct json_list *values)
{
	return &values[items->rules[rule] - items->lens->rules->rules];
}

static void look_for_queued(struct old_items *items, uint64_t kind,
			    json_object *value, size_t *first)
{
	size_t found = queues_first(items->queues, kind, value);
	if (found < *first)
		*first = found;
}

const struct scope *old_items_find(struct old_items *items,
				   const struct json_list *values)
{
	enum fhir_release release = items->lens->release;
	size_t first = QUEUES_NONE;
	uint64_t identified = 0;
	for (size_t i = 0; i < items->rule_count; i++) {
		const struct json_list *of = rule_values_of(items, i, values);
		if (!of->count || !rule_identifies(items->rules[i], release))
			continue;
		identified |= bit_of(i);
		look_for_queued(items, kind_alone(i), of->at[0], &first);
	}
	for (size_t i = 0; i < items->rule_count; i++) {
		const struct json_list *of = rule_values_of(items, i, values);
		if (!of->count || rule_identifies(items->rules[i], release))
			continue;
		for (size_t set = 0; set < items->set_count; set++)
			if (!(items->sets[set] & identified))
				look_for_queued(items, kind_in_set(i, set),
						of->at[0], &first);
	}
	return first == QUEUES_NONE ? NULL : &items->at.at[first];
}

const struct scope *old_items_find_free(struct old_items *items)
{
	for (; items->next_free < items->at.count; items->next_free++)
		if (items->is_free[items->next_free] &&
		    !queues_is_taken(items->queues, items->next_free))
			return &items->at.at[items->next_free];
	return NULL;
}

const struct scope *old_items_sole(const struct old_items *items)
{
	const struct scope *sole = NULL;
	for (size_t i = 0; i < items->at.count; i++) {
		if (items->at.at[i].is_top_level)
			continue;
		if (sole || queues_is_taken(items->queues, i))
			return NULL;
		sole = &items->at.at[i];
	}
	return sole;
}

void old_items_take(struct old_items *items, const struct scope *scope)
{
	size_t item = (size_t)(scope - items->at.at);
	queues_take(items->queues, item);
	items->saying -= !items->is_free[item] && !scope->is_top_level;
}

bool old_items_say(const struct old_items *items)
{
	return items->saying > 0;
}

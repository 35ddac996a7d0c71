#include "merges.h"
#include "array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One resource took the place of another, of which there may be no more than an
 * identifier. */
struct merge_step {
	json_object *survivor, *old, *identifier;
};

struct merges {
	struct dfh_import *im;
	const struct place *place;
	struct merge_step *at;
	size_t count;
	struct lh_table *of;   /* survivor -> 1 + index of the first of its
				  steps */
	size_t *next;	       /* of each step: the next one of its survivor */
	struct lh_table *done; /* who was gone through */
};

/* ---- who replaced whom ---- */

static void add_step(struct merges *merges, struct merge_step step)
{
	array_room(merges->at, merges->count);
	merges->at[merges->count++] = step;
}

static void read_link(struct merges *merges, json_object *resource,
		      json_object *link)
{
	const struct merged *how = &merges->place->merged;
	json_object *reference = json_member(link, how->to);
	json_object *identifier = json_member(reference, "identifier");
	json_object *to = fhir_index_resolve(merges->im->index, resource,
					     reference, merges->place->type);
	if (to && (to == resource ||
		   !same_text(resource_type(to), merges->place->type)))
		return;
	if (json_matches(link, how->replaces) && (to || identifier))
		add_step(merges, (struct merge_step){resource, to, identifier});
	else if (json_matches(link, how->replaced_by) && to)
		add_step(merges, (struct merge_step){to, resource, NULL});
}

static void read_links(struct merges *merges)
{
	const struct json_list *all = fhir_index_entries(merges->im->index);
	for (size_t i = 0; i < all->count; i++) {
		json_object *list =
			json_member(all->at[i], merges->place->merged.list);
		if (!json_object_is_type(list, json_type_array) ||
		    strcmp(resource_type(all->at[i]), merges->place->type) != 0)
			continue;
		for (size_t k = 0; k < json_count(list); k++)
			read_link(merges, all->at[i], json_at(list, k));
	}
}

/* The steps of each survivor, one after another: 1 + index, 0 ends them. */
static void chain_steps(struct merges *merges)
{
	merges->next = xmalloc((merges->count + 1) * sizeof *merges->next);
	for (size_t i = merges->count; i > 0; i--) {
		struct lh_entry *entry = lh_table_lookup_entry(
			merges->of, merges->at[i - 1].survivor);
		merges->next[i - 1] =
			entry ? (size_t)(uintptr_t)lh_entry_v(entry) : 0;
		if (entry)
			lh_entry_set_val(entry, (void *)(uintptr_t)i);
		else
			lh_add(merges->of, merges->at[i - 1].survivor,
			       (void *)(uintptr_t)i);
	}
}

static size_t first_step(const struct merges *merges, json_object *survivor)
{
	struct lh_entry *entry = lh_table_lookup_entry(merges->of, survivor);
	return entry ? (size_t)(uintptr_t)lh_entry_v(entry) : 0;
}

/* ---- what that means ---- */

static char *identifier_name_of(json_object *identifier)
{
	const char *system = json_text(identifier, "system");
	const char *value = json_text(identifier, "value");
	char *name = NULL;
	if (value && asprintf(&name, "%s\n%s", system ? system : "", value) < 0)
		name = NULL;
	return name;
}

struct taking {
	json_object *list; /* identifiers of the survivor */
	struct lh_table *names;
	json_object *mark;
};

static void take_identifier(struct taking *taking, json_object *identifier)
{
	char *name = identifier_name_of(identifier);
	if (!name || lh_table_lookup_entry(taking->names, name)) {
		free(name);
		return;
	}
	lh_add(taking->names, name, NULL);
	json_object *own = json_copy(identifier);
	json_foreach (taking->mark, member, value)
		json_add(own, member, json_copy(value));
	json_append(taking->list, own);
}

static void take_identifiers(struct taking *taking, json_object *old)
{
	json_object *list = json_member(old, "identifier");
	if (json_object_is_type(list, json_type_array))
		for (size_t i = 0; i < json_count(list); i++)
			take_identifier(taking, json_at(list, i));
}

static struct taking taking_for(const struct merges *merges,
				json_object *survivor)
{
	struct taking taking = {json_member(survivor, "identifier"),
				lh_by_text(16, lh_free_key),
				merges->place->merged.old};
	if (!json_object_is_type(taking.list, json_type_array)) {
		taking.list = json_new_array();
		json_add(survivor, "identifier", taking.list);
	}
	for (size_t i = 0; i < json_count(taking.list); i++) {
		char *name = identifier_name_of(json_at(taking.list, i));
		if (name && !lh_table_lookup_entry(taking.names, name))
			lh_add(taking.names, name, NULL);
		else
			free(name);
	}
	return taking;
}

/* All that one survivor replaced, itself or through others; each is gone
 * through once, so a circle ends. */
static void take_all_replaced(struct merges *merges, json_object *survivor)
{
	struct taking taking = taking_for(merges, survivor);
	struct json_list open = {0};
	json_list_add(&open, survivor);
	while (open.count) {
		json_object *one = open.at[--open.count];
		if (lh_table_lookup_entry(merges->done, one))
			continue;
		lh_add(merges->done, one, NULL);
		for (size_t i = first_step(merges, one); i;
		     i = merges->next[i - 1]) {
			const struct merge_step *step = &merges->at[i - 1];
			if (step->identifier)
				take_identifier(&taking, step->identifier);
			if (!step->old || step->old == survivor)
				continue;
			take_identifiers(&taking, step->old);
			fhir_index_replace(merges->im->index, step->old,
					   survivor);
			json_list_add(&open, step->old);
		}
	}
	json_list_free(&open);
	lh_table_free(taking.names);
}

/* Who was not replaced in his turn takes all; what is left is a circle. */
static void apply_merges(struct merges *merges)
{
	struct lh_table *old = lh_by_address(16, NULL);
	for (size_t i = 0; i < merges->count; i++)
		if (merges->at[i].old &&
		    !lh_table_lookup_entry(old, merges->at[i].old))
			lh_add(old, merges->at[i].old, NULL);
	for (size_t i = 0; i < merges->count; i++)
		if (!lh_table_lookup_entry(old, merges->at[i].survivor) &&
		    !lh_table_lookup_entry(merges->done,
					   merges->at[i].survivor))
			take_all_replaced(merges, merges->at[i].survivor);
	for (size_t i = 0; i < merges->count; i++)
		if (merges->at[i].old)
			fhir_index_replace(merges->im->index, merges->at[i].old,
					   NULL);
	lh_table_free(old);
}

void merges_apply(struct dfh_import *im)
{
	for (size_t i = 0; i < im->rules->place_count; i++) {
		const struct place *place = &im->rules->places[i];
		struct merges merges = {.im = im, .place = place};
		if (!place->merged.list)
			continue;
		merges.of = lh_by_address(16, NULL);
		merges.done = lh_by_address(16, NULL);
		read_links(&merges);
		chain_steps(&merges);
		apply_merges(&merges);
		lh_table_free(merges.of);
		lh_table_free(merges.done);
		free(merges.next);
		free(merges.at);
	}
}

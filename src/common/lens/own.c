#include "own.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "codec.h"
#include "conditions.h"
#include "view.h"

/* ---- tags ---- */

static void own_add(struct own *own, const struct dcm_tag *tag)
{
	if (own_has(own, tag))
		return;
	array_room(own->tags, own->count);
	own->tags[own->count++] = *tag;
}

static void own_remove(struct own *own, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < own->count; i++)
		if (dcm_tag_compare(&own->tags[i], tag) == 0)
			own->tags[i--] = own->tags[--own->count];
}

static void remove_path(struct own *own, const struct dcm_path *path)
{
	if (path->depth)
		own_remove(own, path->tags);
}

static void remove_paths(struct own *own, const struct dcm_path *paths,
			 size_t count)
{
	for (size_t i = 0; i < count; i++)
		remove_path(own, &paths[i]);
}

static void remove_each(struct own *own, const struct each *each)
{
	remove_paths(own, each->paths, each->count);
	remove_path(own, &each->by);
}

static void remove_positions(struct own *own, const struct positions *positions)
{
	for (size_t i = 0; i < positions->count; i++)
		own_remove(own, positions->at[i].tags);
}

/* What decides whether others say anything is not an instance's own. */
static void remove_conditions(struct own *own,
			      const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->when_count; i++)
		remove_path(own, &conditions->when[i].path);
	for (size_t i = 0; i < conditions->unless_count; i++)
		remove_path(own, &conditions->unless[i].path);
}

static void remove_rule(struct own *own, const struct rule *rule)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		remove_positions(own, &rule->ports[i].at);
	remove_positions(own, &rule->through);
	remove_path(own, &rule->each.by);
}

/* ---- rules ---- */

static bool is_rule_of_place(const struct rule *rule, const struct place *place)
{
	for (enum fhir_release release = 0; release < RELEASES; release++)
		if (rule->fhir[release] && rule->fhir[release]->place != place)
			return false;
	return true;
}

static bool is_partly_of(const struct rule *rule, const struct place *place)
{
	for (enum fhir_release release = 0; release < RELEASES; release++)
		if (rule->fhir[release] && rule->fhir[release]->place == place)
			return true;
	return false;
}

static bool is_plain_rule(const struct rule *rule)
{
	return rule->each.kind == EACH_NONE && rule->derive.kind == DERIVE_NONE;
}

static bool has_positions(const struct own *own,
			  const struct positions *positions)
{
	for (size_t i = 0; i < positions->count; i++)
		if (!own_has(own, positions->at[i].tags))
			return false;
	return true;
}

static bool owns_all_ports(const struct own *own, const struct rule *rule)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (!has_positions(own, &rule->ports[i].at))
			return false;
	return true;
}

static void add_own_rule(struct own *own, const struct rule *rule)
{
	array_room(own->rules, own->rule_count);
	own->rules[own->rule_count++] = (struct own_rule){.rule = rule};
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		for (size_t k = 0; k < rule->ports[i].at.count; k++)
			own_add(own, rule->ports[i].at.at[k].tags);
}

/* Do two rules write the same element? */
static bool rules_meet(const struct rule *a, const struct rule *b)
{
	for (enum fhir_release release = 0; release < RELEASES; release++) {
		const struct fhir_path *x = a->fhir[release];
		const struct fhir_path *y = b->fhir[release];
		if (x && y && x->place == y->place &&
		    (!x->depth || !y->depth ||
		     strcmp(x->steps[0].name, y->steps[0].name) == 0))
			return true;
	}
	return false;
}

static bool meets_other(const struct own *own, const struct rule *rule)
{
	for (size_t i = 0; i < own->rule_count; i++)
		if (!owns_all_ports(own, own->rules[i].rule) &&
		    rules_meet(own->rules[i].rule, rule))
			return true;
	return false;
}

/* A rule has all its attributes there or none, for one that it has in common
 * with others may change what it makes of its own.  So may an element: where
 * several rules write it, on the way back each takes what another wrote. */
static void remove_mixed(struct own *own)
{
	size_t count;
	do {
		count = own->count;
		for (size_t i = 0; i < own->rule_count; i++) {
			const struct rule *rule = own->rules[i].rule;
			if (!is_plain_rule(rule) ||
			    !owns_all_ports(own, rule) ||
			    meets_other(own, rule))
				remove_rule(own, rule);
		}
	} while (own->count < count);
}

/* ---- ways back ---- */

/* Is what it writes into its element all that decides what becomes of its one
 * attribute on the way back? */
static bool is_direct_rule(const struct own *own, const struct rule *rule,
			   enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];
	const struct rule_port *port = &rule->ports[0];
	if (!path || path->place != own->place || path->depth != 1 ||
	    path->slot >= 0 || path->steps[0].extension || path->is ||
	    rule->otherwise[release] || rule->avoid || rule->sources ||
	    !rule->can_get || !rule->can_put || rule->codec->list ||
	    rule->codec->ports[1].name || conditions_are_any(&rule->conditions))
		return false;
	return port->port && !port->read_only && !port->shared &&
	       port->path.depth == 1 && !port->path.value &&
	       port->at.count == 1;
}

static bool has_port(const struct rule *rule, const struct dcm_tag *tag)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		for (size_t k = 0; k < rule->ports[i].at.count; k++)
			if (dcm_tag_compare(rule->ports[i].at.at[k].tags,
					    tag) == 0)
				return true;
	return false;
}

/* Is it the one rule of the tag, and does it share its element with none? */
static bool is_direct_tag(const struct own *own, const struct dcm_tag *tag,
			  enum fhir_release release)
{
	const struct rule *of_tag = NULL;
	for (size_t i = 0; i < own->rule_count; i++) {
		const struct rule *rule = own->rules[i].rule;
		if (!has_port(rule, tag))
			continue;
		if (of_tag || !is_direct_rule(own, rule, release))
			return false;
		of_tag = rule;
	}
	for (size_t i = 0; of_tag && i < own->rule_count; i++)
		if (own->rules[i].rule != of_tag &&
		    rules_meet(own->rules[i].rule, of_tag))
			return false;
	return of_tag;
}

static void look_at_ways_back(struct own *own)
{
	for (size_t i = 0; i < own->rule_count; i++)
		own->rules[i].is_apart =
			owns_all_ports(own, own->rules[i].rule);
	for (int release = 0; release < RELEASES; release++) {
		bool all = own->count > 0;
		for (size_t i = 0; all && i < own->count; i++)
			all = is_direct_tag(own, &own->tags[i],
					    (enum fhir_release)release);
		own->is_direct[release] = all;
	}
}

bool own_is_shared(const struct own *own, const struct rule *rule)
{
	for (size_t i = 0; i < own->rule_count; i++)
		if (own->rules[i].rule == rule)
			return !own->rules[i].is_apart;
	return true;
}

/* ---- places ---- */

static bool refers_to_place(const struct place *place, const struct place *to)
{
	for (size_t i = 0; i < place->ref_count; i++)
		if (place->refs[i].to == to)
			return true;
	for (enum fhir_release release = 0; release < RELEASES; release++)
		if ((place->in[release] && place->in[release]->place == to) ||
		    (place->via[release] && place->via[release]->place == to))
			return true;
	return false;
}

/* The place of instances, if nothing depends on it. */
static const struct place *place_alone(const dfh_rules *rules)
{
	const struct place *found = view_level_place(rules, LEVEL_INSTANCE);
	for (size_t i = 0; found && i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		if (place != found && (place->level == LEVEL_INSTANCE ||
				       refers_to_place(place, found)))
			return NULL;
	}
	return found && found->each.kind == EACH_NONE && !found->is_resource
		       ? found
		       : NULL;
}

static int compare_own_tags(const void *a, const void *b)
{
	return dcm_tag_compare(a, b);
}

struct own *own_new(const dfh_rules *rules)
{
	struct own *own = xmalloc(sizeof *own);
	*own = (struct own){.place = place_alone(rules)};
	if (!own->place)
		return own;
	for (size_t i = 0; i < own->place->key_count; i++)
		own_add(own, own->place->key[i].tags);
	for (size_t i = 0; i < rules->rule_count; i++)
		if (is_partly_of(&rules->rules[i], own->place))
			add_own_rule(own, &rules->rules[i]);
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		if (!is_rule_of_place(rule, own->place))
			remove_rule(own, rule);
		remove_conditions(own, &rule->conditions);
		remove_positions(own, &rule->told_by);
	}
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		remove_each(own, &place->each);
		remove_conditions(own, &place->conditions);
		remove_path(own, &place->entry_within);
		if (place != own->place)
			remove_paths(own, place->key, place->key_count);
	}
	remove_paths(own, rules->carry, rules->carry_count);
	for (size_t i = 0; i < rules->type2_count; i++)
		if (rules->type2[i].depth > 1)
			remove_path(own, &rules->type2[i]);
	remove_path(own, &rules->schemes.identification);
	remove_mixed(own);
	if (own->count)
		qsort(own->tags, own->count, sizeof *own->tags,
		      compare_own_tags);
	look_at_ways_back(own);
	return own;
}

void own_free(struct own *own)
{
	if (!own)
		return;
	free(own->tags);
	free(own->rules);
	free(own);
}

/* Which ports write attributes that must be there (PS3.5 7.4), or by which a
 * dataset is found. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"

static bool path_is_at_position(const struct dcm_path *path,
				const struct position *at)
{
	if (path->depth != at->depth)
		return false;
	for (size_t i = 0; i < path->depth; i++)
		if (dcm_tag_compare(&path->tags[i], &at->tags[i]) != 0)
			return false;
	return true;
}

static bool is_among_paths(const struct positions *positions,
			   const struct dcm_path *paths, size_t count)
{
	for (size_t i = 0; i < positions->count; i++)
		for (size_t k = 0; k < count; k++)
			if (path_is_at_position(&paths[k], &positions->at[i]))
				return true;
	return false;
}

/* The attributes of a key may be in several homes; what they are called is
 * enough. */
static bool is_match_key(const dfh_rules *rules, const struct dcm_path *port)
{
	for (size_t k = 0; k < rules->match_count; k++)
		for (size_t i = 0; i < rules->match[k].id_count; i++) {
			const struct match_id *id = &rules->match[k].ids[i];

			for (size_t p = 0; p < id->count; p++)
				if (strcmp(id->paths[p].text, port->text) == 0)
					return true;
		}
	return false;
}

static void type_port(const dfh_rules *rules, struct rule_port *port)
{
	if (is_among_paths(&port->at, rules->type1, rules->type1_count))
		port->type = 1;
	else if (is_among_paths(&port->at, rules->type2, rules->type2_count))
		port->type = 2;
	port->is_key = is_match_key(rules, &port->path);
}

static bool is_same_way(const struct fhir_path *a, const struct fhir_path *b)
{
	return (!a && !b) || (a && b && strcmp(a->text, b->text) == 0 &&
			      json_object_equal(a->is, b->is));
}

static void mark_place(struct rule *rule, enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];
	struct place *place = path ? (struct place *)path->place : NULL;

	if (!place)
		return;
	place->identifies[release] |= rule->identifies;
	for (enum fhir_release r = 1; r < RELEASES; r++)
		place->differs |= !is_same_way(rule->fhir[0], rule->fhir[r]) ||
				  !is_same_way(place->via[0], place->via[r]);
}

/* Which rules and places say what a dataset is found by. */
static void mark_identifying(const dfh_rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		struct rule *rule = &rules->rules[i];

		for (size_t k = 0; rule->codec && rule->codec->ports[k].name;
		     k++)
			rule->identifies |= rule->can_put &&
					    rule->ports[k].port &&
					    rule->ports[k].is_key;
		for (enum fhir_release r = 0; r < RELEASES; r++)
			mark_place(rule, r);
	}
}

void build_types(struct build *build)
{
	const dfh_rules *rules = build->rules;

	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		for (size_t k = 0; rule->codec && rule->codec->ports[k].name;
		     k++)
			if (rule->ports[k].path.depth)
				type_port(rules, &rule->ports[k]);
	}
	mark_identifying(rules);
}

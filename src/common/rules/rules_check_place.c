/*
 * Places that cannot be told apart when a Bundle is read back (view.c): by
 * the level whose key they have, by the reference that leads there, or by
 * what the resource itself says.
 */
#include "rules_build.h"

#include <string.h>

#include "fhir_path.h"

static bool path_is_of_place(const struct fhir_path *path,
			     const struct place *place)
{
	return path && path->place == place;
}

static void read_back(const struct dfh_rules *rules,
		      const struct fhir_path *path, enum fhir_release release)
{
	if (path && path->place && path->place->type &&
	    path->place->in_release[release])
		rules->places[path->place - rules->places]
			.is_read_back[release] = true;
}

/* From which places is anything read back? */
static void find_read_back(const struct dfh_rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		for (enum fhir_release r = 0; rule->can_put && r < RELEASES;
		     r++) {
			read_back(rules, rule->fhir[r], r);
			read_back(rules, rule->otherwise[r], r);
		}
	}
}

static bool has_level(const struct place *place)
{
	return place->per && place->key_count;
}

/* Found by what it is alone, among all resources of the type. */
static bool is_free(const struct place *place, enum fhir_release release)
{
	return place->is_resource && !has_level(place) && !place->via[release];
}

/* Does what one pattern describes fit the other as well?  NULL fits all. */
static bool patterns_fit(json_object *described, json_object *pattern)
{
	return !pattern || (described && json_matches(described, pattern));
}

/* ---- pairs ---- */

static bool same_level(const struct place *a, const struct place *b)
{
	return has_level(a) && has_level(b) && a->level == b->level;
}

static bool same_link(const struct place *a, const struct place *b,
		      enum fhir_release release)
{
	const struct fhir_path *x = a->via[release], *y = b->via[release];

	return x && y && strcmp(a->type, b->type) == 0 &&
	       x->depth == y->depth && fhir_paths_overlap(x, y) &&
	       (patterns_fit(x->is, y->is) || patterns_fit(y->is, x->is));
}

/* Is what another place writes one of those that this one reads besides? */
static bool is_also(const struct place *place, json_object *written,
		    enum fhir_release release)
{
	return written && place->is[release] &&
	       place_has(place, release, written);
}

/* Would a resource of other be taken for one of the free place? */
static bool place_takes_other(const struct place *place,
			      const struct place *other,
			      enum fhir_release release)
{
	return is_free(place, release) && other->is_resource && other->type &&
	       other->in_release[release] &&
	       strcmp(place->type, other->type) == 0 &&
	       (patterns_fit(other->is[release], place->is[release]) ||
		is_also(place, other->is[release], release) ||
		is_also(place, other->is_without[release], release));
}

/* Why two places cannot be told apart, or NULL. */
static const char *confusion_of_places(const struct place *a,
				       const struct place *b,
				       enum fhir_release release)
{
	bool back_a = a->is_read_back[release];
	bool back_b = b->is_read_back[release];

	if (back_a && back_b && same_level(a, b))
		return "only one place of a level can have a 'key'";
	if (back_a && back_b && same_link(a, b, release))
		return "each needs a 'link' that does not fit the other";
	if ((back_a && place_takes_other(a, b, release)) ||
	    (back_b && place_takes_other(b, a, release)))
		return "each needs an 'is' that does not fit the other";
	return NULL;
}

/* Places stand in the order in which they lead to one another; what is told
 * is that the one further down the file is wrong. */
static bool is_place_before(struct build *build, const struct place *a,
			    const struct place *b)
{
	size_t x = build_file_order(build, a->mark.file);
	size_t y = build_file_order(build, b->mark.file);

	return x != y ? x < y : a->mark.line < b->mark.line;
}

static void check_place_pair(struct build *build, const struct place *a,
			     const struct place *b)
{
	const struct place *first = is_place_before(build, b, a) ? b : a;
	const struct place *second = first == a ? b : a;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const char *why = confusion_of_places(first, second, r);

		if (!why)
			continue;
		diag_fault(build->diag, &second->mark,
			   (int)strlen(second->name),
			   "on the way back place '%s' cannot be told from "
			   "place '%s' (line %d); %s",
			   second->name, first->name, first->mark.line, why);
		return;
	}
}

/* ---- all ---- */

/* An element of an array is found by its key alone. */
static void check_key(struct build *build, const struct place *place)
{
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (!place->in[r] || place->key_count ||
		    !place->is_read_back[r])
			continue;
		diag_fault(build->diag, &place->mark, (int)strlen(place->name),
			   "put of the rules of place '%s' is never reached: "
			   "without 'key' its elements are not found",
			   place->name);
		return;
	}
}

/* A resource is there where a rule has a value for it. */
static bool is_place_written(const struct dfh_rules *rules,
			     const struct place *place,
			     enum fhir_release release)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (path_is_of_place(rules->rules[i].fhir[release], place) &&
		    rules->rules[i].can_get)
			return true;
	return false;
}

/* 'link' stands beside the reference. */
static void check_link(struct build *build, size_t index)
{
	const struct yaml_node *node = build->place_nodes[index];
	const struct yaml_node *link = yaml_get(node, "link");

	if (link && !yaml_get(node, "via"))
		node_fault(build, link,
			   "'link' has no effect without the reference 'via'");
}

/* A contained resource of which no rule says anything: it stands between one
 * that refers to it and one that it refers to. */
static bool may_carry(const struct dfh_rules *rules, const struct place *place)
{
	bool is_said = place->entry != ENTRY_CONTAINED ||
		       place->each.kind != EACH_NONE;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		is_said = is_said || (place->in_release[r] && !place->via[r]);
		for (size_t i = 0; i < rules->rule_count; i++)
			is_said = is_said ||
				  path_is_of_place(rules->rules[i].fhir[r],
						   place) ||
				  path_is_of_place(rules->rules[i].otherwise[r],
						   place);
	}
	return !is_said;
}

/* What is referred to is written into what is there of the other place. */
static void check_via(struct build *build, size_t index)
{
	const struct place *place = &build->rules->places[index];
	const struct yaml_node *via =
		yaml_get(build->place_nodes[index], "via");

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct fhir_path *path = place->via[r];

		if (!path || !path->place || has_level(path->place) ||
		    is_place_written(build->rules, path->place, r))
			continue;
		if (may_carry(build->rules, path->place)) {
			build->rules->places[path->place - build->rules->places]
				.carries = true;
			continue;
		}
		node_fault(build, node_for(via, r),
			   "'via' goes through place '%s', which no rule "
			   "writes to, so that nothing is ever there to refer "
			   "from; without 'each', and contained, it would be "
			   "there for this one",
			   path->place->name);
		return;
	}
}

void build_check_places(struct build *build)
{
	const struct dfh_rules *rules = build->rules;

	find_read_back(rules);
	for (size_t i = 0; i < rules->place_count; i++) {
		check_key(build, &rules->places[i]);
		check_via(build, i);
		check_link(build, i);
		build_check_each(build, &rules->places[i].each, NULL,
				 build->place_nodes[i]);
		for (size_t k = 0; k < i; k++)
			check_place_pair(build, &rules->places[k],
					 &rules->places[i]);
	}
}

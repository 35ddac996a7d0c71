/*
 * What the way back never comes to.  There each element of an array goes to
 * one rule: those with a pattern choose first, in the order of the file, and
 * then the others (view.c).  An earlier rule must not take what a later one
 * wrote.
 */
#include "rules_build.h"

#include <string.h>

#include "codec.h"
#include "fhir_path.h"

/* ---- elements that another rule takes ---- */

static bool takes_all(const struct rule *rule)
{
	return rule->each.kind != EACH_NONE ||
	       (rule->codec && rule->codec->list);
}

/* Are elements of an array dealt out to this rule, one by one? */
static bool is_dealt(const struct rule *rule, enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];

	return path && path->slot >= 0 && rule->can_put && rule->codec &&
	       !rule->codec->list;
}

/* Does first, which chooses before second, take what second wrote? */
static bool rule_hides(const struct rule *first, const struct rule *second,
		       enum fhir_release release)
{
	const struct fhir_path *x = first->fhir[release];
	const struct fhir_path *y = second->fhir[release];

	if ((first->sources && first->sources == second->sources) ||
	    !is_dealt(first, release) || !is_dealt(second, release) ||
	    x->slot != y->slot || !fhir_paths_overlap(x, y) ||
	    rules_collide(first, second, release) ||
	    rules_exclude_each_other(first, second))
		return false;
	if (x->is && y->is)
		return json_matches(y->is, x->is);
	/* Where paths differ, nothing is claimed (view.c). */
	return !x->is && !y->is && strcmp(x->text, y->text) == 0 &&
	       (takes_all(first) || !first->prefer);
}

static void tell_hidden(struct build *build, size_t index,
			const struct rule *first, enum fhir_release release)
{
	const struct rule *rule = &build->rules->rules[index];
	const struct yaml_node *node = build->rule_list.at[index];
	const struct yaml_node *is = node_for(yaml_get(node, "is"), release);
	const struct yaml_node *fhir =
		node_for(yaml_get(node, "fhir"), release);

	if (!rule->fhir[release]->is)
		node_fault(build, fhir,
			   "put of rule '%s' is never reached: rule '%s' "
			   "(line %d) comes first and takes every element of "
			   "%s; put '%s' before it",
			   rule->id, first->id, first->mark.line,
			   rule->fhir[release]->text, rule->id);
	else if (json_matches(first->fhir[release]->is,
			      rule->fhir[release]->is))
		node_fault(build, is ? is : fhir,
			   "what rule '%s' writes cannot be told from what "
			   "rule '%s' (line %d) writes",
			   rule->id, first->id, first->mark.line);
	else
		node_fault(build, is ? is : fhir,
			   "put of rule '%s' is never reached: what it writes "
			   "is taken by rule '%s' (line %d), which comes first "
			   "and asks for less; put '%s' before it",
			   rule->id, first->id, first->mark.line, rule->id);
}

static void check_hidden(struct build *build, size_t index)
{
	const struct rule *rules = build->rules->rules;

	for (size_t k = 0; k < index; k++)
		for (enum fhir_release r = 0; r < RELEASES; r++) {
			if (!rule_hides(&rules[k], &rules[index], r))
				continue;
			tell_hidden(build, index, &rules[k], r);
			return;
		}
}

/* ---- parts that have no effect ---- */

static void check_prefer(struct build *build, const struct rule *rule,
			 const struct yaml_node *list)
{
	if (takes_all(rule)) {
		node_fault(build, list,
			   "'prefer' chooses one element, but rule '%s' takes "
			   "all of them",
			   rule->id);
		return;
	}
	for (size_t i = 0; rule->prefer && i < list->count; i++) {
		json_object *pattern = json_at(rule->prefer, i);
		size_t k = 0;

		while (k < i &&
		       !json_matches(pattern, json_at(rule->prefer, k)))
			k++;
		if (k < i)
			node_fault(build, list->items[i],
				   "this pattern is never reached: the one in "
				   "line %d fits whatever it fits",
				   list->items[k]->mark.line);
	}
}

static void check_way_back(struct build *build, const struct rule *rule,
			   const struct yaml_node *node)
{
	static const char *const back[] = {"prefer", "avoid", "else", "unite",
					   NULL};
	const struct yaml_node *prefer = yaml_get(node, "prefer");

	if (rule->can_put && prefer && prefer->kind == YAML_LIST && rule->codec)
		check_prefer(build, rule, prefer);
	for (size_t i = 0; !rule->can_put && back[i]; i++) {
		const struct yaml_node *part = yaml_get(node, back[i]);

		if (part)
			node_fault(build, part,
				   "'%s' is for the way back, but rule '%s' is "
				   "'only: get'",
				   back[i], rule->id);
	}
	if (!rule->can_get && yaml_get(node, "default"))
		node_fault(build, yaml_get(node, "default"),
			   "'default' is written into FHIR, but rule '%s' is "
			   "'only: put'",
			   rule->id);
}

void build_check_put(struct build *build)
{
	for (size_t i = 0; i < build->rules->rule_count; i++) {
		check_hidden(build, i);
		check_way_back(build, &build->rules->rules[i],
			       build->rule_list.at[i]);
	}
}

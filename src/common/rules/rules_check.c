/* What no single rule shows: two that write the same element. */
#include "rules_build.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "codec.h"

/* ---- DICOM side ---- */

struct written_port {
	const struct position *at;
	const struct rule *rule;
	const struct rule_port *port;
	bool told;
};

struct writes {
	struct written_port *list;
	size_t count;
};

static void add_written(struct writes *writes,
			const struct written_port *written)
{
	array_room(writes->list, writes->count);
	writes->list[writes->count++] = *written;
}

static void add_rule_writes(struct writes *writes, const struct rule *rule)
{
	for (size_t i = 0; rule->codec && rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];

		if (!port->path.depth || port->read_only || port->shared)
			continue;
		for (size_t k = 0; k < port->at.count; k++)
			add_written(writes, &(struct written_port){
						    .at = &port->at.at[k],
						    .rule = rule,
						    .port = port});
	}
}

static bool same_position(const struct position *a, const struct position *b)
{
	if (a->depth != b->depth ||
	    (a->value && b->value && a->value != b->value))
		return false;
	for (size_t i = 0; i < a->depth; i++)
		if (dcm_tag_compare(&a->tags[i], &b->tags[i]) != 0 ||
		    (a->items[i] && b->items[i] &&
		     items_exclude_each_other(a->items[i], b->items[i])))
			return false;
	return true;
}

/* In the home "." other places' rules go first, and the engine leaves alone
 * what they write. */
static bool written_gives_way(const struct written_port *a,
			      const struct written_port *b)
{
	return (a->at->at_top_home || b->at->at_top_home) &&
	       rule_place(a->rule) != rule_place(b->rule);
}

static bool share_a_release(const struct rule *a, const struct rule *b)
{
	bool share = false;

	for (enum fhir_release r = 0; !share && r < RELEASES; r++)
		share = a->fhir[r] && b->fhir[r];
	return share;
}

static void check_written_pair(struct build *build, struct written_port *first,
			       struct written_port *second)
{
	if (second->told || !same_position(first->at, second->at) ||
	    written_gives_way(first, second) ||
	    !share_a_release(first->rule, second->rule) ||
	    rules_exclude_each_other(first->rule, second->rule))
		return;
	second->told = true;
	if (first->rule == second->rule)
		diag_fault(build->diag, &second->port->mark,
			   (int)strlen(second->port->path.text),
			   "rule '%s' writes %s twice", first->rule->id,
			   second->port->path.text);
	else
		diag_fault(build->diag, &second->port->mark,
			   (int)strlen(second->port->path.text),
			   "rule '%s' writes %s, which rule '%s' (line %d) "
			   "writes as well",
			   second->rule->id, second->port->path.text,
			   first->rule->id, first->rule->mark.line);
}

static void check_dicom(struct build *build)
{
	struct writes writes = {0};

	for (size_t i = 0; i < build->rules->rule_count; i++)
		if (build->rules->rules[i].can_put)
			add_rule_writes(&writes, &build->rules->rules[i]);
	for (size_t i = 0; i < writes.count; i++)
		for (size_t k = 0; k < i; k++)
			check_written_pair(build, &writes.list[k],
					   &writes.list[i]);
	free(writes.list);
}

/* ---- FHIR side ---- */

/* Nearly all pairs are of two places. */
static bool rules_share_place(const struct rule *a, const struct rule *b,
			      enum fhir_release release)
{
	return a->fhir[release] && b->fhir[release] &&
	       a->fhir[release]->place == b->fhir[release]->place;
}

static void check_fhir_of(struct build *build, size_t index)
{
	const struct rule *rule = &build->rules->rules[index];
	const struct yaml_node *fhir =
		yaml_get(build->rule_list.at[index], "fhir");

	for (size_t k = 0; k < index; k++) {
		const struct rule *first = &build->rules->rules[k];

		for (enum fhir_release r = 0; r < RELEASES; r++) {
			if (!rules_share_place(first, rule, r) ||
			    !rules_collide(first, rule, r) ||
			    rules_exclude_each_other(first, rule))
				continue;
			node_fault(build, node_for(fhir, r),
				   "rule '%s' writes %s, which rule '%s' "
				   "(line %d) writes as well",
				   rule->id, rule->fhir[r]->text, first->id,
				   first->mark.line);
			return;
		}
	}
}

/* Many values need room for many. */
static void check_room(struct build *build, size_t index)
{
	const struct rule *rule = &build->rules->rules[index];
	const struct yaml_node *each =
		yaml_get(build->rule_list.at[index], "each");

	if (rule->among == AMONG_AGREE ||
	    (rule->each.kind != EACH_ITEM && rule->each.kind != EACH_VALUE))
		return;
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (rule->fhir[r] && rule->fhir[r]->slot < 0)
			node_fault(build, each,
				   "'each' makes many values, but there is no "
				   "array in %s",
				   rule->fhir[r]->text);
}

static bool is_joined(const struct place *place, const struct dcm_tag *tag)
{
	if (!place || place->each.kind != EACH_JOIN)
		return false;
	for (size_t i = 0; i < place->each.count; i++)
		if (place->each.paths[i].depth &&
		    dcm_tag_compare(&place->each.paths[i].tags[0], tag) == 0)
			return true;
	return false;
}

/* Of values, or homes, in a sequence only those of the first item would be gone
 * through; where the place joins the outer one, it has the item already. */
void build_check_each(struct build *build, const struct each *each,
		      const struct place *place, const struct yaml_node *node)
{
	for (size_t i = 0; i < each->count; i++) {
		const struct dcm_path *path = &each->paths[i];

		if (path->depth < 2 || each->kind == EACH_ITEM ||
		    (path->depth == 2 && is_joined(place, &path->tags[0])))
			continue;
		node_fault(build, yaml_get(node, "each"),
			   "'each' reaches into the items of another sequence, "
			   "of which only the first would be read: %s",
			   path->text);
		return;
	}
}

/* Is it a codec, or a one-of, that asks a table for a choice? */
static bool table_chooses(const struct dfh_rules *rules,
			  const struct table *table)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (rule->each.table == table)
			return true;
		for (size_t k = 0; k < rule->option_count; k++)
			if (rule->options[k].table == table &&
			    rule->codec->alternatives)
				return true;
	}
	for (size_t i = 0; i < rules->place_count; i++)
		if (rules->places[i].each.table == table)
			return true;
	return false;
}

static void check_tables(struct build *build)
{
	static const char *const keys[] = {"default", "none", NULL};
	const struct dfh_rules *rules = build->rules;

	for (size_t i = 0; i < rules->table_count; i++)
		for (size_t k = 0; keys[k]; k++) {
			const struct yaml_node *part =
				yaml_get(build->tables.at[i].value, keys[k]);

			if (part && !table_chooses(rules, &rules->tables[i]))
				node_fault(build, part,
					   "'%s' has no effect: nothing "
					   "chooses by table '%s'",
					   keys[k], rules->tables[i].name);
		}
}

static size_t levels_of(const struct each *each)
{
	return each->kind == EACH_ITEM ? each->paths[0].depth : 0;
}

/* Nothing is further out than the dataset. */
static void check_up(struct build *build, const struct rule *rule)
{
	const struct place *place = rule_place(rule);
	size_t levels =
		levels_of(&rule->each) + (place ? levels_of(&place->each) : 0);

	for (size_t i = 0; rule->codec && rule->codec->ports[i].name; i++)
		if (rule->ports[i].path.up > levels ||
		    rule->ports[i].path.up > ABOVE_MAX)
			diag_fault(build->diag, &rule->ports[i].mark, 1,
				   "'../' leads further out than the items "
				   "that rule '%s' is in",
				   rule->id);
}

static bool is_whole_dataset(const struct place *place)
{
	return place->each.kind == EACH_NONE &&
	       !conditions_are_any(&place->conditions);
}

/* A rule lies at one place of the dataset in all releases: rule_place(). */
static void check_one_place(struct build *build, const struct rule *rule)
{
	const struct place *first = rule_place(rule);

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct place *place =
			rule->fhir[r] ? rule->fhir[r]->place : first;

		if (place == first ||
		    (is_whole_dataset(place) && is_whole_dataset(first)))
			continue;
		diag_fault(build->diag, &rule->mark, (int)strlen(rule->id),
			   "rule '%s' is in another place in %s, '%s', which "
			   "no rule can be where that or '%s' has an 'each', "
			   "'when' or 'unless': make it two rules",
			   rule->id, release_names[r], place->name,
			   first->name);
		return;
	}
}

void build_check(struct build *build)
{
	check_dicom(build);
	for (size_t i = 0; i < build->rules->rule_count; i++) {
		const struct rule *rule = &build->rules->rules[i];

		check_fhir_of(build, i);
		check_one_place(build, rule);
		check_up(build, rule);
		check_room(build, i);
		build_check_codes(build, rule);
		build_check_each(build, &rule->each, rule_place(rule),
				 build->rule_list.at[i]);
	}
	build_check_put(build);
	build_check_places(build);
	check_tables(build);
}

/* `by`: the identifiers that the resources of a place are known by. */
#include "rules_build.h"

#include <string.h>

/* Does the rule write an identifier of the place? */
static bool writes_identifier_of(const struct rule *rule,
				 const struct place *place)
{
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct fhir_path *path = rule->fhir[r];

		if (path && path->place == place && place->entry_by &&
		    strcmp(path->steps[0].name, place->entry_by) == 0)
			return true;
	}
	return false;
}

static void add_known_by_rule(struct build *build, const struct yaml_node *node,
			      const struct place *place, struct known_by *out)
{
	const dfh_rules *rules = build->rules;
	const char *id = node_text(build, node);

	if (!id)
		return;
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (!rule->id || strcmp(rule->id, id) != 0 ||
		    !writes_identifier_of(rule, place))
			continue;
		out->rules[out->count++] = i;
		return;
	}
	node_fault(build, node, "no rule '%s' writes %s.%s", id, place->name,
		   place->entry_by ? place->entry_by : "identifier");
}

/* One name, or a list of those that count together. */
static void build_known_by_entry(struct build *build,
				 const struct yaml_node *node,
				 const struct place *place,
				 struct known_by *out)
{
	size_t count = node->kind == YAML_LIST ? node->count : 1;

	out->rules =
		arena_alloc(build->arena, (count + 1) * sizeof *out->rules);
	if (node->kind != YAML_LIST)
		add_known_by_rule(build, node, place, out);
	for (size_t i = 0; node->kind == YAML_LIST && i < count; i++)
		add_known_by_rule(build, node->items[i], place, out);
}

void build_known_by(struct build *build)
{
	dfh_rules *rules = build->rules;

	for (size_t i = 0; i < rules->place_count; i++) {
		struct place *place = &rules->places[i];
		const struct yaml_node *entry =
			yaml_get(build->place_nodes[i], "entry");
		const struct yaml_node *list = yaml_get(entry, "by");

		if (!list || !node_is_list(build, list))
			continue;
		place->known_by = arena_alloc(build->arena,
					      (list->count + 1) *
						      sizeof *place->known_by);
		for (size_t k = 0; k < list->count; k++)
			build_known_by_entry(
				build, list->items[k], place,
				&place->known_by[place->known_by_count++]);
	}
}

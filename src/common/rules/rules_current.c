#include "rules_build.h"

static json_object *build_current_patterns(struct build *build,
					   const struct yaml_node *list,
					   const char *type)
{
	if (!list || !node_is_list(build, list))
		return NULL;
	for (enum fhir_release r = 0; r < RELEASES; r++)
		json_check(build, list, r, type, true);
	return build_keep(build, json_of(list));
}

static size_t build_member(struct build *build, const struct yaml_node *node,
			   const char *type, struct fhir_step **out)
{
	int depth = -1;

	if (!node || !node_text(build, node))
		return 0;
	for (enum fhir_release r = 0; r < RELEASES; r++)
		depth = build_fhir_steps(build, node, 0, r, type, out);
	return depth < 0 ? 0 : (size_t)depth;
}

void build_current(struct build *build)
{
	static const char *const keys[] = {"never", "aside", "prefer", "begins",
					   "ended", "rank",  NULL};
	struct dfh_rules *rules = build->rules;

	rules->current =
		arena_alloc(build->arena, (build->current.count + 1) *
						  sizeof *rules->current);
	for (size_t i = 0; i < build->current.count; i++) {
		const struct yaml_node *map = build->current.at[i].value;
		const char *type = build->current.at[i].key->text;
		struct current *out = &rules->current[rules->current_count];

		if (!node_is_map(build, map))
			continue;
		node_check_keys(build, map, keys);
		out->type = type;
		out->never = build_current_patterns(
			build, yaml_get(map, "never"), type);
		out->aside = build_current_patterns(
			build, yaml_get(map, "aside"), type);
		out->prefer = build_current_patterns(
			build, yaml_get(map, "prefer"), type);
		out->begins_depth = build_member(build, yaml_get(map, "begins"),
						 type, &out->begins);
		out->ended_depth = build_member(build, yaml_get(map, "ended"),
						type, &out->ended);
		out->rank_depth = build_member(build, yaml_get(map, "rank"),
					       type, &out->rank);
		rules->current_count++;
	}
}

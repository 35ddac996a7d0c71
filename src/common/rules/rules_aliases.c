/* `aliases`: what others call the systems that the rules name. */
#include <stdlib.h>
#include <string.h>

#include "rules_build.h"

static int compare_aliases(const void *left, const void *right)
{
	const struct alias *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* "ImagingStudy.identifier" */
static void build_alias_place(struct build *build, const struct yaml_node *node,
			      struct alias *out)
{
	const char *path = node_text(build, node);
	const char *dot = path ? strchr(path, '.') : NULL;

	if (!path)
		return;
	if (!dot || dot == path || !dot[1] || strchr(dot + 1, '.')) {
		node_fault(build, node,
			   "is to be a type and one element of it, as "
			   "Patient.identifier");
		return;
	}
	out->type = arena_strndup(build->arena, path, (size_t)(dot - path));
	out->element = arena_strdup(build->arena, dot + 1);
}

/* All three must be there. */
static bool alias_is_whole(struct build *build, const struct yaml_node *map)
{
	static const char *const keys[] = {"of", "system", "begins", NULL};
	bool whole = true;

	node_check_keys(build, map, keys);
	for (size_t i = 0; keys[i] && whole; i++) {
		whole = yaml_get(map, keys[i]) != NULL;
		if (!whole)
			node_fault(build, map, "needs '%s'", keys[i]);
	}
	return whole && node_is_list(build, yaml_get(map, "begins"));
}

static void build_alias_within(struct build *build, const char *system,
			       const struct yaml_node *map)
{
	struct dfh_rules *rules = build->rules;
	struct alias *out = &rules->aliases_within[rules->within_count];
	const struct yaml_node *begins = yaml_get(map, "begins");

	if (!alias_is_whole(build, map))
		return;
	*out = (struct alias){
		.system = system,
		.name = node_text(build, yaml_get(map, "system"))};
	build_alias_place(build, yaml_get(map, "of"), out);
	out->begins = arena_alloc(build->arena,
				  (begins->count + 1) * sizeof *out->begins);
	for (size_t i = 0; i < begins->count; i++) {
		const char *text = node_text(build, begins->items[i]);

		if (text)
			out->begins[out->begin_count++] = text;
	}
	rules->within_count += out->name && out->type;
}

static void build_alias(struct build *build, const char *system,
			const struct yaml_node *node)
{
	struct dfh_rules *rules = build->rules;
	const char *name;

	if (node->kind == YAML_MAP) {
		build_alias_within(build, system, node);
		return;
	}
	name = node_text(build, node);
	if (name)
		rules->aliases[rules->alias_count++] =
			(struct alias){.name = name, .system = system};
}

void build_aliases(struct build *build)
{
	struct dfh_rules *rules = build->rules;
	size_t room = 1;

	for (size_t i = 0; i < build->aliases.count; i++)
		room += build->aliases.at[i].value->count;
	rules->aliases =
		arena_alloc(build->arena, room * sizeof *rules->aliases);
	rules->aliases_within =
		arena_alloc(build->arena, room * sizeof *rules->aliases_within);
	for (size_t i = 0; i < build->aliases.count; i++) {
		const struct yaml_pair *pair = &build->aliases.at[i];

		if (!node_is_list(build, pair->value))
			continue;
		for (size_t k = 0; k < pair->value->count; k++)
			build_alias(build, pair->key->text,
				    pair->value->items[k]);
	}
	if (rules->alias_count)
		qsort(rules->aliases, rules->alias_count,
		      sizeof *rules->aliases, compare_aliases);
}

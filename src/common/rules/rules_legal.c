/* `legal`: in which datasets FHIR may give an attribute; `new-items`: what an
 * item must have. */
#include "rules_build.h"

static void build_legal_attribute(struct build *build,
				  const struct yaml_pair *pair,
				  struct legal *out)
{
	static const char *const keys[] = {"when", "unless", NULL};
	const struct yaml_node *list = pair->value;

	if (!node_is_list(build, list) ||
	    !build_dicom_path(build, pair->key, &out->path))
		return;
	build_at_top(build, pair->key, &out->path);
	if (!list->count)
		node_fault(build, list, "this never holds");
	out->in =
		arena_alloc(build->arena, (list->count + 1) * sizeof *out->in);
	for (size_t i = 0; i < list->count; i++) {
		if (!node_is_map(build, list->items[i]))
			continue;
		node_check_keys(build, list->items[i], keys);
		build_conditions(build, list->items[i], &out->in[out->count++]);
	}
}

void build_legal(struct build *build)
{
	struct dfh_rules *rules = build->rules;

	rules->legal_count = build->legal.count;
	rules->legal = arena_alloc(build->arena, (build->legal.count + 1) *
							 sizeof *rules->legal);
	for (size_t i = 0; i < build->legal.count; i++)
		build_legal_attribute(build, &build->legal.at[i],
				      &rules->legal[i]);
}

/* Names of attributes in the item itself. */
static void build_names(struct build *build, const struct yaml_node *list,
			struct dcm_path **out, size_t *count)
{
	if (!list || !node_is_list(build, list) ||
	    !build_dicom_paths(build, list, out, count))
		return;
	for (size_t i = 0; i < *count; i++)
		build_at_top(build, list->items[i], &(*out)[i]);
}

static void build_new_item(struct build *build, const struct yaml_pair *pair,
			   struct new_item *out)
{
	static const char *const keys[] = {"own", "type-1", "type-2", NULL};
	const struct yaml_node *map = pair->value;

	if (!node_is_map(build, map) ||
	    !build_dicom_path(build, pair->key, &out->sequence))
		return;
	node_check_keys(build, map, keys);
	if (!is_sequence(&out->sequence))
		node_fault(build, pair->key, "%s is no sequence",
			   out->sequence.text);
	build_at_top(build, pair->key, &out->sequence);
	build_names(build, yaml_get(map, "own"), &out->own, &out->own_count);
	build_names(build, yaml_get(map, "type-1"), &out->type1,
		    &out->type1_count);
	build_names(build, yaml_get(map, "type-2"), &out->type2,
		    &out->type2_count);
}

void build_new_items(struct build *build)
{
	struct dfh_rules *rules = build->rules;
	const struct pair_list *all = &build->new_items;

	rules->new_item_count = all->count;
	rules->new_items = arena_alloc(
		build->arena, (all->count + 1) * sizeof *rules->new_items);
	for (size_t i = 0; i < all->count; i++)
		build_new_item(build, &all->at[i], &rules->new_items[i]);
}

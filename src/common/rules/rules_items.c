/* `items`: names for items of a sequence, by what they say. */
#include "rules_build.h"

#include <string.h>

#include "vr.h"

/* {PATH: VALUE}: what an item says. */
static bool build_value(struct build *build, const struct yaml_pair *pair,
			struct item_value *out)
{
	const char *text = node_text(build, pair->value);
	const char *fault;

	if (!build_dicom_path(build, pair->key, &out->path) || !text)
		return false;
	out->text = text;
	if (out->path.from_root || out->path.up || out->path.items) {
		node_fault(build, pair->key, "a path within the item is due");
		return false;
	}
	fault = vr_fault(out->path.vr, 1, text);
	if (fault)
		node_fault(build, pair->value, "%s of %s %s", out->path.vr,
			   out->path.text, fault);
	return !fault;
}

static size_t build_values(struct build *build, const struct yaml_node *map,
			   struct item_value *out)
{
	size_t count = 0;

	if (!map || !node_is_map(build, map))
		return 0;
	for (size_t i = 0; i < map->count; i++)
		count += build_value(build, &map->pairs[i], &out[count]);
	return count;
}

static void build_named_items(struct build *build, const struct yaml_pair *pair,
			      struct items *out)
{
	static const char *const keys[] = {"of", "where", "default", NULL};
	const struct yaml_node *map = pair->value, *of, *where, *also;
	struct dcm_path path = {0};

	out->name = pair->key->text;
	if (!node_is_map(build, map))
		return;
	node_check_keys(build, map, keys);
	of = yaml_get(map, "of");
	where = yaml_get(map, "where");
	if (!of || !where || (where->kind == YAML_MAP && !where->count)) {
		node_fault(build, pair->key, "items '%s' need '%s'", out->name,
			   of ? "where" : "of");
		return;
	}
	if (build_dicom_path(build, of, &path)) {
		if (path.depth != 1 || !is_sequence(&path) || path.items)
			node_fault(build, of, "%s is no sequence alone",
				   path.text);
		out->tag = path.tags[0];
	}
	also = yaml_get(map, "default");
	out->says = arena_alloc(build->arena,
				(where->count + (also ? also->count : 0) + 1) *
					sizeof *out->says);
	out->where_count = build_values(build, where, out->says);
	out->count = out->where_count +
		     build_values(build, also, out->says + out->where_count);
}

void build_items(struct build *build)
{
	struct dfh_rules *rules = build->rules;

	rules->items = arena_alloc(build->arena, (build->items.count + 1) *
							 sizeof *rules->items);
	for (size_t i = 0; i < build->items.count; i++)
		build_named_items(build, &build->items.at[i],
				  &rules->items[rules->item_count++]);
}

const struct items *build_find_items(struct build *build,
				     const struct yaml_node *node,
				     size_t offset, const char *name)
{
	struct nearest nearest = nearest_to(name);

	for (size_t i = 0; i < build->rules->item_count; i++) {
		if (strcmp(build->rules->items[i].name, name) == 0)
			return &build->rules->items[i];
		nearest_offer(&nearest, build->rules->items[i].name);
	}
	part_fault(build, node, offset, strlen(name), "no '%s' under 'items'%s",
		   name, nearest_hint(&nearest, build->arena));
	return NULL;
}

bool items_exclude_each_other(const struct items *a, const struct items *b)
{
	for (size_t i = 0; i < a->where_count; i++)
		for (size_t k = 0; k < b->where_count; k++)
			if (strcmp(a->says[i].path.text,
				   b->says[k].path.text) == 0 &&
			    strcmp(a->says[i].text, b->says[k].text) != 0)
				return true;
	return false;
}

/*
 * What a file says over one before it, where it says only what differs: some
 * keys of a rule or a place, more rows of a table.
 */
#include "rules_build.h"

#include <string.h>

static bool is_true(const struct yaml_node *node)
{
	return node && node->kind == YAML_TEXT &&
	       strcmp(node->text, "true") == 0;
}

static struct yaml_node *map_like(struct build *build,
				  const struct yaml_node *node, size_t room)
{
	struct yaml_node *map = arena_alloc(build->arena, sizeof *map);

	*map = *node;
	map->count = 0;
	map->pairs = arena_alloc(build->arena, (room + 1) * sizeof *map->pairs);
	return map;
}

static void map_put(struct yaml_node *map, struct yaml_pair pair)
{
	size_t at = 0;

	while (at < map->count &&
	       strcmp(map->pairs[at].key->text, pair.key->text) != 0)
		at++;
	map->pairs[at] = pair;
	map->count += at == map->count;
}

/* What a member says over the one of the same key before it. */
typedef const struct yaml_node *member_over(struct build *build,
					    const struct yaml_node *key,
					    const struct yaml_node *before,
					    const struct yaml_node *value);

/* A map of both; with NULL a member of over takes the place of the other. */
static struct yaml_node *map_over(struct build *build,
				  const struct yaml_node *under,
				  const struct yaml_node *over,
				  member_over *lay)
{
	struct yaml_node *map =
		map_like(build, over, under->count + over->count);

	for (size_t i = 0; i < under->count; i++)
		map_put(map, under->pairs[i]);
	for (size_t i = 0; i < over->count; i++) {
		struct yaml_pair pair = over->pairs[i];
		const struct yaml_node *before =
			lay ? yaml_get(under, pair.key->text) : NULL;

		if (before)
			pair.value = lay(build, pair.key, before, pair.value);
		map_put(map, pair);
	}
	return map;
}

const struct yaml_node *node_overlay(struct build *build,
				     const struct yaml_node *under,
				     const struct yaml_node *over)
{
	return map_over(build, under, over, NULL);
}

const struct yaml_node *
node_without(struct build *build, const struct yaml_node *node, const char *key)
{
	struct yaml_node *map = map_like(build, node, node->count);

	for (size_t i = 0; i < node->count; i++)
		if (strcmp(node->pairs[i].key->text, key) != 0)
			map_put(map, node->pairs[i]);
	return map;
}

/* ---- rules and places ---- */

bool overlays_rule(const struct yaml_node *rule)
{
	return !is_true(yaml_get(rule, "replace")) &&
	       !((yaml_get(rule, "dicom") || yaml_get(rule, "sources")) &&
		 yaml_get(rule, "fhir"));
}

static bool is_by_release(const struct yaml_node *node)
{
	return node && node_for(node, 0) != node;
}

static const struct yaml_node *members_over(struct build *build,
					    const struct yaml_node *under,
					    const struct yaml_node *over)
{
	if (!under || !over)
		return under ? under : over;
	return under->kind == YAML_MAP && over->kind == YAML_MAP
		       ? node_overlay(build, under, over)
		       : over;
}

/* Of what is written by default the members are said one by one, so that who
 * names a profile does not lose the status. */
static const struct yaml_node *default_over(struct build *build,
					    const struct yaml_node *under,
					    const struct yaml_node *over)
{
	struct yaml_node *map;

	if (!is_by_release(under) && !is_by_release(over))
		return members_over(build, under, over);
	map = map_like(build, over, RELEASES);
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		struct yaml_node *key = arena_alloc(build->arena, sizeof *key);
		const struct yaml_node *both = members_over(
			build, node_for(under, r), node_for(over, r));

		*key = *over;
		key->kind = YAML_TEXT;
		key->text = release_names[r];
		if (both)
			map_put(map, (struct yaml_pair){key, both});
	}
	return map;
}

static const struct yaml_node *place_member_over(struct build *build,
						 const struct yaml_node *key,
						 const struct yaml_node *before,
						 const struct yaml_node *value)
{
	return strcmp(key->text, "default") == 0
		       ? default_over(build, before, value)
		       : value;
}

const struct yaml_node *overlay_place(struct build *build,
				      const struct yaml_node *under,
				      const struct yaml_node *over)
{
	if (over->kind != YAML_MAP || under->kind != YAML_MAP ||
	    yaml_get(over, "type") || yaml_get(over, "in"))
		return over;
	return map_over(build, under, over, place_member_over);
}

/* ---- tables ---- */

/* The term or key of a row, its first cell; NULL: it is no row. */
static const char *row_name(const struct yaml_node *row)
{
	const struct yaml_node *cell = row;

	if (row->kind == YAML_LIST)
		cell = row->count ? row->items[0] : NULL;
	return cell && cell->kind == YAML_TEXT ? cell->text : NULL;
}

/* Rows of the same name take the place of those before, others come to them. */
static const struct yaml_node *rows_over(struct build *build,
					 const struct yaml_node *under,
					 const struct yaml_node *over)
{
	struct yaml_node *list = arena_alloc(build->arena, sizeof *list);
	struct lh_table *said = lh_by_text(64, NULL);
	const char *name;

	for (size_t i = 0; i < over->count; i++)
		if ((name = row_name(over->items[i])))
			lh_add(said, name, NULL);
	*list = *over;
	list->count = 0;
	list->items = arena_alloc(build->arena, (under->count + over->count +
						 1) * sizeof *list->items);
	for (size_t i = 0; i < under->count; i++)
		if (!(name = row_name(under->items[i])) ||
		    !lh_table_lookup_entry(said, name))
			list->items[list->count++] = under->items[i];
	for (size_t i = 0; i < over->count; i++)
		list->items[list->count++] = over->items[i];
	lh_table_free(said);
	return list;
}

static const struct yaml_node *table_member_over(struct build *build,
						 const struct yaml_node *key,
						 const struct yaml_node *before,
						 const struct yaml_node *value)
{
	(void)key;
	return before->kind == YAML_LIST && value->kind == YAML_LIST
		       ? rows_over(build, before, value)
		       : value;
}

const struct yaml_node *overlay_table(struct build *build,
				      const struct yaml_node *under,
				      const struct yaml_node *over)
{
	if (over->kind != YAML_MAP || under->kind != YAML_MAP)
		return over;
	if (is_true(yaml_get(over, "replace")))
		return node_without(build, over, "replace");
	return map_over(build, under, over, table_member_over);
}

static const struct yaml_node *row_of_pair(struct build *build,
					   const struct yaml_pair *pair)
{
	struct yaml_node *row = arena_alloc(build->arena, sizeof *row);

	*row = *pair->key;
	row->kind = YAML_LIST;
	row->count = 2;
	row->items = arena_alloc(build->arena, 2 * sizeof *row->items);
	row->items[0] = pair->key;
	row->items[1] = pair->value;
	return row;
}

const struct yaml_node *table_of_map(struct build *build,
				     const struct yaml_node *map)
{
	struct yaml_node *rows = arena_alloc(build->arena, sizeof *rows);
	struct yaml_node *table = map_like(build, map, 1);
	struct yaml_node *key = arena_alloc(build->arena, sizeof *key);

	*rows = *map;
	rows->kind = YAML_LIST;
	rows->items = arena_alloc(build->arena,
				  (map->count + 1) * sizeof *rows->items);
	for (size_t i = 0; i < map->count; i++)
		rows->items[i] = row_of_pair(build, &map->pairs[i]);
	*key = *map;
	key->kind = YAML_TEXT;
	key->text = "rows";
	map_put(table, (struct yaml_pair){key, rows});
	return table;
}

/* Which attributes differ, and which rules write them. */
#include <stdlib.h>
#include <string.h>

#include "applied.h"
#include "beside.h"

enum { DEPTH_MAX = DCM_DEPTH_MAX };

struct applied {
	const dfh_rules *rules;
	struct dcm_tag tags[DEPTH_MAX]; /* from the top down to where we are */
	size_t depth;
	size_t told;
	void (*visit)(const char *rule, const char *attribute, void *context);
	void *context;
};

static bool ends_with(const struct applied *applied,
		      const struct dcm_path *path, size_t from)
{
	if (from + path->depth != applied->depth)
		return false;
	for (size_t i = 0; i < path->depth; i++)
		if (dcm_tag_compare(&applied->tags[from + i], &path->tags[i]))
			return false;
	return true;
}

static bool begins_with(const struct applied *applied,
			const struct dcm_path *path)
{
	if (path->depth > applied->depth)
		return false;
	for (size_t i = 0; i < path->depth; i++)
		if (dcm_tag_compare(&applied->tags[i], &path->tags[i]))
			return false;
	return true;
}

/* Does this port of a rule write the attribute? */
static bool is_written(const struct applied *applied, const struct rule *rule,
		       const struct rule_port *port)
{
	const struct dcm_path *path = &port->path;
	bool in_items =
		rule->each.kind == EACH_ITEM || rule->each.kind == EACH_ONE_OF;
	if (!port->port || port->read_only)
		return false;
	if (!in_items || path->from_root)
		return ends_with(applied, path, 0);
	for (size_t i = 0; i < rule->each.count; i++)
		if (begins_with(applied, &rule->each.paths[i]) &&
		    ends_with(applied, path, rule->each.paths[i].depth))
			return true;
	return false;
}

/* Does the rule make the items of this sequence? */
static bool makes_items(const struct applied *applied, const struct rule *rule)
{
	if (rule->each.kind != EACH_ITEM && rule->each.kind != EACH_ONE_OF)
		return false;
	for (size_t i = 0; i < rule->each.count; i++)
		if (ends_with(applied, &rule->each.paths[i], 0))
			return true;
	return false;
}

static const char *name_of(const struct applied *applied, struct arena *arena)
{
	const char *name = "";
	char text[128];
	for (size_t i = 0; i < applied->depth; i++)
		name = arena_printf(arena, "%s%s%s", name, i ? "." : "",
				    dcm_tag_name(&applied->tags[i], text));
	return name;
}

static bool writes(const struct applied *applied, const struct rule *rule)
{
	if (!rule->can_put)
		return false;
	for (size_t k = 0; rule->codec->ports[k].name; k++)
		if (is_written(applied, rule, &rule->ports[k]))
			return true;
	return makes_items(applied, rule);
}

/* What no rule writes came from beside, with the sequence or the attribute of
 * the top level that it is in or belongs to. */
static void tell(struct applied *applied)
{
	struct arena *arena = arena_new();
	const char *name = name_of(applied, arena);
	bool told = false;
	for (size_t i = 0; i < applied->rules->rule_count; i++) {
		const struct rule *rule = &applied->rules->rules[i];
		if (!writes(applied, rule))
			continue;
		applied->visit(rule->id, name, applied->context);
		told = true;
	}
	if (!told) {
		const struct rule *rule =
			rule_of_tag(applied->rules, &applied->tags[0]);
		applied->visit(rule ? rule->id : NULL, name, applied->context);
	}
	applied->told++;
	arena_free(arena);
}

static void compare_items(struct applied *applied, const struct dcm_item *a,
			  const struct dcm_item *b);

static void compare_elements(struct applied *applied,
			     const struct dcm_element *a,
			     const struct dcm_element *b)
{
	static const struct dcm_item nothing;
	size_t x = a ? a->item_count : 0, y = b ? b->item_count : 0;
	if (a && b && dcm_element_equal(a, b))
		return;
	size_t told = applied->told;
	applied->tags[applied->depth++] = a ? a->tag : b->tag;
	for (size_t i = 0; i < x || i < y; i++)
		if (applied->depth < DEPTH_MAX)
			compare_items(applied, i < x ? a->items[i] : &nothing,
				      i < y ? b->items[i] : &nothing);
	/* empty items, or a sequence that is one now or was one */
	if (applied->told == told)
		tell(applied);
	applied->depth--;
}

static void compare_items(struct applied *applied, const struct dcm_item *a,
			  const struct dcm_item *b)
{
	struct dcm_pair pair = {0};
	while (dcm_pair_next(&pair, a, b))
		compare_elements(applied, pair.a, pair.b);
}

void tell_applied(const dfh_rules *rules, const struct dataset *before,
		  const struct dataset *after,
		  void (*visit)(const char *rule, const char *attribute,
				void *context),
		  void *context)
{
	struct applied applied = {
		.rules = rules, .visit = visit, .context = context};
	compare_items(&applied, &before->root, &after->root);
}

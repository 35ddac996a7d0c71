/* Where rules lie, from the top of a dataset: worked out once, here. */
#include "rules_build.h"

#include <string.h>

#include "array.h"
#include "buffer.h"
#include "codec.h"

struct position_way {
	struct dcm_tag tags[POSITION_MAX];
	const struct items *items[POSITION_MAX];
	size_t depth, value;
	bool at_top_home;
};

struct position_walk {
	struct position_way at;
	bool of_items; /* what tells the items, and not the paths */
	struct arena *arena;
	struct positions *found;
};

const struct place *rule_place(const struct rule *rule)
{
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (rule->fhir[r])
			return rule->fhir[r]->place;
	return NULL;
}

static void *arena_copy_of(struct arena *arena, const void *from, size_t size)
{
	return memcpy(arena_alloc(arena, size), from, size);
}

static void keep_position(const struct position_walk *walk)
{
	struct positions *found = walk->found;
	const struct position_way *at = &walk->at;
	struct position *list = (struct position *)found->at;

	array_room_in(walk->arena, list, found->count);
	list[found->count++] = (struct position){
		.tags = arena_copy_of(walk->arena, at->tags,
				      at->depth * sizeof *at->tags),
		.items = arena_copy_of(walk->arena, at->items,
				       at->depth * sizeof *at->items),
		.depth = at->depth,
		.value = at->value,
		.at_top_home = at->at_top_home,
	};
	found->at = list;
}

static void enter_path(struct position_walk *walk, const struct dcm_path *path)
{
	size_t *depth = &walk->at.depth;

	if (path->from_root)
		*depth = 0;
	*depth -= path->up < *depth ? path->up : *depth;
	for (size_t i = 0; i < path->depth && *depth < POSITION_MAX; i++) {
		walk->at.items[*depth] = path->items ? path->items[i] : NULL;
		walk->at.tags[(*depth)++] = path->tags[i];
	}
}

/* What the items say by which the path means them, or say by default. */
static void visit_items(struct position_walk walk, const struct dcm_path *path)
{
	struct position_walk within = walk;
	struct dcm_path part = *path;

	for (size_t i = 0; path->items && i < path->depth; i++) {
		const struct items *items = path->items[i];

		within = walk;
		part.depth = i + 1;
		enter_path(&within, &part);
		for (size_t k = 0; items && k < items->count; k++) {
			struct position_walk one = within;

			enter_path(&one, &items->says[k].path);
			keep_position(&one);
		}
	}
}

static void visit_path(struct position_walk walk, const struct dcm_path *path)
{
	if (walk.of_items) {
		visit_items(walk, path);
		return;
	}
	enter_path(&walk, path);
	walk.at.value = path->value;
	if (walk.at.depth)
		keep_position(&walk);
}

/* path NULL: the each paths themselves. */
static void walk_rule(struct position_walk walk, const struct rule *rule,
		      const struct dcm_path *path)
{
	const struct each *each = &rule->each;

	for (size_t i = 0; !path && i < each->count; i++)
		visit_path(walk, &each->paths[i]);
	if (!path)
		return;
	if (path->from_root || each->kind == EACH_NONE ||
	    each->kind == EACH_VALUE) {
		visit_path(walk, path);
		return;
	}
	for (size_t i = 0; i < each->count; i++) {
		struct position_walk inner = walk;

		enter_path(&inner, &each->paths[i]);
		visit_path(inner, path);
	}
}

static void walk_all(struct position_walk walk, const struct rule *rule,
		     const struct dcm_path *path)
{
	const struct place *place = rule_place(rule);
	const struct each *each = place ? &place->each : NULL;

	/* In a join the paths name the joined attributes themselves. */
	if (!each || (path && path->from_root) ||
	    (each->kind != EACH_ITEM && each->kind != EACH_ONE_OF)) {
		walk_rule(walk, rule, path);
		return;
	}
	for (size_t i = 0; i < each->count; i++) {
		struct position_walk inner = walk;

		enter_path(&inner, &each->paths[i]);
		inner.at.at_top_home = each->paths[i].depth == 0;
		walk_rule(inner, rule, path);
	}
}

static void build_rule_positions(struct arena *arena, struct rule *rule)
{
	struct position_walk walk = {.arena = arena, .found = &rule->through};
	struct position_walk items = {
		.arena = arena, .found = &rule->told_by, .of_items = true};

	walk_all(walk, rule, NULL);
	walk_all(items, rule, NULL);
	for (size_t i = 0; rule->codec && rule->codec->ports[i].name; i++) {
		struct rule_port *port = &rule->ports[i];

		walk.found = &port->at;
		walk_all(walk, rule, port->path.depth ? &port->path : NULL);
		if (port->path.depth)
			walk_all(items, rule, &port->path);
	}
}

void build_positions(struct dfh_rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		build_rule_positions(rules->arena, &rules->rules[i]);
}

/* ---- what a message calls them ---- */

static void add_name_after(struct buffer *out, const char *before,
			   const char *word)
{
	buffer_add(out, before, strlen(before));
	buffer_add(out, word, strlen(word));
}

/* The first home of several stands for all; one that is nowhere has no name. */
static void add_port_name(struct buffer *out, const struct rule_port *port)
{
	const struct position *at = port->at.at;
	char name[128];

	for (size_t i = 0; port->at.count && i < at->depth; i++)
		add_name_after(out,
			       i	     ? "."
			       : out->length ? "+"
					     : "",
			       dcm_tag_name(&at->tags[i], name));
}

/* Of a rule that writes none, those that it reads. */
static void name_attributes(struct arena *arena, struct rule *rule,
			    bool written)
{
	struct buffer all = {0};

	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];

		if (port->port && !(written && port->read_only))
			add_port_name(&all, port);
	}
	if (all.length)
		rule->attributes = arena_strndup(arena, (const char *)all.bytes,
						 all.length);
	buffer_free(&all);
}

void build_attributes(struct dfh_rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		struct rule *rule = &rules->rules[i];

		if (rule->codec)
			name_attributes(rules->arena, rule, true);
		if (rule->codec && !rule->attributes)
			name_attributes(rules->arena, rule, false);
	}
}

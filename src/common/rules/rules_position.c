/* Where the ports of a rule lie, from the top of a dataset. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"

struct walk {
	struct position at;
	bool of_items; /* what tells the items, and not the paths */
	void (*visit)(const struct position *at, void *context);
	void *context;
};

const struct place *rule_place(const struct rule *rule)
{
	for (enum fhir_release r = FHIR_R4; r <= FHIR_R5; r++)
		if (rule->fhir[r])
			return rule->fhir[r]->place;
	return NULL;
}

static void enter(struct walk *walk, const struct dcm_path *path)
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
static void visit_items(struct walk walk, const struct dcm_path *path)
{
	struct walk within = walk;
	struct dcm_path part = *path;

	for (size_t i = 0; path->items && i < path->depth; i++) {
		const struct items *items = path->items[i];

		within = walk;
		part.depth = i + 1;
		enter(&within, &part);
		for (size_t k = 0; items && k < items->count; k++) {
			struct walk one = within;

			enter(&one, &items->says[k].path);
			walk.visit(&one.at, walk.context);
		}
	}
}

static void visit_path(struct walk walk, const struct dcm_path *path)
{
	if (walk.of_items) {
		visit_items(walk, path);
		return;
	}
	enter(&walk, path);
	walk.at.value = path->value;
	if (walk.at.depth)
		walk.visit(&walk.at, walk.context);
}

/* path NULL: the each paths themselves. */
static void walk_rule(struct walk walk, const struct rule *rule,
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
		struct walk inner = walk;

		enter(&inner, &each->paths[i]);
		visit_path(inner, path);
	}
}

static void walk_all(struct walk walk, const struct rule *rule,
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
		struct walk inner = walk;

		enter(&inner, &each->paths[i]);
		inner.at.at_top_home = each->paths[i].depth == 0;
		walk_rule(inner, rule, path);
	}
}

void rule_positions(const struct rule *rule, const struct dcm_path *path,
		    void (*visit)(const struct position *at, void *context),
		    void *context)
{
	walk_all((struct walk){.visit = visit, .context = context}, rule, path);
}

void rule_item_positions(const struct rule *rule, const struct dcm_path *path,
			 void (*visit)(const struct position *at,
				       void *context),
			 void *context)
{
	walk_all((struct walk){.of_items = true,
			       .visit = visit,
			       .context = context},
		 rule, path);
}

/* ---- what a message calls them ---- */

struct naming {
	struct arena *arena;
	char *name;
};

/* The first home of several stands for all. */
static void name_first(const struct position *at, void *context)
{
	struct naming *naming = context;

	if (naming->name)
		return;
	naming->name = arena_strdup(naming->arena, "");
	for (size_t i = 0; i < at->depth; i++) {
		char name[128];

		naming->name = arena_printf(naming->arena, "%s%s%s",
					    naming->name, i ? "." : "",
					    dcm_tag_name(&at->tags[i], name));
	}
}

static char *port_name(struct arena *arena, const struct rule *rule,
		       const struct rule_port *port)
{
	struct naming naming = {.arena = arena};

	rule_positions(rule, port->path.depth ? &port->path : NULL, name_first,
		       &naming);
	return naming.name;
}

/* Of a rule that writes none, those that it reads. */
static void name_attributes(struct arena *arena, struct rule *rule,
			    bool written)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];
		const char *name = port->port && !(written && port->read_only)
					   ? port_name(arena, rule, port)
					   : NULL;

		if (!name)
			continue;
		rule->attributes =
			rule->attributes ? arena_printf(arena, "%s+%s",
							rule->attributes, name)
					 : name;
	}
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

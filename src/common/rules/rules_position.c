/* Where the ports of a rule lie, from the top of a dataset. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"

struct walk {
	struct position at;
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
	if (path->from_root)
		walk->at.depth = 0;
	for (size_t i = 0; i < path->depth && walk->at.depth < POSITION_MAX;
	     i++)
		walk->at.tags[walk->at.depth++] = path->tags[i];
}

static void visit_path(struct walk walk, const struct dcm_path *path)
{
	enter(&walk, path);
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

void rule_positions(const struct rule *rule, const struct dcm_path *path,
		    void (*visit)(const struct position *at, void *context),
		    void *context)
{
	const struct place *place = rule_place(rule);
	const struct each *each = place ? &place->each : NULL;
	struct walk walk = {.visit = visit, .context = context};

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

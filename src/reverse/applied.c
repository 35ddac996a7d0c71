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

static const char *applied_name_of(const struct applied *applied,
				   struct arena *arena)
{
	const char *name = "";
	char text[128];
	for (size_t i = 0; i < applied->depth; i++)
		name = arena_printf(arena, "%s%s%s", name, i ? "." : "",
				    dcm_tag_name(&applied->tags[i], text));
	return name;
}

/* What no rule writes came from beside, with the sequence or the attribute of
 * the top level that it is in or belongs to. */
static void tell_applied_rules(struct applied *applied)
{
	struct arena *arena = arena_new();
	const char *name = applied_name_of(applied, arena);
	const struct writers writers =
		rules_writers(applied->rules, applied->tags, applied->depth);
	const struct rule *last = NULL;
	bool told = false;

	for (size_t i = 0; i < writers.count; i++) {
		const struct writer *writer = &writers.at[i];

		if (writer->at->depth != applied->depth || writer->rule == last)
			continue;
		last = writer->rule;
		applied->visit(last->id, name, applied->context);
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

static void compare_applied_items(struct applied *applied,
				  const struct dcm_item *a,
				  const struct dcm_item *b);

static void compare_applied_elements(struct applied *applied,
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
			compare_applied_items(applied,
					      i < x ? a->items[i] : &nothing,
					      i < y ? b->items[i] : &nothing);
	/* empty items, or a sequence that is one now or was one */
	if (applied->told == told)
		tell_applied_rules(applied);
	applied->depth--;
}

static void compare_applied_items(struct applied *applied,
				  const struct dcm_item *a,
				  const struct dcm_item *b)
{
	struct dcm_pair pair = {0};
	while (dcm_pair_next(&pair, a, b))
		compare_applied_elements(applied, pair.a, pair.b);
}

void tell_applied(const dfh_rules *rules, const struct dataset *before,
		  const struct dataset *after,
		  void (*visit)(const char *rule, const char *attribute,
				void *context),
		  void *context)
{
	struct applied applied = {
		.rules = rules, .visit = visit, .context = context};
	compare_applied_items(&applied, &before->root, &after->root);
}

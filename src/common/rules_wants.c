/* Which attributes are to be read: all that a rule set speaks of. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"

struct gather {
	struct arena *arena;
	struct dcm_wants *wants;
};

/* Room for one more: lists grow when their count is a power of two. */
static struct dcm_want *grown(struct arena *arena, struct dcm_want *list,
			      size_t count)
{
	struct dcm_want *bigger;

	if (count & (count - 1))
		return list;
	bigger = arena_alloc(arena, 2 * (count + 1) * sizeof *bigger);
	if (count)
		memcpy(bigger, list, count * sizeof *bigger);
	return bigger;
}

static struct dcm_want *need(struct arena *arena, struct dcm_want **list,
			     size_t *count, const struct dcm_tag *tag)
{
	size_t at = 0;

	while (at < *count && dcm_tag_compare(&(*list)[at].tag, tag) < 0)
		at++;
	if (at < *count && dcm_tag_compare(&(*list)[at].tag, tag) == 0)
		return &(*list)[at];
	*list = grown(arena, *list, *count);
	memmove(*list + at + 1, *list + at, (*count - at) * sizeof **list);
	++*count;
	(*list)[at] = (struct dcm_want){.tag = *tag};
	return &(*list)[at];
}

static void add(struct gather *gather, const struct dcm_tag *tags, size_t depth,
		bool whole)
{
	struct dcm_want **list = &gather->wants->list, *want = NULL;
	size_t *count = &gather->wants->count;

	for (size_t i = 0; i < depth; i++) {
		want = need(gather->arena, list, count, &tags[i]);
		if (want->whole)
			return;
		list = &want->in_items;
		count = &want->in_items_count;
	}
	if (!want || !whole)
		return;
	want->whole = true;
	want->in_items = NULL;
	want->in_items_count = 0;
}

static void add_position(const struct position *at, void *context)
{
	add(context, at->tags, at->depth, false);
}

static void add_each(struct gather *gather, const struct each *each)
{
	for (size_t i = 0; i < each->count; i++)
		add(gather, each->paths[i].tags, each->paths[i].depth, false);
	add(gather, each->by.tags, each->by.depth, false);
}

static void add_place(struct gather *gather, const struct place *place)
{
	for (size_t i = 0; i < place->key_count; i++)
		add(gather, place->key[i].tags, place->key[i].depth, false);
	add_each(gather, &place->each);
}

static void add_rule(struct gather *gather, const struct rule *rule)
{
	add(gather, rule->each.by.tags, rule->each.by.depth, false);
	rule_positions(rule, NULL, add_position, gather);
	for (size_t i = 0; rule->codec && rule->codec->ports[i].name; i++)
		if (rule->ports[i].path.depth)
			rule_positions(rule, &rule->ports[i].path, add_position,
				       gather);
}

void build_wants(struct dfh_rules *rules)
{
	struct gather gather = {rules->arena, &rules->wants};
	const struct dcm_path *schemes = &rules->schemes.identification;

	for (size_t i = 0; i < rules->place_count; i++)
		add_place(&gather, &rules->places[i]);
	for (size_t i = 0; i < rules->rule_count; i++)
		add_rule(&gather, &rules->rules[i]);
	for (size_t i = 0; i < rules->type2_count; i++)
		add(&gather, rules->type2[i].tags, rules->type2[i].depth,
		    false);
	for (size_t i = 0; i < rules->carry_count; i++)
		add(&gather, rules->carry[i].tags, rules->carry[i].depth, true);
	add(&gather, schemes->tags, schemes->depth, true);
}

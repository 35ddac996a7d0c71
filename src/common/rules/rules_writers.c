/* Which rules write an attribute: found by its tags. */
#include "rules_build.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"

static bool each_has_items(const struct each *each)
{
	return each->kind == EACH_ITEM || each->kind == EACH_ONE_OF;
}

static void add_writers(struct dfh_rules *rules, struct writer *list,
			const struct rule *rule,
			const struct positions *positions)
{
	for (size_t i = 0; i < positions->count; i++)
		list[rules->writers.count++] =
			(struct writer){&positions->at[i], rule};
}

static size_t count_of(const struct dfh_rules *rules)
{
	size_t count = 0;

	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		count += rule->through.count;
		for (size_t k = 0; rule->codec->ports[k].name; k++)
			count += rule->ports[k].at.count;
	}
	return count;
}

static int compare_tag_paths(const struct dcm_tag *a, size_t a_depth,
			     const struct dcm_tag *b, size_t b_depth)
{
	int order = 0;

	for (size_t i = 0; !order && i < a_depth && i < b_depth; i++)
		order = dcm_tag_compare(&a[i], &b[i]);
	return order ? order : (a_depth > b_depth) - (a_depth < b_depth);
}

static int compare_writers(const void *a, const void *b)
{
	const struct writer *x = a, *y = b;
	int order = compare_tag_paths(x->at->tags, x->at->depth, y->at->tags,
				      y->at->depth);

	return order ? order : (x->rule > y->rule) - (x->rule < y->rule);
}

void build_writers(struct dfh_rules *rules)
{
	struct writer *list =
		arena_alloc(rules->arena, (count_of(rules) + 1) * sizeof *list);

	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (!rule->can_put)
			continue;
		if (each_has_items(&rule->each))
			add_writers(rules, list, rule, &rule->through);
		for (size_t k = 0; rule->codec->ports[k].name; k++)
			if (rule->ports[k].port && !rule->ports[k].read_only)
				add_writers(rules, list, rule,
					    &rule->ports[k].at);
	}
	qsort(list, rules->writers.count, sizeof *list, compare_writers);
	rules->writers.at = list;
}

/* The first that does not come before the tags; behind: nor is in them. */
static size_t writers_bound(const struct writers *all,
			    const struct dcm_tag *tags, size_t depth,
			    bool behind)
{
	size_t from = 0, to = all->count;

	while (from < to) {
		size_t half = from + (to - from) / 2;
		const struct position *at = all->at[half].at;
		size_t most = behind && at->depth > depth ? depth : at->depth;
		int order = compare_tag_paths(at->tags, most, tags, depth);

		if (order < 0 || (behind && order == 0))
			from = half + 1;
		else
			to = half;
	}
	return from;
}

struct writers rules_writers(const dfh_rules *rules, const struct dcm_tag *tags,
			     size_t depth)
{
	size_t from = writers_bound(&rules->writers, tags, depth, false);
	size_t to = writers_bound(&rules->writers, tags, depth, true);

	return (struct writers){rules->writers.at + from, to - from};
}

/* Which attributes are to be read: all that a rule set speaks of. */
#include "rules_build.h"

#include <string.h>

#include "array.h"
#include "codec.h"

struct gather {
	struct arena *arena;
	struct dcm_wants *wants;
};

static struct dcm_want *need_want(struct arena *arena, struct dcm_want **list,
				  size_t *count, const struct dcm_tag *tag)
{
	size_t at = 0, end = *count;

	while (at < end) {
		size_t middle = at + (end - at) / 2;

		if (dcm_tag_compare(&(*list)[middle].tag, tag) < 0)
			at = middle + 1;
		else
			end = middle;
	}
	if (at < *count && dcm_tag_compare(&(*list)[at].tag, tag) == 0)
		return &(*list)[at];
	array_room_in(arena, *list, *count);
	memmove(*list + at + 1, *list + at, (*count - at) * sizeof **list);
	++*count;
	(*list)[at] = (struct dcm_want){.tag = *tag};
	return &(*list)[at];
}

/* Files do not always tell the VR of an attribute that is private, or newer
 * than the dictionary: the first rule that does is believed. */
static void tell_vr(struct dcm_want *want, const char *vr)
{
	struct dcm_entry entry;

	if (!*want->vr && *vr && strcmp(vr, "UN") != 0 &&
	    (want->tag.creator || !dcm_entry_of(&want->tag, &entry)))
		memcpy(want->vr, vr, sizeof want->vr);
}

/* "OuterSequence.InnerSequence." */
static const char *within_sequence(struct arena *arena, const char *outer,
				   const struct dcm_tag *tag)
{
	char name[128];

	return arena_printf(arena, "%s%s.", outer, dcm_tag_name(tag, name));
}

static void add_want(struct gather *gather, const struct dcm_tag *tags,
		     size_t depth, const char *vr, bool whole)
{
	struct dcm_want **list = &gather->wants->list, *want = NULL;
	size_t *count = &gather->wants->count;
	const char *outer = "";

	for (size_t i = 0; i < depth; i++) {
		want = need_want(gather->arena, list, count, &tags[i]);
		tell_vr(want, i + 1 < depth ? "SQ" : vr);
		if (want->whole)
			return;
		if (i + 1 < depth && !want->within)
			want->within =
				within_sequence(gather->arena, outer, &tags[i]);
		outer = want->within;
		list = &want->in_items;
		count = &want->in_items_count;
	}
	if (!want || !whole)
		return;
	want->whole = true;
	want->in_items = NULL;
	want->in_items_count = 0;
}

static void add_path_want(struct gather *gather, const struct dcm_path *path,
			  bool whole)
{
	add_want(gather, path->tags, path->depth, path->vr, whole);
}

static void add_position_wants(struct gather *gather,
			       const struct positions *positions,
			       const char *vr)
{
	for (size_t i = 0; i < positions->count; i++)
		add_want(gather, positions->at[i].tags, positions->at[i].depth,
			 vr, false);
}

/* What tells which items a path from the top means. */
static void add_item_wants(struct gather *gather, const struct dcm_path *path)
{
	for (size_t i = 0; path->items && i < path->depth; i++) {
		const struct items *items = path->items[i];

		for (size_t k = 0; items && k < items->count; k++) {
			const struct dcm_path *in = &items->says[k].path;
			struct dcm_tag tags[POSITION_MAX];

			memcpy(tags, path->tags, (i + 1) * sizeof *tags);
			memcpy(tags + i + 1, in->tags,
			       in->depth * sizeof *tags);
			add_want(gather, tags, i + 1 + in->depth, in->vr,
				 false);
		}
	}
}

static void add_each(struct gather *gather, const struct each *each)
{
	for (size_t i = 0; i < each->count; i++) {
		add_path_want(gather, &each->paths[i], false);
		add_item_wants(gather, &each->paths[i]);
	}
	add_path_want(gather, &each->by, false);
}

static void add_condition_wants(struct gather *gather,
				const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->when_count; i++) {
		add_path_want(gather, &conditions->when[i].path, false);
		add_item_wants(gather, &conditions->when[i].path);
	}
	for (size_t i = 0; i < conditions->unless_count; i++) {
		add_path_want(gather, &conditions->unless[i].path, false);
		add_item_wants(gather, &conditions->unless[i].path);
	}
}

static void add_place_wants(struct gather *gather, const struct place *place)
{
	add_condition_wants(gather, &place->conditions);
	for (size_t i = 0; i < place->key_count; i++)
		add_path_want(gather, &place->key[i], false);
	add_each(gather, &place->each);
	add_path_want(gather, &place->entry_within, false);
}

/* The attributes of a key, in each of its homes. */
static void add_key_wants(struct gather *gather, const struct match_key *key,
			  const struct dcm_path *path)
{
	size_t homes = key->each.count ? key->each.count : 1;

	for (size_t i = 0; i < homes; i++) {
		struct dcm_tag tags[POSITION_MAX];
		size_t depth = 0;

		if (key->each.count)
			for (; depth < key->each.paths[i].depth; depth++)
				tags[depth] = key->each.paths[i].tags[depth];
		for (size_t k = 0; k < path->depth; k++)
			tags[depth++] = path->tags[k];
		add_want(gather, tags, depth, path->vr, false);
	}
}

static void add_match(struct gather *gather, const struct match_key *key)
{
	for (size_t i = 0; i < key->id_count; i++)
		for (size_t k = 0; k < key->ids[i].count; k++)
			add_key_wants(gather, key, &key->ids[i].paths[k]);
	for (size_t i = 0; i < key->same_count; i++)
		add_path_want(gather, &key->same[i], false);
}

static void add_rule_wants(struct gather *gather, const struct rule *rule)
{
	add_condition_wants(gather, &rule->conditions);
	add_path_want(gather, &rule->each.by, false);
	add_position_wants(gather, &rule->through,
			   rule->each.kind == EACH_VALUE ? rule->each.paths->vr
							 : "SQ");
	add_position_wants(gather, &rule->told_by, "");
	for (size_t i = 0; rule->codec && rule->codec->ports[i].name; i++)
		if (rule->ports[i].path.depth)
			add_position_wants(gather, &rule->ports[i].at,
					   rule->ports[i].path.vr);
}

/* ---- what only stands in for another ---- */

static bool reads_tag(const struct rule *rule, const struct dcm_tag *tag)
{
	for (size_t i = 0; rule->codec && rule->codec->ports[i].name; i++)
		if (rule->ports[i].path.depth &&
		    dcm_tag_compare(&rule->ports[i].path.tags[0], tag) == 0)
			return true;
	return false;
}

static bool same_path(const struct dcm_path *a, const struct dcm_path *b)
{
	bool same = a->depth == b->depth;

	for (size_t i = 0; same && i < a->depth; i++)
		same = dcm_tag_compare(&a->tags[i], &b->tags[i]) == 0;
	return same;
}

/* Of the sources of an element the attribute without which the others count;
 * NULL: all of them do, or there are none. */
static const struct dcm_path *better_than(const struct dfh_rules *rules,
					  size_t rule)
{
	const struct sources *sources = rules->rules[rule].sources;

	if (!sources || sources->first == rule ||
	    rules->rules[rule].among != AMONG_EARLIEST)
		return NULL;
	return &rules->rules[sources->first].ports[0].path;
}

/* Does every rule that reads it do so only without the other? */
static bool stands_in(const struct dfh_rules *rules, const struct dcm_tag *tag,
		      const struct dcm_path *unless)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct dcm_path *better = better_than(rules, i);

		if (reads_tag(&rules->rules[i], tag) &&
		    !(better && same_path(better, unless)))
			return false;
	}
	return true;
}

static void add_fallback_tag(struct fallback *out, const struct dcm_tag *tag)
{
	size_t at = out->tag_count;

	while (at > 0 && dcm_tag_compare(&out->tags[at - 1], tag) > 0)
		at--;
	if (at > 0 && dcm_tag_compare(&out->tags[at - 1], tag) == 0)
		return;
	memmove(out->tags + at + 1, out->tags + at,
		(out->tag_count++ - at) * sizeof *out->tags);
	out->tags[at] = *tag;
}

static void add_fallbacks(struct dfh_rules *rules, const struct rule *rule,
			  struct fallback *out)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct dcm_path *path = &rule->ports[i].path;

		if (path->depth == 1 &&
		    stands_in(rules, path->tags, out->unless))
			add_fallback_tag(out, path->tags);
	}
}

/* One for each attribute that is better than others. */
static struct fallback *fallback_of(struct dfh_rules *rules,
				    const struct dcm_path *better)
{
	struct fallback *out = rules->fallbacks;

	while (out < rules->fallbacks + rules->fallback_count &&
	       !same_path(out->unless, better))
		out++;
	if (out == rules->fallbacks + rules->fallback_count) {
		rules->fallback_count++;
		out->unless = better;
		out->tags = arena_alloc(rules->arena,
					rules->rule_count * CODEC_PORTS_MAX *
						sizeof *out->tags);
	}
	return out;
}

void build_fallbacks(struct dfh_rules *rules)
{
	rules->fallbacks =
		arena_alloc(rules->arena,
			    (rules->rule_count + 1) * sizeof *rules->fallbacks);
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct dcm_path *better = better_than(rules, i);

		if (better)
			add_fallbacks(rules, &rules->rules[i],
				      fallback_of(rules, better));
	}
}

static void gather_all(const struct dfh_rules *rules, struct gather *to)
{
	struct gather gather = *to;
	const struct dcm_path *schemes = &rules->schemes.identification;

	for (size_t i = 0; i < rules->place_count; i++)
		add_place_wants(&gather, &rules->places[i]);
	for (size_t i = 0; i < rules->rule_count; i++)
		add_rule_wants(&gather, &rules->rules[i]);
	for (size_t i = 0; i < rules->match_count; i++)
		add_match(&gather, &rules->match[i]);
	for (size_t i = 0; i < rules->type2_count; i++)
		add_path_want(&gather, &rules->type2[i], false);
	for (size_t i = 0; i < rules->carry_count; i++)
		add_path_want(&gather, &rules->carry[i], true);
	add_path_want(&gather, schemes, true);
}

/* What a dataset says of that itself is an archive's own. */
static void leave_origin(const struct dcm_path *origin, struct dcm_wants *wants)
{
	struct dcm_want *found =
		origin ? (struct dcm_want *)dcm_want_find(
				 wants->list, wants->count, origin->tags)
		       : NULL;
	if (!found)
		return;
	size_t behind = wants->count - (size_t)(found - wants->list) - 1;
	memmove(found, found + 1, behind * sizeof *found);
	wants->count--;
}

void build_wants(struct dfh_rules *rules)
{
	struct gather gather = {rules->arena, &rules->wants};
	struct gather of_stamps = {rules->arena, &rules->stamp_wants};
	const struct deidentified *by = &rules->deidentified;

	gather_all(rules, &gather);
	rules->stamp_wants.assumed_charset = rules->wants.assumed_charset;
	gather_all(rules, &of_stamps);
	add_path_want(&of_stamps, &by->flag, false);
	for (size_t i = 0; i < by->without_count; i++)
		add_path_want(&of_stamps, &by->without[i], true);
	for (size_t i = 0; i < rules->legal_count; i++)
		for (size_t k = 0; k < rules->legal[i].count; k++)
			add_condition_wants(&of_stamps, &rules->legal[i].in[k]);
	for (size_t i = 0; i < rules->new_item_count; i++)
		for (size_t k = 0; k < rules->new_items[i].own_count; k++)
			add_path_want(&of_stamps, &rules->new_items[i].own[k],
				      false);
	leave_origin(rules->origin, &rules->wants);
	leave_origin(rules->origin, &rules->stamp_wants);
}

/* ---- which rules take no part at the top level ---- */

/* Neither it nor its place goes through anything. */
static bool goes_through_nothing(const struct rule *rule)
{
	return rule->each.kind == EACH_NONE &&
	       rule_place(rule)->each.kind == EACH_NONE;
}

/* One that always takes part is the one that matters. */
static void yield_to(struct rule *rule, const struct rule *other)
{
	if (!rule->yields_at_top || !conditions_are_any(&other->conditions))
		rule->yields_at_top = other;
}

/* What others write at the top level under the name that a port has in its
 * item. */
static void find_others(const struct dfh_rules *rules, struct rule *rule,
			const struct dcm_path *path)
{
	const struct writers writers =
		rules_writers(rules, path->tags, path->depth);

	for (size_t i = 0; i < writers.count; i++) {
		const struct writer *writer = &writers.at[i];

		if (writer->rule != rule &&
		    goes_through_nothing(writer->rule) &&
		    writer->at->depth == path->depth)
			yield_to(rule, writer->rule);
	}
}

void build_yields(struct dfh_rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		struct rule *rule = &rules->rules[i];

		for (size_t k = 0; rule->codec->ports[k].name; k++) {
			const struct rule_port *port = &rule->ports[k];

			if (port->port && !port->read_only && !port->shared)
				find_others(rules, rule, &port->path);
		}
	}
}

/* `choose`: by what one of several resources of a place is a study's. */
#include "rules_build.h"

#include <string.h>

static void build_some(struct build *build, const struct yaml_node *list,
		       struct place *place, struct criterion *out)
{
	if (!node_is_list(build, list))
		return;
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (!place->type || !place->in_release[r])
			continue;
		out->patterns[r] = build_keep(build, json_new_array());
		for (size_t i = 0; i < list->count; i++) {
			json_object *pattern = build_pattern(
				build, list->items[i], r, place, NULL);

			if (pattern)
				json_append(out->patterns[r],
					    json_object_get(pattern));
		}
	}
}

static void build_criterion(struct build *build, const struct yaml_node *node,
			    struct place *place)
{
	static const char *const words[] = {
		[CHOOSE_ONLY] = "only",	    [CHOOSE_HAS] = "has",
		[CHOOSE_OF_DAY] = "of-day", [CHOOSE_NEAREST] = "nearest",
		[CHOOSE_PREFER] = "prefer", [CHOOSE_KINDS] = NULL};
	struct criterion *out = &place->choose[place->choose_count];
	int kind;

	if (!node_is_map(build, node))
		return;
	if (node->count != 1) {
		node_fault(build, node, "a criterion is one key and its list");
		return;
	}
	kind = node_word(build, node->pairs[0].key, words);
	if (kind < 0)
		return;
	out->kind = (enum criterion_kind)kind;
	place->choose_count++;
	if (kind == CHOOSE_ONLY || kind == CHOOSE_PREFER)
		build_some(build, node->pairs[0].value, place, out);
	else
		build_members(build, node->pairs[0].value, place, &out->members,
			      &out->member_count);
}

static bool is_led_to_any(const struct place *place)
{
	bool is_led = false;

	for (enum fhir_release r = 0; r < RELEASES; r++)
		is_led = is_led || place->via[r];
	return is_led;
}

void build_choose(struct build *build, const struct yaml_node *list,
		  struct place *place)
{
	if (!list || !node_is_list(build, list))
		return;
	if (!place->is_resource || place->key_count || is_led_to_any(place)) {
		node_fault(build, list,
			   "'choose' is for resources that nothing leads to: "
			   "with 'type' and 'per', without 'key' and 'via'");
		return;
	}
	place->choose = arena_alloc(build->arena,
				    (list->count + 1) * sizeof *place->choose);
	for (size_t i = 0; i < list->count; i++)
		build_criterion(build, list->items[i], place);
}

/* Other patterns by which it is recognised. */
void build_also(struct build *build, const struct yaml_node *list,
		struct place *place)
{
	struct criterion also = {0};

	if (!list)
		return;
	build_some(build, list, place, &also);
	memcpy(place->also, also.patterns, sizeof place->also);
}

/* {MEMBER: PATTERN}: what is written instead of `is` where there is no such
 * member. */
void build_without(struct build *build, const struct yaml_node *map,
		   struct place *place)
{
	struct fhir_step *steps;

	if (!map || !node_is_map(build, map))
		return;
	if (map->count != 1) {
		node_fault(build, map, "one member, and what it is without it");
		return;
	}
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (!place->type || !place->in_release[r])
			continue;
		build_fhir_steps(build, map->pairs[0].key, 0, r, place->type,
				 &steps);
		place->is_without[r] = build_pattern(build, map->pairs[0].value,
						     r, place, NULL);
	}
	place->without = map->pairs[0].key->text;
}

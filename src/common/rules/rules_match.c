/* `match`: the attributes that tell which dataset FHIR speaks of. */
#include "rules_build.h"

#include <string.h>

static bool build_id(struct build *build, const struct yaml_node *node,
		     struct match_id *out)
{
	return build_dicom_paths(build, node, &out->paths, &out->count) &&
	       out->count > 0;
}

/* [path, ...], or several such lists of which any will do. */
static void build_ids(struct build *build, const struct yaml_node *node,
		      struct match_key *out)
{
	bool many = node->kind == YAML_LIST && node->count &&
		    node->items[0]->kind == YAML_LIST;
	size_t count = many ? node->count : 1;

	out->ids = arena_alloc(build->arena, count * sizeof *out->ids);
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *one = many ? node->items[i] : node;

		if (many && !node_is_list(build, one))
			continue;
		if (build_id(build, one, &out->ids[out->id_count]))
			out->id_count++;
	}
}

/* One that does not say where the value goes would ask for anybody. */
static const char *build_search(struct build *build,
				const struct yaml_node *node)
{
	const char *text = node_text(build, node);
	if (!text || strstr(text, MATCH_VALUE))
		return text;
	node_fault(build, node,
		   "a search has " MATCH_VALUE " where the number goes");
	return NULL;
}

static void build_key(struct build *build, const struct yaml_pair *pair,
		      struct match_key *out)
{
	static const char *const keys[] = {"key",  "each",   "of",
					   "same", "search", NULL};
	/* as enum proof has them */
	static const char *const of_words[] = {"patient", "order", "study",
					       NULL};
	const struct yaml_node *node = pair->value;
	const struct yaml_node *key, *each, *of, *same, *search;

	*out = (struct match_key){
		.name = pair->key->text,
		.level = LEVEL_STUDY,
		.proves = PROVES_STUDY,
	};
	if (!node_is_map(build, node))
		return;
	node_check_keys(build, node, keys);
	key = yaml_get(node, "key");
	each = yaml_get(node, "each");
	of = yaml_get(node, "of");
	same = yaml_get(node, "same");
	search = yaml_get(node, "search");
	if (key)
		build_ids(build, key, out);
	else
		node_fault(build, pair->key, "'%s' needs a 'key'", out->name);
	if (each)
		build_each(build, each, true, &out->each);
	int proves = of ? node_word(build, of, of_words) : -1;
	if (proves >= 0)
		out->proves = (enum proof)proves;
	if (proves == PROVES_PATIENT)
		out->level = LEVEL_PATIENT;
	if (same)
		build_dicom_paths(build, same, &out->same, &out->same_count);
	if (search)
		out->search = build_search(build, search);
}

/* What says nothing of it means the keys of the places. */
static void take_place(struct build *build, enum level level)
{
	struct dfh_rules *rules = build->rules;
	struct match_key *out = &rules->match[rules->match_count];

	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];

		if (!place->per || !place->key_count || place->level != level)
			continue;
		*out = (struct match_key){.name = place->name,
					  .level = level,
					  .proves = level == LEVEL_PATIENT
							    ? PROVES_PATIENT
							    : PROVES_STUDY};
		out->ids = arena_alloc(build->arena, sizeof *out->ids);
		out->ids->paths = place->key;
		out->ids->count = place->key_count;
		out->id_count = 1;
		rules->match_count++;
		return;
	}
}

void build_match(struct build *build)
{
	struct dfh_rules *rules = build->rules;
	size_t count = build->match.count;

	rules->match =
		arena_alloc(build->arena, (count + 2) * sizeof *rules->match);
	for (size_t i = 0; i < count; i++)
		build_key(build, &build->match.at[i],
			  &rules->match[rules->match_count++]);
	if (count)
		return;
	take_place(build, LEVEL_STUDY);
	take_place(build, LEVEL_PATIENT);
}

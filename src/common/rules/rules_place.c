/* Places: one after those that lead to it. */
#include "rules_build.h"

#include <string.h>

#include "fhir_path.h"
#include "fhir_schema.h"

const struct place *build_find_place(const struct build *build,
				     const char *name)
{
	const struct dfh_rules *rules = build->rules;
	size_t at = build_named(build, rules, name);

	return at != SIZE_MAX ? &rules->places[at] : NULL;
}

bool place_has(const struct place *place, enum fhir_release release,
	       json_object *resource)
{
	size_t count = json_count(place->also[release]);

	if (!place->is[release] || json_matches(resource, place->is[release]))
		return true;
	for (size_t i = 0; i < count; i++)
		if (json_matches(resource, json_at(place->also[release], i)))
			return true;
	return place->is_without[release] &&
	       json_matches(resource, place->is_without[release]);
}

/* ---- order ---- */

/* The name of the place that leads to this one, or NULL. */
static const char *leading_place(struct build *build,
				 const struct yaml_node *node)
{
	const struct yaml_node *path = yaml_get(node, "in");

	if (!path)
		path = yaml_get(node, "via");
	if (path && path->kind == YAML_MAP && path->count)
		path = path->pairs[0].value;
	if (!path || path->kind != YAML_TEXT)
		return NULL;
	return arena_strndup(build->arena, path->text,
			     strcspn(path->text, "."));
}

static void append_place(struct build *build, const struct yaml_pair *pair)
{
	struct dfh_rules *rules = build->rules;
	struct place *place = &rules->places[rules->place_count];

	place->name = pair->key->text;
	place->mark = pair->key->mark;
	build_name(build, rules, place->name, rules->place_count);
	build->place_nodes[rules->place_count++] = pair->value;
}

enum place_order { ORDER_NEW, ORDER_ASKED, ORDER_DONE, ORDER_CIRCLE };

/* A place after those that lead to it; chain: room for all. */
static void order_place(struct build *build, size_t at, size_t *chain,
			enum place_order *order)
{
	const struct pair_list *list = &build->places;
	size_t length = 0;
	bool circle;

	while (at != SIZE_MAX && order[at] == ORDER_NEW) {
		const char *leads = leading_place(build, list->at[at].value);

		order[at] = ORDER_ASKED;
		chain[length++] = at;
		at = leads ? build_named(build, list, leads) : SIZE_MAX;
	}
	circle = at != SIZE_MAX && order[at] != ORDER_DONE;
	while (length > 0) {
		at = chain[--length];
		order[at] = circle ? ORDER_CIRCLE : ORDER_DONE;
		if (!circle)
			append_place(build, &list->at[at]);
	}
}

static void order_places(struct build *build)
{
	struct pair_list *list = &build->places;
	enum place_order *order =
		arena_alloc(build->arena, (list->count + 1) * sizeof *order);
	size_t *chain =
		arena_alloc(build->arena, (list->count + 1) * sizeof *chain);

	for (size_t i = 0; i < list->count; i++)
		order_place(build, i, chain, order);
	for (size_t i = 0; i < list->count; i++) {
		if (order[i] != ORDER_CIRCLE)
			continue;
		node_fault(build, list->at[i].key,
			   "no way leads to place '%s' but from itself",
			   list->at[i].key->text);
		/* Named all the same, so that paths to it are no faults. */
		append_place(build, &list->at[i]);
	}
}

/* ---- what a place is ---- */

static const char *type_hint(struct build *build, const char *type)
{
	/* The schema has no list of its resources; these have places. */
	static const char *const usual[] = {
		"Patient",	 "ImagingStudy", "ServiceRequest",
		"Practitioner",	 "Location",	 "Specimen",
		"Observation",	 "Device",	 "Encounter",
		"Endpoint",	 "Organization", "Procedure",
		"BodyStructure", "Task"};
	struct nearest nearest = nearest_to(type);

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		nearest_offer(&nearest, usual[i]);
	return nearest_hint(&nearest, build->arena);
}

static void build_type(struct build *build, const struct yaml_node *node,
		       struct place *place)
{
	const char *type = node_text(build, node);

	if (!type)
		return;
	place->is_resource = true;
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		place->in_release[r] = build->rules->in_release[r] &&
				       fhir_type_is_resource(r, type);
		if (place->in_release[r])
			place->type = type;
	}
	if (!place->type)
		node_fault(build, node, "no resource type '%s'%s", type,
			   type_hint(build, type));
}

/* A backbone: an array in the parent. */
static void build_in(struct build *build, const struct yaml_node *node,
		     struct place *place)
{
	const struct yaml_node *text;
	const struct fhir_step *last;
	const char *type = NULL;
	bool good = true;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (!build->rules->in_release[r] || !(text = node_for(node, r)))
			continue;
		place->in[r] = build_fhir_path(build, text, r);
		place->in_release[r] = place->in[r] != NULL;
		good = good && place->in[r];
		if (!place->in[r])
			continue;
		last = &place->in[r]->steps[place->in[r]->depth - 1];
		if (!last->many || last->extension ||
		    fhir_type_is_primitive(last->type)) {
			node_fault(build, text, "%s is no array of objects",
				   text->text);
			good = false;
		}
		type = place->in[r]->type;
	}
	place->type = good ? type : NULL;
}

/* Elements of an array of the parent, or its extensions of one URL. */
static void build_element(struct build *build, const struct yaml_node *node,
			  struct place *place)
{
	bool good = true;

	place->is_element = true;
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct yaml_node *text = node_for(node, r);
		struct fhir_path *path;

		if (!build->rules->in_release[r] || !text)
			continue;
		path = place->via[r] = build_fhir_path(build, text, r);
		place->in_release[r] = path != NULL;
		good = good && path;
		if (!path)
			continue;
		fhir_path_repeat(build, path);
		place->is[r] = path->is;
		if (path->slot + 1 != (int)path->depth ||
		    fhir_type_is_primitive(path->type)) {
			node_fault(build, text, "%s is no array of objects",
				   text->text);
			good = false;
		}
		place->type = path->type;
		place->level = path->place->level;
	}
	if (!good)
		place->type = NULL;
}

/* A resource that a reference leads to. */
static void build_via(struct build *build, const struct yaml_node *node,
		      const struct yaml_node *link, struct place *place)
{
	const struct yaml_node *text;
	bool good = true;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		struct fhir_path *path;

		if (!place->in_release[r])
			continue;
		text = node_for(node, r);
		if (!text) {
			place->in_release[r] = false;
			continue;
		}
		path = place->via[r] = build_fhir_path(build, text, r);
		good = good && path;
		if (!path)
			continue;
		if (strcmp(path->type, "Reference") != 0) {
			node_fault(build, text, "%s is a %s, no Reference",
				   text->text, path->type);
			good = false;
		}
		path->is = build_pattern(build, node_for(link, r), r,
					 path->place, path);
		place->level = path->place->level;
	}
	if (!good)
		place->type = NULL;
}

/* ---- the rest of it ---- */

static void build_level(struct build *build, const struct yaml_node *node,
			struct place *place)
{
	static const char *const levels[] = {"patient", "study", "series",
					     "instance", NULL};
	const struct yaml_node *per = yaml_get(node, "per");
	const struct yaml_node *key = yaml_get(node, "key");
	int level = per ? node_word(build, per, levels) : -1;

	if (level >= 0) {
		place->per = true;
		place->level = (enum level)level;
	}
	if (!key)
		return;
	build_dicom_paths(build, key, &place->key, &place->key_count);
	for (size_t i = 0; i < place->key_count; i++)
		place->key[i].from_root = true;
	if (!per)
		node_fault(build, key, "'key' without 'per'");
}

static const struct place *find_target(struct build *build,
				       const struct yaml_node *node)
{
	const char *name = node_text(build, node);
	const struct place *place = name ? build_find_place(build, name) : NULL;
	struct nearest nearest;

	if (!name || place)
		return place;
	nearest = nearest_to(name);
	for (size_t i = 0; i < build->rules->place_count; i++)
		nearest_offer(&nearest, build->rules->places[i].name);
	node_fault(build, node, "no place '%s'%s", name,
		   nearest_hint(&nearest, build->arena));
	return NULL;
}

static void build_refs(struct build *build, const struct yaml_node *map,
		       struct place *place)
{
	struct fhir_step *steps;

	if (!map || !node_is_map(build, map))
		return;
	place->refs = arena_alloc(build->arena,
				  (map->count + 1) * sizeof *place->refs);
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_node *key = map->pairs[i].key;
		const struct place *to =
			find_target(build, map->pairs[i].value);

		for (enum fhir_release r = 0; r < RELEASES; r++) {
			int depth =
				place->type && place->in_release[r]
					? build_fhir_steps(build, key, 0, r,
							   place->type, &steps)
					: -1;

			if (depth > 1 || (depth == 1 && steps->extension))
				node_fault(build, key,
					   "'refs' names an element of %s "
					   "itself; what lies deeper is for "
					   "'via' of the other place",
					   place->type);
			else if (depth == 1 &&
				 strcmp(steps->type, "Reference") != 0)
				node_fault(build, key,
					   "%s is a %s, no Reference",
					   key->text, steps->type);
		}
		/* A key is found first; what has none where it stands. */
		if (to >= place &&
		    !yaml_get(build->place_nodes[to - build->rules->places],
			      "key"))
			node_fault(build, map->pairs[i].value,
				   "place '%s' has no 'key', so that it must "
				   "stand before those that refer to it",
				   to->name);
		if (to)
			place->refs[place->ref_count++] =
				(struct place_ref){key->text, to};
	}
}

static void build_entry(struct build *build, const struct yaml_node *node,
			struct place *place)
{
	static const char *const keys[] = {
		"create-unless", "update", "and",     "by",
		"key",		 "within", "several", NULL};
	static const char *const words[] = {"contained", NULL};
	static const char *const left[] = {"identifier", NULL};
	const struct yaml_node *by;
	struct fhir_step *steps;

	if (node->kind == YAML_TEXT) {
		if (node_word(build, node, words) == 0)
			place->entry = ENTRY_CONTAINED;
		return;
	}
	if (!node_is_map(build, node))
		return;
	node_check_keys(build, node, keys);
	by = yaml_get(node, "update");
	place->entry = ENTRY_UPDATE;
	if (!by) {
		by = yaml_get(node, "create-unless");
		place->entry = ENTRY_CREATE_UNLESS;
	}
	if (!by || !(place->entry_by = node_text(build, by)))
		return;
	if (yaml_get(node, "key"))
		place->entry_key = node_text(build, yaml_get(node, "key"));
	if (yaml_get(node, "several"))
		place->entry_is_left =
			node_word(build, yaml_get(node, "several"), left) == 0;
	if (yaml_get(node, "within"))
		build_dicom_path(build, yaml_get(node, "within"),
				 &place->entry_within);
	if (yaml_get(node, "and"))
		place->entry_and = find_target(build, yaml_get(node, "and"));
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (place->type && place->in_release[r])
			build_fhir_steps(build, by, 0, r, place->type, &steps);
}

/* What is written where no rule wrote it; NULL: nothing. */
static json_object *build_default(struct build *build,
				  const struct yaml_node *node,
				  enum fhir_release r,
				  const struct place *place)
{
	const struct yaml_node *contained;

	node = node_for(node, r);
	if (!node || !place->type || !place->in_release[r])
		return NULL;
	json_check(build, node, r, place->type, false);
	contained = yaml_get(node, "contained");
	if (contained && place->entry == ENTRY_CONTAINED)
		node_fault(build, contained,
			   "place '%s' is contained itself, and what is "
			   "contained contains nothing",
			   place->name);
	return node_is_map(build, node) ? build_keep(build, json_of(node))
					: NULL;
}

/* What is written by default must not be refused when it comes back. */
static void build_refuse(struct build *build, const struct yaml_node *list,
			 enum fhir_release r, struct place *place)
{
	place->refuse[r] = build_keep(build, json_new_array());
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_node *node = list->items[i];
		json_object *pattern =
			build_pattern(build, node, r, place, NULL);

		if (!pattern)
			continue;
		if (!node->count)
			node_fault(build, node, "this refuses all");
		else if (json_member_count(pattern) &&
			 (json_matches(place->defaults[r], pattern) ||
			  json_matches(place->is[r], pattern)))
			node_fault(build, node,
				   "place '%s' writes what it refuses",
				   place->name);
		json_append(place->refuse[r], json_object_get(pattern));
	}
}

static void build_place_patterns(struct build *build,
				 const struct yaml_node *node,
				 struct place *place)
{
	const struct yaml_node *is = yaml_get(node, "is");
	const struct yaml_node *refuse = yaml_get(node, "refuse");

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (is && place->type && place->in_release[r])
			place->is[r] = build_pattern(build, node_for(is, r), r,
						     place, NULL);
		place->defaults[r] = build_default(
			build, yaml_get(node, "default"), r, place);
		place->without_instance[r] = build_default(
			build, yaml_get(node, "without-instance"), r, place);
	}
	if (!refuse || !node_is_list(build, refuse))
		return;
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (place->type && place->in_release[r])
			build_refuse(build, refuse, r, place);
}

/* Type, and where it hangs: what the rest of a place is checked against. */
static void build_kind(struct build *build, const struct yaml_node *node,
		       struct place *place)
{
	const struct yaml_node *type = yaml_get(node, "type");
	const struct yaml_node *in = yaml_get(node, "in");
	const struct yaml_node *via = yaml_get(node, "via");

	if (!type == !in) {
		diag_fault(build->diag, &place->mark, (int)strlen(place->name),
			   "place '%s' needs either 'type' or 'in'",
			   place->name);
		return;
	}
	if (!yaml_get(node, "per") && !via && !(in && yaml_get(node, "each"))) {
		diag_fault(build->diag, &place->mark, (int)strlen(place->name),
			   "place '%s' needs %s", place->name,
			   in ? "'per', or 'each'" : "'per' or 'via'");
		return;
	}
	if (in && !yaml_get(node, "per"))
		build_element(build, in, place);
	else if (in)
		build_in(build, in, place);
	else
		build_type(build, type, place);
	if (via && place->type)
		build_via(build, via, yaml_get(node, "link"), place);
	if (in && yaml_get(node, "entry"))
		node_fault(build, yaml_get(node, "entry"),
			   "'entry' is for resources, and place '%s' is an "
			   "element of one",
			   place->name);
	if (!in && !yaml_get(node, "entry"))
		diag_fault(build->diag, &place->mark, (int)strlen(place->name),
			   "place '%s' needs 'entry', since it is a resource",
			   place->name);
}

static void build_believed(struct build *build, const struct yaml_node *node,
			   struct place *place)
{
	const char *name = node ? node_text(build, node) : NULL;

	for (size_t i = 0; name && i < place->ref_count; i++)
		if (strcmp(place->refs[i].element, name) == 0)
			place->believed_by = name;
	if (name && !place->believed_by)
		node_fault(build, node, "'%s' is none of the 'refs'", name);
}

void build_members(struct build *build, const struct yaml_node *list,
		   const struct place *place, const char ***names,
		   size_t *count)
{
	struct fhir_step *steps;

	if (!node_is_list(build, list))
		return;
	*names = arena_alloc(build->arena, (list->count + 1) * sizeof **names);
	for (size_t i = 0; i < list->count; i++) {
		const char *name = node_text(build, list->items[i]);

		if (!name)
			continue;
		for (enum fhir_release r = 0; r < RELEASES; r++)
			if (place->type && place->in_release[r])
				build_fhir_steps(build, list->items[i], 0, r,
						 place->type, &steps);
		(*names)[(*count)++] = name;
	}
}

/* Members by which the elements of a backbone are put in order. */
static void build_order(struct build *build, const struct yaml_node *list,
			struct place *place)
{
	if (!list)
		return;
	if (place->is_resource && node_is_list(build, list))
		node_fault(build, list,
			   "'order' is for the elements of an array ('in')");
	else
		build_members(build, list, place, &place->order,
			      &place->order_count);
}

/* {list.member: value} or {member: value}, as JSON. */
static json_object *build_merged_part(struct build *build,
				      const struct yaml_node *map,
				      const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);

	if (!node)
		node_fault(build, map, "'merged' needs '%s'", key);
	return node && node_is_map(build, node)
		       ? build_keep(build, json_of(node))
		       : NULL;
}

static void build_merged(struct build *build, const struct yaml_node *map,
			 struct place *place)
{
	static const char *const keys[] = {"via", "replaces", "replaced-by",
					   "old", NULL};
	const struct yaml_node *via;
	struct fhir_step *steps = NULL;

	if (!map || !node_is_map(build, map))
		return;
	node_check_keys(build, map, keys);
	via = yaml_get(map, "via");
	if (!via)
		node_fault(build, map, "'merged' needs 'via'");
	for (enum fhir_release r = 0; via && r < RELEASES; r++)
		if (place->type && place->in_release[r] &&
		    build_fhir_steps(build, via, 0, r, place->type, &steps) !=
			    2)
			steps = NULL;
	if (via && !steps)
		node_fault(build, via,
			   "'via' leads through a list to a Reference");
	place->merged = (struct merged){
		.replaces = build_merged_part(build, map, "replaces"),
		.replaced_by = build_merged_part(build, map, "replaced-by"),
		.old = build_merged_part(build, map, "old"),
	};
	if (steps) {
		place->merged.list = steps[0].name;
		place->merged.to = steps[1].name;
	}
}

static void build_sole(struct build *build, const struct yaml_node *node,
		       struct place *place)
{
	static const char *const words[] = {"same", NULL};

	place->sole_is_same = node && node_word(build, node, words) == 0;
	if (place->sole_is_same && place->each.kind != EACH_ITEM &&
	    place->each.kind != EACH_ONE_OF)
		node_fault(build, node, "'sole' is for the items of 'each'");
}

static void build_place(struct build *build, const struct yaml_node *node,
			struct place *place)
{
	static const char *const keys[] = {
		"type",	  "per",     "key",	    "in",
		"via",	  "link",    "each",	    "refs",
		"is",	  "default", "entry",	    "without-instance",
		"refuse", "order",   "believed-by", "when",
		"unless", "merged",  "also",	    "without",
		"choose", "sole",    NULL};
	const struct yaml_node *part;

	if (!node_is_map(build, node))
		return;
	node_check_keys(build, node, keys);
	for (size_t i = 0; i < node->count; i++)
		node_check_releases(build, node->pairs[i].value);
	build_level(build, node, place);
	build_kind(build, node, place);
	part = yaml_get(node, "each");
	if (part && !build_each(build, part, true, &place->each))
		place->each = (struct each){0};
	build_sole(build, yaml_get(node, "sole"), place);
	build_conditions(build, node, &place->conditions);
	build_order(build, yaml_get(node, "order"), place);
	build_refs(build, yaml_get(node, "refs"), place);
	build_believed(build, yaml_get(node, "believed-by"), place);
	part = yaml_get(node, "entry");
	if (part)
		build_entry(build, part, place);
	build_place_patterns(build, node, place);
	build_merged(build, yaml_get(node, "merged"), place);
	build_also(build, yaml_get(node, "also"), place);
	build_without(build, yaml_get(node, "without"), place);
	build_choose(build, yaml_get(node, "choose"), place);
}

void build_places(struct build *build)
{
	struct dfh_rules *rules = build->rules;
	size_t count = build->places.count + 1;

	rules->places =
		arena_alloc(build->arena, count * sizeof *rules->places);
	build->place_nodes =
		arena_alloc(build->arena, count * sizeof *build->place_nodes);
	if (build->places.count > PLACES_MAX) {
		node_fault(build, build->places.at[PLACES_MAX].key,
			   "there are more than %d places", PLACES_MAX);
		build->places.count = PLACES_MAX;
	}
	order_places(build);
	for (size_t i = 0; i < rules->place_count; i++)
		build_place(build, build->place_nodes[i], &rules->places[i]);
}

/* ---- whose rules are whose ---- */

static bool rule_is_of_place(const struct rule *rule, const struct place *place,
			     enum fhir_release release)
{
	return rule->fhir[release] && rule->fhir[release]->place == place;
}

static bool is_guest_of(const struct rule *rule, const struct place *place,
			enum fhir_release release)
{
	return rule->otherwise[release] &&
	       rule->otherwise[release]->place == place;
}

static size_t *list_place_rules(struct dfh_rules *rules,
				const struct place *place,
				enum fhir_release release,
				bool (*is_listed)(const struct rule *rule,
						  const struct place *place,
						  enum fhir_release release),
				size_t *count)
{
	size_t *list;

	*count = 0;
	for (size_t i = 0; i < rules->rule_count; i++)
		*count += is_listed(&rules->rules[i], place, release);
	list = arena_alloc(rules->arena, (*count + 1) * sizeof *list);
	*count = 0;
	for (size_t i = 0; i < rules->rule_count; i++)
		if (is_listed(&rules->rules[i], place, release))
			list[(*count)++] = i;
	return list;
}

static void list_rules_of(struct dfh_rules *rules, struct place *place,
			  enum fhir_release release)
{
	place->rules[release] =
		list_place_rules(rules, place, release, rule_is_of_place,
				 &place->rule_count[release]);
	place->guests[release] =
		list_place_rules(rules, place, release, is_guest_of,
				 &place->guest_count[release]);
}

void build_rules_of_places(struct dfh_rules *rules)
{
	for (size_t i = 0; i < rules->place_count; i++)
		for (enum fhir_release r = 0; r < RELEASES; r++)
			list_rules_of(rules, &rules->places[i], r);
}

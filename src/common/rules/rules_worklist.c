/* `worklist`, `stations` and `modalities`. */
#include "rules_worklist.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "fhir_schema.h"
#include "rules_build.h"

static const char *const fixed_roles[] = {
	"order",       "replacement", "parent",	      "sibling", "step",
	"appointment", "study",	      "parent-study", "patient", NULL};

/* ---- ways ---- */

/* Does any release have this member of any of the types?  What it may be then
 * is in out. */
struct type_set {
	const char *of[RELEASES];
};

static bool enter_element(struct type_set *types, const char *name)
{
	bool found = false;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct fhir_element *element =
			types->of[r] ? fhir_element_find(r, types->of[r], name)
				     : NULL;
		types->of[r] = element ? element->type : NULL;
		found = found || element;
	}
	return found;
}

static bool leads_to_type(struct type_set *types, const char *type)
{
	bool found = false;

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		bool is_reference =
			types->of[r] && strcmp(types->of[r], "Reference") == 0;
		types->of[r] = is_reference && fhir_type_is_resource(r, type)
				       ? type
				       : NULL;
		found = found || types->of[r];
	}
	return found;
}

static void tell_no_step(struct build *build, const struct yaml_node *node,
			 bool is_arrow, const char *name)
{
	if (is_arrow)
		node_fault(build, node,
			   "'%s' is no resource that a reference here leads to",
			   name);
	else
		node_fault(build, node, "%s '%s' here", build_none_has(build),
			   name);
}

/* A text "member.member->Type.member", from these types on. */
static bool build_path(struct build *build, const struct yaml_node *node,
		       const char *text, struct type_set *types,
		       struct way_path *out)
{
	size_t room = 2;

	for (const char *p = text; *p; p++)
		room += *p == '.' || *p == '>';
	struct way_step *steps =
		arena_alloc(build->arena, room * sizeof *steps);

	*out = (struct way_path){steps, 0};
	while (*text) {
		bool is_arrow = strncmp(text, "->", 2) == 0;

		text += is_arrow ? 2 : *text == '.';
		size_t length = strcspn(text, ".-");
		const char *name = arena_strndup(build->arena, text, length);

		steps[out->count++] = is_arrow ? (struct way_step){NULL, name}
					       : (struct way_step){name, NULL};
		if (!length || !(is_arrow ? leads_to_type(types, name)
					  : enter_element(types, name))) {
			tell_no_step(build, node, is_arrow, name);
			return false;
		}
		text += length;
	}
	return true;
}

static json_object *build_worklist_patterns(struct build *build,
					    const struct yaml_node *list)
{
	if (!list || !node_is_list(build, list))
		return NULL;
	return build_keep(build, json_of(list));
}

static const struct way_path *build_paths(struct build *build,
					  const struct yaml_node *list,
					  const struct type_set *types,
					  size_t *count, struct type_set *to)
{
	struct way_path *paths;

	*count = 0;
	if (!list || !node_is_list(build, list))
		return NULL;
	paths = arena_alloc(build->arena, (list->count + 1) * sizeof *paths);
	for (size_t i = 0; i < list->count; i++) {
		struct type_set one = *types;
		const char *text = node_text(build, list->items[i]);

		if (text && build_path(build, list->items[i], text, &one,
				       &paths[*count])) {
			++*count;
			*to = one;
		}
	}
	return paths;
}

static size_t role_named(const struct worklist_rules *worklist,
			 const char *name, size_t length)
{
	size_t at = 0;

	while (at < worklist->role_count &&
	       (strlen(worklist->roles[at].name) != length ||
		strncmp(worklist->roles[at].name, name, length) != 0))
		at++;
	return at;
}

static struct type_set types_of_role(const struct role *role)
{
	struct type_set types;

	for (enum fhir_release r = 0; r < RELEASES; r++)
		types.of[r] = fhir_type_is_resource(r, role->type) ? role->type
								   : NULL;
	return types;
}

static bool build_way(struct build *build, struct worklist_rules *worklist,
		      const struct yaml_node *node, struct way *out)
{
	static const char *const keys[] = {"at",  "is",	  "not",
					   "day", "take", NULL};
	bool is_map = node->kind == YAML_MAP;
	const struct yaml_node *at = is_map ? yaml_get(node, "at") : node;
	const char *text = at ? node_text(build, at) : NULL;
	struct type_set types;

	*out = (struct way){0};
	if (is_map)
		node_check_keys(build, node, keys);
	if (!text) {
		if (!at)
			node_fault(build, node, "a way needs 'at'");
		return false;
	}
	size_t length = strcspn(text, ".");

	out->role = role_named(worklist, text, length);
	if (out->role == worklist->role_count) {
		part_fault(build, at, 0, length,
			   "no resource '%.*s' stands before this", (int)length,
			   text);
		return false;
	}
	types = types_of_role(&worklist->roles[out->role]);
	if (!build_path(build, at, text + length, &types, &out->path))
		return false;
	if (!is_map)
		return true;
	struct type_set day = types, taken = types;

	out->is = build_worklist_patterns(build, yaml_get(node, "is"));
	out->not_ = build_worklist_patterns(build, yaml_get(node, "not"));
	out->day = build_paths(build, yaml_get(node, "day"), &types,
			       &out->day_count, &day);
	out->take = build_paths(build, yaml_get(node, "take"), &types,
				&out->take_count, &taken);
	return true;
}

static void build_ways(struct build *build, struct worklist_rules *worklist,
		       const struct yaml_node *list, struct ways *out)
{
	struct way *ways;

	*out = (struct ways){0};
	if (!list || !node_is_list(build, list))
		return;
	ways = arena_alloc(build->arena, (list->count + 1) * sizeof *ways);
	for (size_t i = 0; i < list->count; i++)
		out->count += build_way(build, worklist, list->items[i],
					&ways[out->count]);
	out->at = ways;
}

/* ---- resources ---- */

static const char **build_texts(struct build *build,
				const struct yaml_node *list, size_t *count)
{
	const char **texts;

	*count = 0;
	if (!list || !node_is_list(build, list))
		return NULL;
	texts = arena_alloc(build->arena, (list->count + 1) * sizeof *texts);
	for (size_t i = 0; i < list->count; i++)
		if ((texts[*count] = node_text(build, list->items[i])))
			++*count;
	return texts;
}

static void build_of(struct build *build, struct worklist_rules *worklist,
		     const struct yaml_node *list, struct role *role)
{
	size_t count = 0;
	const char **names = build_texts(build, list, &count);
	size_t *of = arena_alloc(build->arena, (count + 1) * sizeof *of);

	for (size_t i = 0; i < count; i++) {
		of[role->of_count] =
			role_named(worklist, names[i], strlen(names[i]));
		if (of[role->of_count] == worklist->role_count)
			node_fault(build, list,
				   "no resource '%s' stands before this",
				   names[i]);
		else
			role->of_count++;
	}
	role->of = of;
}

static void build_to(struct build *build, const struct yaml_node *list,
		     struct role *role)
{
	role->to = build_texts(build, list, &role->to_count);
	for (size_t i = 0; i < role->to_count; i++) {
		struct type_set types = types_of_role(role);

		if (!enter_element(&types, role->to[i]))
			node_fault(build, list, "%s %s.%s",
				   build_none_has(build), role->type,
				   role->to[i]);
	}
}

static void build_unless(struct build *build,
			 const struct worklist_rules *worklist,
			 const struct yaml_node *node, struct role *role)
{
	const char *name = node_text(build, node);
	size_t at = name ? role_named(worklist, name, strlen(name))
			 : worklist->role_count;

	if (name && at == worklist->role_count)
		node_fault(build, node, "no resource '%s' stands before this",
			   name);
	role->unless_several = at;
}

static void build_role(struct build *build, struct worklist_rules *worklist,
		       const struct yaml_pair *pair)
{
	static const char *const keys[] = {
		"type", "from",		  "to", "of", "is", "not",
		"over", "unless-several", NULL};
	const struct yaml_node *node = pair->value, *type, *part;
	struct role role = {.name = pair->key->text};

	if (!node_is_map(build, node))
		return;
	node_check_keys(build, node, keys);
	type = yaml_get(node, "type");
	role.type = type ? node_text(build, type) : NULL;
	if (!role.type || !fhir_type_is_any_resource(role.type)) {
		node_fault(build, type ? type : node,
			   "'%s' needs the 'type' of a resource", role.name);
		return;
	}
	build_ways(build, worklist, yaml_get(node, "from"), &role.from);
	build_to(build, yaml_get(node, "to"), &role);
	build_of(build, worklist, yaml_get(node, "of"), &role);
	if (!role.to_count != !role.of_count)
		node_fault(build, node, "'to' and 'of' go together");
	role.unless_several = worklist->role_count;
	if ((part = yaml_get(node, "unless-several")))
		build_unless(build, worklist, part, &role);
	role.is = build_worklist_patterns(build, yaml_get(node, "is"));
	role.not_ = build_worklist_patterns(build, yaml_get(node, "not"));
	role.over = build_worklist_patterns(build, yaml_get(node, "over"));
	worklist->roles[worklist->role_count++] = role;
}

static void build_roles(struct build *build, struct worklist_rules *worklist,
			const struct yaml_node *map)
{
	if (!map || !node_is_map(build, map))
		return;
	worklist->roles = arena_alloc(
		build->arena, (map->count + 1) * sizeof *worklist->roles);
	for (size_t i = 0; i < map->count; i++)
		build_role(build, worklist, &map->pairs[i]);
	for (size_t i = 0; fixed_roles[i]; i++) {
		worklist->fixed[i] = role_named(worklist, fixed_roles[i],
						strlen(fixed_roles[i]));
		if (worklist->fixed[i] == worklist->role_count)
			node_fault(build, map, "'resources' needs '%s'",
				   fixed_roles[i]);
	}
}

/* ---- elements ---- */

/* Of several sources the one that new values go to. */
static const struct rule *find_worklist_rule(struct build *build,
					     const struct yaml_node *node)
{
	const struct dfh_rules *rules = build->rules;
	const char *id = node ? node_text(build, node) : NULL;
	size_t at = id ? build_named(build, rules->rules, id) : SIZE_MAX;
	struct nearest nearest;

	if (!id)
		return NULL;
	if (at != SIZE_MAX)
		return rules->rules[at].sources
			       ? &rules->rules[rules->rules[at].sources->home]
			       : &rules->rules[at];
	nearest = nearest_to(id);
	for (size_t i = 0; i < rules->rule_count; i++)
		nearest_offer(&nearest, rules->rules[i].id);
	node_fault(build, node, "no rule '%s'%s", id,
		   nearest_hint(&nearest, build->arena));
	return NULL;
}

static bool build_flag(struct build *build, const struct yaml_node *node)
{
	static const char *const words[] = {"true", NULL};

	return node && node_word(build, node, words) == 0;
}

static void build_cut(struct build *build, const struct yaml_node *node,
		      struct worklist_element *element)
{
	const char *text = node ? node_text(build, node) : NULL;

	if (!text)
		return;
	element->cut = strtoul(text, NULL, 10);
	if (!element->cut || text[strspn(text, "0123456789")])
		node_fault(build, node, "'%s' is no number of characters",
			   text);
}

static bool build_worklist_element(struct build *build,
				   struct worklist_rules *worklist,
				   const struct yaml_node *node,
				   struct worklist_element *out)
{
	static const char *const keys[] = {
		"rule",	 "from",   "else",   "several",	    "as",
		"stays", "text",   "coding", "modality-of", "station-of",
		"among", "except", "cut",    "needed",	    "all",
		"time",	 NULL};
	const struct yaml_node *rule, *part;

	*out = (struct worklist_element){0};
	if (!node_is_map(build, node))
		return false;
	node_check_keys(build, node, keys);
	rule = yaml_get(node, "rule");
	if (!rule)
		node_fault(build, node, "an element needs a 'rule'");
	out->rule = rule ? find_worklist_rule(build, rule) : NULL;
	build_ways(build, worklist, yaml_get(node, "from"), &out->from);
	build_ways(build, worklist, yaml_get(node, "else"), &out->otherwise);
	build_ways(build, worklist, yaml_get(node, "several"), &out->several);
	if ((part = yaml_get(node, "as")))
		out->as = find_worklist_rule(build, part);
	out->stays = build_flag(build, yaml_get(node, "stays"));
	build_ways(build, worklist, yaml_get(node, "text"), &out->text);
	build_ways(build, worklist, yaml_get(node, "coding"), &out->coding);
	build_ways(build, worklist, yaml_get(node, "modality-of"),
		   &out->modality_of);
	build_ways(build, worklist, yaml_get(node, "station-of"),
		   &out->station_of);
	if ((part = yaml_get(node, "among")))
		out->among = build_find_table(build, part);
	out->except = build_texts(build, yaml_get(node, "except"),
				  &out->except_count);
	build_cut(build, yaml_get(node, "cut"), out);
	out->needed = build_flag(build, yaml_get(node, "needed"));
	out->all = build_flag(build, yaml_get(node, "all"));
	out->is_time = build_flag(build, yaml_get(node, "time"));
	return out->rule && out->rule->codec;
}

static void build_worklist_elements(struct build *build,
				    struct worklist_rules *worklist,
				    const struct yaml_node *list)
{
	if (!list || !node_is_list(build, list))
		return;
	worklist->elements = arena_alloc(
		build->arena, (list->count + 1) * sizeof *worklist->elements);
	for (size_t i = 0; i < list->count; i++)
		worklist->element_count += build_worklist_element(
			build, worklist, list->items[i],
			&worklist->elements[worklist->element_count]);
}

/* ---- by what an entry is known ---- */

static void add_worklist_number(struct build *build,
				struct worklist_rules *worklist,
				const struct yaml_node *node,
				struct known_by *out)
{
	const struct rule *rule = find_worklist_rule(build, node);

	for (size_t i = 0; rule && i < worklist->element_count; i++)
		if (worklist->elements[i].rule == rule) {
			out->rules[out->count++] = i;
			return;
		}
	if (rule)
		node_fault(build, node, "no element has the rule '%s'",
			   rule->id);
}

static void build_numbers(struct build *build, struct worklist_rules *worklist,
			  const struct yaml_node *list)
{
	if (!list || !node_is_list(build, list))
		return;
	worklist->known_by = arena_alloc(
		build->arena, (list->count + 1) * sizeof *worklist->known_by);
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_node *one = list->items[i];
		struct known_by *by =
			&worklist->known_by[worklist->known_by_count++];
		size_t count = one->kind == YAML_LIST ? one->count : 1;

		by->rules = arena_alloc(build->arena,
					(count + 1) * sizeof *by->rules);
		for (size_t k = 0; k < count; k++)
			add_worklist_number(
				build, worklist,
				one->kind == YAML_LIST ? one->items[k] : one,
				by);
	}
}

/* ---- the site's lists ---- */

/* "SYSTEM|VALUE" */
static bool split_system_and_value(struct build *build,
				   const struct yaml_node *node,
				   const char **system, const char **value)
{
	const char *text = node_text(build, node);
	const char *bar = text ? strrchr(text, '|') : NULL;

	if (text && (!bar || bar == text || !bar[1]))
		node_fault(build, node, "'%s' is not \"SYSTEM|VALUE\"", text);
	if (!bar)
		return false;
	*system = arena_strndup(build->arena, text, (size_t)(bar - text));
	*value = bar + 1;
	return true;
}

static void build_stations(struct build *build)
{
	static const char *const keys[] = {"modality", "location", NULL};
	struct dfh_rules *rules = build->rules;

	rules->stations =
		arena_alloc(build->arena, (build->stations.count + 1) *
						  sizeof *rules->stations);
	for (size_t i = 0; i < build->stations.count; i++) {
		const struct yaml_pair *pair = &build->stations.at[i];
		const struct yaml_node *part;
		struct station *one = &rules->stations[rules->station_count];

		if (!node_is_map(build, pair->value))
			continue;
		node_check_keys(build, pair->value, keys);
		*one = (struct station){.aet = pair->key->text};
		if (strlen(one->aet) > 16 || strchr(one->aet, '\\'))
			node_fault(build, pair->key,
				   "an AE title has at most 16 characters and "
				   "no backslash");
		if ((part = yaml_get(pair->value, "modality")))
			one->modality = node_text(build, part);
		if ((part = yaml_get(pair->value, "location")))
			split_system_and_value(build, part, &one->system,
					       &one->value);
		if (!one->modality && !one->value)
			node_fault(build, pair->key,
				   "a station needs 'modality' or 'location'");
		rules->station_count++;
	}
}

static void add_codes(struct build *build, const struct yaml_pair *pair)
{
	struct dfh_rules *rules = build->rules;

	if (!node_is_list(build, pair->value))
		return;
	for (size_t i = 0; i < pair->value->count; i++) {
		struct procedure_modality *one;

		array_room_in(build->arena, rules->procedures,
			      rules->procedure_count);
		one = &rules->procedures[rules->procedure_count];
		one->modality = pair->key->text;
		rules->procedure_count +=
			split_system_and_value(build, pair->value->items[i],
					       &one->system, &one->value);
	}
}

void build_worklist(struct build *build)
{
	static const char *const keys[] = {
		"sop-class", "search", "due",	    "not-due",	"over",
		"imaging",   "others", "resources", "known-by", "study-uid-of",
		"elements",  "type-1", "type-2",    NULL};
	const struct yaml_node *map = build->worklist, *part;
	struct worklist_rules *out;

	build_stations(build);
	for (size_t i = 0; i < build->modalities.count; i++)
		add_codes(build, &build->modalities.at[i]);
	if (!map || !node_is_map(build, map))
		return;
	node_check_keys(build, map, keys);
	out = arena_alloc(build->arena, sizeof *out);
	build->rules->worklist = out;
	part = yaml_get(map, "sop-class");
	out->sop_class = part ? node_text(build, part) : NULL;
	if (!out->sop_class)
		node_fault(build, map, "'worklist' needs 'sop-class'");
	part = yaml_get(map, "search");
	out->search = part ? node_text(build, part) : NULL;
	out->due = build_worklist_patterns(build, yaml_get(map, "due"));
	out->not_due = build_worklist_patterns(build, yaml_get(map, "not-due"));
	out->over = build_worklist_patterns(build, yaml_get(map, "over"));
	out->imaging = build_worklist_patterns(build, yaml_get(map, "imaging"));
	out->others = build_worklist_patterns(build, yaml_get(map, "others"));
	if ((part = yaml_get(map, "resources")))
		build_roles(build, out, part);
	else
		node_fault(build, map, "'worklist' needs 'resources'");
	build_worklist_elements(build, out, yaml_get(map, "elements"));
	build_ways(build, out, yaml_get(map, "study-uid-of"),
		   &out->study_uid_of);
	build_numbers(build, out, yaml_get(map, "known-by"));
	if ((part = yaml_get(map, "type-1")))
		build_dicom_paths(build, part, &out->type1, &out->type1_count);
	if ((part = yaml_get(map, "type-2")))
		build_dicom_paths(build, part, &out->type2, &out->type2_count);
}

const char *dfh_rules_worklist_search(const dfh_rules *rules)
{
	return rules->worklist ? rules->worklist->search : NULL;
}

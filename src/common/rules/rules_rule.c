/* Rules: ports, paths and what else a rule says. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"
#include "fhir_path.h"

/* ---- codec ---- */

static void build_codec(struct build *build, struct rule *rule,
			const struct yaml_node *node)
{
	const struct yaml_node *name = yaml_get(node, "codec");
	const char *text = name ? node_text(build, name) : NULL;
	const struct codec *const *all;
	struct nearest nearest;
	size_t count;

	if (!name)
		node_fault(build, yaml_get(node, "id"),
			   "rule '%s' needs a 'codec'", rule->id);
	if (!text)
		return;
	rule->codec = codec_find(text);
	if (rule->codec) {
		rule->ports = arena_alloc(build->arena,
					  (codec_port_count(rule->codec) + 1) *
						  sizeof *rule->ports);
		return;
	}
	all = codec_all(&count);
	nearest = nearest_to(text);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, all[i]->name);
	node_fault(build, name, "unknown codec '%s'%s", text,
		   nearest_hint(&nearest, build->arena));
}

/* ---- ports ---- */

static void check_vr(struct build *build, const struct codec *codec,
		     const struct codec_port *port,
		     const struct yaml_node *node, const struct dcm_path *path,
		     bool read_only)
{
	bool any = strcmp(port->vrs, "*") == 0;

	/* A file may tell the VR of a private attribute, where nobody else
	 * knows it; but a new one has none to be written with. */
	if (path->tags[path->depth - 1].creator &&
	    strcmp(path->vr, "UN") == 0) {
		if (!read_only)
			node_fault(build, node,
				   "the VR of %s is not known, so that it "
				   "cannot be written; put it behind the "
				   "creator, as in "
				   "(gggg,ee,\"CREATOR\",LO), or say "
				   "'only: get'",
				   path->text);
		return;
	}
	if (any ? !is_sequence(path) : has_word(port->vrs, path->vr))
		return;
	node_fault(build, node,
		   "port '%s' of codec %s cannot carry VR %s of %s; it carries "
		   "%s",
		   port->name, codec->name, path->vr, path->text,
		   any ? "any text" : port->vrs);
}

static void set_port(struct build *build, struct rule *rule, size_t index,
		     const struct yaml_node *node, bool read_only)
{
	struct rule_port *port = &rule->ports[index];
	const struct codec_port *declared = &rule->codec->ports[index];
	struct dcm_path path;

	if (port->port) {
		node_fault(build, node,
			   "port '%s' is given under 'dicom' and under 'reads'",
			   declared->name);
		return;
	}
	port->port = declared;
	port->read_only = read_only;
	port->shared = declared->shared;
	port->mark = node->mark;
	if (!build_dicom_path(build, node, &path)) {
		/* There, but not known: no second fault that it is missing. */
		return;
	}
	port->path = path;
	check_vr(build, rule->codec, declared, node, &path, read_only);
}

/* false: there is no such port. */
static bool set_named_port(struct build *build, struct rule *rule,
			   const struct yaml_pair *pair, bool read_only)
{
	const char *name = pair->key->text;
	const struct codec_port *ports = rule->codec->ports;
	struct nearest nearest;

	for (size_t i = 0; ports[i].name; i++) {
		if (strcmp(ports[i].name, name) == 0) {
			set_port(build, rule, i, pair->value, read_only);
			return true;
		}
	}
	nearest = nearest_to(name);
	for (size_t i = 0; ports[i].name; i++)
		nearest_offer(&nearest, ports[i].name);
	node_fault(build, pair->key, "codec %s has no port '%s'%s",
		   rule->codec->name, name,
		   nearest_hint(&nearest, build->arena));
	return false;
}

/* Without a codec there are no ports, but keywords are checked all the same. */
static void check_paths(struct build *build, const struct yaml_node *node)
{
	struct dcm_path path;

	if (node->kind != YAML_MAP) {
		build_dicom_path(build, node, &path);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		build_dicom_path(build, node->pairs[i].value, &path);
}

static bool build_ports_of(struct build *build, struct rule *rule,
			   const struct yaml_node *node, bool read_only)
{
	bool good = true;

	if (!node)
		return true;
	if (!rule->codec) {
		check_paths(build, node);
		return true;
	}
	if (node->kind != YAML_MAP) {
		set_port(build, rule, 0, node, read_only);
		return true;
	}
	for (size_t i = 0; i < node->count; i++)
		if (!set_named_port(build, rule, &node->pairs[i], read_only))
			good = false;
	return good;
}

static void build_ports(struct build *build, struct rule *rule,
			const struct yaml_node *node)
{
	const struct yaml_node *dicom = yaml_get(node, "dicom");
	bool good;

	if (!dicom) {
		node_fault(build, yaml_get(node, "id"),
			   "rule '%s' needs 'dicom'", rule->id);
		return;
	}
	good = build_ports_of(build, rule, dicom, !rule->can_put);
	good &= build_ports_of(build, rule, yaml_get(node, "reads"), true);
	/* One that is misspelt is not missing as well. */
	if (!good || !rule->codec)
		return;
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->codec->ports[i].required && !rule->ports[i].port)
			node_fault(build, dicom,
				   "codec %s needs the port '%s' as well",
				   rule->codec->name,
				   rule->codec->ports[i].name);
}

static void build_rule_each(struct build *build, struct rule *rule,
			    const struct yaml_node *node)
{
	if (!node)
		return;
	if (!build_each(build, node, false, &rule->each)) {
		rule->each = (struct each){0};
		return;
	}
	if (rule->each.kind != EACH_VALUE || !rule->codec)
		return;
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->ports[i].path.text &&
		    strcmp(rule->ports[i].path.text,
			   rule->each.paths[0].text) == 0)
			return;
	node_fault(build, node, "no port of this rule has %s",
		   rule->each.paths[0].text);
}

/* A sequence of which each item is a value, in each home of the rule. */
static void build_rule_list(struct build *build, struct rule *rule,
			    const struct yaml_node *node)
{
	struct dcm_path path;

	if (!node || !build_dicom_path(build, node, &path))
		return;
	if (!is_sequence(&path) || path.depth != 1)
		node_fault(build, node, "%s is no sequence of one name",
			   path.text);
	else if (rule->each.kind != EACH_ONE_OF)
		node_fault(build, node, "'list' is for the homes of 'each'");
	else
		rule->each.list = path;
}

/* ---- FHIR side ---- */

static struct fhir_path *build_carried(struct build *build,
				       const struct rule *rule,
				       const struct yaml_node *node,
				       enum fhir_release release)
{
	const struct yaml_node *text = node_for(node, release);
	const struct codec *codec = rule->codec;
	struct fhir_path *path;

	if (!text || !build->rules->in_release[release])
		return NULL;
	path = build_fhir_path(build, text, release);
	if (!path || !codec)
		return path;
	if (!has_word(codec->types, path->type))
		node_fault(build, text,
			   "codec %s cannot carry the %s of %s; it carries %s",
			   codec->name, path->type, path->text, codec->types);
	else if (codec->list && !path->steps[path->depth - 1].many)
		node_fault(build, text,
			   "codec %s makes an array, which %s is not",
			   codec->name, path->text);
	return path;
}

/* What `is` says of the value itself, it says of `else` as well. */
static void inherit_pattern(struct build *build, const struct fhir_path *from,
			    struct fhir_path *to)
{
	json_object *part = from ? pattern_of_value(from) : NULL;

	if (!part || !to || strcmp(from->type, to->type) != 0)
		return;
	part = json_copy(part);
	for (size_t i = to->depth; i > (size_t)(to->slot + 1); i--) {
		json_object *outer = json_new_object();

		json_add(outer, to->steps[i - 1].name, part);
		part = outer;
	}
	to->is = build_keep(build, part);
}

/* Are there several values, each of which has an element of its own? */
static bool makes_many(const struct rule *rule, const struct yaml_node *node)
{
	if (rule->among == AMONG_ALL ||
	    yaml_get(yaml_get(node, "derive"), "distinct"))
		return true;
	return rule->among != AMONG_AGREE && rule->each.kind != EACH_NONE;
}

/* What the codec writes is there already, and nothing is to be recognised by
 * what changes with the value. */
static void check_rule_is(struct build *build, const struct rule *rule,
			  const struct yaml_node *is,
			  const struct fhir_path *path)
{
	json_object *part = pattern_of_value(path);

	if (!part || !rule->codec || !rule->codec->says ||
	    !json_object_is_type(part, json_type_object))
		return;
	json_foreach (part, name, value) {
		(void)value;
		if (has_word(rule->codec->says, name))
			node_fault(build, is,
				   "codec %s says '%s' itself, so that this "
				   "has no effect",
				   rule->codec->name, name);
	}
}

/* `is` and `default` say what stands beside the value, and not the value. */
static void check_beside(struct build *build, const struct yaml_node *map,
			 const struct fhir_path *path)
{
	const char *own = path->text + strcspn(path->text, ".") + 1;

	if (!map || map->kind != YAML_MAP)
		return;
	if (!map->count)
		node_fault(build, map, "this says nothing");
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->pairs[i].key->text, own) == 0 &&
		    map->pairs[i].value->kind == YAML_TEXT)
			node_fault(build, map->pairs[i].key,
				   "%s is what the rule writes", path->text);
}

static void build_is(struct build *build, const struct rule *rule,
		     const struct yaml_node *is, enum fhir_release r)
{
	struct fhir_path *path = rule->fhir[r];
	json_object *pattern, *url = path->is;

	if (!is)
		return;
	pattern = build_pattern(build, is, r, path->place, path);
	/* That of an extension is part of it. */
	if (pattern && url)
		json_fill(pattern, url);
	path->is = pattern ? pattern : url;
	check_rule_is(build, rule, is, path);
}

static void build_fhir(struct build *build, struct rule *rule,
		       const struct yaml_node *node)
{
	const struct yaml_node *fhir = yaml_get(node, "fhir");
	const struct yaml_node *is = yaml_get(node, "is");
	const struct yaml_node *also = yaml_get(node, "default");
	const struct yaml_node *otherwise = yaml_get(node, "else");

	if (!fhir) {
		node_fault(build, yaml_get(node, "id"),
			   "rule '%s' needs 'fhir'", rule->id);
		return;
	}
	node_check_keys(build, fhir, release_names);
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		struct fhir_path *path = build_carried(build, rule, fhir, r);

		rule->fhir[r] = path;
		if (path) {
			check_beside(build, node_for(is, r), path);
			check_beside(build, node_for(also, r), path);
		}
		if (path && makes_many(rule, node))
			fhir_path_repeat(build, path);
		if (path && is)
			build_is(build, rule, node_for(is, r), r);
		if (path && also)
			path->also = build_pattern(build, node_for(also, r), r,
						   path->place, path);
		if (!otherwise)
			continue;
		rule->otherwise[r] = build_carried(build, rule, otherwise, r);
		inherit_pattern(build, path, rule->otherwise[r]);
	}
}

/* `prefer` and `avoid`: patterns of elements of the slot. */
static json_object *build_choice(struct build *build, const struct rule *rule,
				 const struct yaml_node *list, const char *key)
{
	if (!list || !node_is_list(build, list))
		return NULL;
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct fhir_path *path = rule->fhir[r];

		if (path && path->slot < 0)
			node_fault(build, list,
				   "'%s' is for arrays, and %s has none", key,
				   path->text);
		else if (path)
			json_check(build, list, r, path->steps[path->slot].type,
				   true);
	}
	return build_keep(build, json_of(list));
}

/* ---- the rest ---- */

static void build_only(struct build *build, struct rule *rule,
		       const struct yaml_node *node)
{
	static const char *const words[] = {"get", "put", NULL};
	const struct yaml_node *only = yaml_get(node, "only");
	int word = only ? node_word(build, only, words) : -1;

	rule->can_get = word != 1;
	rule->can_put = word != 0;
	if (only && !rule->because)
		node_fault(build, only, "'only' needs a 'because'");
	else if (!only && rule->because)
		node_fault(build, yaml_get(node, "because"),
			   "'because' without 'only'");
}

const char *const policy_words[] = {"merge", "supplement", "overwrite", NULL};

static void build_policy(struct build *build, struct rule *rule,
			 const struct yaml_node *node)
{
	int word = node ? node_word(build, node, policy_words) : -1;

	if (word >= 0)
		rule->policy = (dfh_policy)(word + DFH_MERGE);
}

static void build_believe(struct build *build, struct rule *rule,
			  const struct yaml_node *node)
{
	static const char *const words[] = {"ehr", "image", NULL};

	rule->believes_image = node && node_word(build, node, words) == 1;
}

static void build_unite(struct build *build, struct rule *rule,
			const struct yaml_node *node)
{
	static const char *const words[] = {"true", NULL};

	rule->unites = node && node_word(build, node, words) == 0;
	if (rule->unites &&
	    (rule->each.kind != EACH_ITEM || rule->each.paths[0].depth != 1 ||
	     rule->each.paths[0].items))
		node_fault(build, node,
			   "'unite' is for the items of 'each', of one "
			   "sequence and all of them");
}

static void build_only_item(struct build *build, struct rule *rule,
			    const struct yaml_node *node)
{
	static const char *const words[] = {"only-item", NULL};

	rule->of_only_item = node && node_word(build, node, words) == 0;
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (rule->of_only_item && rule->fhir[r] &&
		    rule->fhir[r]->place->each.kind != EACH_ONE_OF) {
			node_fault(build, node,
				   "'top-level' is for rules of a place with "
				   "'one-of'");
			return;
		}
}

static void build_instances(struct build *build, struct rule *rule,
			    const struct yaml_node *node)
{
	static const char *const words[] = {"fullest", "agree", "earliest",
					    "all", NULL};
	int word = node ? node_word(build, node, words) : -1;

	if (word >= 0)
		rule->among = (enum among)word;
	if (rule->among == AMONG_ALL && rule->can_put)
		node_fault(build, node,
			   "what all instances say is not what one of them "
			   "says: 'instances: all' needs 'only: get'");
}

/* One value, or all of them: that must be what there is room for. */
static void check_instances(struct build *build, const struct rule *rule,
			    const struct yaml_node *node)
{
	for (enum fhir_release r = 0; node && r < RELEASES; r++) {
		const struct fhir_path *path = rule->fhir[r];

		if (!path || rule->among == AMONG_FULLEST ||
		    (path->slot >= 0) == (rule->among == AMONG_ALL))
			continue;
		node_fault(build, node,
			   path->slot >= 0
				   ? "'instances' chooses one value, but %s is "
				     "an array"
				   : "'instances' gathers values, but %s is no "
				     "array",
			   path->text);
	}
}

static const char *optional_text(struct build *build,
				 const struct yaml_node *node, const char *key)
{
	const struct yaml_node *part = yaml_get(node, key);

	return part ? node_text(build, part) : NULL;
}

static void build_rule_of_node(struct build *build,
			       const struct yaml_node *node, struct rule *rule)
{
	static const char *const keys[] = {
		"id",	   "dicom",  "reads",	 "each",      "fhir",
		"is",	   "else",   "codec",	 "with",      "prefer",
		"avoid",   "derive", "only",	 "loss",      "source",
		"because", "policy", "examples", "instances", "believe",
		"default", "when",   "unless",	 "unite",     "top-level",
		"list",	   NULL};
	const struct yaml_node *id = yaml_get(node, "id");

	node_check_keys(build, node, keys);
	for (size_t i = 0; i < node->count; i++)
		node_check_releases(build, node->pairs[i].value);
	rule->id = id->text;
	rule->mark = id->mark;
	rule->because = optional_text(build, node, "because");
	rule->source = optional_text(build, node, "source");
	rule->loss = optional_text(build, node, "loss");
	build_only(build, rule, node);
	build_codec(build, rule, node);
	build_ports(build, rule, node);
	build_rule_each(build, rule, yaml_get(node, "each"));
	build_rule_list(build, rule, yaml_get(node, "list"));
	build_conditions(build, node, &rule->conditions);
	build_instances(build, rule, yaml_get(node, "instances"));
	build_fhir(build, rule, node);
	rule->prefer =
		build_choice(build, rule, yaml_get(node, "prefer"), "prefer");
	rule->avoid =
		build_choice(build, rule, yaml_get(node, "avoid"), "avoid");
	build_derive(build, rule, yaml_get(node, "derive"));
	build_policy(build, rule, yaml_get(node, "policy"));
	build_believe(build, rule, yaml_get(node, "believe"));
	build_unite(build, rule, yaml_get(node, "unite"));
	build_only_item(build, rule, yaml_get(node, "top-level"));
	check_instances(build, rule, yaml_get(node, "instances"));
	build_options(build, rule, node);
	build_examples(build, rule, yaml_get(node, "examples"));
}

/* ---- sources ---- */

/* What a rule says of all its sources and what one says of itself, as a rule
 * of its own.  NULL: a fault. */
static const struct yaml_node *source_rule(struct build *build,
					   const struct yaml_node *rule,
					   const struct yaml_node *source)
{
	static const char *const keys[] = {
		"dicom", "reads",  "each",    "codec",	  "with", "only",
		"loss",	 "source", "because", "examples", "home", NULL};

	if (!node_is_map(build, source))
		return NULL;
	node_check_keys(build, source, keys);
	return node_without(build,
			    node_overlay(build,
					 node_without(build, rule, "sources"),
					 source),
			    "home");
}

static const struct sources *build_sources(struct build *build,
					   const struct yaml_node *rule,
					   const struct yaml_node *list,
					   struct node_list *out)
{
	struct sources *sources = arena_alloc(build->arena, sizeof *sources);
	bool has_home = false;

	sources->first = out->count;
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_node *one =
			source_rule(build, rule, list->items[i]);

		if (!one)
			continue;
		if (yaml_get(list->items[i], "home")) {
			has_home = true;
			sources->home = out->count;
		}
		node_list_add(build, out, one);
	}
	sources->count = out->count - sources->first;
	if (!has_home)
		node_fault(build, list,
			   "one of the sources needs 'home: true': there a new "
			   "value goes");
	return sources;
}

/* A rule for another release than those of the file takes no part. */
static bool is_in_releases(const struct build *build,
			   const struct yaml_node *rule)
{
	const struct yaml_node *fhir = yaml_get(rule, "fhir");

	for (enum fhir_release r = 0; fhir && r < RELEASES; r++)
		if (build->rules->in_release[r] && node_for(fhir, r))
			return true;
	return !fhir;
}

/* Each source is compiled as a rule; of[i]: the sources of the rule at i. */
static void expand_sources(struct build *build, const struct sources ***of)
{
	struct node_list all = {0};
	size_t room = 0;

	for (size_t i = 0; i < build->rule_list.count; i++) {
		const struct yaml_node *list =
			yaml_get(build->rule_list.at[i], "sources");

		room += list ? list->count : 1;
	}
	*of = arena_alloc(build->arena, (room + 1) * sizeof **of);
	for (size_t i = 0; i < build->rule_list.count; i++) {
		const struct yaml_node *rule = build->rule_list.at[i];
		const struct yaml_node *list = yaml_get(rule, "sources");
		size_t from = all.count;

		if (!is_in_releases(build, rule))
			continue;
		if (!list) {
			node_list_add(build, &all, rule);
			continue;
		}
		if (!node_is_list(build, list))
			continue;
		const struct sources *sources =
			build_sources(build, rule, list, &all);
		for (; from < all.count; from++)
			(*of)[from] = sources;
	}
	build->rule_list = all;
}

void build_rules(struct build *build)
{
	struct dfh_rules *rules = build->rules;
	const struct sources **sources;
	size_t count;

	expand_sources(build, &sources);
	count = build->rule_list.count;
	rules->rules =
		arena_alloc(build->arena, (count + 1) * sizeof *rules->rules);
	rules->rule_count = count;
	for (size_t i = 0; i < count; i++) {
		rules->rules[i].sources = sources[i];
		build_rule_of_node(build, build->rule_list.at[i],
				   &rules->rules[i]);
		if (!sources[i] || sources[i]->first == i)
			build_name(build, rules->rules, rules->rules[i].id, i);
	}
}

/* `with` and `examples` of a rule, as its codec declares them. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"

/* ---- options ---- */

static bool kind_fits(struct build *build, const struct yaml_node *node,
		      enum option_kind kind)
{
	static const char *const booleans[] = {"false", "true", NULL};

	switch (kind) {
	case OPTION_LIST:
		return node_is_list(build, node);
	case OPTION_BOOLEAN:
		return node_word(build, node, booleans) >= 0;
	case OPTION_TEXT:
	case OPTION_TABLE:
		break;
	}
	return (node->kind == YAML_TEXT && !node->plain) ||
	       node_text(build, node) != NULL;
}

static void set_option(struct build *build, const struct codec *codec,
		       const struct codec_option *declared,
		       const struct yaml_node *node, struct option *option)
{
	const char *fault = NULL;

	option->name = declared->name;
	option->mark = node->mark;
	if (!kind_fits(build, node, declared->kind))
		return;
	if (declared->kind == OPTION_TABLE)
		option->table = build_find_table(build, node);
	if (declared->kind == OPTION_TABLE || declared->kind == OPTION_TEXT)
		option->value = build_keep(build, json_new_string(node->text));
	else
		option->value = build_keep(build, json_of(node));
	if (declared->kind == OPTION_LIST && codec->list_fault)
		fault = codec->list_fault(declared->name, option->value);
	if (fault)
		node_fault(build, node, "%s", fault);
}

static const struct codec_option *declared_option(struct build *build,
						  const struct codec *codec,
						  const struct yaml_node *key)
{
	struct nearest nearest;

	for (size_t i = 0; codec->options[i].name; i++)
		if (strcmp(codec->options[i].name, key->text) == 0)
			return &codec->options[i];
	nearest = nearest_to(key->text);
	for (size_t i = 0; codec->options[i].name; i++)
		nearest_offer(&nearest, codec->options[i].name);
	node_fault(build, key, "codec %s has no option '%s'%s", codec->name,
		   key->text, nearest_hint(&nearest, build->arena));
	return NULL;
}

void build_options(struct build *build, struct rule *rule,
		   const struct yaml_node *node)
{
	const struct yaml_node *with = yaml_get(node, "with");
	const struct codec *codec = rule->codec;
	size_t count;
	bool good = true;

	if (!codec || (with && !node_is_map(build, with)))
		return;
	count = with ? with->count : 0;
	rule->options =
		arena_alloc(build->arena, (count + 1) * sizeof *rule->options);
	for (size_t i = 0; i < count; i++) {
		const struct codec_option *declared =
			declared_option(build, codec, with->pairs[i].key);

		if (declared)
			set_option(build, codec, declared, with->pairs[i].value,
				   &rule->options[rule->option_count++]);
		else
			good = false;
	}
	if (good && codec->rule_fault && codec->rule_fault(rule))
		node_fault(build, yaml_get(node, "codec"), "%s",
			   codec->rule_fault(rule));
	/* One that is misspelt is not missing as well. */
	for (size_t i = 0; good && codec->options[i].name; i++)
		if (codec->options[i].required &&
		    !yaml_get(with, codec->options[i].name))
			node_fault(build, yaml_get(node, "codec"),
				   "codec %s needs the option '%s' under "
				   "'with'",
				   codec->name, codec->options[i].name);
}

/* ---- examples ---- */

/* Texts of DICOM are as they are written: 007 is no number. */
static void add_port_text(struct build *build, const struct rule *rule,
			  const char *name, const struct yaml_node *key,
			  const struct yaml_node *value, json_object *out)
{
	const struct codec_port *ports = rule->codec->ports;
	struct nearest nearest;

	for (size_t i = 0; ports[i].name; i++) {
		if (!rule->ports[i].port || strcmp(ports[i].name, name) != 0)
			continue;
		if (value->kind == YAML_TEXT || node_text(build, value))
			json_add(out, name, json_new_string(value->text));
		return;
	}
	nearest = nearest_to(name);
	for (size_t i = 0; ports[i].name; i++)
		if (rule->ports[i].port)
			nearest_offer(&nearest, ports[i].name);
	node_fault(build, key, "this rule has no port '%s'%s", name,
		   nearest_hint(&nearest, build->arena));
}

static void build_dicom_side(struct build *build, const struct rule *rule,
			     const struct yaml_node *node, json_object *out)
{
	if (node->kind != YAML_MAP) {
		add_port_text(build, rule, rule->codec->ports[0].name, node,
			      node, out);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		add_port_text(build, rule, node->pairs[i].key->text,
			      node->pairs[i].key, node->pairs[i].value, out);
}

static void build_example(struct build *build, const struct rule *rule,
			  const struct yaml_node *node, struct example *example)
{
	if (!node_is_list(build, node))
		return;
	if (node->count != 2) {
		node_fault(build, node, "an example is [DICOM, FHIR]");
		return;
	}
	example->mark = node->mark;
	example->dicom = build_keep(build, json_new_object());
	build_dicom_side(build, rule, node->items[0], example->dicom);
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct yaml_node *fhir = node_for(node->items[1], r);

		if (!fhir || !rule->fhir[r])
			continue;
		json_check(build, fhir, r, rule->fhir[r]->type,
			   rule->codec->list);
		example->fhir[r] = build_keep(build, json_of(fhir));
	}
}

/* An example holds for the tables that its file knows: where a site has its
 * own issuers, the shipped examples say nothing. */
static bool is_overlaid(const struct build *build, const struct rule *rule)
{
	size_t order = build_file_order(build, rule->mark.file);

	for (size_t i = 0; i < rule->option_count; i++) {
		const struct table *table = rule->options[i].table;

		if (table && build_file_order(build, table->mark.file) > order)
			return true;
	}
	return false;
}

void build_examples(struct build *build, struct rule *rule,
		    const struct yaml_node *node)
{
	if (!node || !node_is_list(build, node) || !rule->codec)
		return;
	rule->examples = arena_alloc(
		build->arena, (node->count + 1) * sizeof *rule->examples);
	rule->example_count = node->count;
	if (is_overlaid(build, rule))
		rule->example_count = 0;
	for (size_t i = 0; i < rule->example_count; i++)
		build_example(build, rule, node->items[i], &rule->examples[i]);
}

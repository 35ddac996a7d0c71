/* Tests of a rule and its values: attributes as they were, and what FHIR
 * says. */
#include <string.h>

#include "laws.h"

enum { POSITIONS_MAX = 3 };

static json_object *make_ports(const struct maker *maker,
			       const struct trial *trial, bool read_only)
{
	const struct rule *rule = trial->rule;
	json_object *ports = json_new_object();
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];
		if (!port->port || (read_only && !port->read_only))
			continue;
		size_t state = random_below(maker->random, 10);
		if (state < 2)
			continue;
		const char *text =
			state == 2 ? ""
				   : make_dicom(maker, port->path.vr,
						rule->each.kind == EACH_VALUE
							? 1
							: port->path.vm_max,
						port->port);
		/* A position of a list is one value. */
		if (rule->each.kind == EACH_VALUE)
			text = arena_strndup(maker->arena, text,
					     strcspn(text, "\\"));
		json_add(ports, rule->codec->ports[i].name,
			 json_new_string(text));
	}
	return ports;
}

/* Coding schemes that the dataset itself explains. */
static json_object *make_schemes(const struct maker *maker,
				 const struct trial *trial)
{
	const struct coding_schemes *schemes = &trial->rules->schemes;
	json_object *items = json_new_array();
	json_object *dataset = json_new_object();
	char name[3][128];
	dcm_tag_name(&schemes->identification.tags[0], name[0]);
	dcm_tag_name(&schemes->designator.tags[0], name[1]);
	dcm_tag_name(&schemes->uid.tags[0], name[2]);
	for (size_t n = 1 + random_below(maker->random, 2); n; n--) {
		json_object *item = json_new_object();
		json_add_text(item, name[1], make_dicom(maker, "SH", 1, NULL));
		json_add_text(item, name[2], make_uid(maker));
		json_append(items, item);
	}
	json_add(dataset, name[0], items);
	return dataset;
}

static void add_surroundings(const struct maker *maker,
			     const struct trial *trial, json_object *test)
{
	static const char *const zones[] = {"+0100", "-0330", "+0000"};
	const struct coding_schemes *schemes = &trial->rules->schemes;
	if (random_chance(maker->random, 25))
		json_add_text(test, "zone",
			      zones[random_below(maker->random, 3)]);
	if (schemes->identification.depth == 1 &&
	    schemes->designator.depth == 1 && schemes->uid.depth == 1 &&
	    random_chance(maker->random, 10))
		json_add(test, "dataset", make_schemes(maker, trial));
}

static size_t make_count(const struct maker *maker, const struct trial *trial,
			 size_t least)
{
	if (trial->rule->each.kind == EACH_NONE)
		return 1;
	return random_chance(maker->random, 60)
		       ? 1
		       : least + random_below(maker->random,
					      POSITIONS_MAX + 1 - least);
}

static json_object *make_positions(const struct maker *maker,
				   const struct trial *trial, size_t count,
				   bool read_only)
{
	json_object *positions = json_new_array();
	while (count--)
		json_append(positions, make_ports(maker, trial, read_only));
	return positions;
}

json_object *make_get_put(const struct maker *maker, const struct trial *trial)
{
	json_object *test = json_new_object();
	add_surroundings(maker, trial, test);
	json_add(test, "positions", make_positions(maker, trial, 1, false));
	return test;
}

/* What the rule only reads, or shares with others, is as in the base. */
static void keep_read_only_values(const struct trial *trial, json_object *base,
				  json_object *test)
{
	const struct rule *rule = trial->rule;
	json_object *from = json_count(base) ? json_at(base, 0) : NULL;
	json_object *to = json_at(json_member(test, "positions"), 0);
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const char *name = rule->codec->ports[i].name;
		json_object *value = json_member(from, name);
		if (rule->ports[i].port && value &&
		    (rule->ports[i].read_only || rule->ports[i].shared))
			json_add(to, name, json_object_get(value));
	}
}

/* What get makes of the base itself: then put changes little. */
static json_object *make_own(const struct trial *trial, json_object *base)
{
	struct bench bench;
	struct port_value ports[CODEC_PORTS_MAX];
	json_object *test = json_new_object();
	json_add(test, "positions", json_object_get(base));
	bench_open(&bench, trial, test);
	bench_ports(&bench, trial, test, 0, ports);
	struct codec_call call = bench_call(&bench, trial);
	json_object *value = trial->rule->codec->get(&call, ports);
	json_object_put(test);
	bench_close(&bench);
	return value;
}

/* What get makes of any ports: surely a value that DICOM can hold. */
static json_object *make_gotten(const struct maker *maker,
				const struct trial *trial, json_object *base)
{
	json_object *value = NULL;
	for (int i = 0; i < 8 && !value; i++) {
		struct bench bench;
		struct port_value ports[CODEC_PORTS_MAX];
		json_object *test = make_get_put(maker, trial);
		keep_read_only_values(trial, base, test);
		bench_open(&bench, trial, test);
		bench_ports(&bench, trial, test, 0, ports);
		struct codec_call call = bench_call(&bench, trial);
		value = trial->rule->codec->get(&call, ports);
		json_object_put(test);
		bench_close(&bench);
	}
	return value;
}

/* What `is` says of the value has to be in it. */
static json_object *with_pattern(const struct trial *trial, json_object *value)
{
	if (!json_object_is_type(value, json_type_object) ||
	    json_matches(value, trial->is))
		return value;
	json_fill(value, trial->is);
	if (json_matches(value, trial->is))
		return value;
	json_foreach (trial->is, name, wanted)
		json_add(value, name, json_copy(wanted));
	return value;
}

static json_object *make_element(const struct maker *maker,
				 const struct trial *trial)
{
	return make_fhir(maker, trial, trial->path->type);
}

static json_object *make_made(const struct maker *maker,
			      const struct trial *trial)
{
	json_object *value = make_element(maker, trial);
	if (!trial->rule->codec->list || !value)
		return value;
	json_object *array = json_new_array();
	json_append(array, value);
	while (random_chance(maker->random, 30)) {
		json_object *more = make_element(maker, trial);
		if (more)
			json_append(array, more);
	}
	return array;
}

/* What DICOM says, what FHIR may say, and something between the two. */
static json_object *make_test_value(const struct maker *maker,
				    const struct trial *trial,
				    json_object *base)
{
	size_t kind = random_below(maker->random, 10);
	json_object *got = kind < 5   ? make_gotten(maker, trial, base)
			   : kind < 7 ? make_own(trial, base)
				      : NULL;
	if (got && kind < 4)
		return with_pattern(trial, got);
	json_object *made = make_made(maker, trial);
	json_object *value = got && made ? make_mixed(maker, got, made) : NULL;
	if (value) {
		json_object *copy = json_copy(value);
		json_object_put(value);
		json_object_put(made);
		made = copy;
	}
	json_object_put(got);
	return with_pattern(trial, made);
}

static json_object *make_values(const struct maker *maker,
				const struct trial *trial, json_object *base)
{
	json_object *values = json_new_array();
	size_t count =
		trial->rule->codec->list ? 1 : make_count(maker, trial, 1);
	for (size_t i = 0; i < count; i++) {
		json_object *value = make_test_value(maker, trial, base);
		if (value)
			json_append(values, value);
	}
	if (!trial->rule->codec->list || !json_count(values))
		return values;
	json_object *list = json_object_get(json_at(values, 0));
	json_object_put(values);
	return list;
}

static json_object *make_put(const struct maker *maker,
			     const struct trial *trial, bool with_base)
{
	json_object *test = json_new_object();
	size_t count = make_count(maker, trial, 0);
	const struct each *each = &trial->rule->each;
	if (with_base)
		add_surroundings(maker, trial, test);
	if (each->kind == EACH_ONE_OF && random_chance(maker->random, 30))
		json_add(test, "home",
			 json_new_integer((int)random_below(maker->random,
							    each->count)));
	json_object *base =
		make_positions(maker, trial, with_base ? count : 1, !with_base);
	json_add(test, "positions", base);
	json_add(test, "values", make_values(maker, trial, base));
	return test;
}

json_object *make_put_get(const struct maker *maker, const struct trial *trial)
{
	return make_put(maker, trial, true);
}

json_object *make_create_get(const struct maker *maker,
			     const struct trial *trial)
{
	return make_put(maker, trial, false);
}

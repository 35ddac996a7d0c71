/* Datasets as they might be: the attributes of one place, in all the states
 * that they can have. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "laws.h"
#include "view.h"

/* ---- which attributes ---- */

bool tags_have(const struct tags *tags, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < tags->count; i++)
		if (dcm_tag_compare(&tags->at[i], tag) == 0)
			return true;
	return false;
}

void tags_add_path(struct tags *tags, const struct dcm_path *path)
{
	if (path->depth && !tags_have(tags, &path->tags[0]) &&
	    tags->count < sizeof tags->at / sizeof tags->at[0])
		tags->at[tags->count++] = path->tags[0];
}

void tags_add_each(struct tags *tags, const struct each *each)
{
	for (size_t i = 0; i < each->count; i++)
		tags_add_path(tags, &each->paths[i]);
	tags_add_path(tags, &each->by);
}

void tags_add_rule(struct tags *tags, const struct rule *rule)
{
	tags_add_each(tags, &rule->each);
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->ports[i].port)
			tags_add_path(tags, &rule->ports[i].path);
}

/* Those of the rule's own place; the others stay out, so that a failure
 * points here. */
static void add_place_tags(struct tags *tags, const struct trial *trial)
{
	const struct place *place = trial->path->place;
	const struct dcm_path *schemes = &trial->rules->schemes.identification;
	tags_add_each(tags, &place->each);
	tags_add_path(tags, schemes);
	for (size_t i = 0; i < trial->rules->rule_count; i++)
		if (rule_place(&trial->rules->rules[i]) == place)
			tags_add_rule(tags, &trial->rules->rules[i]);
}

/* ---- making a dataset ---- */

struct exact_making {
	struct maker *maker;
	const struct trial *trial;
	struct tags own, near;
};

static const struct rule_port *port_in(const struct rule *rule,
				       const struct dcm_tag *tag)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];
		if (port->port && port->path.depth &&
		    dcm_tag_compare(&port->path.tags[port->path.depth - 1],
				    tag) == 0)
			return port;
	}
	return NULL;
}

/* The words of a rule that writes such an attribute: its own first. */
static const struct rule_port *find_port(const struct exact_making *making,
					 const struct dcm_tag *tag,
					 const struct words **words)
{
	const struct trial *trial = making->trial;
	const struct rule_port *port = port_in(trial->rule, tag);
	*words = trial->own;
	for (size_t i = 0; !port && i < trial->rules->rule_count; i++) {
		port = port_in(&trial->rules->rules[i], tag);
		if (port)
			*words = &trial->words[i];
	}
	return port;
}

static json_object *make_bytes(const struct maker *maker)
{
	unsigned char bytes[] = {0xFF, 'A', 0xFE, 0x80};
	size_t length = 1 + random_below(maker->random, sizeof bytes);
	char *coded = base64_encode(bytes, length);
	json_object *holder = json_new_object();
	json_add_text(holder, "bytes", coded);
	free(coded);
	return holder;
}

static json_object *make_leaf(const struct exact_making *making,
			      const struct dcm_tag *tag,
			      const struct dcm_entry *entry)
{
	const struct words *words;
	const struct rule_port *port = find_port(making, tag, &words);
	struct maker maker = *making->maker;
	maker.words = words;
	if (random_chance(maker.random, 12))
		return json_new_string("");
	if (random_chance(maker.random, 1))
		return make_bytes(&maker);
	return json_new_string(make_dicom(&maker, entry->vr, entry->vm_max,
					  port ? port->port : NULL));
}

static json_object *make_item(const struct exact_making *making,
			      const struct dcm_want *wants, size_t count,
			      bool whole, bool is_top);

static json_object *make_items(const struct exact_making *making,
			       const struct dcm_want *want, bool whole)
{
	static const size_t counts[] = {0, 1, 1, 1, 1, 1, 2, 2, 3, 3};
	struct random *random = making->maker->random;
	size_t count = counts[random_below(random, 10)];
	json_object *items = json_new_array();
	while (count--)
		json_append(items,
			    make_item(making, want->in_items,
				      want->in_items_count, whole, false));
	return items;
}

/* A sequence that is carried whole has attributes that no rule knows. */
static void add_strangers(const struct exact_making *making, json_object *item)
{
	static const char *const names[] = {"CodeValue",
					    "CodingSchemeDesignator",
					    "CodeMeaning",
					    "ContextUID",
					    "InstitutionName",
					    "UniversalEntityID",
					    "PersonIdentificationCodeSequence"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const struct dcm_entry *entry =
			keyword_entry(making->trial->keywords, names[i]);
		if (!entry || !random_chance(making->maker->random, 15))
			continue;
		json_add(item, names[i],
			 strcmp(entry->vr, "SQ") == 0
				 ? json_new_array()
				 : make_leaf(making, &entry->tag, entry));
	}
}

static unsigned presence_of_tag(const struct exact_making *making,
				const struct dcm_tag *tag, bool is_top)
{
	if (!is_top)
		return 60;
	return tags_have(&making->own, tag)    ? 85
	       : tags_have(&making->near, tag) ? 35
					       : 0;
}

/* What the dictionary knows of it, or else the rule that has it. */
static bool want_entry_of(const struct exact_making *making,
			  const struct dcm_want *want, struct dcm_entry *entry)
{
	const struct words *words;
	const struct rule_port *port = find_port(making, &want->tag, &words);
	if (dcm_entry_of(&want->tag, entry))
		return true;
	*entry = (struct dcm_entry){.tag = want->tag, .vm_max = -1};
	strcpy(entry->vr, want->in_items_count || !port ? "SQ" : port->path.vr);
	return port || want->in_items_count;
}

static json_object *make_item(const struct exact_making *making,
			      const struct dcm_want *wants, size_t count,
			      bool whole, bool is_top)
{
	json_object *item = json_new_object();
	for (size_t i = 0; i < count; i++) {
		struct dcm_entry entry;
		char name[128];
		if (!random_chance(
			    making->maker->random,
			    presence_of_tag(making, &wants[i].tag, is_top)) ||
		    !want_entry_of(making, &wants[i], &entry))
			continue;
		dcm_tag_name(&wants[i].tag, name);
		json_add(item, name,
			 strcmp(entry.vr, "SQ") == 0
				 ? make_items(making, &wants[i],
					      whole || wants[i].whole)
				 : make_leaf(making, &wants[i].tag, &entry));
	}
	if (whole)
		add_strangers(making, item);
	return item;
}

/* Whose it is: without, the instance would belong nowhere. */
static void add_keys(const struct trial *trial, json_object *dataset)
{
	for (int level = LEVEL_PATIENT; level <= LEVEL_INSTANCE; level++) {
		const struct place *place =
			view_level_place(trial->rules, (enum level)level);
		char name[128];
		if (!place || place->key[0].depth != 1)
			continue;
		dcm_tag_name(&place->key[0].tags[0], name);
		if (!json_member(dataset, name))
			json_add(dataset, name,
				 json_new_string(level == LEVEL_STUDY ? "1.2.3"
						 : level == LEVEL_SERIES
							 ? "1.2.4"
							 : "1.2.5"));
	}
}

json_object *make_exact(const struct maker *maker, const struct trial *trial)
{
	struct maker copy = *maker;
	struct exact_making making = {.maker = &copy, .trial = trial};
	static const char *const zones[] = {"+0100", "-0330", "Europe/Berlin"};
	json_object *test = json_new_object();
	tags_add_rule(&making.own, trial->rule);
	add_place_tags(&making.near, trial);
	if (random_chance(maker->random, 20))
		json_add_text(test, "zone",
			      zones[random_below(maker->random, 3)]);
	json_object *dataset =
		make_item(&making, trial->rules->wants.list,
			  trial->rules->wants.count, false, true);
	if (random_chance(maker->random, 90))
		add_keys(trial, dataset);
	json_add(test, "dataset", dataset);
	return test;
}

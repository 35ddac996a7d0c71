/* Who is who: what makes two accounts one resource, and two resources two. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "json_print.h"

/* ---- keys ---- */

/* A patient without an id is nobody else's: the study tells him apart.  So
 * does a study under two patients, which must never become one. */
static char *add_key_line(char *to, const char *text)
{
	*to++ = '\n';
	return stpcpy(to, text);
}

/* Without printf(): each instance is asked for all of them, twice. */
char *instance_identity(const struct place *place,
			const struct instance *instance)
{
	const char *const *keys = (const char *const *)instance->keys;
	enum level level = place->level;
	if (!*keys[level] && level > LEVEL_STUDY)
		return NULL;
	size_t size = strlen(place->type) + 16;
	for (int i = 0; i < LEVELS; i++)
		size += strlen(keys[i]) + 1;
	char *identity = xmalloc(size);
	char *end = stpcpy(identity, place->type);
	end = add_key_line(end, keys[LEVEL_PATIENT]);
	if (level == LEVEL_PATIENT && !*keys[LEVEL_PATIENT])
		end = stpcpy(add_key_line(end, "of "), keys[LEVEL_STUDY]);
	for (int i = LEVEL_STUDY; level > LEVEL_PATIENT && i < LEVELS; i++)
		end = add_key_line(end, i <= (int)level ? keys[i] : "");
	return identity;
}

/* ---- what it is known by ---- */

/* A coding scheme that no table knows and no dataset identifies is one's own:
 * its "1" is another one elsewhere (PS3.3 8.2). */
static bool is_local(const dfh_rules *rules, const char *system)
{
	const char *unknown = rules->schemes.unknown;
	return unknown && system &&
	       strncmp(system, unknown, strlen(unknown)) == 0;
}

static struct known_identifier known_value(const struct rule *rule,
					   const struct fhir_path *path,
					   json_object *value)
{
	struct known_identifier known = {.rule = rule,
					 .value = json_string(value)};
	if (!known.value) {
		known.value = json_text(value, "value");
		known.system = json_text(value, "system");
		known.issuer =
			json_text(json_member(value, "assigner"), "display");
	}
	if (!known.system && path)
		known.system = json_text(path->is, "system");
	return known;
}

/* 0: not all of them are there. */
static size_t known_together(const dfh_rules *rules, enum fhir_release release,
			     const struct known_by *by,
			     const struct account *accounts,
			     struct known_identifier out[KNOWN_MAX])
{
	size_t count = by->count < KNOWN_MAX ? by->count : KNOWN_MAX;
	for (size_t i = 0; i < count; i++) {
		const struct account *said = &accounts[by->rules[i]];
		const struct rule *rule = &rules->rules[by->rules[i]];
		if (!said->values.count)
			return 0;
		out[i] = known_value(rule, rule->fhir[release],
				     said->values.at[0]);
		if (!out[i].value)
			return 0;
	}
	return count;
}

static size_t object_known_of(const dfh_rules *rules, enum fhir_release release,
			      const struct place *place, json_object *object,
			      const struct account *accounts,
			      const char *within,
			      struct known_identifier out[KNOWN_MAX])
{
	size_t count = 0;
	json_object *list =
		place->entry_by ? json_member(object, place->entry_by) : NULL;
	for (size_t i = 0; accounts && !count && i < place->known_by_count; i++)
		count = known_together(rules, release, &place->known_by[i],
				       accounts, out);
	if (place->known_by_count || !json_count(list))
		return count;
	out[0] = known_value(NULL, NULL, json_at(list, 0));
	out[0].is_local =
		place->entry_within.depth && is_local(rules, out[0].system);
	if (out[0].is_local)
		out[0].issuer = within;
	return out[0].value && (!out[0].is_local || within) ? 1 : 0;
}

size_t known_of_node(const struct node *node,
		     struct known_identifier out[KNOWN_MAX])
{
	return object_known_of(node->home->rules, node->home->release,
			       node->place, node->object, node->accounts,
			       node->within, out);
}

static char *text_of_known(const struct known_identifier *known, size_t count)
{
	struct buffer text = {0};
	for (size_t i = 0; i < count; i++) {
		const char *const parts[] = {
			known[i].rule ? known[i].rule->id : NULL,
			known[i].system, known[i].issuer, known[i].value};
		for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
			if (parts[k])
				buffer_add(&text, parts[k], strlen(parts[k]));
			buffer_add(&text, "\x1f", 1);
		}
	}
	buffer_add(&text, "", 1);
	return (char *)text.bytes;
}

char *known_text(const struct node *node)
{
	struct known_identifier known[KNOWN_MAX];
	size_t count = known_of_node(node, known);
	return count ? text_of_known(known, count) : NULL;
}

bool is_known(const struct lens *lens, const struct place *place,
	      json_object *object, const struct account *accounts,
	      const char *within)
{
	struct known_identifier known[KNOWN_MAX];
	return object_known_of(lens->rules, lens->release, place, object,
			       accounts, within, known) > 0;
}

/* What tells one from another of the kind, as a text; NULL: nothing does but
 * all that it says. */
static char *known_identity(const struct lens *lens, const struct place *place,
			    json_object *object, const struct account *accounts,
			    const char *within)
{
	struct known_identifier known[KNOWN_MAX];
	json_object *by = place->entry == ENTRY_CREATE_UNLESS
				  ? json_member(object, place->entry_by)
				  : NULL;
	if (!by)
		return NULL;
	size_t count = object_known_of(lens->rules, lens->release, place,
				       object, accounts, within, known);
	if (count && !place->known_by_count && !known[0].is_local)
		return json_printed(by, JSON_C_TO_STRING_PLAIN);
	return count ? text_of_known(known, count) : NULL;
}

/* The kind, and its identifiers where it has some: a step of the study. */
static char *named_identity(const struct place *place, json_object *object)
{
	json_object *by =
		place->entry_by ? json_member(object, place->entry_by) : NULL;
	char *list = by ? json_printed(by, JSON_C_TO_STRING_PLAIN) : NULL;
	size_t size = strlen(place->name) + (list ? strlen(list) : 0) + 2;
	char *text = xmalloc(size);
	snprintf(text, size, "%s%s%s", place->name, list ? " " : "",
		 list ? list : "");
	free(list);
	return text;
}

/* What tells one person, order or specimen from another: what it is known by;
 * or, in one study, all that it says.  An observation is the study's. */
char *content_identity(const struct lens *lens, const struct place *place,
		       const struct instance *instance, json_object *object,
		       const struct account *accounts, const char *within)
{
	char *text = known_identity(lens, place, object, accounts, within);
	bool own = text != NULL;
	if (place->per && place->each.kind == EACH_NONE && !own) {
		free(text);
		text = named_identity(place, object);
	} else if (!own) {
		text = json_printed(object, JSON_C_TO_STRING_PLAIN);
	}
	/* An order number means little without the patient, and a patient
	 * without an id is another in each study. */
	const char *patient =
		own && !place->ref_count ? "" : instance->keys[LEVEL_PATIENT];
	bool in_study = !own || (place->ref_count && !*patient);
	const char *study = in_study ? instance->keys[LEVEL_STUDY] : "";
	size_t size = strlen(place->type) + strlen(text) + strlen(study) +
		      strlen(patient) + 8;
	char *identity = xmalloc(size);
	snprintf(identity, size, "%s\n%s\n%s\n%s", place->type, text, study,
		 patient);
	free(text);
	return identity;
}

/* ---- identifiers ---- */

static bool is_identifier(const struct lens *lens, const struct rule *rule,
			  const struct place *place)
{
	return strcmp(rule->fhir[lens->release]->steps[0].name,
		      place->entry_by) == 0;
}

/* May two accounts with an identifier in common be of one thing?  Not if they
 * differ in another of which it has one: an accession number can stand for
 * several requested procedures. */
static bool may_be_same(const struct lens *lens, const struct node *node,
			const struct account *accounts)
{
	for (size_t i = 0; i < lens->rules->rule_count; i++) {
		const struct rule *rule = &lens->rules->rules[i];
		const struct json_list *a = &node->accounts[i].values;
		const struct json_list *b = &accounts[i].values;
		if (a->count && b->count && rule->each.kind == EACH_NONE &&
		    is_identifier(lens, rule, node->place) &&
		    !json_object_equal(a->at[0], b->at[0]))
			return false;
	}
	return true;
}

/* One identifier as a key; of orders and specimens the patient's with it. */
static char *identity_key_of_identifier(const dfh_rules *rules,
					const struct place *place,
					const struct instance *instance,
					json_object *identifier,
					const char *within)
{
	const char *system = json_text(identifier, "system");
	const char *value = json_text(identifier, "value");
	const char *assigner =
		json_text(json_member(identifier, "assigner"), "display");
	const char *patient =
		place->ref_count ? instance->keys[LEVEL_PATIENT] : "";
	bool local = place->entry_within.depth && is_local(rules, system);
	if (local)
		assigner = within;
	if (!value || (local && !within))
		return NULL;
	const char *parts[] = {place->type, system, assigner, value, patient};
	size_t size = 32;
	for (size_t i = 0; i < 5; i++)
		size += parts[i] ? strlen(parts[i]) : 0;
	char *key = xmalloc(size);
	snprintf(key, size, "identifier\n%s\n%s\n%s\n%s\n%s", place->type,
		 system ? system : "", assigner ? assigner : "", value,
		 patient);
	return key;
}

static json_object *identifiers_of(const struct place *place,
				   json_object *object)
{
	json_object *list = NULL;
	if (place->entry == ENTRY_CREATE_UNLESS && !place->known_by_count)
		list = json_member(object, place->entry_by);
	return json_object_is_type(list, json_type_array) ? list : NULL;
}

struct node *find_same(const struct assembly *assembly, const struct lens *lens,
		       const struct place *place,
		       const struct instance *instance, json_object *object,
		       const struct account *accounts, const char *within)
{
	json_object *list = identifiers_of(place, object);
	size_t count = json_count(list);
	struct node *found = NULL;
	for (size_t i = 0; i < count && !found; i++) {
		char *key = identity_key_of_identifier(
			lens->rules, place, instance, json_at(list, i), within);
		found = key ? assembly_find(assembly, key) : NULL;
		if (found && !may_be_same(lens, found, accounts))
			found = NULL;
		free(key);
	}
	return found;
}

/* Let the node be found by each of its identifiers. */
void name_node(struct assembly *assembly, struct node *node,
	       const struct instance *instance)
{
	json_object *list = identifiers_of(node->place, node->object);
	size_t count = json_count(list);
	for (size_t i = node->named; i < count; i++) {
		char *key = identity_key_of_identifier(
			assembly->rules, node->place, instance,
			json_at(list, i), node->within);
		if (key && !assembly_find(assembly, key))
			lh_add(assembly->by_identity, key, node);
		else
			free(key);
	}
	node->named = count;
}

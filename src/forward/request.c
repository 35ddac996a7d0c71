/* How a server finds out whether it has a resource: conditional requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "search_value.h"
#include "uuid.h"

/* ---- a key of our own ---- */

/* The study's part of the identity of a level: a corrected patient does not
 * make another one of it, unless two patients claim it in this run. */
static const char *name_of_study(const struct node *study)
{
	const char *patient = strchr(study->identity, '\n') + 1;
	return study->disputed ? patient : strchr(patient, '\n') + 1;
}

/* Of several in a study the one that says so, which the second line of its
 * identity is; else there is one. */
static const char *name_in_study(const struct node *node, char **made)
{
	const char *from = strchr(node->identity, '\n') + 1;
	*made = xmalloc(strlen(from) + 1);
	memcpy(*made, from, strcspn(from, "\n"));
	(*made)[strcspn(from, "\n")] = '\0';
	return *made;
}

/* The kind, then what tells it from others of the kind: new text. */
static char *name_of_key(const struct node *node)
{
	const struct place *place = node->place;
	const struct node *study = node->at[LEVEL_STUDY];
	const struct node *with =
		place->entry_and ? node->at[place->entry_and->level] : NULL;
	char *known = NULL;
	const char *what = node->identity, *of = with ? with->identity : "";
	if (place->key_count && place->level == LEVEL_STUDY) {
		what = "";
		of = name_of_study(node);
	} else if (place->entry == ENTRY_UPDATE && place->per && study) {
		what = name_in_study(node, &known);
		of = name_of_study(study);
	} else if (!place->key_count) {
		known = known_text(node);
		what = known ? known : what;
	}
	size_t size = strlen(place->type) + strlen(what) + strlen(of) + 8;
	char *name = xmalloc(size);
	snprintf(name, size, "key\n%s\n%s\n%s", place->type, what, of);
	free(known);
	return name;
}

static void uuid_key_of(const struct node *node, char key[UUID_TEXT])
{
	char *name = name_of_key(node);
	uuid_from_name(name, key);
	free(name);
}

static void add_entry_key(const struct node *node, json_object *resource)
{
	const struct place *place = node->place;
	json_object *list = json_member(resource, place->entry_by);
	json_object *identifier = json_new_object();
	char key[UUID_TEXT];
	uuid_key_of(node, key);
	json_add_text(identifier, "system", place->entry_key);
	json_add_text(identifier, "value", key);
	if (!json_object_is_type(list, json_type_array)) {
		list = json_new_array();
		json_add(resource, place->entry_by, list);
	}
	json_append(list, identifier);
}

/* ---- the query ---- */

/* HAPI FHIR answers what is longer with 409, as if it could be tried again. */
enum { CONDITION_MAX = 700 };

/* "&chain.name=system|value"; without a system, whatever it is. */
static void append_parameter(struct buffer *query, const char *chain,
			     const char *name, const char *system,
			     const char *value)
{
	char *s = system ? search_value(system) : NULL,
	     *v = search_value(value);
	const char *const parts[] = {query->length ? "&" : "",
				     chain,
				     *chain ? "." : "",
				     name,
				     "=",
				     s ? s : "",
				     s ? "|" : "",
				     v};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buffer_add(query, parts[i], strlen(parts[i]));
	free(s);
	free(v);
}

static void append_key(struct buffer *query, const char *chain,
		       const struct node *node)
{
	char key[UUID_TEXT];
	uuid_key_of(node, key);
	append_parameter(query, chain, node->place->entry_by,
			 node->place->entry_key, key);
}

static void append_known(struct buffer *query, const char *chain,
			 const struct node *node)
{
	struct known_identifier known[KNOWN_MAX];
	size_t count = known_of_node(node, known);
	for (size_t i = 0; i < count; i++)
		append_parameter(query, chain, node->place->entry_by,
				 known[i].system, known[i].value);
}

/* A number without a system, or with one that means another thing elsewhere,
 * would be met by others, too. */
static bool number_has_system(const struct node *node)
{
	struct known_identifier known[KNOWN_MAX];
	return known_of_node(node, known) && known[0].system &&
	       !known[0].is_local;
}

static void append_patient(struct buffer *query, const struct node *node);

/* By the identifiers that it is known by: length 0 is that it cannot. */
static struct buffer business_condition(const struct node *node)
{
	const struct place *with = node->place->entry_and;
	struct buffer query = {0};
	const struct node *patient = node->at[LEVEL_PATIENT];
	bool claimed = node->disputed && patient && !patient->contained;
	if (!number_has_system(node) || (node->disputed && !claimed))
		return query;
	append_known(&query, "", node);
	if (with && node->at[with->level])
		append_patient(&query, node->at[with->level]);
	else if (claimed)
		append_patient(&query, patient);
	if (query.length + strlen(node->place->type) + 1 > CONDITION_MAX) {
		free(query.bytes);
		query = (struct buffer){0};
	}
	return query;
}

/* Is it asked for by a key of our own? */
static bool needs_key(const struct node *node)
{
	struct buffer query = business_condition(node);
	free(query.bytes);
	return !query.length && node->place->entry_key;
}

/* The name of its place is that of the search parameter. */
static void append_patient(struct buffer *query, const struct node *node)
{
	if (needs_key(node))
		append_key(query, node->place->name, node);
	else
		append_known(query, node->place->name, node);
}

/* ---- the entry ---- */

/* What a server is asked depends on the resource alone, and only that one
 * answers.  NULL: it could not tell; free it. */
static char *condition_of_node(const struct node *node, bool *by_key)
{
	struct buffer query = business_condition(node);
	*by_key = !query.length && node->place->entry_key;
	if (*by_key)
		append_key(&query, "", node);
	if (!query.length)
		return NULL;
	buffer_add(&query, "", 1);
	return (char *)query.bytes;
}

static json_object *request_new(const struct node *node, const char *query)
{
	json_object *request = json_new_object();
	const char *type = node->place->type;
	bool create = node->place->entry == ENTRY_CREATE_UNLESS && query;
	size_t size = strlen(type) + (query ? strlen(query) : 0) + 80;
	char *url = xmalloc(size);
	if (create)
		snprintf(url, size, "%s", type);
	else if (query)
		snprintf(url, size, "%s?%s", type, query);
	else
		snprintf(url, size, "%s/%s", type, node->id);
	json_add_text(request, "method", create ? "POST" : "PUT");
	json_add_text(request, "url", url);
	if (create)
		json_add_text(request, "ifNoneExist", query);
	free(url);
	return request;
}

void request_add(const struct node *node, json_object *entry)
{
	json_object *resource = json_member(entry, "resource");
	bool by_key;
	char *query = condition_of_node(node, &by_key);
	if (by_key)
		add_entry_key(node, resource);
	/* A server that gives the ids refuses others. */
	if (query)
		json_object_object_del(resource, "id");
	json_add(entry, "request", request_new(node, query));
	free(query);
}

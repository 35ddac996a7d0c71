/* How a server finds out whether it has a resource: conditional requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assemble.h"

/* A value of a search, in a URL.  In a search '\', '$', ',' and '|' are signs
 * unless a backslash is before them (FHIR search, Escaping Search Parameters);
 * a number with a comma would ask for either half. */
static char *url_encoded(const char *text)
{
	static const char safe[] = "-._~:/", signs[] = "\\$,|";
	char *out = xmalloc(6 * strlen(text) + 1), *end = out;
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		bool plain = (*p >= '0' && *p <= '9') ||
			     (*p >= 'A' && *p <= 'Z') ||
			     (*p >= 'a' && *p <= 'z') ||
			     strchr(safe, (char)*p) != NULL;
		if (strchr(signs, (char)*p))
			end += sprintf(end, "%%5C");
		if (plain)
			*end++ = (char)*p;
		else
			end += sprintf(end, "%%%02X", *p);
	}
	*end = '\0';
	return out;
}

/* ---- identifiers ---- */

static json_object *identifier_at(const struct node *node, size_t index)
{
	json_object *list = json_member(node->object, node->place->entry_by);
	json_object *found = json_object_is_type(list, json_type_array)
				     ? json_at(list, index)
				     : NULL;
	return json_text(found, "value") ? found : NULL;
}

/* The name of an issuer who has no URI; NULL: there is a URI, or no issuer.
 * A search cannot ask for the name, and without it a server would take the
 * number of one hospital for that of another. */
static const char *issuer_name(json_object *identifier)
{
	if (json_text(identifier, "system"))
		return NULL;
	return json_text(json_member(identifier, "assigner"), "display");
}

/* A code has no blanks at its ends and no two together (FHIR datatypes). */
static bool is_code(const char *text)
{
	size_t length = strlen(text);
	return length && text[0] != ' ' && text[length - 1] != ' ' &&
	       !strstr(text, "  ") && !strpbrk(text, "\t\r\n");
}

static bool can_be_tagged(const struct node *node, const char *issuer)
{
	return node->place->entry_tag && is_code(issuer);
}

static bool writes_key(const struct rule *rule, const struct place *place)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->ports[i].port && !rule->ports[i].read_only &&
		    strcmp(rule->ports[i].path.text, place->key[0].text) == 0)
			return true;
	return false;
}

/* Is it known by what its place is told apart by?  A study without its UID
 * must not be updated by another number: many have the same accession number
 * or Study ID. */
static bool has_key(const struct node *node)
{
	const struct place *place = node->place;
	const dfh_rules *rules = node->home->rules;
	if (place->entry != ENTRY_UPDATE || !place->key_count)
		return true;
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		const struct fhir_path *path = rule->fhir[node->home->release];
		if (path && path->place == place && node->accounts[i].values.count &&
		    writes_key(rule, place))
			return true;
	}
	return false;
}

/* How many attributes qualify the patient's id: see instance_identity(). */
static size_t qualifiers_of(const struct node *node)
{
	size_t count = 0;
	if (!node->place->key_count || node->place->level != LEVEL_PATIENT)
		return 0;
	for (const char *p = strchr(node->identity, '\x1f'); p;
	     p = strchr(p + 1, '\x1f'))
		count += p[1] && p[1] != '\x1f';
	return count;
}

/* An issuer that has neither a URI nor a name, such as one that DNS knows, is
 * not in the identifier, and that number alone can be another patient's. */
static bool is_issuer_said(const struct node *node, json_object *identifier)
{
	return json_text(identifier, "system") ||
	       qualifiers_of(node) <= (issuer_name(identifier) ? 1 : 0);
}

/* Can a server be asked for this one? */
static bool is_searchable(const struct node *node)
{
	json_object *first = identifier_at(node, 0);
	const char *issuer = first ? issuer_name(first) : NULL;
	return first && (!issuer || can_be_tagged(node, issuer)) &&
	       is_issuer_said(node, first);
}

void request_tag(const struct node *node)
{
	json_object *first = identifier_at(node, 0);
	const char *issuer = first ? issuer_name(first) : NULL;
	if (!issuer || !can_be_tagged(node, issuer))
		return;
	json_object *meta = json_new_object();
	json_object *tags = json_new_array();
	json_object *tag = json_new_object();
	json_add_text(tag, "system", node->place->entry_tag);
	json_add_text(tag, "code", issuer);
	json_append(tags, tag);
	json_add(meta, "tag", tags);
	json_add(node->object, "meta", meta);
}

/* ---- the query ---- */

/* "&chain.name=system|value" */
static void append(char **query, const char *chain, const char *name,
		   const char *system, const char *value)
{
	char *s = url_encoded(system ? system : ""), *v = url_encoded(value);
	size_t old = *query ? strlen(*query) : 0;
	size_t size =
		old + strlen(chain) + strlen(name) + strlen(s) + strlen(v) + 6;
	char *out = xmalloc(size);
	snprintf(out, size, "%s%s%s%s%s=%s|%s", old ? *query : "",
		 old ? "&" : "", chain, *chain ? "." : "", name, s, v);
	free(s);
	free(v);
	free(*query);
	*query = out;
}

static void append_identifier(char **query, const char *chain,
			      const struct node *node, size_t index)
{
	json_object *identifier = identifier_at(node, index);
	if (!identifier)
		return;
	append(query, chain, node->place->entry_by,
	       json_text(identifier, "system"), json_text(identifier, "value"));
	if (index == 0 && issuer_name(identifier))
		append(query, chain, "_tag", node->place->entry_tag,
		       issuer_name(identifier));
}

/* "identifier=system|value" of the first identifier; all of them where another
 * resource has that one too; the patient's with an order and a specimen,
 * because without it another patient's would be found.  NULL: no server could
 * tell; free it. */
static char *condition(const struct node *node)
{
	const struct place *place = node->place, *with = place->entry_and;
	const struct node *of = with ? node->at[with->level] : NULL;
	char *query = NULL;
	if (node->disputed || !has_key(node) || !is_searchable(node) ||
	    (with && (!of || !is_searchable(of))))
		return NULL;
	append_identifier(&query, "", node, 0);
	for (size_t i = 1; node->shares && identifier_at(node, i); i++)
		append_identifier(&query, "", node, i);
	if (with)
		append_identifier(&query, with->name, of, 0);
	return query;
}

json_object *request_of(const struct node *node)
{
	json_object *request = json_new_object();
	const char *type = node->place->type;
	char *query = condition(node);
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
	free(query);
	return request;
}

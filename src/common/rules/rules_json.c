/* JSON in rule files: patterns, options, examples. */
#include "rules_build.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fhir_schema.h"
#include "json_text.h"

/* ---- from YAML ---- */

static const char *skip_digits(const char *at)
{
	while (isdigit((unsigned char)*at))
		at++;
	return at;
}

/* RFC 8259, 6.  YAML knows more: 012, +1, .5, 0x1F; those are no numbers in
 * any FHIR document, and more likely identifiers. */
static bool is_json_number(const char *text, bool *is_integer)
{
	const char *at = text + (*text == '-'), *end = skip_digits(at);

	if (end == at || (*at == '0' && end != at + 1))
		return false;
	*is_integer = !*end;
	if (*end == '.') {
		at = end + 1;
		end = skip_digits(at);
		if (end == at)
			return false;
	}
	if (*end == 'e' || *end == 'E') {
		at = end + 1 + (end[1] == '-' || end[1] == '+');
		end = skip_digits(at);
		if (end == at)
			return false;
	}
	return !*end;
}

static json_object *json_of_yaml_text(const struct yaml_node *node)
{
	bool is_integer;
	long long integer;

	if (!node->plain)
		return json_new_string(node->text);
	if (yaml_is_null(node))
		return NULL;
	if (strcmp(node->text, "true") == 0)
		return json_new_boolean(1);
	if (strcmp(node->text, "false") == 0)
		return json_new_boolean(0);
	if (!is_json_number(node->text, &is_integer))
		return json_new_string(node->text);
	errno = 0;
	integer = strtoll(node->text, NULL, 10);
	if (is_integer && !errno && strcmp(node->text, "-0") != 0)
		return json_new_integer(integer);
	return json_new_number(strtod(node->text, NULL), node->text);
}

json_object *build_keep(struct build *build, json_object *json)
{
	if (json)
		json_append(build->rules->json, json);
	return json;
}

json_object *json_of(const struct yaml_node *node)
{
	json_object *json;

	switch (node->kind) {
	case YAML_LIST:
		json = json_new_array();
		for (size_t i = 0; i < node->count; i++)
			json_append(json, json_of(node->items[i]));
		return json;
	case YAML_MAP:
		json = json_new_object();
		for (size_t i = 0; i < node->count; i++)
			json_add(json, node->pairs[i].key->text,
				 json_of(node->pairs[i].value));
		return json;
	case YAML_TEXT:
		break;
	}
	return json_of_yaml_text(node);
}

/* ---- against the schema ---- */

static bool type_is_number(const char *type)
{
	return strcmp(type, "integer") == 0 ||
	       strcmp(type, "positiveInt") == 0 ||
	       strcmp(type, "unsignedInt") == 0 || strcmp(type, "decimal") == 0;
}

static bool type_is_uri(const char *type)
{
	return strcmp(type, "uri") == 0 || strcmp(type, "url") == 0 ||
	       strcmp(type, "canonical") == 0;
}

static void check_primitive(struct build *build, const struct yaml_node *node,
			    const char *type)
{
	const char *text = node_text(build, node);
	bool is_integer, is_boolean, is_bare_number;

	if (!text)
		return;
	is_boolean = node->plain &&
		     (strcmp(text, "true") == 0 || strcmp(text, "false") == 0);
	is_bare_number = node->plain && is_json_number(text, &is_integer);
	if (type_is_number(type)) {
		if (!is_bare_number)
			node_fault(build, node, "%s is a number in FHIR", type);
	} else if (strcmp(type, "boolean") == 0) {
		if (!is_boolean)
			node_fault(build, node, "boolean is true or false");
	} else if (type_is_uri(type) && text[strcspn(text, " \t\r\n")]) {
		node_fault(build, node, "'%s' is no URI", text);
	} else if (is_boolean || is_bare_number) {
		node_fault(build, node,
			   "%s is a text in FHIR; write '%s' in quotes", type,
			   text);
	}
}

void json_check_codes(struct build *build, const struct yaml_node *node,
		      const char *codes)
{
	size_t count = node->kind == YAML_LIST ? node->count : 1;

	for (size_t i = 0; codes && i < count; i++) {
		const struct yaml_node *one =
			node->kind == YAML_LIST ? node->items[i] : node;

		if (one->kind == YAML_TEXT && !has_word(codes, one->text))
			node_fault(build, one, "'%s' is no code of this; %s",
				   one->text, codes);
	}
}

/* elements: count of them, of the type. */
static void check_member(struct build *build, const struct yaml_pair *pair,
			 enum fhir_release release, const char *type,
			 const struct fhir_element *elements, size_t count)
{
	const struct fhir_element *found;
	const char *name = pair->key->text;

	if (strcmp(name, "resourceType") == 0)
		return;
	/* FHIR JSON: "_birthDate" holds the extensions of "birthDate". */
	found = fhir_element_among(elements, count, name + (*name == '_'));
	if (found && *name == '_')
		return;
	if (found) {
		json_check(build, pair->value, release, found->type,
			   found->many);
		json_check_codes(build, pair->value, found->codes);
		return;
	}
	node_fault(build, pair->key, "%s",
		   build_no_element(build, release, type, name));
}

/* A resource inside another one; of those that are not in the table nothing is
 * known. */
static void check_contained(struct build *build, const struct yaml_node *node,
			    enum fhir_release release)
{
	const struct yaml_node *type, *inner;

	if (!node_is_map(build, node))
		return;
	type = yaml_get(node, "resourceType");
	inner = yaml_get(node, "contained");
	if (!type)
		node_fault(build, node, "a resource needs 'resourceType'");
	if (inner)
		node_fault(build, inner, "what is contained contains nothing");
	if (!type || !node_text(build, type) ||
	    !fhir_type_is_any_resource(type->text))
		return;
	if (fhir_type_is_resource(release, type->text))
		json_check(build, node, release, type->text, false);
	else
		node_fault(build, type, "%s has no %s", release_names[release],
			   type->text);
}

void json_check(struct build *build, const struct yaml_node *node,
		enum fhir_release release, const char *type, bool many)
{
	const struct fhir_element *elements;
	size_t count;

	if (many) {
		if (!node_is_list(build, node))
			return;
		for (size_t i = 0; i < node->count; i++)
			json_check(build, node->items[i], release, type, false);
		return;
	}
	if (fhir_type_is_primitive(type)) {
		check_primitive(build, node, type);
		return;
	}
	if (strcmp(type, "Resource") == 0) {
		check_contained(build, node, release);
		return;
	}
	/* Not in the table. */
	elements = fhir_elements_of(release, type, &count);
	if (!elements)
		return;
	if (node->kind != YAML_MAP) {
		node_fault(build, node, "%s is an object in FHIR", type);
		return;
	}
	for (size_t i = 0; i < node->count; i++)
		check_member(build, &node->pairs[i], release, type, elements,
			     count);
}

/* ---- comparing ---- */

static bool same_members(json_object *a, json_object *b)
{
	json_object *other;

	if (json_member_count(a) != json_member_count(b))
		return false;
	json_foreach (a, name, value) {
		if (!json_object_object_get_ex(b, name, &other) ||
		    !json_same(value, other))
			return false;
	}
	return true;
}

bool json_same(json_object *a, json_object *b)
{
	char x[JSON_SCALAR_ROOM], y[JSON_SCALAR_ROOM];
	size_t count;

	if (!a || !b)
		return a == b;
	if (json_object_is_type(a, json_type_object))
		return json_object_is_type(b, json_type_object) &&
		       same_members(a, b);
	if (json_object_is_type(a, json_type_array)) {
		count = json_count(a);
		if (!json_object_is_type(b, json_type_array) ||
		    count != json_count(b))
			return false;
		for (size_t i = 0; i < count; i++)
			if (!json_same(json_at(a, i), json_at(b, i)))
				return false;
		return true;
	}
	if (json_object_is_type(a, json_type_string) !=
	    json_object_is_type(b, json_type_string))
		return false;
	return strcmp(json_scalar(a, x), json_scalar(b, y)) == 0;
}

json_object *json_concept(struct build *build, const struct yaml_node *node)
{
	if (!node || !node_is_map(build, node))
		return NULL;
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (build->rules->in_release[r])
			json_check(build, node, r, "CodeableConcept", false);
	return build_keep(build, json_of(node));
}

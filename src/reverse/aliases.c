#include "aliases.h"

#include <stdlib.h>
#include <string.h>

#include "json_text.h"

static int compare_alias(const void *key, const void *member)
{
	const struct alias *alias = member;
	return strcmp(key, alias->name);
}

/* The rules' name of a system, or NULL: it is that, or not known. */
static const char *system_of_alias(const dfh_rules *rules, const char *name)
{
	const struct alias *found =
		bsearch(name, rules->aliases, rules->alias_count,
			sizeof *rules->aliases, compare_alias);
	return found ? found->system : NULL;
}

/* ---- in one element alone ---- */

static bool begins_as_alias(const struct alias *alias, const char *value)
{
	for (size_t i = 0; value && i < alias->begin_count; i++)
		if (strncmp(value, alias->begins[i],
			    strlen(alias->begins[i])) == 0)
			return true;
	return false;
}

static void apply_alias_to_identifier(const struct alias *alias,
				      json_object *identifier)
{
	if (same_text(json_text(identifier, "system"), alias->name) &&
	    begins_as_alias(alias, json_text(identifier, "value")))
		json_add(identifier, "system", json_new_string(alias->system));
}

/* Of a resource of its type, or of a reference to one by identifier. */
static void apply_aliases_within(const dfh_rules *rules, json_object *object)
{
	const char *is = json_text(object, "resourceType"),
		   *to = json_text(object, "type");
	for (size_t i = 0; i < rules->within_count && (is || to); i++) {
		const struct alias *alias = &rules->aliases_within[i];
		json_object *list = json_member(object, alias->element);
		if (same_text(to, alias->type))
			apply_alias_to_identifier(
				alias, json_member(object, "identifier"));
		for (size_t k = 0;
		     same_text(is, alias->type) && k < json_count(list); k++)
			apply_alias_to_identifier(alias, json_at(list, k));
	}
}

/* ---- everywhere ---- */

static void apply_aliases_to_object(const dfh_rules *rules, json_object *object)
{
	const char *name = json_text(object, "system");
	const char *system = name ? system_of_alias(rules, name) : NULL;
	if (system)
		json_add(object, "system", json_new_string(system));
	apply_aliases_within(rules, object);
	json_foreach (object, member, value) {
		(void)member;
		aliases_apply(rules, value);
	}
}

/* As deep as the reader of JSON lets it be. */
void aliases_apply(const dfh_rules *rules, json_object *json)
{
	if (!rules->alias_count && !rules->within_count)
		return;
	if (json_object_is_type(json, json_type_object))
		apply_aliases_to_object(rules, json);
	else if (json_object_is_type(json, json_type_array))
		for (size_t i = 0; i < json_count(json); i++)
			aliases_apply(rules, json_at(json, i));
}

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

static void apply_aliases_to_object(const dfh_rules *rules, json_object *object)
{
	const char *name = json_text(object, "system");
	const char *system = name ? system_of_alias(rules, name) : NULL;
	if (system)
		json_add(object, "system", json_new_string(system));
	json_foreach (object, member, value) {
		(void)member;
		aliases_apply(rules, value);
	}
}

/* As deep as the reader of JSON lets it be. */
void aliases_apply(const dfh_rules *rules, json_object *json)
{
	if (!rules->alias_count)
		return;
	if (json_object_is_type(json, json_type_object))
		apply_aliases_to_object(rules, json);
	else if (json_object_is_type(json, json_type_array))
		for (size_t i = 0; i < json_count(json); i++)
			aliases_apply(rules, json_at(json, i));
}

#include "fhir_modifier.h"

#include <string.h>

bool fhir_is_modifier(const char *name)
{
	return strcmp(name, "modifierExtension") == 0 ||
	       strcmp(name, "implicitRules") == 0;
}

static bool is_empty(json_object *value)
{
	return !value || (json_object_is_type(value, json_type_array) &&
			  json_count(value) == 0);
}

bool fhir_says_modifier(json_object *object)
{
	if (!json_object_is_type(object, json_type_object))
		return false;
	json_foreach (object, name, value) {
		if (fhir_is_modifier(name) && !is_empty(value))
			return true;
	}
	return false;
}

/* No deeper than the parser lets JSON be. */
bool fhir_has_modifier(json_object *value)
{
	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_count(value); i++)
			if (fhir_has_modifier(json_at(value, i)))
				return true;
		return false;
	}
	if (!json_object_is_type(value, json_type_object))
		return false;
	if (fhir_says_modifier(value))
		return true;
	json_foreach (value, name, member) {
		(void)name;
		if (fhir_has_modifier(member))
			return true;
	}
	return false;
}

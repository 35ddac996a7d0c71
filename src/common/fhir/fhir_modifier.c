#include "fhir_modifier.h"

#include <string.h>

bool fhir_is_modifier(const char *name)
{
	/* all names there are come by */
	return (*name == 'm' && strcmp(name, "modifierExtension") == 0) ||
	       (*name == 'i' && strcmp(name, "implicitRules") == 0);
}

static bool is_empty(json_object *value)
{
	return !value || (json_object_is_type(value, json_type_array) &&
			  json_count(value) == 0);
}

static bool is_modifier_said(const char *name, json_object *value)
{
	return fhir_is_modifier(name) && !is_empty(value);
}

bool fhir_says_modifier(json_object *object)
{
	json_foreach (object, name, value)
		if (is_modifier_said(name, value))
			return true;
	return false;
}

static bool has_modifier_within(json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_array:
		for (size_t i = 0; i < json_count(value); i++)
			if (has_modifier_within(json_at(value, i)))
				return true;
		return false;
	case json_type_object:
		return fhir_has_modifier(value);
	default:
		return false;
	}
}

/* No deeper than the parser lets JSON be. */
bool fhir_has_modifier(json_object *object)
{
	json_foreach (object, name, member)
		if (is_modifier_said(name, member) ||
		    has_modifier_within(member))
			return true;
	return false;
}

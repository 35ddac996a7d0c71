#include "conditions.h"

#include <string.h>

#include "scope.h"

/* Is a value one of a list, "A\\B", as it stands there? */
static bool is_among(const char *list, const char *value)
{
	size_t length = strlen(value);
	for (const char *at = list; at; at = strchr(at, '\\')) {
		at += *at == '\\';
		if (strcspn(at, "\\") == length &&
		    strncmp(at, value, length) == 0)
			return true;
	}
	return false;
}

static bool holds(const struct condition *condition,
		  const struct dcm_item *root)
{
	const struct scope top = scope_root((struct dcm_item *)root);
	const struct dcm_element *element =
		scope_element(&top, &condition->path);
	if (!element || dcm_element_is_empty(element))
		return false;
	if (!condition->values)
		return true;
	for (size_t i = 0; element->text && i < condition->value_count; i++)
		if (is_among(element->text, condition->values[i]))
			return true;
	return false;
}

bool conditions_are_any(const struct conditions *conditions)
{
	return conditions->when_count + conditions->unless_count > 0;
}

bool conditions_hold(const struct conditions *conditions,
		     const struct dcm_item *root)
{
	for (size_t i = 0; i < conditions->when_count; i++)
		if (!holds(&conditions->when[i], root))
			return false;
	for (size_t i = 0; i < conditions->unless_count; i++)
		if (holds(&conditions->unless[i], root))
			return false;
	return true;
}

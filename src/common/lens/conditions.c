#include "conditions.h"

#include <string.h>

#include "scope.h"

/* Is a value one of a list, "A\\B", as it stands there? */
static bool is_among_values(const char *list, const char *value)
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

/* The value that the path names, as in ImageType[3]. */
static bool value_holds(const struct condition *condition, const char *text)
{
	const char *at = text;
	for (size_t i = 1; at && i < condition->path.value; i++) {
		at = strchr(at, '\\');
		at += at != NULL;
	}
	size_t length = at ? strcspn(at, "\\") : 0;
	for (size_t i = 0; i < condition->value_count; i++)
		if (strlen(condition->values[i]) == length &&
		    strncmp(at, condition->values[i], length) == 0)
			return true;
	return length && !condition->values;
}

static bool condition_holds(const struct condition *condition,
			    const struct dcm_item *root)
{
	const struct scope top = scope_root((struct dcm_item *)root);
	const struct dcm_element *element =
		scope_element(&top, &condition->path);
	if (!element || dcm_element_is_empty(element))
		return false;
	if (condition->path.value)
		return value_holds(condition, element->text);
	if (!condition->values)
		return true;
	for (size_t i = 0; element->text && i < condition->value_count; i++)
		if (is_among_values(element->text, condition->values[i]))
			return true;
	return false;
}

bool conditions_hold(const struct conditions *conditions,
		     const struct dcm_item *root)
{
	for (size_t i = 0; i < conditions->when_count; i++)
		if (!condition_holds(&conditions->when[i], root))
			return false;
	for (size_t i = 0; i < conditions->unless_count; i++)
		if (condition_holds(&conditions->unless[i], root))
			return false;
	return true;
}

#include "absent.h"

static bool is_absent(const dfh_rules *rules, json_object *beside)
{
	json_object *list = json_member(beside, "extension");
	for (size_t i = 0; i < json_count(list); i++)
		if (same_text(json_text(json_at(list, i), "url"),
			      rules->data_absent))
			return true;
	return false;
}

static bool is_primitive(json_object *value)
{
	return value && !json_object_is_type(value, json_type_object) &&
	       !json_object_is_type(value, json_type_array);
}

static void apply_to_list(const dfh_rules *rules, json_object *besides,
			  json_object *values)
{
	for (size_t i = 0; i < json_count(besides) && i < json_count(values);
	     i++)
		if (is_absent(rules, json_at(besides, i)) &&
		    is_primitive(json_at(values, i)))
			json_put_at(values, i, NULL);
}

static void apply_absent_to_object(const dfh_rules *rules, json_object *object)
{
	json_foreach (object, name, beside) {
		json_object *value =
			name[0] == '_' ? json_member(object, name + 1) : NULL;
		if (json_object_is_type(beside, json_type_array) && value)
			apply_to_list(rules, beside, value);
		else if (is_primitive(value) && is_absent(rules, beside))
			json_add(object, name + 1, NULL);
		absent_apply(rules, beside);
	}
}

/* As deep as the reader of JSON lets it be. */
void absent_apply(const dfh_rules *rules, json_object *json)
{
	if (!rules->data_absent)
		return;
	if (json_object_is_type(json, json_type_object))
		apply_absent_to_object(rules, json);
	else if (json_object_is_type(json, json_type_array))
		for (size_t i = 0; i < json_count(json); i++)
			absent_apply(rules, json_at(json, i));
}

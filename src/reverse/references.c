#include "references.h"

/* The name of what it leads to, or NULL. */
static const char *name_of(const struct dfh_import *im, json_object *from,
			   json_object *reference)
{
	const struct elements_of *by = &im->rules->displayed_by;
	for (size_t i = 0; i < by->count; i++) {
		json_object *to = fhir_index_resolve(im->index, from, reference,
						     by->at[i].type);
		if (to && same_text(resource_type(to), by->at[i].type))
			return json_text(to, by->at[i].element);
	}
	return NULL;
}

static bool is_reference(json_object *object)
{
	json_object *identifier = json_member(object, "identifier");
	return !json_member(object, "display") &&
	       (json_text(object, "reference") ||
		json_object_is_type(identifier, json_type_object));
}

/* As deep as the reader of JSON lets it be. */
static void display(const struct dfh_import *im, json_object *from,
		    json_object *value)
{
	if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < json_count(value); i++)
			display(im, from, json_at(value, i));
	if (!json_object_is_type(value, json_type_object))
		return;
	if (is_reference(value))
		json_add_text(value, "display", name_of(im, from, value));
	json_foreach (value, name, member) {
		(void)name;
		display(im, from, member);
	}
}

/* Does anything have such a name? */
static bool any_named(const struct dfh_import *im)
{
	const struct elements_of *by = &im->rules->displayed_by;
	bool any = false;
	for (size_t i = 0; i < by->count && !any; i++) {
		struct json_list all = {0};
		fhir_index_type(im->index, by->at[i].type, &all);
		any = all.count > 0;
		json_list_free(&all);
	}
	return any;
}

void references_display(struct dfh_import *im)
{
	const struct json_list *entries = fhir_index_entries(im->index);
	if (!any_named(im))
		return;
	for (size_t i = 0; i < entries->count; i++)
		display(im, entries->at[i], entries->at[i]);
}

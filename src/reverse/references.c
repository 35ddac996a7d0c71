#include "references.h"

#include <stdio.h>

#include "json_pack.h"

/* The name of what it leads to, or NULL. */
static const char *display_of_reference(const struct dfh_import *im,
					json_object *from,
					json_object *reference)
{
	const struct elements_of *by = &im->rules->displayed_by;
	for (size_t i = 0; i < by->count; i++) {
		json_object *to = fhir_index_resolve(im->index, from, reference,
						     by->at[i].type);
		if (!to || !same_text(resource_type(to), by->at[i].type))
			continue;
		if (!lh_table_lookup_entry(im->displayed, to))
			lh_add(im->displayed, to, NULL);
		return json_text(to, by->at[i].element);
	}
	return NULL;
}

static bool is_reference_without_display(json_object *object)
{
	json_object *identifier = json_member(object, "identifier");
	return !json_member(object, "display") &&
	       (json_text(object, "reference") ||
		json_object_is_type(identifier, json_type_object));
}

/* As deep as the reader of JSON lets it be. */
static void display_references(const struct dfh_import *im, json_object *from,
			       json_object *value)
{
	if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < json_count(value); i++)
			display_references(im, from, json_at(value, i));
	if (!json_object_is_type(value, json_type_object))
		return;
	if (is_reference_without_display(value))
		json_add_text(value, "display",
			      display_of_reference(im, from, value));
	json_foreach (value, name, member) {
		(void)name;
		display_references(im, from, member);
	}
}

static void display_in(const struct dfh_import *im, json_object *entry)
{
	const char *packed = json_packed(entry);
	json_unpack(entry);
	display_references(im, entry, entry);
	if (packed)
		json_pack(entry, im->words, packed);
}

/* ---- who assigned numbers ---- */

/* The role names it by its organization; several roles of one person that name
 * others name none: "". */
static void take_assigner(const struct dfh_import *im, json_object *role,
			  struct lh_table *assigners)
{
	const char *type = resource_type(role),
		   *by = element_named(&im->rules->assigned_by, type),
		   *on = element_named(&im->rules->leads_on, type),
		   *name = by ? json_text(json_member(role, by), "display")
			      : NULL;
	json_object *to =
		name && on ? fhir_index_resolve(im->index, role,
						json_member(role, on), NULL)
			   : NULL;
	struct lh_entry *entry =
		to ? lh_table_lookup_entry(assigners, to) : NULL;
	if (to && !entry)
		lh_add(assigners, to, name);
	if (!entry || same_text(lh_entry_v(entry), name))
		return;
	char path[160];
	snprintf(path, sizeof path, "%s.%s", type, by);
	report_add_path(im->report, REPORT_ASIDE, path, NULL,
			"several that lead to one person name others");
	lh_entry_set_val(entry, (void *)"");
}

static void add_assigner(json_object *person, const char *name)
{
	json_object *all = json_member(person, "identifier");
	for (size_t i = 0; *name && i < json_count(all); i++) {
		json_object *one = json_at(all, i), *assigner;
		if (!json_object_is_type(one, json_type_object) ||
		    json_member(one, "assigner"))
			continue;
		assigner = json_new_object();
		json_add_text(assigner, "display", name);
		json_add(one, "assigner", assigner);
	}
}

static void assign_all(const struct dfh_import *im)
{
	const struct json_list *entries = fhir_index_entries(im->index);
	struct lh_table *assigners = lh_by_address(16, NULL);
	for (size_t i = 0; i < entries->count; i++) {
		json_object *inside = json_member(entries->at[i], "contained");
		take_assigner(im, entries->at[i], assigners);
		for (size_t k = 0; k < json_count(inside); k++)
			if (resource_type(json_at(inside, k)))
				take_assigner(im, json_at(inside, k),
					      assigners);
	}
	for (struct lh_entry *at = assigners->head; at; at = at->next)
		add_assigner((json_object *)lh_entry_k(at), lh_entry_v(at));
	lh_table_free(assigners);
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
	if (any_named(im))
		for (size_t i = 0; i < entries->count; i++)
			display_in(im, entries->at[i]);
	if (im->rules->assigned_by.count)
		assign_all(im);
}

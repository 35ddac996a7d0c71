#include "inputs.h"

#include <string.h>

#include "memory.h"

/* ---- pages of a search ---- */

static const char *link_of(json_object *bundle, const char *relation)
{
	json_object *links = json_member(bundle, "link");
	size_t count = json_object_is_type(links, json_type_array)
			       ? json_count(links)
			       : 0;
	for (size_t i = 0; i < count; i++)
		if (same_text(json_text(json_at(links, i), "relation"),
			      relation))
			return json_text(json_at(links, i), "url");
	return NULL;
}

/* Every page but the last has a next one (FHIR, search, paging); that is there
 * if some page says that it is it. */
static void report_pages(const struct dfh_import *im)
{
	const struct json_list *roots = fhir_index_roots(im->index);
	struct lh_table *given = lh_by_text(16, NULL);
	for (size_t i = 0; i < roots->count; i++) {
		const char *self = link_of(roots->at[i], "self");
		if (self && !lh_table_lookup_entry(given, self))
			lh_add(given, self, NULL);
	}
	for (size_t i = 0; i < roots->count; i++) {
		const char *next = link_of(roots->at[i], "next");
		if (next && !lh_table_lookup_entry(given, next))
			report_add_path(im->report, REPORT_INPUT, "Bundle.link",
					NULL,
					"a page of a search has a next one, "
					"which was not given: it is not all "
					"that the server has");
	}
	lh_table_free(given);
}

/* ---- shapes ---- */

static bool has_place(const dfh_rules *rules, const char *type)
{
	for (size_t i = 0; i < rules->place_count; i++)
		if (rules->places[i].is_resource &&
		    strcmp(rules->places[i].type, type) == 0)
			return true;
	return false;
}

static void report_shape(const struct dfh_import *im, json_object *resource)
{
	const char *type = resource_type(resource);
	enum fhir_release release = import_release(im);
	if (!has_place(im->rules, type) || !release_misfits(release, resource))
		return;
	report_add_path(im->report, REPORT_INPUT, type, NULL,
			release_fits_any(resource)
				? "is of another release than the rest; what "
				  "differs is not taken"
				: "has elements that no release known here "
				  "has, as one of another would; what they "
				  "say is not taken");
}

void inputs_report(const struct dfh_import *im)
{
	const struct json_list *entries = fhir_index_entries(im->index);
	report_pages(im);
	for (size_t i = 0;
	     im->misfits[import_release(im)] && i < entries->count; i++)
		report_shape(im, entries->at[i]);
}

/* Extensions that no rule takes: those of a resource or a part of it, and those
 * of its primitive elements, which are in "_name" (FHIR R5 json). */
#include "unmapped.h"

#include <stdio.h>
#include <string.h>

#include "fhir_schema.h"

/* element: of which it is an extension; NULL: of the object itself. */
static bool leads_there(const struct fhir_path *path, const struct place *place,
			const char *element, const char *url)
{
	size_t at = element ? 1 : 0;
	if (!path || path->place != place || path->depth <= at ||
	    (element && strcmp(path->steps[0].name, element) != 0))
		return false;
	return path->steps[at].extension &&
	       strcmp(path->steps[at].extension, url) == 0;
}

static bool is_taken(const struct view *view, const struct place *place,
		     const char *element, const char *url)
{
	const dfh_rules *rules = view->rules;
	enum fhir_release release = view->release;
	for (size_t i = 0; i < rules->rule_count; i++)
		if (leads_there(rules->rules[i].fhir[release], place, element,
				url) ||
		    leads_there(rules->rules[i].otherwise[release], place,
				element, url))
			return true;
	return (rules->carried_beside &&
		strcmp(url, rules->carried_beside) == 0) ||
	       (rules->data_absent && strcmp(url, rules->data_absent) == 0);
}

/* Can it stand in a FHIRPath, and is it no more than an address? */
static bool is_address(const char *url)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-._~:/?#@!$&()*+,;=%|";
	size_t length = strlen(url);
	return length <= 300 && strspn(url, safe) == length;
}

static void note_all(const struct dfh_import *im, const struct view *view,
		     const struct place *place, const char *element,
		     json_object *holder, const char *file)
{
	json_object *all = json_member(holder, "extension");
	size_t count = json_count(all);
	for (size_t i = 0; i < count; i++) {
		const char *url = json_text(json_at(all, i), "url");
		bool named = url && is_address(url);
		char path[512];
		if (url && is_taken(view, place, element, url))
			continue;
		snprintf(path, sizeof path, "%s%s%s.extension%s%s%s",
			 place->type, element ? "." : "",
			 element ? element : "", named ? "('" : "",
			 named ? url : "", named ? "')" : "");
		report_add_path(im->report, REPORT_UNMAPPED, path, file,
				"no rule has it");
	}
}

void note_extensions(const struct dfh_import *im, const struct view *view,
		     const struct place *place, json_object *object,
		     const char *file)
{
	note_all(im, view, place, NULL, object, file);
	json_foreach (object, name, member) {
		if (name[0] == '_' &&
		    fhir_element_find(view->release, place->type, name + 1))
			note_all(im, view, place, name + 1, member, file);
	}
}

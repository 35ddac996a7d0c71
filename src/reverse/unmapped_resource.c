/* Whole resources that are not used, by their codes: "all others are told". */
#include <stdio.h>
#include <string.h>

#include "choose.h"
#include "conditions.h"
#include "json_pack.h"
#include "unmapped.h"

/* ---- the name of a resource in a report ---- */

enum { NAME_SIZE = 160, CODE_MAX = 64, KEY_SIZE = 256 };

/* A code of a terminology is no patient's; whatever is none is not told. */
static bool is_terminology_code(const char *code)
{
	static const char good[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._";
	size_t length = code ? strlen(code) : 0;
	return length && length <= CODE_MAX && strspn(code, good) == length;
}

/* In R5 some codes are a CodeableReference. */
static const char *resource_code_of(json_object *resource)
{
	json_object *code = json_member(resource, "code");
	json_object *concept = json_member(code, "concept");
	const char *text = json_text(
		json_at(json_member(concept ? concept : code, "coding"), 0),
		"code");
	return is_terminology_code(text) ? text : NULL;
}

static const char *resource_name_with_code(json_object *resource,
					   char out[NAME_SIZE])
{
	const char *type = resource_type(resource),
		   *code = resource_code_of(resource);
	if (code)
		snprintf(out, NAME_SIZE, "%s.where(code.coding.code = '%s')",
			 type, code);
	else
		snprintf(out, NAME_SIZE, "%s", type);
	return out;
}

/* ---- what no place has ---- */

/* Of a place of all datasets, not only of worklist entries or the like. */
static bool is_of_type(const struct place *place, json_object *resource)
{
	return place->is_resource && place->type &&
	       !conditions_are_any(&place->conditions) &&
	       strcmp(place->type, resource_type(resource)) == 0;
}

static bool is_resource_refused(const struct dfh_import *im,
				json_object *resource)
{
	const struct view view = {.rules = im->rules,
				  .release = import_release(im),
				  .index = im->index};
	for (size_t i = 0; i < im->rules->place_count; i++) {
		const struct place *place = &im->rules->places[i];
		if (is_of_type(place, resource) &&
		    place_has(place, view.release, resource) &&
		    view_refuses(&view, place, resource))
			return true;
	}
	return false;
}

static bool is_known_resource(const struct dfh_import *im,
			      json_object *resource)
{
	enum fhir_release release = import_release(im);
	if (element_named(&im->rules->leads_on, resource_type(resource)) ||
	    lh_table_lookup_entry(im->displayed, resource))
		return true;
	for (size_t i = 0; i < im->rules->place_count; i++)
		if (is_of_type(&im->rules->places[i], resource) &&
		    place_has(&im->rules->places[i], release, resource))
			return true;
	return false;
}

/* Does an element of it lead to a resource that was given? */
static bool leads_anywhere(const struct view *view, json_object *resource,
			   json_object *member, const char *type)
{
	bool array = json_object_is_type(member, json_type_array);
	for (size_t i = 0; i < (array ? json_count(member) : 1); i++)
		if (view_resolve(view, resource,
				 array ? json_at(member, i) : member, type))
			return true;
	return false;
}

/* Does it say whose it is, but mean nobody who was given?  It is of no study
 * and no patient then, and of no dataset. */
static bool is_of_nobody_given(const struct dfh_import *im,
			       const struct place *place, json_object *resource)
{
	const struct view view = {.rules = im->rules,
				  .release = import_release(im),
				  .index = im->index};
	bool says = false;
	for (size_t i = 0; i < place->ref_count; i++) {
		const struct place_ref *ref = &place->refs[i];
		json_object *member = json_member(resource, ref->element);
		if (member &&
		    leads_anywhere(&view, resource, member, ref->to->type))
			return false;
		says = says || member;
	}
	return says;
}

/* What no reference leads to belongs to whom it refers to. */
static bool is_nobodys(const struct dfh_import *im, json_object *resource)
{
	enum fhir_release release = import_release(im);
	for (size_t i = 0; i < im->rules->place_count; i++) {
		const struct place *place = &im->rules->places[i];
		if (!place->key_count && !place->via[release] &&
		    is_of_type(place, resource) &&
		    place_has(place, release, resource))
			return is_of_nobody_given(im, place, resource);
	}
	return false;
}

/* What stands between a reference and what it leads on to, or is displayed as,
 * says more than that. */
static void note_between(const struct dfh_import *im, json_object *resource)
{
	const char *type = resource_type(resource),
		   *on = element_named(&im->rules->leads_on, type),
		   *by = element_named(&im->rules->assigned_by, type);
	if (!on && lh_table_lookup_entry(im->displayed, resource))
		on = element_named(&im->rules->displayed_by, type);
	json_foreach (resource, name, member) {
		char path[NAME_SIZE];
		if (!on || strcmp(name, on) == 0 || same_text(name, by) ||
		    unmapped_is_frame(name))
			continue;
		snprintf(path, sizeof path, "%s.%s", type, name);
		report_add_path(im->report, REPORT_UNMAPPED, path, NULL,
				"no rule has it");
	}
}

void note_unmapped_resource(const struct dfh_import *im, json_object *resource)
{
	char name[NAME_SIZE];
	if (!im->report)
		return;
	resource_name_with_code(resource, name);
	if (fhir_index_current(im->index, resource) != resource)
		report_add_path(im->report, REPORT_ASIDE, name, NULL,
				"another one took its place");
	else if (is_resource_refused(im, resource))
		report_add_path(im->report, REPORT_LOST, name, NULL,
				"one is not used: the rules refuse it");
	else if (is_nobodys(im, resource))
		report_add_path(im->report, REPORT_ASIDE, name, NULL,
				"it is of nobody who was given");
	note_between(im, resource);
	if (!is_known_resource(im, resource))
		report_add_path(im->report, REPORT_UNMAPPED, name, NULL,
				"no rule has it");
}

void note_unmapped_resources(const struct dfh_import *im)
{
	const struct json_list *entries = fhir_index_entries(im->index);
	for (size_t i = 0; im->report && i < entries->count; i++) {
		if (json_packed(entries->at[i]) && !im->is_weighed)
			continue;
		struct json_loan loan = json_lend(entries->at[i]);
		note_unmapped_resource(im, entries->at[i]);
		json_give_back(&loan);
	}
}

/* ---- what was not chosen ---- */

struct aside_telling {
	const struct dfh_import *im;
	const struct view *view;
	const struct place *place;
	const char *file;
};

static bool is_told_now(const struct dfh_import *im, const char *key)
{
	if (lh_table_lookup_entry(im->told, key))
		return false;
	lh_add(im->told, xstrdup(key), NULL);
	return true;
}

static void tell_resource_aside(const struct candidate *candidate, bool used,
				void *context)
{
	const struct aside_telling *telling = context;
	char name[NAME_SIZE], key[KEY_SIZE];
	snprintf(key, sizeof key, "%p", (void *)candidate->resource);
	if (used || !is_told_now(telling->im, key))
		return;
	report_add_path(telling->im->report, REPORT_ASIDE,
			resource_name_with_code(candidate->resource, name),
			telling->file,
			choose_why_not(telling->place, candidate,
				       &telling->view->start));
}

void note_not_chosen(const struct dfh_import *im, const struct view *view,
		     const struct place *place, const char *file)
{
	struct aside_telling telling = {im, view, place, file};
	char key[KEY_SIZE];
	snprintf(key, sizeof key, "%s %p %p", place->name,
		 (void *)view->at[LEVEL_STUDY],
		 (void *)view->at[LEVEL_PATIENT]);
	if (is_told_now(im, key))
		view_each_candidate(view, place, tell_resource_aside, &telling);
}

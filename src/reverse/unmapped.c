/* What the resources of a Bundle say that no rule takes: elements, identifiers
 * beyond the slots, references that no place recognises. */
#include "unmapped.h"
#include "current.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "fhir_modifier.h"

/* ---- elements ---- */

/* What every resource may have and no mapping needs. */
static bool is_frame(const char *name)
{
	static const char *const frame[] = {"resourceType", "id",   "meta",
					    "contained",    "text", "extension",
					    "language"};
	for (size_t i = 0; i < sizeof frame / sizeof *frame; i++)
		if (strcmp(name, frame[i]) == 0)
			return true;
	return name[0] == '_';
}

/* Rules that have an element of the place itself. */
static size_t rules_of(const struct view *view, const struct place *place)
{
	return place->rule_count[view->release];
}

/* The index of one of them. */
static size_t rule_at(const struct view *view, const struct place *place,
		      size_t k)
{
	return place->rules[view->release][k];
}

static bool begins_with(const struct fhir_path *path, const struct place *place,
			const char *name)
{
	return path && path->place == place &&
	       strcmp(path->steps[0].name, name) == 0;
}

static bool is_ref(const struct place *place, const char *name)
{
	for (size_t i = 0; i < place->ref_count; i++)
		if (strcmp(place->refs[i].element, name) == 0)
			return true;
	return false;
}

/* Do the criteria of the place ask for it? */
static bool is_asked(const struct place *place, const char *name)
{
	for (size_t i = 0; i < place->choose_count; i++)
		for (size_t k = 0; k < place->choose[i].member_count; k++)
			if (strcmp(place->choose[i].members[k], name) == 0)
				return true;
	return false;
}

/* Does any rule, or any place below, take this element of a place? */
static bool is_taken(const struct view *view, const struct place *place,
		     const char *name)
{
	const dfh_rules *rules = view->rules;
	enum fhir_release release = view->release;
	for (size_t k = 0; k < rules_of(view, place); k++)
		if (begins_with(
			    rules->rules[rule_at(view, place, k)].fhir[release],
			    place, name))
			return true;
	for (size_t i = 0; i < rules->rule_count; i++)
		if (begins_with(rules->rules[i].otherwise[release], place,
				name))
			return true;
	for (size_t i = 0; i < rules->place_count; i++)
		if (begins_with(rules->places[i].in[release], place, name) ||
		    begins_with(rules->places[i].via[release], place, name))
			return true;
	return is_frame(name) || is_ref(place, name) || is_asked(place, name) ||
	       json_member(place->is[release], name) ||
	       json_member(place->defaults[release], name) ||
	       same_text(place->merged.list, name) ||
	       (place->entry_by && strcmp(place->entry_by, name) == 0);
}

/* ---- elements of arrays ---- */

static int by_address(const void *a, const void *b)
{
	json_object *const *x = a, *const *y = b;
	return (uintptr_t)*x < (uintptr_t)*y   ? -1
	       : (uintptr_t)*x > (uintptr_t)*y ? 1
					       : 0;
}

/* So that they can be found; each rule's for itself. */
static void sort_values(const dfh_rules *rules, struct json_list *values)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (values[i].count)
			qsort(values[i].at, values[i].count,
			      sizeof *values[i].at, by_address);
}

static bool has_value(const struct fhir_path *path, json_object *slot,
		      const struct json_list *values)
{
	json_object *value = fhir_path_value(slot, path);
	return value && values->count &&
	       bsearch(&value, values->at, values->count, sizeof *values->at,
		       by_address);
}

static bool leads_to_place(const struct view *view, const struct place *place,
			   const char *name, json_object *slot)
{
	for (size_t i = 0; i < view->rules->place_count; i++) {
		const struct place *other = &view->rules->places[i];
		const struct fhir_path *via = other->via[view->release];
		const struct fhir_path *in = other->in[view->release];
		if (begins_with(in, place, name) ||
		    (begins_with(via, place, name) &&
		     (!via->is || json_matches(slot, via->is))))
			return true;
	}
	return false;
}

/* Are the elements of this array given out one by one? */
static bool is_given_out(const struct view *view, const struct place *place,
			 const char *name)
{
	const dfh_rules *rules = view->rules;
	for (size_t k = 0; k < rules_of(view, place); k++) {
		const struct rule *rule =
			&rules->rules[rule_at(view, place, k)];
		const struct fhir_path *path = rule->fhir[view->release];
		if (begins_with(path, place, name) && path->slot == 0 &&
		    rule->can_put)
			return true;
	}
	for (size_t i = 0; i < rules->place_count; i++)
		if (begins_with(rules->places[i].via[view->release], place,
				name))
			return true;
	return false;
}

static bool is_claimed(const struct view *view, const struct place *place,
		       const char *name, json_object *slot,
		       const struct json_list *values)
{
	const dfh_rules *rules = view->rules;
	/* Each object's go into the object's own item. */
	for (size_t i = 0; i < rules->rule_count; i++)
		if (rules->rules[i].each.kind == EACH_ONE_OF &&
		    begins_with(rules->rules[i].otherwise[view->release], place,
				name))
			return true;
	for (size_t k = 0; k < rules_of(view, place); k++) {
		size_t i = rule_at(view, place, k);
		const struct fhir_path *path =
			rules->rules[i].fhir[view->release];
		if (begins_with(path, place, name) &&
		    (path->slot != 0 || !rules->rules[i].can_put ||
		     has_value(path, slot, &values[i])))
			return true;
	}
	return leads_to_place(view, place, name, slot);
}

/* Of an element of a resource, or of a part that is a place. */
static void tell(const struct dfh_import *im, enum report_kind kind,
		 const struct place *place, const char *name, const char *file,
		 const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s.%s", place->type, name);
	report_add_path(im->report, kind, path, file, text);
}

/* An element of a list that no rule took. */
static void note_element(const struct dfh_import *im, const struct view *view,
			 const struct place *place, const char *name,
			 json_object *element, const char *file)
{
	const struct fhir_element *found =
		fhir_element_find(view->release, place->type, name);
	if (found &&
	    !element_is_current(view->rules, found->type, element, view->today))
		tell(im, REPORT_BOOKKEEPING, place, name, file,
		     "is not the current one, or is absent");
	else
		tell(im, REPORT_LOST, place, name, file,
		     "DICOM has no room for this one of several");
}

static void note_object(const struct dfh_import *im, const struct view *view,
			const struct place *place, json_object *object,
			const char *file)
{
	struct json_list *values = view_values(view, NULL, place, object);
	sort_values(view->rules, values);
	json_foreach (object, name, member) {
		if (fhir_is_modifier(name)) {
			tell(im, REPORT_LOST, place, name, file,
			     "it can change what the rest means, and no rule "
			     "has it");
			continue;
		}
		if (!is_taken(view, place, name)) {
			tell(im, REPORT_UNMAPPED, place, name, file,
			     "no rule has it");
			continue;
		}
		if (!json_object_is_type(member, json_type_array) ||
		    !is_given_out(view, place, name))
			continue;
		for (size_t i = 0; i < json_count(member); i++)
			if (!is_claimed(view, place, name, json_at(member, i),
					values))
				note_element(im, view, place, name,
					     json_at(member, i), file);
	}
	view_values_free(view->rules, values);
}

/* ---- references ---- */

/* The rule that stands for a place in a report. */
static const struct rule *rule_of_place(const struct view *view,
					const struct place *place)
{
	for (size_t k = 0; k < place->rule_count[view->release]; k++) {
		size_t i = place->rules[view->release][k];
		if (view->rules->rules[i].can_put)
			return &view->rules->rules[i];
	}
	return NULL;
}

/* Is the slot element taken as it is, by a rule: an accession number in a
 * reference that leads nowhere? */
static bool is_value(const struct view *view, const struct place *place,
		     json_object *slot)
{
	for (size_t k = 0; k < place->rule_count[view->release]; k++) {
		size_t i = place->rules[view->release][k];
		const struct fhir_path *path =
			view->rules->rules[i].fhir[view->release];
		if (path->is && fhir_path_value(slot, path) &&
		    json_matches(slot, path->is))
			return true;
	}
	return false;
}

static void note_via(const struct dfh_import *im, const struct view *view,
		     const struct place *place, const char *file)
{
	const struct fhir_path *via = place->via[view->release];
	struct json_list parents = {0}, slots = {0};
	view_objects(view, via->place, &parents);
	for (size_t p = 0; p < parents.count; p++)
		fhir_path_slots(parents.at[p], via, &slots);
	for (size_t i = 0; i < slots.count; i++) {
		json_object *reference = fhir_path_value(slots.at[i], via);
		json_object *from = via->place->is_resource
					    ? parents.at[0]
					    : view->at[LEVEL_STUDY];
		if (!reference ||
		    (via->is && !json_matches(slots.at[i], via->is)) ||
		    is_value(view, via->place, slots.at[i]) ||
		    view_resolve(view, from, reference, place->type))
			continue;
		report_add(im->report, REPORT_LOST, rule_of_place(view, place),
			   view->release, NULL, file,
			   "the reference leads to nothing that was given, "
			   "or to several");
	}
	json_list_free(&parents);
	json_list_free(&slots);
}

static void note_refs(const struct dfh_import *im, const struct view *view,
		      const struct place *place, json_object *object,
		      const char *file)
{
	for (size_t i = 0; i < place->ref_count; i++) {
		json_object *member =
			json_member(object, place->refs[i].element);
		if (!json_object_is_type(member, json_type_object) ||
		    view_resolve(view, object, member, place->refs[i].to->type))
			continue;
		tell(im, REPORT_LOST, place, place->refs[i].element, file,
		     "the reference leads to nothing that was given, or to "
		     "several");
	}
}

static void note_place(const struct dfh_import *im, const struct view *view,
		       const struct place *place, const char *file)
{
	struct json_list objects = {0};
	view_objects(view, place, &objects);
	for (size_t k = 0; k < objects.count; k++) {
		note_object(im, view, place, objects.at[k], file);
		note_extensions(im, view, place, objects.at[k], file);
		note_refs(im, view, place, objects.at[k], file);
	}
	if (place->via[view->release])
		note_via(im, view, place, file);
	else if (!place->key_count && view_is_tied(view, place))
		report_add(im->report, REPORT_LOST, rule_of_place(view, place),
			   view->release, NULL, file,
			   "several could belong to this study, "
			   "or it to several studies");
	if (place->choose_count)
		note_not_chosen(im, view, place, file);
	json_list_free(&objects);
}

void note_unmapped(const struct dfh_import *im, const struct lens *lens,
		   const struct view *view, const struct dataset *dataset,
		   const char *file)
{
	for (size_t i = 0; im->report && i < view->rules->place_count; i++) {
		const struct place *place = &view->rules->places[i];
		const struct view dated = put_dated(lens, view, place, dataset);
		note_place(im, &dated, place, file);
	}
}

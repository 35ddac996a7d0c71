/* Elements of a resource, or of a part of it that is a place, that no rule
 * takes; and what stands beside the value of which a rule takes the element. */
#include "unmapped.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs.h"
#include "conditions.h"
#include "current.h"
#include "fhir_modifier.h"

bool unmapped_is_frame(const char *name)
{
	static const char *const frame[] = {"resourceType", "id",   "meta",
					    "contained",    "text", "extension",
					    "language"};
	for (size_t i = 0; i < sizeof frame / sizeof *frame; i++)
		if (strcmp(name, frame[i]) == 0)
			return true;
	return name[0] == '_';
}

void unmapped_tell(const struct unmapped_at *at, enum report_kind kind,
		   const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s.%s", at->place->type, name);
	report_add_path(at->im->report, kind, path, at->file, text);
}

/* ---- who takes what ---- */

/* Rules that have an element of the place itself. */
static size_t unmapped_rules_of(const struct unmapped_at *at)
{
	return at->place->rule_count[at->view->release];
}

static const struct rule *unmapped_rule_at(const struct unmapped_at *at,
					   size_t k)
{
	return place_rule(at->view->rules, at->place, at->view->release, k);
}

/* Those of other places that look here where their own has nothing. */
static size_t guests_of(const struct unmapped_at *at)
{
	return at->place->guest_count[at->view->release];
}

static const struct rule *guest_at(const struct unmapped_at *at, size_t k)
{
	return place_guest(at->view->rules, at->place, at->view->release, k);
}

/* One of all of them, and the path by which it looks at the place. */
struct looking {
	const struct rule *rule;
	const struct fhir_path *path;
};

static size_t all_of(const struct unmapped_at *at)
{
	return unmapped_rules_of(at) + guests_of(at);
}

static struct looking looking_at(const struct unmapped_at *at, size_t k)
{
	enum fhir_release release = at->view->release;
	size_t own = unmapped_rules_of(at);
	const struct rule *rule =
		k < own ? unmapped_rule_at(at, k) : guest_at(at, k - own);
	return (struct looking){rule, k < own ? rule->fhir[release]
					      : rule->otherwise[release]};
}

/* Those of worklist entries take no part in other datasets. */
static bool takes_part(const struct unmapped_at *at, const struct rule *rule)
{
	return conditions_hold(&rule->conditions, at->root);
}

static bool path_begins_with_name(const struct unmapped_at *at,
				  const struct fhir_path *path,
				  const char *name)
{
	return path && path->place == at->place &&
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
static bool is_asked_by_criteria(const struct place *place, const char *name)
{
	for (size_t i = 0; i < place->choose_count; i++)
		for (size_t k = 0; k < place->choose[i].member_count; k++)
			if (strcmp(place->choose[i].members[k], name) == 0)
				return true;
	return false;
}

/* Does a place below take it? */
static bool is_of_place_below(const struct unmapped_at *at, const char *name,
			      bool by_reference)
{
	const dfh_rules *rules = at->view->rules;
	enum fhir_release release = at->view->release;
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		if ((path_begins_with_name(at, place->via[release], name) ||
		     (!by_reference &&
		      path_begins_with_name(at, place->in[release], name))) &&
		    conditions_hold(&place->conditions, at->root))
			return true;
	}
	return false;
}

/* Does any rule, or any place below, take this element of a place? */
static bool is_element_taken(const struct unmapped_at *at, const char *name)
{
	const struct place *place = at->place;
	enum fhir_release release = at->view->release;
	for (size_t k = 0; k < all_of(at); k++) {
		const struct looking looking = looking_at(at, k);
		if (path_begins_with_name(at, looking.path, name) &&
		    takes_part(at, looking.rule))
			return true;
	}
	return is_of_place_below(at, name, false) || unmapped_is_frame(name) ||
	       is_ref(place, name) || is_asked_by_criteria(place, name) ||
	       json_member(place->is[release], name) ||
	       json_member(place->defaults[release], name) ||
	       same_text(place->merged.list, name) ||
	       same_text(place->entry_by, name);
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

/* values: what view_values gives. */
static bool slot_has_value(const struct unmapped_at *at,
			   const struct rule *rule, json_object *slot,
			   const struct json_list *values)
{
	const struct fhir_path *path = rule->fhir[at->view->release];
	const struct json_list *own = &values[rule - at->view->rules->rules];
	json_object *value = fhir_path_value(slot, path);
	return value && own->count &&
	       bsearch(&value, own->at, own->count, sizeof *own->at,
		       by_address);
}

/* A reference that is a value of a rule, and leads nowhere besides. */
static bool is_value_alone(const struct unmapped_at *at, json_object *slot)
{
	return !json_member(slot, "reference") &&
	       view_is_value(at->view, at->place, slot);
}

static bool slot_leads_to_place(const struct unmapped_at *at, const char *name,
				json_object *slot)
{
	const dfh_rules *rules = at->view->rules;
	if (is_value_alone(at, slot))
		return false;
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *other = &rules->places[i];
		const struct fhir_path *via = other->via[at->view->release];
		const struct fhir_path *in = other->in[at->view->release];
		if ((path_begins_with_name(at, in, name) ||
		     (path_begins_with_name(at, via, name) &&
		      (!via->is || json_matches(slot, via->is)))) &&
		    conditions_hold(&other->conditions, at->root))
			return true;
	}
	return false;
}

/* Where another place's rule looks, whose values go into the object's own
 * item; or NULL. */
static const struct fhir_path *in_own_item(const struct unmapped_at *at,
					   const struct rule *rule,
					   const char *name)
{
	const struct fhir_path *path = rule->otherwise[at->view->release];
	return rule->each.kind == EACH_ONE_OF &&
			       path_begins_with_name(at, path, name) &&
			       takes_part(at, rule)
		       ? path
		       : NULL;
}

/* Are the elements of this array given out one by one? */
static bool is_given_out(const struct unmapped_at *at, const char *name)
{
	for (size_t k = 0; k < unmapped_rules_of(at); k++) {
		const struct rule *rule = unmapped_rule_at(at, k);
		const struct fhir_path *path = rule->fhir[at->view->release];
		if (path_begins_with_name(at, path, name) && path->slot == 0 &&
		    rule->can_put && takes_part(at, rule))
			return true;
	}
	for (size_t k = 0; k < guests_of(at); k++)
		if (in_own_item(at, guest_at(at, k), name))
			return true;
	return is_of_place_below(at, name, true);
}

static bool is_claimed(const struct unmapped_at *at, const char *name,
		       json_object *slot, const struct json_list *values)
{
	for (size_t k = 0; k < guests_of(at); k++) {
		const struct fhir_path *own =
			in_own_item(at, guest_at(at, k), name);
		if (own && fhir_path_value(slot, own))
			return true;
	}
	for (size_t k = 0; k < unmapped_rules_of(at); k++) {
		const struct rule *rule = unmapped_rule_at(at, k);
		const struct fhir_path *path = rule->fhir[at->view->release];
		if (path_begins_with_name(at, path, name) &&
		    takes_part(at, rule) &&
		    (path->slot != 0 || !rule->can_put ||
		     slot_has_value(at, rule, slot, values)))
			return true;
	}
	return slot_leads_to_place(at, name, slot);
}

/* Does it have what any rule, or a place, would take of such an element? */
static bool any_value(const struct unmapped_at *at, const char *name,
		      json_object *element)
{
	for (size_t k = 0; k < all_of(at); k++) {
		const struct fhir_path *path = looking_at(at, k).path;
		if (path_begins_with_name(at, path, name) &&
		    fhir_path_value(element, path))
			return true;
	}
	return is_of_place_below(at, name, true);
}

/* An element of a list that no rule took. */
static void note_unmapped_element(const struct unmapped_at *at,
				  const char *name, json_object *element)
{
	const struct view *view = at->view;
	const struct fhir_element *found =
		fhir_element_find(view->release, at->place->type, name);
	if (!any_value(at, name, element))
		unmapped_tell(at, REPORT_UNMAPPED, name, "no rule has it");
	else if (found && !element_is_current(view->rules, found->type, element,
					      view->today))
		unmapped_tell(at, REPORT_BOOKKEEPING, name,
			      "is not the current one, or is absent");
	else
		unmapped_tell(at, REPORT_LOST, name,
			      "DICOM has no room for this one of several");
}

/* ---- beside a value ---- */

/* By which path a rule of the place has taken the element, or a part of it; or
 * NULL. */
static const struct fhir_path *taken_by(const struct unmapped_at *at,
					const char *name, json_object *element,
					const struct json_list *values,
					const struct rule *rule)
{
	const struct fhir_path *path = rule->fhir[at->view->release];
	return path_begins_with_name(at, path, name) && path->slot == 0 &&
			       takes_part(at, rule) &&
			       slot_has_value(at, rule, element, values)
		       ? path
		       : NULL;
}

static const struct fhir_path *taken_by_guest(const struct unmapped_at *at,
					      const char *name,
					      json_object *element,
					      const struct rule *rule)
{
	const struct fhir_path *path = in_own_item(at, rule, name);
	return path && fhir_path_value(element, path) ? path : NULL;
}

/* Has a rule that takes the element by this path a word for the member? */
static bool speaks_of(const struct fhir_path *path, const char *member)
{
	return path->depth == 1 || same_text(path->steps[1].name, member) ||
	       json_member(path->is, member) || json_member(path->also, member);
}

/* Is a member of an element the value of a rule, or of one that has the
 * element whole, or asked for by one? */
static bool is_spoken_of(const struct unmapped_at *at, const char *name,
			 json_object *element, const char *member,
			 const struct json_list *values)
{
	bool any = false;
	for (size_t k = 0; k < unmapped_rules_of(at); k++) {
		const struct fhir_path *path = taken_by(
			at, name, element, values, unmapped_rule_at(at, k));
		if (path && speaks_of(path, member))
			return true;
		any = any || path;
	}
	for (size_t k = 0; k < guests_of(at); k++) {
		const struct fhir_path *path =
			taken_by_guest(at, name, element, guest_at(at, k));
		if (path && speaks_of(path, member))
			return true;
		any = any || path;
	}
	return !any;
}

static void note_beside(const struct unmapped_at *at, const char *name,
			json_object *element, const struct json_list *values)
{
	if (!json_object_is_type(element, json_type_object) ||
	    slot_leads_to_place(at, name, element))
		return;
	json_foreach (element, member, value) {
		const char *known = member + (member[0] == '_');
		char path[256];
		if (!value || is_spoken_of(at, name, element, known, values))
			continue;
		if (codec_is_bookkeeping(known)) {
			unmapped_tell(at, REPORT_BOOKKEEPING, name,
				      codec_bookkeeping_note);
			continue;
		}
		snprintf(path, sizeof path, "%s.%s", name, known);
		unmapped_tell(at, REPORT_UNMAPPED, path, "no rule has it");
	}
}

/* ---- all of an object ---- */

/* Of the links between records only mergers mean anything here. */
static void note_links(const struct unmapped_at *at, json_object *links)
{
	const struct merged *merged = &at->place->merged;
	for (size_t i = 0; i < json_count(links); i++)
		if (!json_matches(json_at(links, i), merged->replaces) &&
		    !json_matches(json_at(links, i), merged->replaced_by))
			unmapped_tell(at, REPORT_UNMAPPED, merged->list,
				      "no rule has it");
}

static bool has_pattern(const struct unmapped_at *at,
			const struct fhir_path *path, const char *name,
			json_object *element)
{
	return path_begins_with_name(at, path, name) && path->slot == 0 &&
	       path->is && json_matches(element, path->is);
}

/* An extension of a URL that nobody gives out is told with its URL, by
 * note_extensions. */
static bool is_other_extension(const struct unmapped_at *at, const char *name,
			       json_object *element)
{
	const dfh_rules *rules = at->view->rules;

	if (strcmp(name, "extension") != 0)
		return false;
	for (size_t k = 0; k < all_of(at); k++)
		if (has_pattern(at, looking_at(at, k).path, name, element))
			return false;
	for (size_t i = 0; i < rules->place_count; i++)
		if (rules->places[i].is_element &&
		    has_pattern(at, rules->places[i].via[at->view->release],
				name, element))
			return false;
	return true;
}

static void note_array(const struct unmapped_at *at, const char *name,
		       json_object *array, const struct json_list *values)
{
	if (same_text(at->place->merged.list, name))
		note_links(at, array);
	if (!is_given_out(at, name))
		return;
	for (size_t i = 0; i < json_count(array); i++)
		if (is_other_extension(at, name, json_at(array, i)))
			continue;
		else if (!is_claimed(at, name, json_at(array, i), values))
			note_unmapped_element(at, name, json_at(array, i));
		else
			note_beside(at, name, json_at(array, i), values);
}

void note_elements(const struct unmapped_at *at, json_object *object)
{
	struct json_list *values =
		view_values(at->view, NULL, at->place, object);
	sort_values(at->view->rules, values);
	json_foreach (object, name, member) {
		if (fhir_is_modifier(name))
			unmapped_tell(at, REPORT_LOST, name,
				      "it can change what the rest means, and "
				      "no rule has it");
		else if (!is_element_taken(at, name))
			unmapped_tell(at, REPORT_UNMAPPED, name,
				      "no rule has it");
		else if (json_object_is_type(member, json_type_array))
			note_array(at, name, member, values);
	}
	view_values_free(at->view->rules, values);
}

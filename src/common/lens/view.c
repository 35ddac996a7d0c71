#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "codec.h"
#include "led.h"
#include "view_parts.h"

const struct place *view_level_place(const dfh_rules *rules, enum level level)
{
	for (size_t i = 0; i < rules->place_count; i++)
		if (rules->places[i].per && rules->places[i].key_count &&
		    rules->places[i].level == level)
			return &rules->places[i];
	return NULL;
}

/* ---- objects ---- */

/* The resource that an object of a place is in: the owner of its references. */
static json_object *resource_of(const struct view *view,
				const struct place *place, json_object *object)
{
	return place->is_resource ? object : view->at[LEVEL_STUDY];
}

json_object *view_level_object(const struct view *view,
			       const struct place *place)
{
	return place->per && place->key_count ? view->at[place->level] : NULL;
}

/* A role leads to its practitioner; in a circle nothing is found. */
static json_object *lead_on(const struct view *view, json_object *found,
			    const char *type)
{
	enum { HOPS_MAX = 4 };
	for (int hops = 0; found && hops < HOPS_MAX; hops++) {
		const char *element = element_named(&view->rules->leads_on,
						    resource_type(found));
		if (!element || strcmp(resource_type(found), type) == 0)
			return found;
		found = fhir_index_resolve(view->index, found,
					   json_member(found, element), type);
	}
	return NULL;
}

json_object *view_resolve(const struct view *view, json_object *from,
			  json_object *reference, const char *type)
{
	const struct elements_of *on = &view->rules->leads_on;
	json_object *found =
		fhir_index_resolve(view->index, from, reference, type);
	for (size_t i = 0; !found && i < on->count; i++)
		found = fhir_index_resolve(view->index, from, reference,
					   on->at[i].type);
	found = lead_on(view, found, type);
	return found ? fhir_index_current(view->index, found) : NULL;
}

/* Has it another value of the same system?  0: it says nothing of that. */
static int compare_number(json_object *one, json_object *identifier)
{
	const char *has = json_text(one, "value");
	const char *value = json_text(identifier, "value");
	if (!has || !value ||
	    !same_text(json_text(one, "system"),
		       json_text(identifier, "system")))
		return 0;
	return strcmp(has, value) == 0 ? 1 : -1;
}

bool view_numbers_differ(json_object *list, json_object *identifier)
{
	bool of_system = false;
	for (size_t i = 0; i < json_count(list); i++) {
		int same = compare_number(json_at(list, i), identifier);
		if (same > 0)
			return false;
		of_system = of_system || same < 0;
	}
	return of_system;
}

/* Does a reference that gives an identifier name another one than the study
 * does? */
static bool is_named_as_another(const struct view *view, const struct place *to,
				json_object *reference)
{
	json_object *identifier = json_member(reference, "identifier");
	json_object *object = view_level_object(view, to);
	json_object *study = view->at[LEVEL_STUDY];
	if (object)
		return view_numbers_differ(json_member(object, "identifier"),
					   identifier);
	return study &&
	       compare_number(view_named(view, study, to), identifier) < 0;
}

/* Does the resource say that it is another patient's?  Numbers of orders are
 * not unique enough to believe a reference against that. */
static bool is_of_another_patient(const struct view *view,
				  const struct place *place,
				  json_object *resource)
{
	for (size_t i = 0; i < place->ref_count; i++) {
		json_object *to = view_level_object(view, place->refs[i].to);
		json_object *member =
			json_member(resource, place->refs[i].element);
		json_object *found =
			json_object_is_type(member, json_type_object)
				? view_resolve(view, resource, member,
					       place->refs[i].to->type)
				: NULL;
		if (found ? to && found != to && !json_object_equal(found, to)
			  : is_named_as_another(view, place->refs[i].to,
						member))
			return true;
	}
	return false;
}

bool view_refuses(const struct view *view, const struct place *place,
		  json_object *resource)
{
	json_object *refuse = place->refuse[view->release];
	size_t count = json_count(refuse);
	for (size_t i = 0; resource && i < count; i++)
		if (json_resembles(resource, json_at(refuse, i)))
			return true;
	return resource && (fhir_index_is_deleted(view->index, resource) ||
			    (place->merged.list &&
			     fhir_index_is_replaced(view->index, resource)));
}

/* What two accounts differ in is left aside, but of an order: then it is told
 * (see match_doubt.c). */
static bool is_doubtful(const struct view *view, const struct place *place,
			json_object *resource)
{
	return !view_can_be_loose(place, view->release) &&
	       fhir_index_is_torn(view->index, resource);
}

bool view_is_value(const struct view *view, const struct place *place,
		   json_object *slot)
{
	for (size_t k = 0; k < place->rule_count[view->release]; k++) {
		const struct fhir_path *path =
			place_rule(view->rules, place, view->release, k)
				->fhir[view->release];
		if (path->is && fhir_path_value(slot, path) &&
		    json_matches(slot, path->is))
			return true;
	}
	return false;
}

/* Does a rule of the place take the identifier, which is all that it says? What
 * is of no kind that is known need not be of the place at all. */
static bool is_known_by_rule(const struct view *view, const struct place *place,
			     json_object *stand_in)
{
	bool known = false;
	for (size_t k = 0; k < place->rule_count[view->release] && !known;
	     k++) {
		const struct rule *rule =
			place_rule(view->rules, place, view->release, k);
		const struct fhir_path *path = rule->fhir[view->release];
		struct json_list slots = {0};
		if (rule->can_put)
			fhir_path_slots(stand_in, path, &slots);
		for (size_t i = 0; i < slots.count && !known; i++)
			known = (!path->is ||
				 json_matches(slots.at[i], path->is)) &&
				fhir_path_value(slots.at[i], path);
		json_list_free(&slots);
	}
	return known;
}

/* What stands in for what a reference gives by its identifier alone. */
static json_object *stand_in_of(const struct view *view,
				const struct place *place, json_object *from,
				json_object *slot)
{
	const struct fhir_path *via = place->via[view->release];
	json_object *reference = fhir_path_value(slot, via), *to;
	if (place->is_element || !reference ||
	    (via->is && !json_matches(slot, via->is)) ||
	    view_is_value(view, via->place, slot) ||
	    view_resolve(view, from, reference, place->type))
		return NULL;
	to = fhir_index_stand_in(view->index, reference, place->type);
	return to && is_known_by_rule(view, place, to) ? to : NULL;
}

/* What an element on the way leads to, or itself; from: whose references it
 * has.  NULL: nothing of this place. */
static json_object *led_from(const struct view *view, const struct place *place,
			     json_object *from, json_object *slot)
{
	const struct fhir_path *via = place->via[view->release];
	if (via->is && !json_matches(slot, via->is))
		return NULL;
	if (place->is_element)
		return slot;
	json_object *reference = fhir_path_value(slot, via);
	return reference ? view_resolve(view, from, reference, place->type)
			 : NULL;
}

/* Does the same way lead to a place of that type? */
static bool any_place_led_so(const struct view *view,
			     const struct fhir_path *via, const char *type)
{
	for (size_t i = 0; i < view->rules->place_count; i++) {
		const struct place *place = &view->rules->places[i];
		const struct fhir_path *other = place->via[view->release];
		if (other && strcmp(other->text, via->text) == 0 &&
		    same_text(place->type, type))
			return true;
	}
	return false;
}

/* Why what a reference leads to is none of the place; what the rules refuse is
 * told of the resource. */
static enum led_to leads_so(const struct view *view, const struct place *place,
			    json_object *found)
{
	const char *type = resource_type(found);
	if (place->is_element)
		return LED_TO_IT;
	if (strcmp(type, place->type) != 0)
		return any_place_led_so(view, place->via[view->release], type)
			       ? LED_TO_IT
			       : LED_TO_OTHER_KIND;
	return is_of_another_patient(view, place, found) ? LED_TO_ANOTHERS
	       : is_doubtful(view, place, found)	 ? LED_TO_DOUBTFUL
							 : LED_TO_IT;
}

enum led_to view_leads(const struct view *view, const struct place *place,
		       json_object *parent, json_object *slot)
{
	const struct fhir_path *via = place->via[view->release];
	json_object *from = resource_of(view, via->place, parent);
	json_object *reference = fhir_path_value(slot, via);
	if (!reference || (via->is && !json_matches(slot, via->is)) ||
	    view_is_value(view, via->place, slot))
		return LED_TO_IT;
	json_object *found = led_from(view, place, from, slot);
	if (found)
		return leads_so(view, place, found);
	return !stand_in_of(view, place, from, slot) ? LED_TO_NOTHING
	       : json_member(reference, "display")   ? LED_TO_DISPLAYED
						     : LED_TO_IT;
}

/* A value with its system, and a value of any system; to be freed. */
static char *number_key(json_object *identifier, bool of_any_system)
{
	const char *system = json_text(identifier, "system");
	return xprintf("%c%s\n%s", of_any_system ? '*' : '=',
		       of_any_system || !system ? "" : system,
		       json_text(identifier, "value"));
}

static void enter_number(struct lh_table *numbers, char *key)
{
	if (lh_table_lookup_entry(numbers, key))
		free(key);
	else
		lh_add(numbers, key, NULL);
}

static void enter_numbers(struct lh_table *numbers, json_object *resource)
{
	json_object *all = json_member(resource, "identifier");
	for (size_t i = 0; i < json_count(all); i++) {
		json_object *one = json_at(all, i);
		if (!json_text(one, "value"))
			continue;
		enter_number(numbers, number_key(one, false));
		enter_number(numbers, number_key(one, true));
	}
}

static bool has_number_key(struct lh_table *numbers, char *key)
{
	bool has = lh_table_lookup_entry(numbers, key) != NULL;
	free(key);
	return has;
}

/* The same value, and no other system: is what it stands in for there? */
static bool is_stood_for(struct lh_table *numbers, json_object *stand_in)
{
	json_object *identifier =
		json_at(json_member(stand_in, "identifier"), 0);
	const char *value = json_text(identifier, "value");
	if (!json_text(identifier, "system"))
		return has_number_key(numbers, number_key(identifier, true));
	return has_number_key(numbers, number_key(identifier, false)) ||
	       has_number_key(numbers, xprintf("=\n%s", value));
}

static bool is_of_place_led_to(const struct view *view,
			       const struct place *place, json_object *found)
{
	if (place->is_element)
		return place_has(place, view->release, found);
	return !is_doubtful(view, place, found) &&
	       !is_of_another_patient(view, place, found) &&
	       !view_refuses(view, place, found) &&
	       strcmp(resource_type(found), place->type) == 0;
}

static void add_led(const struct view *view, const struct place *place,
		    json_object *found, struct lh_table *seen,
		    struct json_list *out)
{
	if (!found || lh_table_lookup_entry(seen, found))
		return;
	lh_add(seen, found, NULL);
	if (is_of_place_led_to(view, place, found))
		json_list_add(out, found);
}

/* What stands in for others than those that are there. */
static void add_stand_ins(const struct view *view, const struct place *place,
			  json_object *from, const struct json_list *slots,
			  struct lh_table *seen, struct json_list *out)
{
	struct lh_table *numbers = NULL;
	for (size_t i = 0; i < slots->count; i++) {
		json_object *one = stand_in_of(view, place, from, slots->at[i]);
		if (!one)
			continue;
		if (!numbers) {
			numbers = lh_by_text(16, lh_free_key);
			for (size_t k = 0; k < out->count; k++)
				enter_numbers(numbers, out->at[k]);
		}
		if (is_stood_for(numbers, one))
			continue;
		enter_numbers(numbers, one);
		add_led(view, place, one, seen, out);
	}
	if (numbers)
		lh_table_free(numbers);
}

static void via_objects(const struct view *view, const struct place *place,
			struct json_list *out)
{
	const struct fhir_path *via = place->via[view->release];
	if (!via)
		return;
	struct json_list parents = {0}, slots = {0};
	struct lh_table *seen = lh_by_address(16, NULL);
	view_objects(view, via->place, &parents);
	for (size_t p = 0; p < parents.count; p++) {
		json_object *from =
			resource_of(view, via->place, parents.at[p]);
		slots.count = 0;
		fhir_path_slots(parents.at[p], via, &slots);
		for (size_t i = 0; i < slots.count; i++)
			add_led(view, place,
				led_from(view, place, from, slots.at[i]), seen,
				out);
		add_stand_ins(view, place, from, &slots, seen, out);
	}
	lh_table_free(seen);
	json_list_free(&parents);
	json_list_free(&slots);
}

bool view_can_be_loose(const struct place *place, enum fhir_release release)
{
	const struct fhir_path *via = place->via[release];
	return via && place->ref_count && via->place->key_count &&
	       via->place->level == LEVEL_STUDY;
}

static bool is_loose_of(const struct view *view, const struct place *place)
{
	return view->loose && view_can_be_loose(place, view->release) &&
	       strcmp(resource_type(view->loose), place->type) == 0;
}

const struct place *view_refused(const struct view *view)
{
	for (size_t i = 0; i < view->rules->place_count; i++) {
		const struct place *place = &view->rules->places[i];
		json_object *object = view_level_object(view, place);
		if (!object && is_loose_of(view, place))
			object = view->loose;
		if (view_refuses(view, place, object))
			return place;
	}
	return NULL;
}

void view_objects(const struct view *view, const struct place *place,
		  struct json_list *out)
{
	if (!place->in_release[view->release])
		return;
	if (place->per && place->key_count) {
		if (view->at[place->level])
			json_list_add(out, view->at[place->level]);
	} else if (!place->via[view->release]) {
		view_chosen_objects(view, place, out);
	} else {
		bool leads = view->at[LEVEL_STUDY] ||
			     !view_can_be_loose(place, view->release);
		if (leads && !led_objects(view, place, out))
			via_objects(view, place, out);
		if (is_loose_of(view, place))
			json_list_add(out, view->loose);
	}
}

json_object *view_referred(const struct view *view, const struct place *from,
			   json_object *object, const struct place *to)
{
	for (size_t i = 0; i < from->ref_count; i++) {
		if (from->refs[i].to != to)
			continue;
		json_object *member =
			json_member(object, from->refs[i].element);
		bool array = json_object_is_type(member, json_type_array);
		size_t count = !member ? 0 : array ? json_count(member) : 1;
		for (size_t k = 0; k < count; k++) {
			json_object *found = view_resolve(
				view, object,
				array ? json_at(member, k) : member, to->type);
			if (found &&
			    strcmp(resource_type(found), to->type) == 0)
				return found;
		}
	}
	return NULL;
}

json_object *view_named(const struct view *view, json_object *object,
			const struct place *to)
{
	for (size_t i = 0; i < view->rules->place_count; i++) {
		const struct place *from = &view->rules->places[i];
		if (!from->is_resource ||
		    strcmp(from->type, resource_type(object)) != 0)
			continue;
		for (size_t k = 0; k < from->ref_count; k++) {
			json_object *reference =
				json_member(object, from->refs[k].element);
			json_object *identifier =
				json_member(reference, "identifier");
			if (from->refs[k].to == to &&
			    json_object_is_type(identifier, json_type_object))
				return identifier;
		}
	}
	return NULL;
}

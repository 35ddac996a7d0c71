/* What a Bundle says twice and differently, or in a way that must not be read
 * as it is written. */
#include <string.h>

#include "error.h"
#include "match.h"

/* What tells whose dataset it is, and of what order. */
static bool must_be_sure(const struct place *place, enum fhir_release release)
{
	return (place->per && place->key_count) ||
	       view_can_be_loose(place, release);
}

/* Another patient of one of his identifiers: not if the rules refuse that one,
 * for it may be the record that this one replaced. */
static bool has_twin(const struct view *view, const struct place *place,
		     json_object *resource)
{
	json_object *twin = place->level == LEVEL_PATIENT && place->per
				    ? fhir_index_twin(view->index, resource)
				    : NULL;
	return twin && !view_refuses(view, place, twin);
}

static struct doubt doubt_of(const struct view *view, const struct place *place,
			     json_object *resource)
{
	struct doubt doubt = {.place = place};
	if (must_be_sure(place, view->release) &&
	    (fhir_index_is_torn(view->index, resource) ||
	     has_twin(view, place, resource)))
		doubt.kind = DOUBT_TORN;
	else if (fhir_index_is_modified(view->index, resource))
		doubt.kind = DOUBT_MODIFIED;
	return doubt;
}

/* A reference may lead to a resource and give an identifier, too
 * (Reference.identifier); then both are to mean the same patient. */
static bool is_named_otherwise(const struct view *view,
			       const struct place *patient)
{
	json_object *from =
		view->at[LEVEL_STUDY] ? view->at[LEVEL_STUDY] : view->loose;
	json_object *to = view->at[LEVEL_PATIENT];
	return patient && from && to &&
	       view_numbers_differ(json_member(to, "identifier"),
				   view_named(view, from, patient));
}

struct doubt find_doubt(const struct view *view)
{
	const dfh_rules *rules = view->rules;
	const struct place *patient = view_level_place(rules, LEVEL_PATIENT);
	struct doubt worst = {.kind = DOUBT_NONE};
	if (is_named_otherwise(view, patient))
		worst = (struct doubt){DOUBT_NAMED, patient};
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		struct json_list objects = {0};
		if (place->is_resource)
			view_objects(view, place, &objects);
		for (size_t k = 0; k < objects.count; k++) {
			struct doubt one = doubt_of(view, place, objects.at[k]);
			if (one.kind > worst.kind)
				worst = one;
		}
		json_list_free(&objects);
	}
	return worst;
}

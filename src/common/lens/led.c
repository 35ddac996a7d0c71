#include "led.h"

#include <string.h>

#include "arena.h"

struct led_place {
	const struct place *place;
	json_object **objects;
	size_t count;
};

struct led {
	const json_object *study, *patient;
	struct led_place *places; /* those that have any object */
	size_t count;
};

/* Do references lead there, one after the other, from the study or its
 * patient?  Then it is the same for every instance. */
static bool is_led_to(const struct place *place, enum fhir_release release)
{
	const struct fhir_path *via = place->via[release];
	while (via && via->place->via[release])
		via = via->place->via[release];
	return via && via->place->per && via->place->key_count &&
	       via->place->level <= LEVEL_STUDY;
}

static void look_for_led(struct led *led, const struct view *view,
			 const struct place *place, struct arena *arena)
{
	struct json_list found = {0};
	view_objects(view, place, &found);
	if (found.count) {
		struct led_place *here = &led->places[led->count++];
		size_t size = found.count * sizeof *found.at;
		here->place = place;
		here->count = found.count;
		here->objects = arena_alloc(arena, size);
		memcpy(here->objects, found.at, size);
	}
	json_list_free(&found);
}

const struct led *led_of(const struct view *view, struct arena *arena)
{
	const dfh_rules *rules = view->rules;
	if (!view->at[LEVEL_STUDY])
		return NULL;
	struct led *led = arena_alloc(arena, sizeof *led);
	size_t room = 0;
	for (size_t i = 0; i < rules->place_count; i++)
		room += is_led_to(&rules->places[i], view->release);
	led->study = view->at[LEVEL_STUDY];
	led->patient = view->at[LEVEL_PATIENT];
	led->places = arena_alloc(arena, (room + 1) * sizeof *led->places);
	for (size_t i = 0; i < rules->place_count; i++)
		if (is_led_to(&rules->places[i], view->release))
			look_for_led(led, view, &rules->places[i], arena);
	return led;
}

bool led_objects(const struct view *view, const struct place *place,
		 struct json_list *out)
{
	const struct led *led = view->led;
	if (!led || led->study != view->at[LEVEL_STUDY] ||
	    led->patient != view->at[LEVEL_PATIENT] ||
	    !is_led_to(place, view->release))
		return false;
	for (size_t i = 0; i < led->count; i++)
		for (size_t k = 0;
		     led->places[i].place == place && k < led->places[i].count;
		     k++)
			json_list_add(out, led->places[i].objects[k]);
	return true;
}

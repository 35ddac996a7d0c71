/*
 * What the references of one study lead to, place by place: looked for once,
 * for a Bundle is asked for the orders of a study at every turn.
 */
#ifndef LED_H
#define LED_H

#include "view.h"

struct arena;

/* Of the study of this view, in the arena, as long as nothing is added to the
 * index; NULL: it has no study. */
const struct led *led_of(const struct view *view, struct arena *arena);

/* Give the objects of a place; false: they were not looked for, or for another
 * study or patient. */
bool led_objects(const struct view *view, const struct place *place,
		 struct json_list *out);

#endif

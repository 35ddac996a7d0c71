/*
 * Which of several names, addresses or numbers are the current ones, and which
 * of these comes first: `current` of the rules, by FHIR type.
 */
#ifndef CURRENT_H
#define CURRENT_H

#include "fhir_path.h"
#include "rules.h"

/* Is a part of the element, or all of it, there only by an extension, such as
 * data-absent-reason? */
bool element_is_absent(const dfh_rules *rules, json_object *element);

/* Is an element of this type one that is taken where others are, too?  today:
 * as in struct view. */
bool element_is_current(const dfh_rules *rules, const char *type,
			json_object *element, const char *today);

/*
 * Of the elements of a slot leave what may be taken, the best first; equal ones
 * stay in their order.  alone: where nothing else is there, take what is only
 * second best, too.
 */
void current_of(const dfh_rules *rules, const struct fhir_path *path,
		const char *today, bool alone, struct json_list *slots);

#endif

/* What changes the meaning of the rest: who does not understand a modifier
 * extension, or implicit rules, must not go on (FHIR R5
 * extensibility 2.1.5.1.2, Resource.implicitRules). */
#ifndef FHIR_MODIFIER_H
#define FHIR_MODIFIER_H

#include <stdbool.h>

#include "json_text.h"

bool fhir_is_modifier(const char *name);

/* Has this object any of its own?  Anything but an object has none. */
bool fhir_says_modifier(json_object *object);

/* Has this object, or anything in it? */
bool fhir_has_modifier(json_object *object);

#endif

/* JSON's null where FHIR has none: a value is left out, or its sibling of the
 * same name says why it is absent (FHIR JSON, primitive elements). */
#ifndef NULLS_H
#define NULLS_H

#include "import.h"

/* Tell of each element of a resource, by its path, that is null without a
 * reason: it is taken to be left out. */
void note_nulls(const struct dfh_import *im, json_object *resource);

#endif

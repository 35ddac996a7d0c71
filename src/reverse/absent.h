/* Primitives that say by data-absent-reason that they have no value. */
#ifndef ABSENT_H
#define ABSENT_H

#include "json_text.h"
#include "rules.h"

/* Take away what such a primitive says all the same ("UNK"); why it is absent
 * stays beside it. */
void absent_apply(const dfh_rules *rules, json_object *json);

#endif

/* The names of systems that others use: read as those that the rules use. */
#ifndef ALIASES_H
#define ALIASES_H

#include "rules.h"

/* Name each `system` in what was read by the rules' own
 * name, wherever it stands. */
void aliases_apply(const dfh_rules *rules, json_object *json);

#endif

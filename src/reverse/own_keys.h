/* The keys that dcm2fhir gives to resources which have no other to be asked
 * for by: taken off again. */
#ifndef OWN_KEYS_H
#define OWN_KEYS_H

#include "rules.h"

/* An entry's resource without an id, which a server is to give, is known by its
 * fullUrl.  true: it was not, and is unpacked. */
bool own_keys_name(json_object *entry);

/* Take them off all entries of what was read, which are named so. */
void own_keys_remove(const dfh_rules *rules, json_object *json);

#endif

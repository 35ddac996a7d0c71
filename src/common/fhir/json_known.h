/*
 * Which elements arrays have: a new one is looked for by its hash, so that n of
 * them take n steps and not n times n.
 */
#ifndef JSON_KNOWN_H
#define JSON_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_text.h"

struct known_element;
struct known_array;

/* {0} knows nothing.  The arrays must stay as long as it does; they may grow,
 * and in their first element more may be written. */
struct json_known {
	struct known_array *arrays;
	size_t array_count;
	struct known_element *slots; /* a hash table */
	size_t count, slot_count;
};

void json_known_free(struct json_known *known);

/* Has the array an element that is json_object_equal to this one? */
bool json_known_has(struct json_known *known, json_object *array,
		    json_object *element);

/* The same number for what is json_object_equal. */
uint64_t json_hash(json_object *value);

#endif

#include "json_known.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "array.h"
#include "hash.h"

/* Of so few, each is looked at. */
enum { FEW = 16 };

struct known_array {
	json_object *array;
	size_t entered; /* elements that are in the table */
};

struct known_element {
	json_object *array; /* NULL: a free slot */
	json_object *element;
	uint64_t hash;
};

void json_known_free(struct json_known *known)
{
	free(known->arrays);
	free(known->slots);
	*known = (struct json_known){0};
}

/* ---- hashes ---- */

static uint64_t hash_number(uint64_t hash, json_object *value)
{
	if (json_object_is_type(value, json_type_int)) {
		int64_t number = json_object_get_int64(value);
		return hash_bytes(hash, &number, sizeof number);
	}
	/* No negative zero, which is equal to the other. */
	double number = json_object_get_double(value) + 0.0;
	return hash_bytes(hash, &number, sizeof number);
}

/* The order of members is no difference. */
static uint64_t hash_members(json_object *object)
{
	uint64_t sum = 0;
	json_foreach (object, name, value) {
		uint64_t hash = hash_bytes(HASH_START, name, strlen(name));
		uint64_t of_value = json_hash(value);
		sum += hash_bytes(hash, &of_value, sizeof of_value);
	}
	return sum;
}

uint64_t json_hash(json_object *value)
{
	enum json_type type = json_object_get_type(value);
	uint64_t hash = hash_bytes(HASH_START, &type, sizeof type), one;
	switch (type) {
	case json_type_null:
		return hash;
	case json_type_boolean:
		return hash + (uint64_t)json_object_get_boolean(value);
	case json_type_int:
	case json_type_double:
		return hash_number(hash, value);
	case json_type_string:
		return hash_bytes(hash, json_object_get_string(value),
				  (size_t)json_object_get_string_len(value));
	case json_type_object:
		return hash + hash_members(value);
	case json_type_array:
		break;
	}
	for (size_t i = 0; i < json_count(value); i++) {
		one = json_hash(json_at(value, i));
		hash = hash_bytes(hash, &one, sizeof one);
	}
	return hash;
}

/* ---- the table ---- */

/* The slot of an equal element, or the free one where it belongs. */
static struct known_element *known_slot_of(const struct json_known *known,
					   const struct known_element *wanted)
{
	uint64_t hash =
		hash_bytes(wanted->hash, &wanted->array, sizeof wanted->array);
	size_t mask = known->slot_count - 1;
	size_t i = (size_t)(hash ^ hash >> 32) & mask;
	for (;; i = (i + 1) & mask) {
		struct known_element *slot = &known->slots[i];
		if (!slot->array ||
		    (slot->array == wanted->array &&
		     slot->hash == wanted->hash &&
		     json_object_equal(slot->element, wanted->element)))
			return slot;
	}
}

static void grow_known(struct json_known *known)
{
	struct known_element *old = known->slots;
	size_t count = known->slot_count;
	known->slot_count = count ? 2 * count : 4 * (size_t)FEW;
	known->slots = xmalloc(known->slot_count * sizeof *old);
	memset(known->slots, 0, known->slot_count * sizeof *old);
	for (size_t i = 0; i < count; i++)
		if (old[i].array)
			*known_slot_of(known, &old[i]) = old[i];
	free(old);
}

static void enter_known(struct json_known *known,
			const struct known_element *one)
{
	if (2 * known->count >= known->slot_count)
		grow_known(known);
	struct known_element *slot = known_slot_of(known, one);
	known->count += !slot->array;
	*slot = *one;
}

/* There are as many arrays as rules have paths: few. */
static struct known_array *known_array_of(struct json_known *known,
					  json_object *array)
{
	for (size_t i = 0; i < known->array_count; i++)
		if (known->arrays[i].array == array)
			return &known->arrays[i];
	array_room(known->arrays, known->array_count);
	known->arrays[known->array_count] = (struct known_array){array, 0};
	return &known->arrays[known->array_count++];
}

static bool one_is_equal(json_object *array, size_t count, json_object *element)
{
	for (size_t i = 0; i < count; i++)
		if (json_object_equal(json_at(array, i), element))
			return true;
	return false;
}

bool json_known_has(struct json_known *known, json_object *array,
		    json_object *element)
{
	size_t count = json_count(array);
	if (count <= FEW)
		return one_is_equal(array, count, element);
	/* The first is not as it was when it was entered, perhaps. */
	if (one_is_equal(array, 1, element))
		return true;
	struct known_array *of = known_array_of(known, array);
	while (of->entered < count) {
		json_object *next = json_at(array, of->entered++);
		enter_known(known, &(struct known_element){array, next,
							   json_hash(next)});
	}
	return known_slot_of(known, &(struct known_element){array, element,
							    json_hash(element)})
		->array;
}

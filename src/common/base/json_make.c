#define JSON_MAKE_WITH_JSON_C
#include "json_make.h"

#include <string.h>

#include <limits.h>

#include "memory.h"

/* ---- values ---- */

static json_object *made_json(json_object *value)
{
	if (!value)
		out_of_memory();
	return value;
}

/* Most of FHIR's objects and arrays have few members, and json-c makes room for
 * many; it grows as more are added. */
enum { FEW = 4 };

static json_object *shrunk_object(json_object *object)
{
	if (lh_table_resize(json_object_get_object(object), FEW) < 0)
		out_of_memory();
	return object;
}

json_object *json_new_object(void)
{
	return shrunk_object(made_json(json_object_new_object()));
}

json_object *json_new_object_open(void)
{
	return made_json(json_object_new_object());
}

json_object *json_new_object_of(size_t members)
{
	json_object *object = json_new_object_open();

	json_make_room(object, members);
	return object;
}

json_object *json_new_array(void)
{
	return made_json(json_object_new_array_ext(FEW));
}

json_object *json_new_string(const char *text)
{
	return made_json(json_object_new_string(text));
}

json_object *json_new_string_of(const char *bytes, size_t length)
{
	/* json-c counts in int, and refuses what it cannot hold */
	if (length >= INT_MAX)
		out_of_memory();
	return made_json(json_object_new_string_len(bytes, (int)length));
}

json_object *json_new_boolean(bool value)
{
	return made_json(json_object_new_boolean(value));
}

json_object *json_new_integer(int64_t value)
{
	return made_json(json_object_new_int64(value));
}

json_object *json_new_number(double value, const char *text)
{
	return made_json(json_object_new_double_s(value, text));
}

static int copy_one(json_object *value, json_object *parent, const char *key,
		    size_t index, json_object **copy)
{
	int answer =
		json_c_shallow_copy_default(value, parent, key, index, copy);

	if (answer > 0 && json_object_is_type(*copy, json_type_object))
		shrunk_object(*copy);
	return answer;
}

json_object *json_copy(json_object *value)
{
	json_object *copy = NULL;

	if (value && json_object_deep_copy(value, &copy, copy_one) < 0)
		out_of_memory();
	return copy;
}

/* ---- what holds them ---- */

void json_add(json_object *object, const char *name, json_object *value)
{
	if (json_object_object_add(object, name, value) < 0)
		out_of_memory();
}

void json_add_lasting(json_object *object, const char *name, json_object *value)
{
	if (json_object_object_add_ex(object, name, value,
				      JSON_C_OBJECT_ADD_CONSTANT_KEY) < 0)
		out_of_memory();
}

void json_append(json_object *array, json_object *value)
{
	if (json_object_array_add(array, value) < 0)
		out_of_memory();
}

void json_put_at(json_object *array, size_t index, json_object *value)
{
	if (json_object_array_put_idx(array, index, value) < 0)
		out_of_memory();
}

/* json-c begins with room for 16 members, or 32 elements, and doubles it. */
void json_settle(json_object *value)
{
	bool is_object = json_object_is_type(value, json_type_object);
	struct lh_table *table =
		is_object ? json_object_get_object(value) : NULL;
	/* A table that is more than two thirds full grows while it is filled,
	 * and lh_table_resize() then takes it for as large as it was to be:
	 * nothing is found in it. */
	int room = table ? 2 * table->count + 1 : 0;

	if (table && room < table->size && lh_table_resize(table, room) < 0)
		out_of_memory();
	if (json_object_is_type(value, json_type_array) &&
	    json_object_array_shrink(value, 0) < 0)
		out_of_memory();
}

void json_empty(json_object *object)
{
	struct lh_table *table = json_object_get_object(object);

	while (table->head)
		lh_table_delete_entry(table, table->head);
	if (lh_table_resize(table, 1) < 0)
		out_of_memory();
}

/* json-c counts in int, and grows a table that is two thirds full. */
void json_make_room(json_object *object, size_t count)
{
	size_t room = 2 * count + 1;

	if (room >= INT_MAX ||
	    lh_table_resize(json_object_get_object(object), (int)room) < 0)
		out_of_memory();
}

/* ---- tables ---- */

struct lh_table *lh_by_text(int size, lh_entry_free_fn *free_entry)
{
	struct lh_table *table = lh_kchar_table_new(size, free_entry);

	if (!table)
		out_of_memory();
	return table;
}

struct lh_table *lh_by_address(int size, lh_entry_free_fn *free_entry)
{
	struct lh_table *table = lh_kptr_table_new(size, free_entry);

	if (!table)
		out_of_memory();
	return table;
}

/* In digits of one's own, and not by printf(): all references of a Bundle are
 * looked up by such names. */
char *lh_key_within(const void *within, const char *name)
{
	static const char digits[] = "0123456789abcdef";
	enum { DIGITS = 2 * sizeof within };
	uintptr_t address = (uintptr_t)within;
	size_t length = strlen(name);
	char *key = xmalloc(DIGITS + length + 2);

	for (size_t i = 0; i < DIGITS; i++, address >>= 4)
		key[i] = digits[address & 15];
	key[DIGITS] = ' ';
	memcpy(key + DIGITS + 1, name, length + 1);
	return key;
}

void lh_add(struct lh_table *table, const void *key, const void *value)
{
	if (lh_table_insert(table, key, value) < 0)
		out_of_memory();
}

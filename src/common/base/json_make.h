/*
 * JSON that is made: json-c's constructors and adders, of which none fails in
 * silence.  Without memory, out_of_memory() is told; nothing is left out of
 * what is made.  Use these alone: those of json-c are poisoned below.
 */
#ifndef JSON_MAKE_H
#define JSON_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>
#include <json-c/linkhash.h>

/* ---- values: new references ---- */

json_object *json_new_object(void);
/* With room for so many members at once. */
json_object *json_new_object_of(size_t members);
/* With room for many, which json_settle() gives back. */
json_object *json_new_object_open(void);
json_object *json_new_array(void);
json_object *json_new_string(const char *text);
json_object *json_new_string_of(const char *bytes, size_t length);
json_object *json_new_boolean(bool value);
json_object *json_new_integer(int64_t value);

/* A number that is printed as it was written. */
json_object *json_new_number(double value, const char *text);

/* NULL, which is JSON's null, gives NULL. */
json_object *json_copy(json_object *value);

/* ---- what holds them, which takes the reference over ---- */

/* Set a member; what it was before is put. */
void json_add(json_object *object, const char *name, json_object *value);

/* The same of a name that stays as it is while the object is there. */
void json_add_lasting(json_object *object, const char *name,
		      json_object *value);

void json_append(json_object *array, json_object *value);
void json_put_at(json_object *array, size_t index, json_object *value);

/* Of an object or an array that is complete: the room for more is given back,
 * which mostly is more than what it holds. */
void json_settle(json_object *value);

/* Put all members of an object, and give back the room for them. */
void json_empty(json_object *object);

/* Room for so many members of an object that has none. */
void json_make_room(json_object *object, size_t count);

/* ---- json-c's tables ---- */

/* Keys are texts, or addresses. */
struct lh_table *lh_by_text(int size, lh_entry_free_fn *free_entry);
struct lh_table *lh_by_address(int size, lh_entry_free_fn *free_entry);

/* A key of a name that holds within something, to be freed; NULL: anywhere. */
char *lh_key_within(const void *within, const char *name);

void lh_add(struct lh_table *table, const void *key, const void *value);

#ifndef JSON_MAKE_WITH_JSON_C
#pragma GCC poison json_object_new_object json_object_new_array
#pragma GCC poison json_object_new_object_ext json_object_new_array_ext
#pragma GCC poison json_object_new_string json_object_new_string_len
#pragma GCC poison json_object_new_boolean json_object_new_int
#pragma GCC poison json_object_new_int64 json_object_new_uint64
#pragma GCC poison json_object_new_double json_object_new_double_s
#pragma GCC poison json_object_new_null json_object_deep_copy
#pragma GCC poison json_object_object_add json_object_object_add_ex
#pragma GCC poison json_object_array_add json_object_array_put_idx
#pragma GCC poison json_object_array_insert_idx json_object_set_string
#pragma GCC poison lh_table_insert lh_table_insert_w_hash lh_table_new
#pragma GCC poison lh_kchar_table_new lh_kptr_table_new
#endif

#endif

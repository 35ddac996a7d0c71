/* json-c without its surprises. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stdlib.h>

#include "json_make.h"

/*
 * What is read from outside may have anything at any place.  These take any
 * value, NULL (which is JSON's null) included; those of json-c, which take
 * what they are given for what they want, are poisoned below.
 */

/* The elements of an array, the members of an object; 0 of all else. */
size_t json_count(json_object *array);
size_t json_member_count(json_object *object);

/* NULL if there is none, or the array is no array. */
json_object *json_at(json_object *array, size_t index);

/* Each member of an object in its order; of all else, none.  The one that is
 * visited may be deleted. */
#define json_foreach(object, name, value)                                      \
	const char *name = NULL;                                               \
	json_object *value = NULL;                                             \
	for (struct lh_entry *name##_next = json_first(object);                \
	     json_take(&name##_next, &name, &value);)

struct lh_entry *json_first(json_object *object);

static inline bool json_take(struct lh_entry **next, const char **name,
			     json_object **value)
{
	if (!*next)
		return false;
	*name = (const char *)lh_entry_k(*next);
	*value = (json_object *)lh_entry_v(*next);
	*next = lh_entry_next(*next);
	return true;
}

/* The text of a string; NULL if it is none. */
const char *json_string(json_object *object);

enum { JSON_SCALAR_ROOM = 32 };

/* A string, a number as it was written, or true or false; "" for all else.
 * json-c prints into the value: this does not, so the value can be shared by
 * threads.  In the value, or in room. */
const char *json_scalar(json_object *value, char room[JSON_SCALAR_ROOM]);

/* A member; NULL if there is none, or the object is no object. */
json_object *json_member(json_object *object, const char *member);

/* The text of a string member, or NULL. */
const char *json_text(json_object *object, const char *member);

/* Add a string member unless text is NULL or "". */
void json_add_text(json_object *object, const char *member, const char *text);

/* The same of a text that need not be UTF-8, such as the name of a file: U+FFFD
 * stands for each byte that is not. */
void json_add_repaired(json_object *object, const char *member,
		       const char *text);

/* The whole as text, to be freed: on one line, or for people.  The object is
 * given back to json-c. */
char *json_to_line(json_object *object);
char *json_to_pages(json_object *object);

/* For a table of json-c whose keys are its own. */
static inline void lh_free_key(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
}

bool same_text(const char *a, const char *b); /* NULL equals NULL */

/* Is it one of the words, which stand with a blank between? */
bool has_word(const char *words, const char *word);

/* Is all that is said in part said in whole, as a code is in the code with its
 * meaning?  Arrays have as many members, in the same order. */
bool json_says_all(json_object *whole, json_object *part);

#ifndef JSON_MAKE_WITH_JSON_C
#undef json_object_object_foreach
#undef json_object_object_foreachC
#pragma GCC poison json_object_object_foreach json_object_object_foreachC
#pragma GCC poison json_object_array_length json_object_array_get_idx
#pragma GCC poison json_object_object_length json_object_get_object
#endif

#endif

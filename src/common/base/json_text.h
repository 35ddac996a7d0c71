/* json-c without its surprises. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>
#include <stdlib.h>

#include "json_make.h"

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

#endif

/*
 * A JSON object that takes few bytes while nobody asks what it says.  It stays
 * the object that it is, at its address and in what holds it; its members are
 * kept as bytes, and come back when they are wanted.  Until then it looks
 * empty: whoever can meet one unpacks it first.
 */
#ifndef JSON_PACK_H
#define JSON_PACK_H

#include "json_text.h"
#include "json_words.h"

/* Nobody may hold any value of it, or have a reference to one.  label, which is
 * to last, is what is told of it without unpacking.  The words outlast it. */
void json_pack(json_object *object, struct json_words *words,
	       const char *label);

/* Its label; NULL: it is not packed. */
const char *json_packed(json_object *object);

/* Bring its members back, in their order.  Of what is not packed, and of NULL,
 * nothing. */
void json_unpack(json_object *object);

/* A member, packed or not: a new reference; NULL: there is none. */
json_object *json_peek(json_object *object, const char *name);

/* Unpack it for a while in which nothing of it is changed or held: then it is
 * packed again, if it was, without work. */
struct json_loan {
	json_object *object;
	struct json_packed *packed; /* NULL: it was not */
};
struct json_loan json_lend(json_object *object);
void json_give_back(struct json_loan *loan);

#endif

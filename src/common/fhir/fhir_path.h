/*
 * Reading and writing a compiled path (struct fhir_path) in a place's JSON
 * object.  A path has a head that leads to the slot, the deepest repeating
 * element, and a tail from one element of it to the value.
 */
#ifndef FHIR_PATH_H
#define FHIR_PATH_H

#include "fhir_schema.h"
#include "json_known.h"

struct place;

/* One element on the way, as the definitions of its release have it. */
struct fhir_step {
	const char *name;      /* JSON name; "extension" for an extension */
	const char *extension; /* its url, or NULL */
	const char *type;      /* FHIR type of the element */
	const char *codes;     /* as in struct fhir_element, or NULL */
	bool many;
	bool on_primitive; /* reached through "_name" of its parent */
};

/* A path below a place; compiled for one release. */
struct fhir_path {
	const char *text; /* as written: "patient.name" */
	const struct place *place;
	struct fhir_step *steps;
	size_t depth;
	/* The deepest step that is an array is the slot: rules own elements of
	 * it; -1: none.  An extension is one only where it is there for each of
	 * several values. */
	int slot;
	const char *type;  /* FHIR type of the value, the last step's */
	json_object *is;   /* to write into and recognise the slot element (or,
			      without slot, the place's object); NULL: none */
	json_object *also; /* likewise, but only to write; NULL: none */
};

struct json_list {
	json_object **at; /* borrowed */
	size_t count;
};

void json_list_add(struct json_list *list, json_object *object);
void json_list_free(struct json_list *list);

/* The elements of the slot; without a slot, the place's object itself. */
void fhir_path_slots(json_object *object, const struct fhir_path *path,
		     struct json_list *out);

/* From a slot element down to the value; borrowed; NULL if it is not there. */
json_object *fhir_path_value(json_object *slot, const struct fhir_path *path);

/*
 * Write one value (borrowed).  With a slot it becomes an element of it,
 * carrying the path's `is`, unless an equal one is there already; without, it
 * is set only if nothing is there: the first one written stays.  known: of the
 * object, as long as it is written to.
 */
void fhir_path_write(json_object *object, const struct fhir_path *path,
		     json_object *value, struct json_known *known);

/* The value as the path would write it: with the part of `is` that falls on
 * the value itself.  A new reference. */
json_object *fhir_path_dressed(const struct fhir_path *path,
			       json_object *value);

/* Is every member of pattern in object (displays aside)? */
bool json_matches(json_object *object, json_object *pattern);

/* The same, but an element may be of another JSON type than FHIR has it, and
 * its text in other case or within blanks: enough not to be believed. */
bool json_resembles(json_object *object, json_object *pattern);

/* Add to object what pattern has and object lacks. */
void json_fill(json_object *object, json_object *pattern);

#endif

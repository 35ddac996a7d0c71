/* The index of resources as its own parts see it: fhir_index.c, which fills it,
 * fhir_deleted.c, which keeps what was deleted, and fhir_resolve.c, which
 * follows references in it. */
#ifndef FHIR_INDEX_PARTS_H
#define FHIR_INDEX_PARTS_H

#include "fhir_index.h"

struct fhir_index {
	struct json_list roots;	    /* what was added; references owned */
	size_t settled;		    /* how many of them were looked through */
	struct lh_table *outdated;  /* while they are: older versions */
	struct json_list entries;   /* resources outside others */
	struct json_list contained; /* resources inside others */
	/* To a resource, or NULL where several that differ have the name. */
	struct lh_table *by_url;	/* of fullUrl, Type/id */
	struct lh_table *by_identifier; /* of Type, system, value */
	struct lh_table *contained_by;	/* the same, of contained ones */
	struct lh_table *full_url;	/* of a resource */
	struct lh_table *owner;		/* contained resource -> its owner */
	struct lh_table *contained_id;	/* address of the owner, id */
	struct lh_table *bundle;	/* resource -> the one it is in */
	struct lh_table *account;	/* of fullUrl or Type/id -> the first */
	struct lh_table *torn;		/* resources of which another account
					   differs */
	struct lh_table *twin;		/* resource -> another of the same
					   identifier that differs */
	struct lh_table *modified;	/* resources with modifiers */
	struct lh_table *replaced;	/* resource -> what took its place */
	struct lh_table *stand_in;	/* Type, Identifier -> made; owned */
	struct lh_table *deleted;	/* fullUrl, or Type/id in one Bundle */
};

/* NULL: nothing has the name, or several that differ. */
json_object *fhir_index_look_up(struct lh_table *table, const char *key);

/* What a resource is contained in, or itself. */
json_object *fhir_index_owner(const struct fhir_index *index,
			      json_object *resource);

/* To be freed.  NULL: a number without a system can be that of anybody, and of
 * anything. */
char *fhir_index_identifier_key(const char *type, json_object *identifier);

/* If the entry of a Bundle in root deletes something, that is kept. */
void fhir_index_add_deleted(struct fhir_index *index, json_object *root,
			    json_object *bundle, json_object *entry);

#endif

/*
 * The resources of one or more Bundles, and what their references lead to: by
 * fullUrl, by relative or absolute "Type/id", by "#id" inside a resource, and
 * by logical identifier.  What it gives is unpacked (base/json_pack.h), but for
 * entries and roots, which are as they were added.
 */
#ifndef FHIR_INDEX_H
#define FHIR_INDEX_H

#include "fhir_path.h"

struct fhir_index;

struct fhir_index *fhir_index_new(void);
void fhir_index_free(struct fhir_index *index);

/* Add a Bundle of any type, or a single resource; takes a reference.  -1: it
 * is neither.  It is found after fhir_index_settle. */
int fhir_index_add(struct fhir_index *index, json_object *resource);

/* All is added, for now: of several versions of a resource the newest is what
 * the index knows. */
void fhir_index_settle(struct fhir_index *index);

/* All resources of a type, contained ones last; borrowed. */
void fhir_index_type(const struct fhir_index *index, const char *type,
		     struct json_list *out);

/* How many there are; do any two differ?  Then it is not counted on. */
size_t fhir_index_count(const struct fhir_index *index, const char *type,
			bool *differ);

/* What was added, as it was. */
const struct json_list *fhir_index_roots(const struct fhir_index *index);

/* Every resource that is not contained. */
const struct json_list *fhir_index_entries(const struct fhir_index *index);

/*
 * What a Reference inside the resource `from` leads to; NULL if it leads out
 * of what was added.  from may be contained itself.  type: of what a logical
 * reference means that does not say it (FHIR, Reference.type); or NULL.
 */
json_object *fhir_index_resolve(const struct fhir_index *index,
				json_object *from, json_object *reference,
				const char *type);

/* What stands in for a resource of this type of which a reference gives the
 * identifier alone (FHIR, Reference.identifier): it says nothing else, and is
 * the same for all that give it in the same words.  NULL: it gives none, or
 * that of something of another type.  It is none of the index's entries. */
json_object *fhir_index_stand_in(const struct fhir_index *index,
				 json_object *reference, const char *type);

/* Is there another account of it, under the same fullUrl or id, that says
 * something else? */
bool fhir_index_is_torn(const struct fhir_index *index, json_object *resource);

/* Does a history or a transaction say that it was deleted? */
bool fhir_index_is_deleted(const struct fhir_index *index,
			   json_object *resource);

/* Another one took its place: references to it lead there.  by NULL: in a
 * circle, in which nobody knows which. */
void fhir_index_replace(struct fhir_index *index, json_object *resource,
			json_object *by);
bool fhir_index_is_replaced(const struct fhir_index *index,
			    json_object *resource);
/* What took its place, or itself. */
json_object *fhir_index_current(const struct fhir_index *index,
				json_object *resource);

/* Another resource of one of its identifiers that says something else; or
 * NULL. */
json_object *fhir_index_twin(const struct fhir_index *index,
			     json_object *resource);

/* Does anything in it, or around it, say that it must not be read as it is
 * written? */
bool fhir_index_is_modified(const struct fhir_index *index,
			    json_object *resource);

const char *resource_type(json_object *resource);

/* One of the type that says this identifier and nothing else. */
json_object *resource_numbered(const char *type, json_object *identifier);

/* "Patient/7", or "Patient/" for one without an id; to be freed. */
char *resource_name(json_object *resource);

#endif

/*
 * FHIR element types and cardinalities, by release: lookup over the table that
 * tools/fhir-schema generates from the official definitions.
 */
#ifndef FHIR_SCHEMA_H
#define FHIR_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "fhir_release.h"

struct fhir_element {
	const char *name; /* as in JSON: "identifier", "valueQuantity" */
	const char *type; /* "string", "Identifier", a nested backbone as
			     "ImagingStudy.series" */
	unsigned char min;
	bool many; /* an array in JSON */
	/* Of a code with a required binding those that it may have, each with
	 * a blank between; NULL: any, or too many to tell. */
	const char *codes;
};

/*
 * The element of a type, or NULL.  type is a resource, a data type or a
 * backbone path; a choice element is found under each of its JSON names.  A
 * type that refers to another's content (contentReference) has the type name
 * of that content.
 */
const struct fhir_element *fhir_element_find(enum fhir_release release,
					     const char *type,
					     const char *name);

/* All elements of a type, sorted by name; NULL if the type is unknown. */
const struct fhir_element *fhir_elements_of(enum fhir_release release,
					    const char *type, size_t *count);

/* The one of a name among them, or NULL. */
const struct fhir_element *
fhir_element_among(const struct fhir_element *elements, size_t count,
		   const char *name);

/* Is it a primitive type ("string", "dateTime" ...)? */
bool fhir_type_is_primitive(const char *type);

/* The same of a type that an element has: of all that there are, only the names
 * of primitive types begin with a small letter. */
static inline bool fhir_element_is_primitive(const struct fhir_element *element)
{
	return *element->type >= 'a' && *element->type <= 'z';
}

/* Is it a resource of the release (of those in the table)? */
bool fhir_type_is_resource(enum fhir_release release, const char *type);
/* ... of any release? */
bool fhir_type_is_any_resource(const char *type);

#endif

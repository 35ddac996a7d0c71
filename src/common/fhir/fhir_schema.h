/*
 * FHIR element types and cardinalities, R4 and R5: lookup over the table that
 * tools/fhir-schema generates from the official definitions.
 */
#ifndef FHIR_SCHEMA_H
#define FHIR_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "dcmfhir.h"

/* As an index; dfh_release is what the API calls it. */
enum fhir_release { FHIR_R4 = 0, FHIR_R5 = 1 };

enum { RELEASES = 2 }; /* of enum fhir_release */

/* DFH_RELEASE_ANY is R5 here.  DFH_USAGE: there is no such release. */
int fhir_release_of(dfh_release named, enum fhir_release *release,
		    dfh_error **error);

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

/* Is it a resource of the release (of those in the table)? */
bool fhir_type_is_resource(enum fhir_release release, const char *type);

#endif

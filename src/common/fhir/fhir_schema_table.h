/* The shape of the generated table; only fhir_schema.c reads it. */
#ifndef FHIR_SCHEMA_TABLE_H
#define FHIR_SCHEMA_TABLE_H

#include "fhir_schema.h"

enum fhir_kind {
	FHIR_PRIMITIVE,
	FHIR_COMPLEX, /* abstract types too: Element, Resource */
	FHIR_BACKBONE,
	FHIR_RESOURCE
};

/* Its elements are fhir_schema_elements[first] and the count - 1 after it,
 * in the order of strcmp(); types may share a run. */
struct fhir_type {
	const char *name;
	enum fhir_kind kind;
	unsigned short first;
	unsigned short count;
};

/* In the order of strcmp() on the names. */
struct fhir_types {
	const struct fhir_type *list;
	size_t count;
};

extern const struct fhir_element fhir_schema_elements[];
extern const struct fhir_types fhir_schema_types[]; /* by release */

#endif

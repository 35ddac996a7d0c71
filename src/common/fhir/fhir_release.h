/*
 * The releases of FHIR: a row for each, and nothing else knows which there
 * are, or how many.  ROW(name, version, rank): what it is called, as DFH_name
 * in the API and as a column in rules; its fhirVersion; and its rank where
 * nothing says which is meant, 1 before 2.
 */
#ifndef FHIR_RELEASE_H
#define FHIR_RELEASE_H

#include <stdbool.h>

#include "dcmfhir.h"

#define FHIR_RELEASES(ROW)                                                     \
	ROW(R4, "4.0.1", 2)                                                     \
	ROW(R5, "5.0.0", 1)

#define FHIR_RELEASE_INDEX(name, version, rank) FHIR_##name,

/* As an index; dfh_release is what the API calls it. */
enum fhir_release { FHIR_RELEASES(FHIR_RELEASE_INDEX) RELEASES };

/* "R4", as rules have it, by release; ends with NULL. */
extern const char *const release_names[RELEASES + 1];

/* What the API calls it. */
dfh_release fhir_release_number(enum fhir_release release);

/* DFH_RELEASE_ANY is the one of the first rank.  DFH_USAGE: there is no such
 * release. */
int fhir_release_of(dfh_release named, enum fhir_release *release,
		    dfh_error **error);

/* The one of the first rank among these; NULL, or none of them: among all. */
enum fhir_release fhir_release_first(const bool among[RELEASES]);

/* Which of two is meant where nothing says? */
bool fhir_release_is_before(enum fhir_release a, enum fhir_release b);

#endif

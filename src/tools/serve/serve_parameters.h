/* What studies are searched by: FHIR's SearchParameters of ImagingStudy, and
 * which attributes of DICOM the rules feed their elements from. */
#ifndef SERVE_PARAMETERS_H
#define SERVE_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>

#include "dcmfhir.h"

struct serve_search_parameter {
	const char *name; /* NULL: the end of the table */
	const char *type; /* "token", "date", "reference" */
	const char *path; /* of an element of the study, or NULL */
	/* Of a reference of the study, and of an element of what it leads to;
	 * or NULL. */
	const char *via, *linked;
};

enum { SERVE_PARAMETERS = 20 };
extern const struct serve_search_parameter
	serve_parameters[SERVE_PARAMETERS + 1];

/* NULL: none is called so. */
const struct serve_search_parameter *serve_parameter_find(const char *name);

/* Is it the name of one with a modifier or a chain behind it? */
bool serve_parameter_is_modified(const char *name);

/* An attribute that QIDO-RS matches by and an element comes from. */
struct serve_key {
	char tag[9];
	char vr[3];
	int level;    /* enum dicomweb_level */
	char *system; /* of the identifiers that it makes; NULL: any */
};

struct serve_keys {
	struct serve_key *at;
	size_t count;
	/* Servers make them of others for each query, and some get lost where
	 * they then divide results into pages. */
	bool are_summed_up;
};

struct serve_map;

/* NULL: the rules cannot be listed, which is said. */
struct serve_map *serve_map_new(const dfh_rules *rules);
void serve_map_free(struct serve_map *map);

const struct serve_keys *
serve_map_keys(const struct serve_map *map, dfh_release release,
	       const struct serve_search_parameter *parameter);

#endif

/* The resources that the rules give entries of their own, by their FHIR type:
 * what a delivery knows of them. */
#ifndef KINDS_H
#define KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "dcmfhir.h"

struct kinds {
	dfh_entry *at; /* what they point to is the rules' */
	size_t count;
};

void kinds_read(struct kinds *kinds, const dfh_rules *rules);
void kinds_free(struct kinds *kinds);

/* Is the type that of the patient, or of the study? */
bool kinds_are(const struct kinds *kinds, const char *type, dfh_entry_of of);

/* Is it one that is left to its identifier where a server has several? */
bool kinds_are_left(const struct kinds *kinds, const char *type);

/* Is a resource of the type asked for, in this condition, by a key of ours? */
bool kinds_have_key(const struct kinds *kinds, const char *type,
		    const char *condition);

#endif

/*
 * Which resources of a place refer to a resource: made once, so that not every
 * study looks at the observations of all others.
 */
#ifndef KIN_H
#define KIN_H

#include <stdbool.h>

#include "fhir_index.h"
#include "rules.h"

struct kin;

/* For all places to which no reference leads; rules and index must outlive
 * it. */
struct kin *kin_new(const dfh_rules *rules, enum fhir_release release,
		    const struct fhir_index *index);
void kin_free(struct kin *kin);

/* The resources of a place that could belong to `to`: that refer to it, by the
 * last of the place's refs that they have.  to NULL: those that refer to
 * nothing.  None that is refused; and of those that refer to the very same
 * resources two at most, for more than that are as little told apart, unless
 * the place has criteria to choose by. */
const struct json_list *kin_of(const struct kin *kin, const struct place *place,
			       json_object *to);

struct candidates;

/* The same as candidates for a place that chooses; NULL: none. */
const struct candidates *kin_candidates(const struct kin *kin,
					const struct place *place,
					json_object *to);

/* Does the index tell of several patients, or studies if there are no patients
 * at all, that a resource of this place could belong to? */
bool kin_is_of_several(const struct kin *kin, const struct place *place);
bool is_of_several(const struct fhir_index *index, const struct place *place);

#endif

/* Of several identifiers that FHIR gives, the one that the dataset has. */
#ifndef OWN_NUMBER_H
#define OWN_NUMBER_H

#include "lens.h"

/*
 * Of the elements of the slot of a rule's path: that which says what the
 * dataset has already, by number and issuer.  It stays, unless the rule avoids
 * it, as one that is not used any more: then, of the free ones (those that
 * rule can take), the first of the same issuer by `prefer`.  NULL: the rule
 * writes no number that datasets are found by, the lens does not stamp, or none
 * is the dataset's.
 */
json_object *own_number(const struct lens *lens, const struct rule *rule,
			const struct fhir_path *path,
			const struct json_list *all,
			const struct json_list *free_ones);

#endif

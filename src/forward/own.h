/*
 * What is an instance's own, and what it has in common with the others of its
 * series: attributes that only rules of instances read or write.  An instance
 * that differs from the one before in nothing else says the same of all but
 * itself, and need not be gone through once more.
 */
#ifndef OWN_H
#define OWN_H

#include "rules.h"

struct own {
	struct dcm_tag *tags; /* in order, of the top level */
	size_t count;
	/* The place of instances; NULL: the rules have none, or something else
	 * is at their level or refers to them. */
	const struct place *place;
	const struct rule **rules; /* of this place, in any release */
	size_t rule_count;
};

struct own *own_new(const dfh_rules *rules);
void own_free(struct own *own);

bool own_has(const struct own *own, const struct dcm_tag *tag);

#endif

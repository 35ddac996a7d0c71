/*
 * What is an instance's own, and what it has in common with the others of its
 * series: attributes that only rules of instances read or write.  An instance
 * that differs from the one before in nothing else says the same of all but
 * itself, and need not be gone through once more.
 */
#ifndef OWN_H
#define OWN_H

#include "rules.h"

/* A rule of the place of instances, in any release. */
struct own_rule {
	const struct rule *rule;
	/* It reads what is an instance's own; else it says the same of all that
	 * are alike. */
	bool is_apart;
};

struct own {
	struct dcm_tag *tags; /* in order, of the top level */
	size_t count;
	/* The place of instances; NULL: the rules have none, or something else
	 * is at their level or refers to them. */
	const struct place *place;
	struct own_rule *rules;
	size_t rule_count;
	/* Each of the tags is written by one rule, which reads it and nothing
	 * else, and writes one member of the object. */
	bool is_direct[RELEASES];
};

struct own *own_new(const dfh_rules *rules);
void own_free(struct own *own);

/* Here, for each element of each instance is looked at. */
static inline bool own_has(const struct own *own, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < own->count; i++)
		if (own->tags[i].group == tag->group &&
		    dcm_tag_compare(&own->tags[i], tag) == 0)
			return true;
	return false;
}

/* Does the rule say the same of all instances that are alike? */
bool own_is_shared(const struct own *own, const struct rule *rule);

#endif

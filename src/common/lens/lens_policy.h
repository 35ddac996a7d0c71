/* What may become of a value that the dataset has: the policy of the run and
 * of the rule, and what must not change under any. */
#ifndef LENS_POLICY_H
#define LENS_POLICY_H

#include "lens.h"

/* Of the rule, if it has one of its own; NULL: of the run. */
dfh_policy lens_policy(const struct lens *lens, const struct rule *rule);

/* Only empty attributes of the rule may be filled. */
bool lens_only_fills(const struct lens *lens, const struct rule *rule);

/* Does the value of all ports together stay as it is? */
bool lens_keeps(const struct lens *lens, const struct rule *rule,
		const struct port_value *old, const struct port_value *new);

/* Is the port written, and may it be?  1: yes; 0: it stays; -1: the whole
 * value must be refused, which is noted. */
int lens_may_write(const struct lens *lens, const struct rule *rule,
		   const struct scope *scope, size_t port,
		   const struct port_value *old, const struct port_value *new);

/* Empty what the rule reads here, of which FHIR says nothing. */
void lens_blank(const struct lens *lens, const struct rule *rule,
		const struct scope *scope);

#endif

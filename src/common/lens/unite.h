/* Numbers that are added to those that are there. */
#ifndef UNITE_H
#define UNITE_H

#include "lens.h"

/* Does the rule do so here? */
bool unites(const struct lens *lens, const struct rule *rule);

/* Behind the items that are there, one for each value that none of these, and
 * no other rule of the place, says already: by number and issuer. */
void put_united(const struct lens *lens, const struct rule *rule,
		const struct scope *scope, const struct json_list *values);

#endif

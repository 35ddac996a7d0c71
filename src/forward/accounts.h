/*
 * What the instances of a resource say of each of its elements.  An account is
 * what one instance says; of several one speaks, and stays whole: the fullest,
 * the earliest, or none where all must agree (enum among of rules.h).
 */
#ifndef ACCOUNTS_H
#define ACCOUNTS_H

#include "lens.h"

/* The values of one rule; zero: it has none. */
struct account {
	struct json_list values;  /* owned */
	struct port_value *ports; /* what they were made of, for codecs that can
				     tell fine from coarse; or NULL */
	bool disputed; /* instances, or the items of one, say different
			  things */
};

/* What a rule makes of one position; out is zero. */
void account_read(const struct lens *lens, const struct rule *rule,
		  const struct scope *scope, struct account *out);

/* Has the rule, or another source of its element, a value already? */
bool accounts_speak(const dfh_rules *rules, const struct account *accounts,
		    size_t rule);

/* Take what one more instance says (more) into the accounts, both arrays with
 * one for each rule of the rule set; more keeps what was not taken.  differ is
 * called for each element of which it says something else. */
void accounts_take(const dfh_rules *rules, struct account *accounts,
		   struct account *more,
		   void (*differ)(const struct rule *rule, void *context),
		   void *context);

/* Only tell where one more instance says something else. */
void accounts_compare(const dfh_rules *rules, const struct account *accounts,
		      const struct account *more,
		      void (*differ)(const struct rule *rule, void *context),
		      void *context);

/* Tell of what items of one instance alone say different things. */
void accounts_disputed(const dfh_rules *rules, const struct account *accounts,
		       void (*differ)(const struct rule *rule, void *context),
		       void *context);

/* Write the values that speak, but for what is derived. */
void accounts_write(const dfh_rules *rules, enum fhir_release release,
		    const struct account *accounts, json_object *object,
		    struct json_known *known);

void accounts_free(const dfh_rules *rules, struct account *accounts);

#endif

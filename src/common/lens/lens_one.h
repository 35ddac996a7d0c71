/* What get and put of one value (lens.c) and of many (lens_put.c) share. */
#ifndef LENS_ONE_H
#define LENS_ONE_H

#include "lens.h"

/* Adds the values of one position: several of a list codec; owned. */
void lens_get_one(const struct lens *lens, const struct rule *rule,
		  const struct scope *scope, struct json_list *out);

/* The same, as if the attribute at one port were not there. */
void lens_get_without(const struct lens *lens, const struct rule *rule,
		      const struct scope *scope, size_t port,
		      struct json_list *out);

/* value: one, or for a list codec the array of all.  false: refused. */
bool lens_put_one(const struct lens *lens, const struct rule *rule,
		  const struct scope *scope, json_object *value);

bool lens_same_value(const struct port_value *a, const struct port_value *b);

/* Do the values that were read say the same, in this order, as those to put? */
bool lens_same_values(const struct lens *lens, const struct rule *rule,
		      const struct json_list *got,
		      const struct json_list *values);

/* Is what is there kept, because only what is empty is filled?  Then that is
 * noted. */
bool lens_keeps_all(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope);

/* A rule with a list in each home of its `each` (lens_put_list.c). */
void lens_put_lists(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope, const struct json_list *values);

/* A rule whose items must agree (lens_put_alike.c). */
void lens_put_alike(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope, const struct json_list *values);

void lens_note_at(const struct lens *lens, const struct rule *rule,
		  const struct rule_port *port, enum note_kind kind,
		  const char *text);
void lens_note(const struct lens *lens, const struct rule *rule,
	       enum note_kind kind, const char *text);

#endif

/* What get and put of one value (lens.c) and of many (lens_put.c) share. */
#ifndef LENS_ONE_H
#define LENS_ONE_H

#include "lens.h"

size_t lens_port_count(const struct rule *rule);

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

void lens_note_at(const struct lens *lens, const struct rule *rule,
		  const struct rule_port *port, enum note_kind kind,
		  const char *text);
void lens_note(const struct lens *lens, const struct rule *rule,
	       enum note_kind kind, const char *text);

#endif

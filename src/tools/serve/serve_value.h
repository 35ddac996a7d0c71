/* The values of search parameters: what is asked for, and whether an element
 * has it (FHIR R5 3.2.1.5). */
#ifndef SERVE_VALUE_H
#define SERVE_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "json_text.h"

/* The values of a list with commas, each to be freed, with its escapes. */
char **serve_values(const char *text, size_t *count);
void serve_values_free(char **values, size_t count);

/* "SYSTEM|CODE"; system NULL: any; "": none; code "": any. */
struct serve_token {
	char *system, *code;
};

struct serve_token serve_token_of(const char *value);
void serve_token_free(struct serve_token *token);

/* Is it an Identifier, a Coding, a CodeableConcept or a code that is asked for?
 */
bool serve_token_matches(const struct serve_token *token, json_object *value);

/* A UID without "urn:oid:" before it (RFC 3061). */
const char *serve_bare_uid(const char *text);

/* Seconds, from the first to the one behind the last, by the clock of the place
 * or in UTC. */
struct serve_period {
	double begin, end;
	bool has_zone;
	double zone; /* seconds that are taken off for UTC */
};

/* A date or a moment, to any precision; false: it is none. */
bool serve_period_of(const char *text, struct serve_period *period);

struct serve_date {
	char prefix[3]; /* "eq" if none was said */
	struct serve_period period;
};

/* false: it is none. */
bool serve_date_of(const char *value, struct serve_date *date);
bool serve_date_matches(const struct serve_date *date, json_object *value);

/* Is there one, of the elements at a path "Type.a.b" of a resource? */
bool serve_any(json_object *resource, const char *path,
	       bool (*is_it)(json_object *value, const void *context),
	       const void *context);

#endif

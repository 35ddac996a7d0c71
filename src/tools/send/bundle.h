/* The Bundle of a study, as far as its delivery looks into it. */
#ifndef BUNDLE_H
#define BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_text.h"
#include "kinds.h"

/* All of it borrowed from the Bundle. */
struct bundle_entry {
	json_object *resource;
	const char *type; /* of the resource */
	const char *full_url;
	const char *condition; /* the query that finds it; NULL: none */
	bool updates;	       /* what it finds is replaced; else left alone */
	bool is_new;	       /* the server answered that it made it */
};

struct bundle {
	const struct kinds *kinds;
	json_object *json;
	struct bundle_entry *entries;
	size_t count;
	char *study; /* its UID, or what else it is named by */
	char *name;  /* of a file; no other study has it */
};

/* -1: it is no transaction as dcm2fhir writes it. */
int bundle_read(struct bundle *bundle, const struct kinds *kinds,
		const char *text, size_t length);
void bundle_free(struct bundle *bundle);

/* What two deliveries at once must not both ask for, by its hash. */
struct claim {
	uint64_t hash;
	/* Never at once; else only until it is known to be there. */
	bool always;
};

/* The study, its patient, and who and what else is created; to be freed. */
struct claim *bundle_claims(const struct bundle *bundle, size_t *count);

/* Of what an entry is asked by; equal to that of its claim. */
uint64_t bundle_entry_hash(const struct bundle_entry *entry);

/* Is a patient, or an order, known by a key of our own, for want of a system?
 */
bool bundle_has_own_key(const struct bundle *bundle);

/* ---- resources ---- */

/* One JSON value; NULL: it is none. */
json_object *json_of_text(const char *text, size_t length);

/* Set each reference of a value that is `from` to `to` (a text, or an object
 * that takes the place of the reference). */
void replace_references(json_object *value, const char *from, const char *to,
			json_object *whole);

/* Does it refer to one of the entries but itself that has no answer yet? */
bool refers_to(json_object *value, const char *full_url);

#endif

/*
 * A number that datasets are found by, such as Patient ID, with its issuer:
 * what a rule that writes one has in a dataset, and what it would make of a
 * FHIR identifier.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include "lens.h"

enum { NUMBER_ISSUERS_MAX = CODEC_PORTS_MAX };

struct number {
	const char *text;			/* NULL: there is none */
	const char *issuer[NUMBER_ISSUERS_MAX]; /* each NULL: not named */
	size_t issuer_count;
};

/* How sure it is that two are one; the later, the surer. */
enum number_agreement {
	NUMBERS_DIFFER,
	NUMBERS_OF_OTHERS, /* the same, of two issuers */
	NUMBERS_HALF,	   /* one of them names no issuer */
	NUMBERS_AGREE
};

/* The attributes of the number that the rule writes; NULL: it writes none. */
const struct match_id *number_of_rule(const dfh_rules *rules,
				      const struct rule *rule);

/* What is there at a position. */
struct number number_read(const struct lens *lens, const struct rule *rule,
			  const struct scope *scope);

/* What the rule would make of a value, by itself; texts are in the lens's
 * arena. */
struct number number_made(const struct lens *lens, const struct rule *rule,
			  json_object *value);

enum number_agreement numbers_compare(const struct number *a,
				      const struct number *b);

/* Do both name the same issuer, or both none?  Whatever the number. */
bool numbers_share_issuer(const struct number *a, const struct number *b);

#endif

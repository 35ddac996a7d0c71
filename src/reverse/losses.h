/* What is told as lost of a header that is made from FHIR alone, kept until
 * what travelled beside is in it. */
#ifndef LOSSES_H
#define LOSSES_H

#include <stdbool.h>

#include "arena.h"
#include "codec.h"
#include "fhir_path.h"

struct loss {
	const struct rule *rule;	  /* or NULL */
	const struct fhir_path *found_at; /* or NULL */
	const char *attribute;		  /* or NULL: those of the rule */
	const char *text;		  /* constant */
	struct loss *next;
};

/* In the order in which they were told. */
struct losses {
	struct arena *arena; /* where they live */
	struct loss *first, **end;
	bool takes_all; /* whatever is told, be it lost or not */
};

struct losses losses_new(struct arena *arena);

/* loss is copied, with its attribute. */
void losses_add(struct losses *losses, const struct loss *loss);

/* Leave out those of rules that told nothing to the others. */
void losses_keep(struct losses *losses, const struct losses *others);

#endif

/* What differs in the instances of a study, and where it goes: as high as all
 * below agree (carry.c). */
#ifndef DIFFER_H
#define DIFFER_H

#include "assemble.h"
#include "beside.h"

/* What is put beside, once for all that have it. */
struct beside_kind {
	struct beside beside;
	char *creator;		 /* of a private one; or NULL */
	char *text;		 /* the extension */
	const struct rule *rule; /* that writes the attribute; or NULL */
	enum level highest;	 /* how high it may go */
	char *attribute;
	struct issue *issue;
};

/* One instance's differences, and where in the Bundle it is. */
struct differing {
	struct beside_kind **kinds;
	size_t count;
	struct node *at[LEVELS];
};

struct carried;

struct carried *carried_new(const struct assembly *assembly);
void carried_free(struct carried *carried);

/* The kind of this one, which is taken over. */
struct beside_kind *carried_kind(struct carried *carried,
				 struct beside *beside);

/* dataset: of the file, or of one that differs from it in nothing that travels
 * beside. */
void carried_report(const struct carried *carried,
		    const struct differing *differing, const char *file,
		    struct dataset *dataset);

/* Attach each to the highest node at which every instance has the same. */
void carried_place(struct carried *carried, const struct differing *all,
		   size_t count);

#endif

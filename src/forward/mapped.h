/*
 * What the mapping makes of an instance's resources on the way back.  Of the
 * instances of a study most is the same, however much they differ themselves:
 * what comes of the study is made once, what comes of a series once for that.
 */
#ifndef MAPPED_H
#define MAPPED_H

#include "assemble.h"
#include "fhir_index.h"

struct mapped;

struct mapped *mapped_new(const struct assembly *assembly,
			  const struct fhir_index *index);
void mapped_free(struct mapped *mapped);

/* Of the nodes of one instance; dataset_free() it before the next is asked
 * for. */
struct dataset *mapped_of(struct mapped *mapped, struct node *const at[LEVELS]);

#endif

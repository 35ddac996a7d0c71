/* A file that is changed: what holds it meanwhile, and how it is written. */
#ifndef WRITING_H
#define WRITING_H

#include "dcm_hold.h"

struct writing {
	struct dcm_hold hold;
	struct spot to;
	struct dcm_writing how; /* borrows the two, so it is not copied */
	const dfh_writing *asked;
	char before[65], after[65]; /* SHA-256 of the file; "": not known */
};

/* Hold path while it is read and written to out (NULL: it is not written), in a
 * folder in which nothing is left of killed runs. */
int writing_begin(struct writing *writing, const char *path, const char *out,
		  const dfh_writing *how, dfh_error **error);
void writing_end(struct writing *writing);

/* A file is going to be written there: what killed runs left in its folder is
 * removed, unless it was.  out is the path that was named. */
int folders_enter(dfh_folders *folders, const struct spot *at, const char *out,
		  dfh_error **error);

#endif

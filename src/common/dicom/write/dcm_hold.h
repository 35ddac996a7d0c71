/* A file as it was before it was read: what is stamped must still be that. */
#ifndef DCM_HOLD_H
#define DCM_HOLD_H

#include <sys/stat.h>

#include "dcm.h"
#include "spot.h"

struct dcm_hold {
	const char *path; /* borrowed */
	const struct spot *in_place; /* where it is replaced, or NULL; borrowed */
	int fd; /* everything is read through it */
	struct stat status;
};

/* in_place: the file there is opened, and refused if another run holds it, also
 * one of another thread.  NULL: the file of that path. */
int dcm_hold_open(struct dcm_hold *hold, const char *path,
		  const struct spot *in_place, dfh_error **error);

/* Refuse a file that is not any more what was opened. */
int dcm_hold_check(const struct dcm_hold *hold, dfh_error **error);

/* The same of the file when it has another name in the folder, and more names by
 * as many; moving it has changed its time of change. */
int dcm_hold_check_moved(const struct dcm_hold *hold, const char *name,
			 nlink_t more, dfh_error **error);

/* In place: refuse to replace what says that it is not to be replaced.
 * original: the other name that it may have; "": none. */
int dcm_hold_may_replace(const struct dcm_hold *hold,
			 const struct dcm_writing *writing,
			 const char *original, dfh_error **error);

void dcm_hold_close(struct dcm_hold *hold);

#endif

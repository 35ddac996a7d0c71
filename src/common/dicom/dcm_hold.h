/* A file as it was before it was read: what is stamped must still be that. */
#ifndef DCM_HOLD_H
#define DCM_HOLD_H

#include <sys/stat.h>

#include "dcm.h"

struct dcm_hold {
	const char *path; /* borrowed */
	int fd;
	struct stat status;
};

/* locks: refuse a file that another run holds, also one of another thread. */
int dcm_hold_open(struct dcm_hold *hold, const char *path, bool locks,
		  dfh_error **error);

/* Refuse a file that is not any more what was opened. */
int dcm_hold_check(const struct dcm_hold *hold, dfh_error **error);

/* Refuse to replace what says that it is not to be replaced.  original: the
 * other name that it may have; NULL: none. */
int dcm_hold_may_replace(const struct dcm_hold *hold,
			 const struct dcm_writing *writing,
			 const char *original, dfh_error **error);

void dcm_hold_close(struct dcm_hold *hold);

#endif

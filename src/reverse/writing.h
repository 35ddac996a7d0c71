/* A file that is changed: what holds it meanwhile, and how it is written. */
#ifndef WRITING_H
#define WRITING_H

#include "dcm_hold.h"

/* Hold path while it is read and written to out (NULL: it is not written).
 * hold must live as long as the result. */
int writing_begin(struct dcm_writing *writing, struct dcm_hold *hold,
		  const char *path, const char *out, const dfh_writing *how,
		  dfh_error **error);

/* A file is going to be written there: what killed runs left in its folder is
 * removed, unless it was. */
int folders_enter(dfh_folders *folders, const char *path, dfh_error **error);

#endif

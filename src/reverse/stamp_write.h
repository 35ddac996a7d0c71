/* The last of a stamp: what was made of the dataset goes into the file. */
#ifndef STAMP_WRITE_H
#define STAMP_WRITE_H

#include "import.h"

/* Are time, system, source and reason code such as a file can hold?
 * DFH_USAGE: no. */
int stamp_check_options(const dfh_stamp_options *options, dfh_error **error);

/* Where the character set is to stay: take back and report what does not fit
 * it.  After that `after` borrows from `before`. */
int stamp_narrow(struct dfh_import *im, const struct dcm_source *source,
		 const struct dataset *before, struct dataset *after,
		 const dfh_stamp_options *options, dfh_stamped *stamped,
		 dfh_error **error);

/* Write it, or with out NULL see whether that can be done. */
int stamp_write(struct dfh_import *im, const struct dcm_source *source,
		const char *out, const struct dataset *before,
		const struct dataset *after, const dfh_stamp_options *options,
		struct dcm_writing *writing, dfh_stamped *stamped,
		dfh_error **error);

#endif

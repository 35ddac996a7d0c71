/* Reading back what was written, before it takes the place of the original. */
#ifndef DCM_VERIFY_H
#define DCM_VERIFY_H

#include "dcm_file.h"

/* Every element but the changed ones, and all that is around the dataset, is
 * in the file `written` byte for byte as in source, which is scanned.  Refused
 * in the name of source if not. */
int dcm_verify_bytes(struct dcm_file *source, const char *written,
		     const struct dcm_tag *changed, size_t changed_count,
		     dfh_error **error);

/* Every wanted attribute reads as in after. */
int dcm_verify_values(const char *name, const char *written,
		      const struct dataset *after,
		      const struct dcm_wants *wants, dfh_error **error);

#endif

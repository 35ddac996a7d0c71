/* Reading back what was written, before it takes the place of the original. */
#ifndef DCM_VERIFY_H
#define DCM_VERIFY_H

#include "dcm_splice.h"

/* The open file `written` has the patches, and byte for byte everything else of
 * the file that is spliced.  Refused if not. */
int dcm_verify_bytes(struct dcm_splice *splice, int written, dfh_error **error);

/* Every wanted attribute reads as in after. */
int dcm_verify_values(const char *name, int written,
		      const struct dataset *after,
		      const struct dcm_wants *wants, dfh_error **error);

#endif

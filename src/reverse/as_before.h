/* What FHIR says as before is not touched, however it would be written. */
#ifndef AS_BEFORE_H
#define AS_BEFORE_H

#include "import.h"

/*
 * Take back the changes of attributes at the top level that are already as the
 * view alone, with what travels beside, would have them.  Rules write what
 * instances share into items and by positions that this dataset may have
 * otherwise; the way back without a dataset is the one that was gone when the
 * Bundle was made.  Attributes that a rule writes together stay together.
 */
void keep_as_before(const dfh_import *im, const struct matched *matched,
		    const struct dataset *before, struct dataset *after);

#endif

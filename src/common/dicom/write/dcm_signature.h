/* Digital signatures (PS3.3 C.12.1.1.3) that a change would break. */
#ifndef DCM_SIGNATURE_H
#define DCM_SIGNATURE_H

#include "dcm_splice.h"

/*
 * What the patches of a splice do to the signatures of the file: DFH_REFUSED
 * if one of them covers what is changed; or, if `removes`, patches that remove
 * these signatures, and *removed.  records: Original Attributes Sequence is
 * going to change, too.
 */
int dcm_signatures_meet(struct dcm_splice *splice, bool removes, bool records,
			bool *removed);

/* The same of an undo: what was signed since is refused. */
int dcm_signatures_keep(struct dcm_splice *splice);

#endif

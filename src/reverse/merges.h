/* Records that were merged. */
#ifndef MERGES_H
#define MERGES_H

#include "import.h"

/* What a resource replaced, itself or through others, gives it its identifiers,
 * marked as old; what was replaced is not used, and references to it lead to
 * what took its place. */
void merges_apply(struct dfh_import *im);

#endif

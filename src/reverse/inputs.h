/* What is wrong with the Bundles as they were given. */
#ifndef INPUTS_H
#define INPUTS_H

#include "import.h"

/* In the report: pages of a search whose next one was not given, and resources
 * that are of neither release.  When all was read. */
void inputs_report(const struct dfh_import *im);

#endif

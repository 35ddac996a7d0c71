/* Reading with and without DCMTK, to compare. */
#ifndef READERS_H
#define READERS_H

#include "dcm.h"

/* The same attributes, values and VRs, or neither any? */
bool same_datasets(const struct dataset *a, const struct dataset *b);

/* What rules want, and what other rules might; free() the list. */
struct dcm_wants wants_and_more(const struct dcm_wants *of_rules);

#endif

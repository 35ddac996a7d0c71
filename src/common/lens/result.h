/* What a stamp must not make of a dataset, wherever a value came from: a rule,
 * or what travels beside. */
#ifndef RESULT_H
#define RESULT_H

#include "lens.h"

/*
 * Of each attribute that is not as it was in lens->before: its VR, its length
 * and its characters, that no UID is new, that what must have a value (Type 1)
 * or must be there (Type 2) still does, and that what a supplement must not
 * replace is not replaced.  What does not pass is told, and is as before.
 */
void check_result(const struct lens *lens, struct dataset *after);

/* Tell that an attribute at the top level is not put, in the name of the rule
 * that writes it. */
void result_tell(const struct lens *lens, const struct dcm_tag *tag,
		 const char *why);

#endif

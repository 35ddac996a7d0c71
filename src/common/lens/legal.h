/*
 * No attribute of what FHIR gives makes a dataset illegal that was legal: not
 * one of a module that the dataset has not, nor one that is conditional
 * (Type 2C) where its condition does not hold, nor a new item without what it
 * must have.  The rules say which (`legal`, `new-items`).
 */
#ifndef LEGAL_H
#define LEGAL_H

#include "lens.h"

/* What was put is taken back where it is not legal, and told; an empty
 * attribute that the new values forbid goes.  lens->before: as it was. */
void legal_check(const struct lens *lens, struct dataset *after);

#endif

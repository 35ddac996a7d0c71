/*
 * Structs of the API that begin with their size, so that a later version of
 * the library can add members at their end: a program that was compiled
 * against an older header has a smaller one, and leaves the rest at its
 * default, 0.
 */
#ifndef SIZED_H
#define SIZED_H

#include "dcmfhir.h"

/* Fill *own, of size bytes, with what the caller has given, and the rest with
 * 0; given NULL is all 0.  DFH_USAGE: its size is not set, or it sets a member
 * that this version does not have.  name is that of its type. */
int sized_take(void *own, size_t size, const void *given, const char *name,
	       dfh_error **error);

/* Can a result be given back in it?  NULL: nobody wants it.  DFH_USAGE: no. */
int sized_check(const void *given, const char *name, dfh_error **error);

/* Give *own back in a result that was checked; its size stays. */
void sized_give(void *given, const void *own, size_t size);

#endif

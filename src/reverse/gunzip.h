/* Bundles that are compressed by gzip. */
#ifndef GUNZIP_H
#define GUNZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmfhir.h"

bool is_gzip(const char *bytes, size_t length);

/*
 * What the bytes were before, to be freed; of several members one after the
 * other.  NULL: they are damaged, cut off, or would be more than limit.
 */
char *gunzip(const char *name, const char *bytes, size_t length, uint64_t limit,
	     size_t *out_length, dfh_error **error);

#endif

/* dfh_source and dfh_sink: DICOM files that are not on the disk. */
#ifndef SOURCE_H
#define SOURCE_H

#include "dcm.h"

/* A path is no source: `name` only tells the caller's name for it.
 * DFH_USAGE: there is nothing to read from. */
int source_take(struct dcm_source *source, const dfh_source *given,
		dfh_error **error);

/* A path, or text of that length, that is given; DFH_USAGE: it is NULL. */
int path_given(const char *path, dfh_error **error);
int text_given(const char *text, size_t length, dfh_error **error);

/* Bytes in memory; NULL of length 0 is an empty file. */
int source_of_bytes(struct dcm_source *source, const char *name,
		    const void *bytes, size_t length, dfh_error **error);

int sink_take(struct dcm_sink *sink, const dfh_sink *given, dfh_error **error);

#endif

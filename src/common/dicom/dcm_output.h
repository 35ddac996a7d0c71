/* A file that is written beside its place and moved there when complete. */
#ifndef DCM_OUTPUT_H
#define DCM_OUTPUT_H

#include <sys/types.h>

#include "dcm_file.h"

struct dcm_output {
	int fd;
	char *path, *temporary;
};

/* mode as for open(): the umask applies. */
int dcm_output_open(struct dcm_output *out, const char *path, mode_t mode,
		    dfh_error **error);
int dcm_output_write(struct dcm_output *out, const void *bytes, size_t length,
		     dfh_error **error);

/* Copy a part of another file. */
int dcm_output_copy(struct dcm_output *out, struct dcm_file *file,
		    uint64_t offset, uint64_t length, dfh_error **error);

/* Flush and move to the place; what fails is removed. */
int dcm_output_commit(struct dcm_output *out, dfh_error **error);

/* Remove what was not committed. */
void dcm_output_close(struct dcm_output *out);

#endif

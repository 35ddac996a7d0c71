/*
 * A file that is written beside its place, under a name that only our
 * temporary files have, and moved there when complete: at any moment the old
 * file or the whole new one is there.
 */
#ifndef DCM_OUTPUT_H
#define DCM_OUTPUT_H

#include <sys/types.h>

#include "dcm_file.h"

struct dcm_output {
	int fd;
	char *path; /* links followed */
	char *temporary;
	char *original; /* path + suffix, where the original is to stay */
	bool linked;	/* original is a link that we made */
	bool committed;
	bool leaves_folder; /* who opened it flushes the folder */
	mode_t mode; /* of the complete file; the temporary one is 0600 */
};

/*
 * Mode as for open(): the umask applies.  The temporary file is locked as long
 * as it is open, which tells it from those of runs that were killed.  suffix:
 * what is at path stays there under this longer name; NULL: it does not.
 */
int dcm_output_open(struct dcm_output *out, const char *path, mode_t mode,
		    const char *suffix, dfh_error **error);
int dcm_output_write(struct dcm_output *out, const void *bytes, size_t length,
		     dfh_error **error);

/* Copy a part of another file (dcm_copy.c). */
int dcm_output_copy(struct dcm_output *out, struct dcm_file *file,
		    uint64_t offset, uint64_t length, dfh_error **error);

/*
 * Give it the owner, group, extended attributes (ACLs among them), mode and,
 * if asked for, times of the file source_fd (dcm_keep.c).  replaces: the owner
 * and the attributes that decide about access must be kept; else as far as the
 * system allows.
 */
int dcm_output_keep(struct dcm_output *out, int source_fd, bool replaces,
		    bool keeps_times, dfh_error **error);

/* Write to the disk what is still in memory. */
int dcm_output_flush(struct dcm_output *out, dfh_error **error);

/* Flush, move to the place and flush the folder, unless that is left. */
int dcm_output_commit(struct dcm_output *out, dfh_error **error);

/* Remove what was not committed. */
void dcm_output_close(struct dcm_output *out);

/* Set the error to "PATH: not written: REASON"; -1. */
int dcm_output_fail(const struct dcm_output *out, int fault, dfh_error **error);

#endif

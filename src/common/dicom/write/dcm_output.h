/* A DICOM file that is being written: a new file (new_file.h), and errors that
 * name it. */
#ifndef DCM_OUTPUT_H
#define DCM_OUTPUT_H

#include <sys/types.h>

#include "dcm_file.h"
#include "new_file.h"

struct dcm_output {
	struct new_file file;
	const char *path; /* for messages; borrowed */
	/* The name that the original is to keep; "": none. */
	char original[NAME_MAX + 1];
};

/* suffix: what is at the spot stays there under this longer name; NULL: it does
 * not. */
int dcm_output_open(struct dcm_output *out, const char *path,
		    const struct spot *at, const char *suffix,
		    dfh_error **error);
int dcm_output_write(struct dcm_output *out, const void *bytes, size_t length,
		     dfh_error **error);

/* Copy a part of another file (dcm_copy.c). */
int dcm_output_copy(struct dcm_output *out, struct dcm_file *file,
		    uint64_t offset, uint64_t length, dfh_error **error);

/*
 * Give it the owner, group, extended attributes (ACLs among them), mode and,
 * if asked for, times of the file source_fd (dcm_keep.c).  in_place: the owner
 * and the attributes that decide about access must be kept; else as far as the
 * system allows, and those of another file that is replaced go before.
 */
int dcm_output_keep(struct dcm_output *out, int source_fd, bool in_place,
		    bool keeps_times, dfh_error **error);

/* Write to the disk what is still in memory. */
int dcm_output_flush(struct dcm_output *out, dfh_error **error);

/* Move it, flushed, to its place; in place of what is held (NULL: nothing is),
 * if that is still as it was.  Then flush the folder, unless that is left. */
int dcm_output_place(struct dcm_output *out, const struct dcm_hold *replaced,
		     bool leaves_folder, dfh_error **error);

/* Remove what was not placed. */
void dcm_output_close(struct dcm_output *out);

/* Set the error to "PATH: not written: REASON"; -1. */
int dcm_output_fail(const struct dcm_output *out, int fault, dfh_error **error);

#endif

#include "dcm_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dcm_hold.h"
#include "error.h"

int dcm_output_fail(const struct dcm_output *out, int fault, dfh_error **error)
{
	return error_because(error, DFH_CANNOT_WRITE, "%s: not written: %s",
			     out->path, spot_fault(fault));
}

/* ---- the original, which stays ---- */

/* A link of a run that was killed before it could replace the other name is
 * what is wanted. */
static bool is_original_kept(const struct dcm_output *out)
{
	struct spot original = {.folder = out->file.at.folder};

	strcpy(original.name, out->original);
	return out->file.replaces && spot_has(&original, &out->file.old);
}

static int check_original(const struct dcm_output *out, dfh_error **error)
{
	struct spot original = {.folder = out->file.at.folder};
	struct stat other;

	strcpy(original.name, out->original);
	if (spot_status(&original, &other) < 0 || is_original_kept(out))
		return 0;
	return error_set(error, DFH_REFUSED,
			 "%s: not written: its original cannot be kept as %s, "
			 "which is there already",
			 out->path, out->original);
}

static int keep_original(struct dcm_output *out, dfh_error **error)
{
	int fault;

	if (!out->original[0] || !out->file.replaces ||
	    new_file_keep_old(&out->file, out->original) == 0)
		return 0;
	fault = errno;
	if (fault == EEXIST && check_original(out, error) == 0)
		return 0;
	return error_set(error, DFH_IO,
			 "%s: not written: its original cannot be kept as "
			 "%s: %s",
			 out->path, out->original, strerror(fault));
}

/* ---- writing ---- */

static int set_original(struct dcm_output *out, const char *suffix,
			dfh_error **error)
{
	int length = snprintf(out->original, sizeof(out->original), "%s%s",
			      out->file.at.name, suffix);

	if (length >= (int)sizeof(out->original))
		return dcm_output_fail(out, ENAMETOOLONG, error);
	return check_original(out, error);
}

int dcm_output_open(struct dcm_output *out, const char *path,
		    const struct spot *at, const char *suffix,
		    dfh_error **error)
{
	*out = (struct dcm_output){.path = path};
	if (new_file_open(&out->file, at) < 0) {
		if (errno == ENOTSUP)
			return error_set(error, DFH_IO,
					 "%s: is no regular file", path);
		return dcm_output_fail(out, errno, error);
	}
	if (!suffix || set_original(out, suffix, error) == 0)
		return 0;
	dcm_output_close(out);
	return -1;
}

int dcm_output_write(struct dcm_output *out, const void *bytes, size_t length,
		     dfh_error **error)
{
	return new_file_write(&out->file, bytes, length) < 0
		       ? dcm_output_fail(out, errno, error)
		       : 0;
}

/* ---- the end ---- */

int dcm_output_flush(struct dcm_output *out, dfh_error **error)
{
	return new_file_flush(&out->file) < 0
		       ? dcm_output_fail(out, errno, error)
		       : 0;
}

/*
 * What became of the old file after it was checked, in the moment before its
 * name is taken away, is seen if the two are exchanged; then it comes back.
 */
static int exchange_files(struct dcm_output *out,
			  const struct dcm_hold *replaced, dfh_error **error)
{
	struct new_file *file = &out->file;

	if (new_file_exchange(file) < 0)
		return errno == EINVAL ? 1 : dcm_output_fail(out, errno, error);
	if (dcm_hold_check_moved(replaced, file->temporary,
				 file->kept[0] ? 1 : 0, error) == 0)
		return 0;
	if (new_file_exchange(file) < 0) {
		error_set(error, DFH_IO,
			  "%s: it was changed meanwhile; what was there is now "
			  "%s in its folder: %s",
			  out->path, file->temporary, strerror(errno));
		file->temporary[0] = '\0';
	}
	return -1;
}

int dcm_output_place(struct dcm_output *out, const struct dcm_hold *replaced,
		     bool leaves_folder, dfh_error **error)
{
	int answer = keep_original(out, error);

	if (answer == 0)
		answer = replaced ? exchange_files(out, replaced, error) : 1;
	if (answer < 0)
		return -1;
	if (answer == 1 && new_file_place(&out->file) < 0)
		return dcm_output_fail(out, errno, error);
	if (new_file_drop_old(&out->file) < 0)
		return error_set(error, DFH_IO,
				 "%s: is written whole, but the old one is "
				 "still beside it as %s: %s",
				 out->path, out->file.temporary,
				 strerror(errno));
	if (leaves_folder || spot_flush_folder(&out->file.at) == 0)
		return 0;
	return error_set(error, DFH_IO,
			 "%s: is written whole, but its folder cannot be "
			 "flushed: %s",
			 out->path, strerror(errno));
}

void dcm_output_close(struct dcm_output *out)
{
	new_file_close(&out->file);
}

/* What a file has besides its bytes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "dcm_output.h"
#include "error.h"

/* All names, each with its NUL; free it.  NULL: none. */
static char *list_names(int fd, size_t *length)
{
	char *names = NULL;

	for (;;) {
		ssize_t size = flistxattr(fd, NULL, 0);

		if (size <= 0)
			break;
		names = xrealloc(names, (size_t)size);
		size = flistxattr(fd, names, (size_t)size);
		if (size < 0 && errno == ERANGE)
			continue;
		if (size <= 0)
			break;
		*length = (size_t)size;
		return names;
	}
	free(names);
	return NULL;
}

/* NULL: it has vanished, or may not be read. */
static void *read_extended_attribute(int fd, const char *name, size_t *length)
{
	void *value = NULL;

	for (;;) {
		ssize_t size = fgetxattr(fd, name, NULL, 0);

		if (size < 0)
			break;
		value = xrealloc(value, (size_t)size + 1);
		size = fgetxattr(fd, name, value, (size_t)size);
		if (size < 0 && errno == ERANGE)
			continue;
		if (size < 0)
			break;
		*length = (size_t)size;
		return value;
	}
	free(value);
	return NULL;
}

/* Of a file that a copy replaces, these stay (new_file_take_access()). */
static bool decides_access(const char *name)
{
	return strncmp(name, "system.posix_acl_", 17) == 0;
}

/* What users and administrators give; the rest (security.*, trusted.*) is for
 * the system to decide. */
static bool is_of_users(const char *name)
{
	return strncmp(name, "user.", 5) == 0 || decides_access(name);
}

static int keep_attributes(struct dcm_output *out, int source_fd, bool in_place,
			   dfh_error **error)
{
	size_t length = 0, size;
	char *names = list_names(source_fd, &length), *name;
	int answer = 0;

	for (name = names; answer == 0 && name && name < names + length;
	     name += strlen(name) + 1) {
		bool is_kept = in_place || !out->file.replaces ||
			       !decides_access(name);
		void *value = is_kept ? read_extended_attribute(source_fd, name,
								&size)
				      : NULL;

		if (value &&
		    fsetxattr(out->file.fd, name, value, size, 0) < 0 &&
		    ((in_place && is_of_users(name)) || errno == ENOSPC ||
		     errno == EIO))
			answer =
				error_because(error, DFH_CANNOT_WRITE,
					      "%s: not written: its extended "
					      "attribute %s cannot be kept: %s",
					      out->path, name, strerror(errno));
		free(value);
	}
	free(names);
	return answer;
}

/* A file of others that is replaced would be lost to them. */
static int keep_owner(struct dcm_output *out, const struct stat *status,
		      bool in_place, dfh_error **error)
{
	if (fchown(out->file.fd, status->st_uid, status->st_gid) == 0)
		return 0;
	if (in_place)
		return error_because(
			error, DFH_CANNOT_WRITE,
			"%s: not written: its owner and group cannot "
			"be kept (%s): run as its owner or as root",
			out->path, strerror(errno));
	/* a copy is of him who makes it, and of the group if he is in it */
	if (fchown(out->file.fd, (uid_t)-1, status->st_gid) < 0 && errno == EIO)
		return dcm_output_fail(out, errno, error);
	return 0;
}

/* A copy takes no more than a new file may have, and no set-id bits: they would
 * be another's. */
static void keep_mode(struct dcm_output *out, const struct stat *status,
		      bool in_place)
{
	struct new_file *file = &out->file;

	if (in_place)
		file->mode = status->st_mode & 07777;
	else if (file->replaces)
		new_file_take_access(file);
	else
		file->mode = status->st_mode & file->allowed;
}

int dcm_output_keep(struct dcm_output *out, int source_fd, bool in_place,
		    bool keeps_times, dfh_error **error)
{
	struct stat status;

	if (fstat(source_fd, &status) < 0)
		return dcm_output_fail(out, errno, error);
	/* the mode comes last: chown() takes bits of it away, an ACL changes
	 * it, and what may not be written takes no attributes */
	if (((in_place || !out->file.replaces) &&
	     keep_owner(out, &status, in_place, error) < 0) ||
	    keep_attributes(out, source_fd, in_place, error) < 0)
		return -1;
	keep_mode(out, &status, in_place);
	if (keeps_times) {
		const struct timespec times[] = {status.st_atim,
						 status.st_mtim};

		if (futimens(out->file.fd, times) < 0)
			return dcm_output_fail(out, errno, error);
	}
	return 0;
}

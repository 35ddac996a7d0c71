#include "dcm_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

enum { TRIES = 100, NAME_KEPT = 200, COPIED_AT_ONCE = 64 * 1024 };

static int fail(const struct dcm_output *out, int fault, dfh_error **error)
{
	return error_set(error, DFH_IO, "%s: %s", out->path, strerror(fault));
}

/* FOLDER/.NAME.RANDOM; not mkstemp(), which lets no umask apply */
static int open_beside(struct dcm_output *out, mode_t mode)
{
	const char *slash = strrchr(out->path, '/');
	const char *name = slash ? slash + 1 : out->path;
	size_t size = strlen(out->path) + 32;
	int tries;

	out->temporary = xmalloc(size);
	for (tries = 0; tries < TRIES; tries++) {
		unsigned int random = 0;

		if (getrandom(&random, sizeof(random), 0) < 0)
			return -1;
		snprintf(out->temporary, size, "%.*s.%.*s.%08x",
			 (int)(name - out->path), out->path, NAME_KEPT, name,
			 random);
		out->fd = open(out->temporary,
			       O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (out->fd >= 0 || errno != EEXIST)
			break;
	}
	return out->fd >= 0 ? 0 : -1;
}

int dcm_output_open(struct dcm_output *out, const char *path, mode_t mode,
		    dfh_error **error)
{
	struct stat there;
	int fault;

	out->fd = -1;
	out->temporary = NULL;
	/* what a symbolic link points to is replaced, not the link */
	out->path = realpath(path, NULL);
	if (!out->path)
		out->path = xstrdup(path);
	/* a device would be replaced by a file */
	if (stat(out->path, &there) == 0 && !S_ISREG(there.st_mode)) {
		error_set(error, DFH_IO, "%s: is no regular file", out->path);
	} else {
		if (open_beside(out, mode) == 0)
			return 0;
		fault = errno;
		fail(out, fault, error);
	}
	free(out->temporary);
	out->temporary = NULL;
	dcm_output_close(out);
	return -1;
}

int dcm_output_write(struct dcm_output *out, const void *bytes, size_t length,
		     dfh_error **error)
{
	const char *at = bytes;

	while (length) {
		ssize_t done = write(out->fd, at, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail(out, errno, error);
		at += done;
		length -= (size_t)done;
	}
	return 0;
}

/* How much of it the kernel copies by itself: all, or less where file systems
 * do not allow it. */
static uint64_t copy_range(struct dcm_output *out, struct dcm_file *file,
			   uint64_t offset, uint64_t length)
{
	off_t from = (off_t)offset;
	uint64_t done = 0;

	while (done < length) {
		uint64_t rest = length - done;
		ssize_t copied;

		copied = copy_file_range(file->fd, &from, out->fd, NULL,
					 rest < ((uint64_t)1 << 30)
						 ? (size_t)rest
						 : (size_t)1 << 30,
					 0);
		if (copied <= 0)
			break;
		done += (uint64_t)copied;
	}
	return done;
}

int dcm_output_copy(struct dcm_output *out, struct dcm_file *file,
		    uint64_t offset, uint64_t length, dfh_error **error)
{
	unsigned char *buffer;
	uint64_t done;
	int answer = 0;

	if (file->bytes)
		return dcm_output_write(out, file->bytes + offset,
					(size_t)length, error);
	done = length > COPIED_AT_ONCE ? copy_range(out, file, offset, length)
				       : 0;
	if (done == length)
		return 0;
	buffer = xmalloc(COPIED_AT_ONCE);
	while (answer == 0 && done < length) {
		uint64_t rest = length - done;
		size_t part =
			rest < COPIED_AT_ONCE ? (size_t)rest : COPIED_AT_ONCE;

		answer =
			dcm_file_read(file, offset + done, buffer, part, error);
		if (answer == 0)
			answer = dcm_output_write(out, buffer, part, error);
		done += part;
	}
	free(buffer);
	return answer;
}

/* The new name is safe only when its folder is. */
static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? xstrdup(path) : xstrdup(".");
	int fd, answer;

	if (slash)
		folder[slash == path ? 1 : slash - path] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (fd < 0)
		return -1;
	answer = fsync(fd);
	/* some file systems cannot do it for folders */
	if (answer < 0 && (errno == EINVAL || errno == ENOTSUP))
		answer = 0;
	close(fd);
	return answer;
}

int dcm_output_commit(struct dcm_output *out, dfh_error **error)
{
	int fault = 0;

	if (fsync(out->fd) < 0)
		fault = errno;
	if (close(out->fd) < 0 && !fault)
		fault = errno;
	out->fd = -1;
	if (!fault && rename(out->temporary, out->path) < 0)
		fault = errno;
	if (!fault) {
		free(out->temporary);
		out->temporary = NULL;
		if (sync_folder(out->path) < 0)
			fault = errno;
	}
	return fault ? fail(out, fault, error) : 0;
}

void dcm_output_close(struct dcm_output *out)
{
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
	if (out->temporary)
		unlink(out->temporary);
	free(out->temporary);
	free(out->path);
	out->temporary = out->path = NULL;
}

#include "dcm_output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

#define MARK ".dcmfhir-"

enum { TRIES = 100, NAME_KEPT = 200, DIGITS = 8 };

int dcm_output_fail(const struct dcm_output *out, int fault, dfh_error **error)
{
	return error_set(error, DFH_IO, "%s: not written: %s", out->path,
			 strerror(fault));
}

/* ---- temporary files ---- */

bool dcm_is_temporary(const char *name)
{
	size_t length = strlen(name), rest = strlen(MARK) + DIGITS;
	const char *digits = name + length - DIGITS;

	return name[0] == '.' && length > rest &&
	       strncmp(name + length - rest, MARK, strlen(MARK)) == 0 &&
	       strspn(digits, "0123456789abcdef") == DIGITS;
}

/* 1: locked; 0: another has it, or has removed it; -1: errno. */
static int lock_temporary(int fd)
{
	struct stat status;

	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return 0;
		/* without locks, nobody removes it either */
		return errno == ENOLCK || errno == EOPNOTSUPP ? 1 : -1;
	}
	if (fstat(fd, &status) < 0)
		return -1;
	return status.st_nlink > 0;
}

/* Until it is complete, it is nobody else's business. */
static int protect(struct dcm_output *out)
{
	struct stat status;

	if (fstat(out->fd, &status) < 0)
		return -1;
	out->mode = status.st_mode & 07777;
	return fchmod(out->fd, 0600);
}

/* FOLDER/.NAME.dcmfhir-RANDOM; not mkstemp(), which lets no umask apply */
static int open_beside(struct dcm_output *out, mode_t mode)
{
	const char *slash = strrchr(out->path, '/');
	const char *name = slash ? slash + 1 : out->path;
	size_t size = strlen(out->path) + strlen(MARK) + DIGITS + 2;
	int tries, locked;

	out->temporary = xmalloc(size);
	for (tries = 0; tries < TRIES; tries++) {
		unsigned int random = 0;

		if (getrandom(&random, sizeof(random), 0) < 0)
			return -1;
		snprintf(out->temporary, size, "%.*s.%.*s" MARK "%0*x",
			 (int)(name - out->path), out->path, NAME_KEPT, name,
			 DIGITS, random);
		out->fd = open(out->temporary,
			       O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (out->fd < 0 && errno == EEXIST)
			continue;
		if (out->fd < 0)
			return -1;
		/* one who looks for dead files may have been quicker */
		locked = lock_temporary(out->fd);
		if (locked)
			return locked < 0 ? -1 : protect(out);
		close(out->fd);
		out->fd = -1;
	}
	return -1;
}

/* Nobody who lives holds its lock: the run that wrote it is dead. */
static bool is_dead(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static int remove_dead(int folder, const char *name)
{
	const int how = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = openat(folder, name, O_RDWR | how);
	int answer = 0;

	if (fd < 0)
		fd = openat(folder, name, O_RDONLY | how);
	if (fd < 0)
		return 0;
	if (is_dead(fd))
		answer = unlinkat(folder, name, 0);
	close(fd);
	return answer;
}

int dcm_remove_dead(const char *path, dfh_error **error)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	int answer = 0;

	/* a folder that cannot be read is no matter of ours */
	while (folder && (entry = readdir(folder))) {
		if (dcm_is_temporary(entry->d_name) &&
		    remove_dead(dirfd(folder), entry->d_name) < 0 &&
		    errno != ENOENT)
			answer =
				error_set(error, DFH_IO,
					  "%s/%s: is left from a run that "
					  "ended early and cannot be "
					  "removed: %s",
					  path, entry->d_name, strerror(errno));
	}
	if (folder)
		closedir(folder);
	return answer;
}

/* ---- writing ---- */

/* What a complete output could not be put to is better found before. */
static int check_place(const struct dcm_output *out, dfh_error **error)
{
	struct stat there, other;
	bool exists = stat(out->path, &there) == 0;

	/* a device would be replaced by a file */
	if (exists && !S_ISREG(there.st_mode))
		return error_set(error, DFH_IO, "%s: is no regular file",
				 out->path);
	/* a link of a run that was killed before it could replace the other
	 * name is what is wanted */
	if (exists && out->original && lstat(out->original, &other) == 0 &&
	    (other.st_ino != there.st_ino || other.st_dev != there.st_dev))
		return error_set(error, DFH_REFUSED,
				 "%s: not written: its original cannot be kept "
				 "as %s, which is there already",
				 out->path, out->original);
	return 0;
}

int dcm_output_open(struct dcm_output *out, const char *path, mode_t mode,
		    const char *suffix, dfh_error **error)
{
	int answer;

	*out = (struct dcm_output){.fd = -1};
	/* what a symbolic link points to is replaced, not the link */
	out->path = realpath(path, NULL);
	if (!out->path)
		out->path = xstrdup(path);
	if (suffix) {
		size_t size = strlen(out->path) + strlen(suffix) + 1;

		out->original = xmalloc(size);
		snprintf(out->original, size, "%s%s", out->path, suffix);
	}
	answer = check_place(out, error);
	if (answer == 0 && open_beside(out, mode) < 0)
		answer = dcm_output_fail(out, errno, error);
	if (answer < 0) {
		/* what is under the name is not ours */
		if (out->fd < 0) {
			free(out->temporary);
			out->temporary = NULL;
		}
		dcm_output_close(out);
	}
	return answer;
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
			return dcm_output_fail(out, errno, error);
		at += done;
		length -= (size_t)done;
	}
	return 0;
}

/* ---- the end ---- */

/* The new names are safe only when their folder is. */
int dcm_flush_folder(const char *folder, dfh_error **error)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* some file systems cannot do it for folders */
	bool good = fd >= 0 &&
		    (fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP);
	int fault = errno;

	if (fd >= 0)
		close(fd);
	return good ? 0
		    : error_set(error, DFH_IO,
				"%s: what is in it is written, but the folder "
				"cannot be flushed: %s",
				folder, strerror(fault));
}

static int flush_folder_of(const char *path, dfh_error **error)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? xstrdup(path) : xstrdup(".");
	int answer;

	if (slash)
		folder[slash == path ? 1 : slash - path] = '\0';
	answer = dcm_flush_folder(folder, error);
	free(folder);
	return answer;
}

int dcm_output_flush(struct dcm_output *out, dfh_error **error)
{
	return fsync(out->fd) < 0 ? dcm_output_fail(out, errno, error) : 0;
}

static int keep_original(struct dcm_output *out, dfh_error **error)
{
	int fault;

	if (link(out->path, out->original) == 0) {
		out->linked = true;
		return 0;
	}
	fault = errno;
	/* see check_place(), which has looked at it */
	if (fault == EEXIST && check_place(out, error) == 0)
		return 0;
	return error_set(error, DFH_IO,
			 "%s: not written: its original cannot be kept as "
			 "%s: %s",
			 out->path, out->original, strerror(fault));
}

int dcm_output_commit(struct dcm_output *out, dfh_error **error)
{
	if (fchmod(out->fd, out->mode) < 0)
		return dcm_output_fail(out, errno, error);
	if (dcm_output_flush(out, error) < 0)
		return -1;
	if (out->original && access(out->path, F_OK) == 0 &&
	    keep_original(out, error) < 0)
		return -1;
	if (rename(out->temporary, out->path) < 0)
		return dcm_output_fail(out, errno, error);
	out->committed = true;
	return out->leaves_folder ? 0 : flush_folder_of(out->path, error);
}

void dcm_output_close(struct dcm_output *out)
{
	/* removed before it is unlocked, or another could be quicker */
	if (out->temporary && !out->committed)
		unlink(out->temporary);
	if (out->linked && !out->committed)
		unlink(out->original);
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
	free(out->temporary);
	free(out->original);
	free(out->path);
	out->temporary = out->original = out->path = NULL;
}

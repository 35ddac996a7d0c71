#include "new_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MARK ".dcmfhir-"

enum { TRIES = 100, DIGITS = 8 };

/* Patient data: for the owner, and for the group to read. */
enum { MODE = 0640 };

/* ---- temporary files ---- */

bool new_file_is_temporary(const char *name)
{
	size_t length = strlen(name), rest = strlen(MARK) + DIGITS;
	const char *digits = name + length - DIGITS;

	return name[0] == '.' && length > rest &&
	       strncmp(name + length - rest, MARK, strlen(MARK)) == 0 &&
	       strspn(digits, "0123456789abcdef") == DIGITS;
}

/* How much of the name is in that of the temporary: where a long name is
 * possible, one that is as long is, too.  No character is cut. */
static int kept_of(const char *name)
{
	const size_t rest = 1 + strlen(MARK) + DIGITS;
	size_t length = strlen(name);

	if (length <= 2 * rest)
		return (int)length;
	length -= rest;
	while (length > rest && ((unsigned char)name[length] & 0xc0) == 0x80)
		length--;
	return (int)length;
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
static int protect_new_file(struct new_file *file)
{
	struct stat status;

	if (fstat(file->fd, &status) < 0)
		return -1;
	file->allowed = file->mode = status.st_mode & 07777;
	return fchmod(file->fd, 0600);
}

/* .NAME.dcmfhir-RANDOM; not mkstemp(), which lets no umask apply */
static int open_temporary(struct new_file *file)
{
	int tries, locked;

	for (tries = 0; tries < TRIES; tries++) {
		unsigned int random = 0;

		if (getrandom(&random, sizeof(random), 0) < 0)
			return -1;
		snprintf(file->temporary, sizeof(file->temporary),
			 ".%.*s" MARK "%0*x", kept_of(file->at.name),
			 file->at.name, DIGITS, random);
		file->fd = openat(file->at.folder, file->temporary,
				  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
					  O_CLOEXEC,
				  MODE);
		if (file->fd < 0 && errno == EEXIST)
			continue;
		if (file->fd < 0)
			break;
		/* one who looks for dead files may have been quicker */
		locked = lock_temporary(file->fd);
		if (locked)
			return locked < 0 ? -1 : protect_new_file(file);
		close(file->fd);
		file->fd = -1;
	}
	/* what is under the name is not ours */
	file->temporary[0] = '\0';
	return -1;
}

/* Nobody who lives holds its lock: the run that wrote it is dead. */
static bool is_dead(int fd, const struct stat *status)
{
	return S_ISREG(status->st_mode) && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static int remove_dead(int folder, const char *name)
{
	const int how = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = openat(folder, name, O_RDWR | how);
	struct stat status;
	int answer = 0;

	if (fd < 0)
		fd = openat(folder, name, O_RDONLY | how);
	if (fd < 0)
		return 0;
	if (fstat(fd, &status) == 0 && is_dead(fd, &status) &&
	    unlinkat(folder, name, 0) < 0 && errno != ENOENT &&
	    (status.st_uid == geteuid() || geteuid() == 0))
		answer = -1;
	close(fd);
	return answer;
}

int new_file_remove_dead(int folder, char failed[NAME_MAX + 1])
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int answer = 0, fault = 0;

	/* a folder that cannot be read is no matter of ours */
	while (list && (entry = readdir(list))) {
		if (!new_file_is_temporary(entry->d_name) ||
		    remove_dead(folder, entry->d_name) == 0)
			continue;
		fault = errno;
		answer = -1;
		snprintf(failed, NAME_MAX + 1, "%s", entry->d_name);
	}
	if (list)
		closedir(list);
	else if (fd >= 0)
		close(fd);
	errno = fault;
	return answer;
}

/* ---- writing ---- */

/* What a complete file could not be put to is better found before. */
static int check_place(struct new_file *file)
{
	if (spot_status(&file->at, &file->old) < 0)
		return errno == ENOENT ? 0 : -1;
	file->replaces = S_ISREG(file->old.st_mode);
	if (file->replaces || S_ISLNK(file->old.st_mode))
		return 0;
	/* a device would be replaced by a file */
	errno = S_ISDIR(file->old.st_mode) ? EISDIR : ENOTSUP;
	return -1;
}

int new_file_open(struct new_file *file, const struct spot *at)
{
	int fault;

	*file = (struct new_file){.fd = -1, .at = *at};
	file->at.folder = fcntl(at->folder, F_DUPFD_CLOEXEC, 3);
	if (file->at.folder >= 0 && check_place(file) == 0 &&
	    open_temporary(file) == 0) {
		if (file->replaces)
			file->mode = file->old.st_mode & 07777;
		return 0;
	}
	fault = errno;
	new_file_close(file);
	errno = fault;
	return -1;
}

int new_file_write(struct new_file *file, const void *bytes, size_t length)
{
	const char *from = bytes;

	while (length) {
		ssize_t done = write(file->fd, from, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		from += done;
		length -= (size_t)done;
	}
	return 0;
}

/* ---- who may read it ---- */

static const char acl_name[] = "system.posix_acl_access";

/* With an ACL the group's bits of the mode are those of its mask: without it
 * they would let the group do what others were let. */
static bool copy_acl(const struct new_file *file)
{
	int old = openat(file->at.folder, file->at.name,
			 O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t size = old < 0 ? -1 : fgetxattr(old, acl_name, NULL, 0);
	bool has_none = size < 0 && (errno == ENODATA || errno == ENOTSUP);
	char *acl = size > 0 ? malloc((size_t)size) : NULL;
	bool good = acl &&
		    (size = fgetxattr(old, acl_name, acl, (size_t)size)) > 0 &&
		    fsetxattr(file->fd, acl_name, acl, (size_t)size, 0) == 0;

	free(acl);
	if (old >= 0)
		close(old);
	return good || has_none;
}

void new_file_take_access(struct new_file *file)
{
	const struct stat *old = &file->old;

	if (!file->replaces)
		return;
	file->mode = old->st_mode & 07777;
	if (fchown(file->fd, old->st_uid, old->st_gid) < 0) {
		struct stat now;

		if (fchown(file->fd, (uid_t)-1, old->st_gid) < 0 ||
		    fstat(file->fd, &now) < 0 || now.st_uid != old->st_uid)
			file->mode &= (mode_t) ~(S_ISUID | S_ISGID);
	}
	if (!copy_acl(file))
		file->mode &= (mode_t)~070;
}

/* ---- the end ---- */

int new_file_flush(struct new_file *file)
{
	return fchmod(file->fd, file->mode) < 0 ? -1 : fsync(file->fd);
}

int new_file_keep_old(struct new_file *file, const char *name)
{
	const struct spot *at = &file->at;

	if (linkat(at->folder, at->name, at->folder, name, 0) < 0)
		return -1;
	snprintf(file->kept, sizeof(file->kept), "%s", name);
	return 0;
}

int new_file_place(struct new_file *file)
{
	const struct spot *at = &file->at;

	if (renameat(at->folder, file->temporary, at->folder, at->name) < 0)
		return -1;
	file->placed = true;
	return 0;
}

int new_file_exchange(struct new_file *file)
{
	const struct spot *at = &file->at;

	if (renameat2(at->folder, file->temporary, at->folder, at->name,
		      RENAME_EXCHANGE) < 0) {
		if (errno == ENOSYS || errno == ENOTSUP || errno == ENOTTY)
			errno = EINVAL;
		return -1;
	}
	file->exchanged = !file->exchanged;
	file->placed = file->exchanged;
	return 0;
}

int new_file_drop_old(struct new_file *file)
{
	return file->exchanged ? unlinkat(file->at.folder, file->temporary, 0)
			       : 0;
}

/* Has somebody put another file in the place of ours, which came back when
 * it was exchanged again? */
static bool temporary_is_of_another(const struct new_file *file)
{
	struct spot temporary = {.folder = file->at.folder};
	struct stat ours;

	strcpy(temporary.name, file->temporary);
	return fstat(file->fd, &ours) == 0 && !spot_has(&temporary, &ours);
}

void new_file_close(struct new_file *file)
{
	/* removed before it is unlocked, or another could be quicker */
	if (file->temporary[0] && !file->placed &&
	    !temporary_is_of_another(file))
		unlinkat(file->at.folder, file->temporary, 0);
	if (file->kept[0] && !file->placed)
		unlinkat(file->at.folder, file->kept, 0);
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	file->temporary[0] = file->kept[0] = '\0';
	spot_close(&file->at);
}

#include "spot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many as the kernel follows (path_resolution(7)). */
enum { LINKS_MAX = 40 };

/* Of folders that are made: what is in them is nobody else's business. */
enum { FOLDER_MODE = 0750 };

const char *spot_fault(int fault)
{
	return fault == ELOOP ? "a symbolic link is in its place or in its way"
			      : strerror(fault);
}

void spot_close(struct spot *spot)
{
	if (spot->folder >= 0)
		close(spot->folder);
	spot->folder = -1;
}

static int fail_spot(struct spot *spot, int fault)
{
	spot_close(spot);
	errno = fault;
	return -1;
}

/* To be flushed a folder must be open for reading, which not everyone may who
 * may write to it. */
static int open_spot_folder(int at, const char *path)
{
	const int how = O_DIRECTORY | O_CLOEXEC;
	int fd = openat(at, path, O_RDONLY | how);

	return fd < 0 && errno == EACCES ? openat(at, path, O_PATH | how) : fd;
}

/* Move to the folder of a path that begins there, and take its name. */
static int go_to(struct spot *spot, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char folder[PATH_MAX];
	size_t length = slash ? (size_t)(name - path) : 0;
	int fd;

	if (!*path)
		return fail_spot(spot, ENOENT);
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return fail_spot(spot, EISDIR);
	if (length >= sizeof(folder) || strlen(name) > NAME_MAX)
		return fail_spot(spot, ENAMETOOLONG);
	memcpy(folder, path, length);
	folder[length] = '\0';
	fd = open_spot_folder(spot->folder < 0 ? AT_FDCWD : spot->folder,
			      length ? folder : ".");
	if (fd < 0)
		return fail_spot(spot, errno);
	spot_close(spot);
	spot->folder = fd;
	strcpy(spot->name, name);
	return 0;
}

bool spot_trusts_link(const struct stat *link, const struct stat *target)
{
	return link->st_uid == 0 || link->st_uid == geteuid() ||
	       link->st_uid == target->st_uid;
}

/* What leads nowhere is led to by the caller and by root alone. */
static bool is_trusted_link(const struct spot *spot, const struct stat *link)
{
	struct stat target = {.st_uid = 0};

	(void)fstatat(spot->folder, spot->name, &target, 0);
	return spot_trusts_link(link, &target);
}

int spot_open(struct spot *spot, const char *path)
{
	char target[PATH_MAX];
	struct stat status;
	int links;

	*spot = (struct spot){.folder = -1};
	if (go_to(spot, path) < 0)
		return -1;
	for (links = 0; links < LINKS_MAX; links++) {
		ssize_t length;

		if (spot_status(spot, &status) < 0 ||
		    !S_ISLNK(status.st_mode) || !is_trusted_link(spot, &status))
			return 0;
		length = readlinkat(spot->folder, spot->name, target,
				    sizeof(target) - 1);
		if (length < 0)
			return fail_spot(spot, errno);
		target[length] = '\0';
		if (go_to(spot, target) < 0)
			return -1;
	}
	return fail_spot(spot, ELOOP);
}

/* One folder further down; a link is none. */
static int enter_folder(int at, const char *name, bool makes_folders)
{
	const int how = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	struct stat status;
	int fd = openat(at, name, how);

	if (fd < 0 && errno == ENOENT && makes_folders &&
	    (mkdirat(at, name, FOLDER_MODE) == 0 || errno == EEXIST))
		fd = openat(at, name, how);
	if (fd < 0 && errno == ENOTDIR &&
	    fstatat(at, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		errno = S_ISLNK(status.st_mode) ? ELOOP : ENOTDIR;
	return fd;
}

/* At the folder that the file is in. */
static int arrive_at_folder(struct spot *spot)
{
	int fd = open_spot_folder(spot->folder, ".");

	if (fd < 0)
		return fail_spot(spot, errno);
	spot_close(spot);
	spot->folder = fd;
	if (*spot->name)
		return 0;
	return fail_spot(spot, EISDIR);
}

int spot_open_real(struct spot *spot, const char *path, bool makes_folders)
{
	*spot = (struct spot){.folder = open("/", O_PATH | O_CLOEXEC)};
	if (spot->folder < 0)
		return -1;
	for (;;) {
		size_t length = strcspn(path += strspn(path, "/"), "/");
		int fd;

		if (length > NAME_MAX)
			return fail_spot(spot, ENAMETOOLONG);
		memcpy(spot->name, path, length);
		spot->name[length] = '\0';
		path += length;
		if (!*path)
			break;
		fd = enter_folder(spot->folder, spot->name, makes_folders);
		if (fd < 0)
			return fail_spot(spot, errno);
		spot_close(spot);
		spot->folder = fd;
	}
	return arrive_at_folder(spot);
}

int spot_open_folder(struct spot *spot, const char *folder)
{
	*spot = (struct spot){.folder = open_spot_folder(AT_FDCWD, folder)};
	return spot->folder < 0 ? -1 : 0;
}

int spot_set_name(struct spot *spot, const char *name)
{
	if (strlen(name) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(spot->name, name);
	return 0;
}

int spot_status(const struct spot *spot, struct stat *out)
{
	return fstatat(spot->folder, spot->name, out, AT_SYMLINK_NOFOLLOW);
}

bool spot_has(const struct spot *spot, const struct stat *file)
{
	struct stat status;

	return spot_status(spot, &status) == 0 &&
	       status.st_dev == file->st_dev && status.st_ino == file->st_ino;
}

int spot_flush_folder(const struct spot *spot)
{
	/* some file systems cannot do it for folders */
	if (fsync(spot->folder) == 0 || errno == EINVAL || errno == ENOTSUP)
		return 0;
	/* open by O_PATH alone */
	if (errno == EBADF)
		errno = EACCES;
	return -1;
}

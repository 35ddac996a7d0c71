/* A file that nobody else may stamp, or has changed, while we do. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dcm_hold.h"
#include "error.h"

enum { TRIES = 100 };

static int fail_hold(const struct dcm_hold *hold, int fault, dfh_error **error)
{
	return error_because(error, DFH_CANNOT_READ, "%s: %s", hold->path,
			     spot_fault(fault));
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same_status(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mode == b->st_mode &&
	       a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
	       a->st_nlink == b->st_nlink &&
	       is_same_time(&a->st_mtim, &b->st_mtim);
}

static int open_held_file(struct dcm_hold *hold, dfh_error **error)
{
	/* O_NONBLOCK: opening a FIFO must not wait for its writer */
	const int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
	const struct spot *spot = hold->in_place;

	hold->fd = spot ? openat(spot->folder, spot->name, how | O_NOFOLLOW)
			: open(hold->path, how);
	if (hold->fd < 0 || fstat(hold->fd, &hold->status) < 0)
		return fail_hold(hold, errno, error);
	if (!S_ISREG(hold->status.st_mode))
		return error_because(error, DFH_CANNOT_READ,
				     "%s: is not a regular file", hold->path);
	return 0;
}

/* 1: locked, 0: by somebody else; -1: errno.  Where there are no locks we go
 * on without one; the check before the rename is left. */
static int lock_file(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 1;
	if (errno == EWOULDBLOCK)
		return 0;
	return errno == ENOLCK || errno == EOPNOTSUPP || errno == EBADF ? 1
									: -1;
}

int dcm_hold_open(struct dcm_hold *hold, const char *path,
		  const struct spot *in_place, dfh_error **error)
{
	int tries, locked;

	for (tries = 0; tries < TRIES; tries++) {
		*hold = (struct dcm_hold){path, in_place, .fd = -1};
		if (open_held_file(hold, error) < 0)
			break;
		if (!in_place)
			return 0;
		locked = lock_file(hold->fd);
		if (locked == 0)
			error_because(
				error, DFH_LOCKED,
				"%s: not stamped: another run is at it; run "
				"again when that has ended",
				path);
		else if (locked < 0)
			fail_hold(hold, errno, error);
		else if (spot_has(in_place, &hold->status))
			return 0;
		else {
			/* it was replaced before we had the lock */
			dcm_hold_close(hold);
			continue;
		}
		break;
	}
	if (tries == TRIES)
		error_because(error, DFH_CHANGED,
			      "%s: not stamped: it is replaced again and again",
			      path);
	dcm_hold_close(hold);
	return -1;
}

static int refuse_changed(const struct dcm_hold *hold, dfh_error **error)
{
	return error_because(
		error, DFH_CHANGED,
		"%s: not stamped: it has changed since it was read; "
		"run again",
		hold->path);
}

int dcm_hold_check(const struct dcm_hold *hold, dfh_error **error)
{
	const struct stat *then = &hold->status;
	struct stat now;

	if ((hold->in_place ? spot_status(hold->in_place, &now)
			    : stat(hold->path, &now)) < 0)
		return fail_hold(hold, errno, error);
	/* whoever changes a file can set its time back, but not that of the
	 * change itself (inode(7)) */
	if (is_same_status(&now, then) &&
	    is_same_time(&now.st_ctim, &then->st_ctim))
		return 0;
	return refuse_changed(hold, error);
}

int dcm_hold_check_moved(const struct dcm_hold *hold, const char *name,
			 nlink_t more, dfh_error **error)
{
	struct spot spot = {.folder = hold->in_place->folder};
	struct stat now;

	strcpy(spot.name, name);
	if (spot_status(&spot, &now) < 0)
		return fail_hold(hold, errno, error);
	now.st_nlink -= more;
	return is_same_status(&now, &hold->status)
		       ? 0
		       : refuse_changed(hold, error);
}

int dcm_hold_may_replace(const struct dcm_hold *hold,
			 const struct dcm_writing *writing,
			 const char *original, dfh_error **error)
{
	const struct stat *status = &hold->status;
	const struct spot *spot = hold->in_place;
	struct spot other = {.folder = spot->folder};
	nlink_t ours = 1;

	/* of a run that was killed before it could replace the first name */
	snprintf(other.name, sizeof(other.name), "%s", original);
	if (*original && spot_has(&other, status))
		ours++;

	if (!writing->ignores_read_only &&
	    (!(status->st_mode & 0222) ||
	     faccessat(spot->folder, spot->name, W_OK, AT_EACCESS) < 0))
		return error_because(
			error, DFH_PROTECTED,
			"%s: not stamped in place: it is read-only; "
			"--ignore-read-only does it all the same",
			hold->path);
	if (!writing->breaks_links && status->st_nlink > ours)
		return error_because(
			error, DFH_PROTECTED,
			"%s: not stamped in place: it has %lu names, "
			"and the others would keep the old header; "
			"--break-links does it all the same",
			hold->path, (unsigned long)status->st_nlink);
	return 0;
}

void dcm_hold_close(struct dcm_hold *hold)
{
	if (hold->fd >= 0)
		close(hold->fd);
	hold->fd = -1;
}

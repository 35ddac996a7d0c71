#include "state_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "cli_lock.h"
#include "memory.h"
#include "new_file.h"

static const char version_name[] = "version", lock_name[] = "lock";
static const char version[] = "dcmfhird-state-1\n";

/* What was killed together with the daemon may have the lock for a moment. */
enum { LOCK_TRIES = 20, LOCK_PAUSE_MS = 100 };

static int state_fail(const struct state_folder *state, const char *name)
{
	cli_say("%s/%s: %s", state->path, name, strerror(errno));
	return -1;
}

/* ---- what is below it ---- */

DIR *state_read_folder(int state, const char *name)
{
	int fd = openat(state, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	int fault = errno;
	if (fd >= 0 && !folder)
		close(fd);
	errno = fault;
	return folder;
}

/* What cannot be removed harms nobody. */
static void remove_halves(int folder)
{
	char failed[NAME_MAX + 1];
	new_file_remove_dead(folder, failed);
}

/* The folder that is above it, for a run that was killed may have made the name
 * alone. */
static int flush_above(DIR *folder)
{
	int above =
		openat(dirfd(folder), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = above < 0 ? -1 : fsync(above);
	int fault = errno;
	if (above >= 0)
		close(above);
	errno = fault;
	return result;
}

int state_make_folder(const struct state_folder *state, const char *name)
{
	if (mkdirat(state->folder, name, 0700) < 0 && errno != EEXIST)
		return -1;
	DIR *folder = state_read_folder(state->folder, name);
	if (!folder)
		return -1;
	remove_halves(dirfd(folder));
	int result = flush_above(folder);
	int fault = errno;
	closedir(folder);
	errno = fault;
	return result;
}

static int write_at(const struct spot *spot, const void *bytes, size_t length)
{
	struct new_file file;
	if (new_file_open(&file, spot) < 0)
		return -1;
	file.mode = 0600;
	bool good = new_file_write(&file, bytes, length) == 0 &&
		    new_file_flush(&file) == 0 && new_file_place(&file) == 0;
	int fault = errno;
	new_file_close(&file);
	errno = fault;
	return good ? 0 : -1;
}

int state_write_file(const struct state_folder *state, const char *folder,
		     const char *name, const void *bytes, size_t length)
{
	struct spot spot;
	char *path = xprintf("%s/%s", state->path, folder);
	int result = spot_open_folder(&spot, path);
	free(path);
	if (result < 0)
		return -1;
	result = spot_set_name(&spot, name);
	if (result == 0)
		result = write_at(&spot, bytes, length);
	int fault = errno;
	spot_close(&spot);
	errno = fault;
	return result;
}

/* ---- the folder ---- */

static int close_to_others(const struct state_folder *state)
{
	struct stat status;
	if (fstat(state->folder, &status) < 0)
		return state_fail(state, ".");
	if (!(status.st_mode & 077) || fchmod(state->folder, 0700) == 0)
		return 0;
	cli_say("%s: others can look into it, and it is not ours to close: "
		"name a folder that belongs to the user of dcmfhird",
		state->path);
	return -1;
}

static int open_state(struct state_folder *state)
{
	if (mkdir(state->path, 0700) < 0 && errno != EEXIST) {
		cli_say("%s: %s", state->path, strerror(errno));
		return -1;
	}
	state->folder = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->folder >= 0)
		return close_to_others(state);
	cli_say("%s: %s", state->path, strerror(errno));
	return -1;
}

/* ---- one at a time ---- */

static void say_owner(const struct state_folder *state)
{
	char holder[LOCK_HOLDER];
	cli_lock_holder(state->lock, holder);
	cli_say("%s: another daemon has it, process %s", state->path,
		*holder ? holder : "unknown");
}

static int lock_state(struct state_folder *state)
{
	char text[32];
	state->lock = openat(state->folder, lock_name,
			     O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (state->lock < 0)
		return state_fail(state, lock_name);
	int tries = LOCK_TRIES;
	while (flock(state->lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return state_fail(state, lock_name);
		if (!--tries) {
			say_owner(state);
			return -1;
		}
		usleep(LOCK_PAUSE_MS * 1000);
	}
	snprintf(text, sizeof text, "%ld\n", (long)getpid());
	return cli_lock_name(state->lock, text) < 0
		       ? state_fail(state, lock_name)
		       : 0;
}

/* ---- the version ---- */

/* Is there anything but what this daemon made before it wrote the version? */
static bool has_others(const struct state_folder *state)
{
	DIR *folder = state_read_folder(state->folder, ".");
	struct dirent *found;
	bool has = false;
	while (folder && !has && (found = readdir(folder)))
		has = found->d_name[0] != '.' &&
		      strcmp(found->d_name, lock_name) != 0 &&
		      !new_file_is_temporary(found->d_name);
	if (folder)
		closedir(folder);
	return has;
}

static int write_version(const struct state_folder *state)
{
	if (state_write_file(state, ".", version_name, version,
			     sizeof version - 1) < 0 ||
	    fsync(state->folder) < 0)
		return state_fail(state, version_name);
	return 0;
}

static int check_version(const struct state_folder *state)
{
	char text[64] = "";
	int fd = openat(state->folder, version_name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT && !has_others(state))
		return write_version(state);
	if (fd < 0) {
		cli_say("%s is no state of dcmfhird, for it holds other files: "
			"name a folder of its own",
			state->path);
		return -1;
	}
	ssize_t got = read(fd, text, sizeof text - 1);
	close(fd);
	if (got > 0 && strcmp(text, version) == 0)
		return 0;
	cli_say("%s: is of another version of dcmfhird, which says: %s",
		state->path, text);
	return -1;
}

/* ---- all of it ---- */

int state_open(const char *path, struct state_folder **out)
{
	struct state_folder *state = xmalloc(sizeof *state);
	*state = (struct state_folder){
		.path = xstrdup(path), .folder = -1, .lock = -1};
	*out = NULL;
	if (open_state(state) < 0 || lock_state(state) < 0 ||
	    check_version(state) < 0) {
		state_close(state);
		return DFH_IO;
	}
	remove_halves(state->folder);
	*out = state;
	return DFH_OK;
}

void state_close(struct state_folder *state)
{
	if (!state)
		return;
	if (state->folder >= 0)
		close(state->folder);
	if (state->lock >= 0)
		close(state->lock);
	free(state->path);
	free(state);
}

#include "studies.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "digest.h"

const char studies_folder[] = "studies", studies_due[] = "due";
static const char exporting[] = "exporting", held[] = "held";

const char studies_replaced[] = ".replaced";

/* ---- names ---- */

static bool is_plain_uid(const char *uid)
{
	size_t length = strlen(uid);
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)uid[i]) && uid[i] != '-' &&
		    uid[i] != '.')
			return false;
	return length && length <= 64 && uid[0] != '.';
}

/* What is no UID is named by its digest, which begins as none does. */
void studies_name(const char *uid, char name[STUDY_NAME])
{
	char digest[DIGEST_SIZE];
	if (is_plain_uid(uid)) {
		snprintf(name, STUDY_NAME, "%s", uid);
		return;
	}
	digest_bytes(uid, strlen(uid), digest);
	snprintf(name, STUDY_NAME, "x-%.64s", digest);
}

/* ---- folders ---- */

static int open_queue(const struct state_folder *state, const char *name)
{
	return openat(state->folder, name,
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

int studies_flush(const struct state_folder *state, const char *name)
{
	int folder = open_queue(state, name);
	int result = folder < 0 ? -1 : fsync(folder);
	int fault = errno;
	if (folder >= 0)
		close(folder);
	errno = fault;
	return result;
}

static void move_study(const struct state_folder *state, const char *study,
		       const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];
	snprintf(old, sizeof old, "%s/%s", from, study);
	snprintf(new, sizeof new, "%s/%s", to, study);
	if (renameat(state->folder, old, state->folder, new) < 0 &&
	    errno != ENOENT)
		cli_say("%s/%s: %s", state->path, old, strerror(errno));
}

static int move_all(const struct state_folder *state, const char *from,
		    const char *to)
{
	int fd = open_queue(state, from);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;
	if (!folder)
		return -1;
	while ((found = readdir(folder)))
		if (found->d_name[0] != '.')
			move_study(state, found->d_name, from, to);
	closedir(folder);
	return 0;
}

int studies_begin(const struct state_folder *state)
{
	static const char *const all[] = {studies_folder, studies_due,
					  exporting, held};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (state_make_folder(state, all[i]) < 0)
			return -1;
	return move_all(state, exporting, studies_due) < 0
		       ? -1
		       : move_all(state, held, studies_due);
}

/* ---- instances come ---- */

int studies_lock(const struct state_folder *state, bool alone)
{
	int folder = open_queue(state, studies_folder);
	int result = folder < 0 ? -1 : flock(folder, alone ? LOCK_EX : LOCK_SH);
	if (result == 0)
		return folder;
	if (folder >= 0)
		close(folder);
	return -1;
}

int studies_make(const struct state_folder *state, const char *study,
		 char path[PATH_MAX])
{
	char name[PATH_MAX];
	snprintf(name, sizeof name, "%s/%s", studies_folder, study);
	if (mkdirat(state->folder, name, 0700) < 0 && errno != EEXIST)
		return -1;
	if (studies_flush(state, studies_folder) < 0)
		return -1;
	if (snprintf(path, PATH_MAX, "%s/%s", state->path, name) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

/* Its time is that from which the study is quiet. */
int studies_open_mark(const struct state_folder *state, const char *study)
{
	char name[PATH_MAX];
	snprintf(name, sizeof name, "%s/%s", studies_due, study);
	int mark = openat(state->folder, name,
			  O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (mark < 0)
		return -1;
	if (futimens(mark, NULL) == 0 && studies_flush(state, studies_due) == 0)
		return mark;
	int fault = errno;
	close(mark);
	errno = fault;
	return -1;
}

/* ---- studies go ---- */

/* A study can come by both ways: the longer time counts. */
long studies_quiet(const struct configuration *configuration)
{
	long received =
		configuration->receive.is_on ? configuration->receive.quiet : 0;
	long written =
		configuration->watch.is_on ? configuration->watch.quiet : 0;
	return received > written ? received : written;
}

/* A clock that was set back does not hold it up. */
static bool is_quiet(int folder, const char *study, long quiet)
{
	struct stat status;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (fstatat(folder, study, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	double passed = (double)(now.tv_sec - status.st_mtim.tv_sec) +
			(double)(now.tv_nsec - status.st_mtim.tv_nsec) / 1e9;
	return passed >= (double)quiet || passed < 0;
}

bool studies_take(const struct state_folder *state, long quiet,
		  char study[STUDY_NAME])
{
	int fd = open_queue(state, studies_due);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;
	bool taken = false;
	while (folder && !taken && (found = readdir(folder))) {
		if (found->d_name[0] == '.' ||
		    !is_quiet(fd, found->d_name, quiet))
			continue;
		snprintf(study, STUDY_NAME, "%.*s", STUDY_NAME - 1,
			 found->d_name);
		move_study(state, study, studies_due, exporting);
		taken = true;
	}
	if (folder)
		closedir(folder);
	return taken;
}

void studies_done(const struct state_folder *state, const char *study)
{
	char name[PATH_MAX];
	snprintf(name, sizeof name, "%s/%s", exporting, study);
	if (unlinkat(state->folder, name, 0) < 0 && errno != ENOENT)
		cli_say("%s/%s: %s", state->path, name, strerror(errno));
}

void studies_again(const struct state_folder *state, const char *study)
{
	move_study(state, study, exporting, studies_due);
}

void studies_hold(const struct state_folder *state, const char *study)
{
	move_study(state, study, exporting, held);
}

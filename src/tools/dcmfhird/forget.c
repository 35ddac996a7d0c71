#include "forget.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "forgotten.h"
#include "cli_journal.h"
#include "studies.h"

enum { LOOK_SECONDS = 3600, DAY_SECONDS = 24 * 3600 };

static const char forgetting[] = "forgetting";

/* Whose files are kept whole keeps them, unless he says how long. */
static long days_of(const struct configuration *configuration)
{
	if (configuration->forget != FORGET_UNSAID)
		return configuration->forget;
	return configuration->receive.keep == KEEP_FILES ? 0 : FORGET_DAYS;
}

bool forget_is_on(const struct configuration *configuration)
{
	return days_of(configuration) &&
	       (configuration->send.is_on || configuration->forward_count);
}

static void study_path(const char *folder, const char *study,
		       char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", folder, study);
}

static bool has_file(const struct state_folder *state, const char *folder,
		     const char *study)
{
	char path[PATH_MAX];
	struct stat status;
	study_path(folder, study, path);
	return fstatat(state->folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- is it over? ---- */

/* A folder has the time at which the last instance came. */
static bool is_old(const struct daemon *daemon, const char *study)
{
	double days = (double)days_of(daemon->configuration);
	char path[PATH_MAX];
	struct stat status;
	study_path("studies", study, path);
	return fstatat(daemon->state->folder, path, &status,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	       difftime(time(NULL), status.st_mtim.tv_sec) > days * DAY_SECONDS;
}

/* Where nothing is sent, the marks are nobody's. */
static bool is_over(const struct daemon *daemon, const char *study)
{
	const struct state_folder *state = daemon->state;
	if (!is_old(daemon, study))
		return false;
	return !daemon->configuration->send.is_on ||
	       (!has_file(state, "due", study) &&
		!has_file(state, "exporting", study) &&
		!has_file(state, "held", study));
}

/* ---- it goes ---- */

static int remove_study(const struct state_folder *state, const char *study)
{
	char path[PATH_MAX];
	study_path(forgetting, study, path);
	int fd = openat(state->folder, path,
			O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;
	if (!folder)
		return -1;
	while ((found = readdir(folder)))
		if (strcmp(found->d_name, ".") != 0 &&
		    strcmp(found->d_name, "..") != 0)
			unlinkat(fd, found->d_name, 0);
	closedir(folder);
	return unlinkat(state->folder, path, AT_REMOVEDIR);
}

static int put_away(const struct state_folder *state, const char *study)
{
	char from[PATH_MAX], to[PATH_MAX], mark[PATH_MAX];
	study_path("studies", study, from);
	study_path(forgetting, study, to);
	study_path("due", study, mark);
	/* that something is gone is known before it goes */
	if (forgotten_add(state, study) < 0)
		return -1;
	unlinkat(state->folder, mark, 0);
	return renameat(state->folder, from, state->folder, to);
}

/* Whoever brings an instance has the lock until it is marked. */
static bool forget_sent_study(const struct daemon *daemon, const char *study)
{
	const struct state_folder *state = daemon->state;
	int lock = studies_lock(state, true);
	if (lock < 0)
		return false;
	bool goes = is_over(daemon, study);
	int result = goes ? put_away(state, study) : 0;
	close(lock);
	if (goes && result == 0)
		result = remove_study(state, study);
	if (result < 0)
		cli_say("%s/studies/%s: %s", state->path, study,
			strerror(errno));
	return goes && result == 0;
}

/* ---- a look ---- */

/* What was being removed when it was killed. */
static void finish_forgetting(const struct state_folder *state)
{
	DIR *folder = state_read_folder(state->folder, forgetting);
	struct dirent *found;
	while (folder && (found = readdir(folder)))
		if (found->d_name[0] != '.')
			remove_study(state, found->d_name);
	if (folder)
		closedir(folder);
}

static void forget_all(struct turn *turn)
{
	const struct daemon *daemon = turn->daemon;
	DIR *folder = state_read_folder(daemon->state->folder, "studies");
	struct dirent *found;
	size_t count = 0;
	while (folder && turn_goes_on(turn) && (found = readdir(folder)))
		if (found->d_name[0] != '.' && is_over(daemon, found->d_name))
			count += forget_sent_study(daemon, found->d_name);
	if (folder)
		closedir(folder);
	if (count)
		cli_journal("forgotten", "studies=%zu", count);
}

void forget_run(struct turn *turn)
{
	const struct state_folder *state = turn->daemon->state;
	if (state_make_folder(state, forgetting) < 0 ||
	    forgotten_begin(state) < 0) {
		cli_say("%s: nothing is forgotten: %s", state->path,
			strerror(errno));
		return;
	}
	finish_forgetting(state);
	while (turn_goes_on(turn)) {
		forget_all(turn);
		turn_pause(turn, LOOK_SECONDS);
	}
}

/*
 * inotify tells in which folder something was written; then its files are
 * looked through, and those that are new, or not as they were, are taken in.
 * What was seen is kept over a restart; where it was not, for the daemon was
 * killed, files are taken in again, which changes nothing.
 */
#include "watch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "hash.h"
#include "http.h"
#include "intake.h"
#include "cli_journal.h"
#include "memory.h"
#include "seen.h"

enum {
	LOOK_MS = 500,
	FRESH_SECONDS = 3,
	EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR |
		 IN_DONT_FOLLOW
};

/* A folder that inotify knows by a number. */
struct watched {
	int number;
	bool has_news;
	char *path;
};

struct watch {
	struct turn *turn;
	int inotify;
	struct watched *folders;
	size_t count;
	bool is_told;	    /* that there are too many folders */
	bool is_unfinished; /* a file seems to be being written */
	struct hashes seen, now;
	struct intake intake;
};

bool watch_is_on(const struct configuration *configuration)
{
	return configuration->watch.is_on;
}

/* ---- folders ---- */

/* A folder that is known by its number is not added again. */
static void watch_folder(struct watch *watch, const char *path)
{
	int number = inotify_add_watch(watch->inotify, path, EVENTS);
	if (number < 0) {
		if (!watch->is_told)
			cli_say("%s: %s: what is written there is found with "
				"the next scan",
				watch->turn->daemon->configuration->watch
					.folder,
				strerror(errno));
		watch->is_told = true;
		return;
	}
	for (size_t i = 0; i < watch->count; i++)
		if (watch->folders[i].number == number)
			return;
	watch->folders = xrealloc(watch->folders,
				  (watch->count + 1) * sizeof *watch->folders);
	watch->folders[watch->count++] =
		(struct watched){.number = number, .path = xstrdup(path)};
}

static void forget_folder(struct watch *watch, int number)
{
	for (size_t i = 0; i < watch->count; i++) {
		if (watch->folders[i].number != number)
			continue;
		free(watch->folders[i].path);
		watch->folders[i] = watch->folders[--watch->count];
		return;
	}
}

/* ---- files ---- */

/* What is another file, or was changed, has another number. */
static uint64_t file_number(const char *path, const struct stat *status)
{
	const uint64_t parts[] = {
		(uint64_t)status->st_dev, (uint64_t)status->st_ino,
		(uint64_t)status->st_size, (uint64_t)status->st_mtim.tv_sec,
		(uint64_t)status->st_mtim.tv_nsec};
	uint64_t hash = hash_bytes(HASH_START, path, strlen(path));
	return hash_bytes(hash, parts, sizeof parts);
}

/* What was just written may not be all of it. */
static bool is_fresh(const struct stat *status)
{
	return difftime(time(NULL), status->st_mtim.tv_sec) < FRESH_SECONDS;
}

/* A name can be a patient's: a file that is none is told by its inode. */
static void take_file(struct watch *watch, const char *path,
		      const struct stat *status)
{
	struct tally *tally = watch->turn->daemon->tally;
	uint64_t number = file_number(path, status);
	struct taken taken;
	hashes_add(&watch->now, number);
	if (hashes_have(&watch->seen, number))
		return;
	switch (intake_take(&watch->intake, path, NULL, &taken)) {
	case INTAKE_SAFE:
		tally->instances++;
		hashes_add(&watch->seen, number);
		return;
	case INTAKE_NOT_UNDERSTOOD:
	case INTAKE_OTHER:
		if (is_fresh(status)) {
			watch->is_unfinished = true;
			hashes_take_out(&watch->now, number);
			return;
		}
		hashes_add(&watch->seen, number);
		break;
	case INTAKE_FULL:
	case INTAKE_FAILED:
		/* another time */
		hashes_take_out(&watch->now, number);
		break;
	}
	tally->instances_refused++;
	cli_journal("passed-over", "inode=%llu reason=\"%s\"",
		    (unsigned long long)status->st_ino, taken.fault);
}

static void scan(struct watch *watch, const char *folder, bool all);

static void take_entry(struct watch *watch, const char *folder,
		       const char *name, bool all)
{
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof path, "%s/%s", folder, name);
	if (length >= PATH_MAX || lstat(path, &status) < 0)
		return;
	if (S_ISREG(status.st_mode)) {
		take_file(watch, path, &status);
	} else if (S_ISDIR(status.st_mode)) {
		size_t before = watch->count;
		watch_folder(watch, path);
		if (all || watch->count > before)
			scan(watch, path, all);
	}
}

/* The files of a folder; all: and of those below it, else only of new ones. */
static void scan(struct watch *watch, const char *folder, bool all)
{
	DIR *open = opendir(folder);
	struct dirent *found;
	if (!open)
		return;
	while (turn_goes_on(watch->turn) && (found = readdir(open)))
		if (found->d_name[0] != '.')
			take_entry(watch, folder, found->d_name, all);
	closedir(open);
}

/* What is not there any more is forgotten. */
static void scan_all(struct watch *watch)
{
	const struct daemon *daemon = watch->turn->daemon;
	const char *folder = daemon->configuration->watch.folder;
	free(watch->now.at);
	watch->now = (struct hashes){0};
	watch_folder(watch, folder);
	scan(watch, folder, true);
	if (!turn_goes_on(watch->turn))
		return;
	free(watch->seen.at);
	watch->seen = watch->now;
	watch->now = (struct hashes){0};
	seen_write(daemon->state, &watch->seen);
}

/* ---- events ---- */

/* false: some were lost. */
static bool take_events(struct watch *watch, const char *events, size_t length)
{
	bool whole = true;
	for (size_t at = 0; at < length;) {
		struct inotify_event event;
		memcpy(&event, events + at, sizeof event);
		at += sizeof event + event.len;
		if (event.mask & IN_Q_OVERFLOW)
			whole = false;
		if (event.mask & IN_IGNORED)
			forget_folder(watch, event.wd);
		/* a file tells when it is complete */
		if ((event.mask & IN_CREATE) && !(event.mask & IN_ISDIR))
			continue;
		for (size_t i = 0; i < watch->count; i++)
			if (watch->folders[i].number == event.wd)
				watch->folders[i].has_news = true;
	}
	return whole;
}

/* false: all is to be scanned. */
static bool read_events(struct watch *watch)
{
	struct pollfd ready = {.fd = watch->inotify, .events = POLLIN};
	char events[64 * 1024];
	ssize_t got;
	bool whole = true;
	if (poll(&ready, 1, LOOK_MS) <= 0)
		return true;
	while ((got = read(watch->inotify, events, sizeof events)) > 0)
		whole = take_events(watch, events, (size_t)got) && whole;
	return whole;
}

/* Scanning adds folders, and they may move. */
static void scan_news(struct watch *watch)
{
	for (size_t i = 0; i < watch->count; i++) {
		if (!watch->folders[i].has_news)
			continue;
		char *path = xstrdup(watch->folders[i].path);
		watch->is_unfinished = false;
		scan(watch, path, false);
		watch->folders[i].has_news = watch->is_unfinished;
		free(path);
	}
}

/* ---- the role ---- */

static void watch_begin(struct watch *watch)
{
	const struct daemon *daemon = watch->turn->daemon;
	watch->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->inotify < 0)
		cli_say("watch: %s: only scans find what is written",
			strerror(errno));
	watch->intake = (struct intake){
		.state = daemon->state,
		.reader = dfh_export_new(daemon->rules, NULL, NULL),
		.reserve = daemon->configuration->receive.reserve};
	seen_read(daemon->state, &watch->seen);
}

static void watch_end(struct watch *watch)
{
	if (watch->inotify >= 0)
		close(watch->inotify);
	while (watch->count)
		free(watch->folders[--watch->count].path);
	free(watch->folders);
	free(watch->seen.at);
	free(watch->now.at);
	study_place_leave(&watch->intake.place);
	dfh_export_free(watch->intake.reader);
}

void watch_run(struct turn *turn)
{
	struct watch watch = {.turn = turn};
	double every = (double)turn->daemon->configuration->watch.scan;
	double next = 0;
	watch_begin(&watch);
	while (turn_goes_on(turn)) {
		if (http_seconds() >= next || !read_events(&watch)) {
			watch.is_unfinished = false;
			scan_all(&watch);
			next = http_seconds() +
			       (watch.is_unfinished ? FRESH_SECONDS : every);
		}
		scan_news(&watch);
	}
	watch_end(&watch);
}

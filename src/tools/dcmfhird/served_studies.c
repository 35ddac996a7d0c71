#include "served_studies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "forgotten.h"
#include "header_source.h"
#include "studies.h"

/* Of the instances of a study, those that are served. */
struct arrived {
	char name[STUDY_NAME + 8];
	double at; /* when it came */
	ino_t file;
};

struct served_moment {
	struct arrived *instances;
	size_t count;
	double replaced; /* when an instance came again; 0: never */
};

static double served_seconds(const struct timespec *time)
{
	return (double)time->tv_sec + (double)time->tv_nsec / 1e9;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_REALTIME, &time);
	return served_seconds(&time);
}

/* ---- what is there ---- */

static double replaced_at(int folder)
{
	struct stat status;
	return fstatat(folder, studies_replaced, &status,
		       AT_SYMLINK_NOFOLLOW) == 0
		       ? served_seconds(&status.st_mtim)
		       : 0;
}

/* What is no file, none of us put there. */
static void note_arrived(int folder, const char *name,
			 struct served_moment *moment)
{
	struct stat status;
	if (name[0] == '.' || strlen(name) >= sizeof moment->instances->name ||
	    fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(status.st_mode))
		return;
	array_room(moment->instances, moment->count);
	struct arrived *arrived = &moment->instances[moment->count++];
	snprintf(arrived->name, sizeof arrived->name, "%s", name);
	arrived->at = served_seconds(&status.st_mtim);
	arrived->file = status.st_ino;
}

/* -1: errno. */
static int list_arrived(int folder, struct served_moment *moment)
{
	int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again < 0 ? NULL : fdopendir(again);
	struct dirent *found;
	if (!list) {
		if (again >= 0)
			close(again);
		return -1;
	}
	while ((found = readdir(list)))
		note_arrived(folder, found->d_name, moment);
	closedir(list);
	/* not before: it is told before it is done */
	moment->replaced = replaced_at(folder);
	return 0;
}

/* ---- what of it is served ---- */

static int compare_arrived(const void *a, const void *b)
{
	double first = ((const struct arrived *)a)->at;
	double second = ((const struct arrived *)b)->at;
	return (first > second) - (first < second);
}

/* What came since the study was quiet last is left away.  An instance that
 * came in the place of another one cannot be: then *later says when it is quiet
 * again. */
static enum spooled choose_quiet(struct served_moment *moment, double quiet,
				 double *later)
{
	double end = now();
	size_t count = moment->count;
	if (!count)
		return SPOOLED_ABSENT;
	qsort(moment->instances, count, sizeof *moment->instances,
	      compare_arrived);
	*later = moment->instances[count - 1].at + quiet - end;
	while (count) {
		double at = moment->instances[count - 1].at;
		/* a clock that was set back does not hold it up */
		if (end - at >= quiet || at > now())
			break;
		end = at;
		count--;
	}
	double since = count ? moment->instances[count - 1].at : 0;
	if (count < moment->count && moment->replaced > since)
		return SPOOLED_LATER;
	moment->count = count;
	return count ? SPOOLED : SPOOLED_ABSENT;
}

/* ---- it is read ---- */

static int take_served_instance(dfh_record *record, void *context)
{
	dfh_export_add_record(context, record);
	return 0;
}

/* Is it still the file that was found? */
static bool is_as_found(const dfh_source *source, const struct arrived *arrived)
{
	struct stat status;
	return fstat(header_descriptor(source), &status) == 0 &&
	       status.st_ino == arrived->file &&
	       served_seconds(&status.st_mtim) <= arrived->at;
}

static enum spooled add_served_instance(int folder,
					const struct arrived *arrived,
					dfh_export *ex, const char *origin)
{
	dfh_source source;
	dfh_error *error = NULL;
	const dfh_input input = {.size = sizeof input,
				 .source = &source,
				 .whole = 1,
				 .take = take_served_instance,
				 .context = ex,
				 .origin = origin};
	if (header_open_at(&source, folder, arrived->name) < 0) {
		if (errno == ENOENT) /* it was forgotten meanwhile */
			return SPOOLED_ABSENT;
		cli_say("serve: %s: %s", arrived->name, strerror(errno));
		return SPOOLED_BROKEN;
	}
	bool is_same = is_as_found(&source, arrived);
	int result = is_same ? dfh_export_read_each(ex, &input, &error) : 0;
	header_close(&source);
	if (error)
		cli_fail(error);
	if (!is_same)
		return SPOOLED_LATER;
	return result == 0 ? SPOOLED : SPOOLED_BROKEN;
}

static enum spooled add_served_instances(int folder,
					 const struct served_moment *moment,
					 dfh_export *ex, const char *origin)
{
	enum spooled result = SPOOLED;
	for (size_t i = 0; result == SPOOLED && i < moment->count; i++)
		result = add_served_instance(folder, &moment->instances[i], ex,
					     origin);
	return result;
}

static enum spooled read_served_study(void *context, const char *uid,
				      dfh_export *ex, const char *origin,
				      double *later)
{
	const struct daemon *daemon = context;
	struct served_moment moment = {0};
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", studies_folder, uid);
	int folder = openat(daemon->state->folder, path,
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (folder < 0 && (errno == ENOENT || errno == ENOTDIR))
		return SPOOLED_ABSENT;
	/* what came since is not all of it */
	if (folder >= 0 && forgotten_has(daemon->state, uid)) {
		close(folder);
		return SPOOLED_ABSENT;
	}
	double quiet = (double)studies_quiet(daemon->configuration);
	enum spooled result = SPOOLED_BROKEN;
	*later = quiet;
	if (folder < 0 || list_arrived(folder, &moment) < 0)
		cli_say("serve: %s: %s", path, strerror(errno));
	else
		result = choose_quiet(&moment, quiet, later);
	if (result == SPOOLED)
		result = add_served_instances(folder, &moment, ex, origin);
	free(moment.instances);
	if (folder >= 0)
		close(folder);
	return result;
}

static void visit_served_studies(void *context,
				 void (*found)(const char *uid, void *to),
				 void *to)
{
	const struct daemon *daemon = context;
	DIR *list = state_read_folder(daemon->state->folder, studies_folder);
	struct dirent *entry;
	while (list && (entry = readdir(list)))
		found(entry->d_name, to);
	if (list)
		closedir(list);
}

struct serve_spool served_studies(const struct daemon *daemon)
{
	return (struct serve_spool){.context = (void *)daemon,
				    .visit = visit_served_studies,
				    .read = read_served_study};
}

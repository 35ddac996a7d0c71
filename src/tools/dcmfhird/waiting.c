#include "waiting.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "arrivals.h"

/* Each is a folder of files, some of which have an end of their own. */
static const struct queue_folder {
	const char *name, *folder, *end;
} all[] = {{"incoming", "incoming", ""},
	   {"due", "due", ""},
	   {"exporting", "exporting", ""},
	   {"held", "held", ""},
	   {"outbox", "outbox", ".bundle"},
	   {"outbox/damaged", "outbox/damaged", ""},
	   {"stamp", "stamp", ".dcm"},
	   {"stamp/again", "stamp/again", ".dcm"},
	   {"stamp/unstamped", "stamp/unstamped", ".dcm"},
	   {"stamp/ready", "stamp/ready", ".dcm"},
	   {"quarantine", "quarantine", ".dcm"}};

static bool name_has_end(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);
	return length >= tail && strcmp(name + length - tail, end) == 0;
}

static void count_file(struct waiting *waiting, int folder, const char *name)
{
	struct stat status;
	double age;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	/* what was stamped, or restored of a backup, is another file */
	long long came = is_arrival(name) ? arrival_seconds(name) : 0;
	age = difftime(time(NULL),
		       came > 0 ? (time_t)came : status.st_mtim.tv_sec);
	waiting->count++;
	if (age > waiting->oldest)
		waiting->oldest = age;
}

/* A folder that is not there yet is empty. */
static void count_all(int state, const char *path, const char *end,
		      struct waiting *waiting)
{
	DIR *folder = state_read_folder(state, path);
	struct dirent *found;
	while (folder && (found = readdir(folder)))
		if (found->d_name[0] != '.' && name_has_end(found->d_name, end))
			count_file(waiting, dirfd(folder), found->d_name);
	if (folder)
		closedir(folder);
}

/* Those of the destinations, which are named by their folders. */
static void visit_forwards(int state,
			   void (*visit)(const struct waiting *waiting,
					 void *context),
			   void *context)
{
	static const char *const ends[] = {"", "/refused"};
	DIR *folder = state_read_folder(state, "forward");
	struct dirent *found;
	while (folder && (found = readdir(folder))) {
		for (size_t i = 0; i < 2 && found->d_name[0] != '.'; i++) {
			char path[128];
			struct waiting waiting = {.name = path};
			snprintf(path, sizeof path, "forward/%.100s%s",
				 found->d_name, ends[i]);
			count_all(state, path, ".dcm", &waiting);
			visit(&waiting, context);
		}
	}
	if (folder)
		closedir(folder);
}

void queues_visit(int state,
		  void (*visit)(const struct waiting *waiting, void *context),
		  void *context)
{
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct waiting waiting = {.name = all[i].name};
		count_all(state, all[i].folder, all[i].end, &waiting);
		visit(&waiting, context);
	}
	visit_forwards(state, visit, context);
}

#include "arrivals.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "studies.h"

static const char ending[] = ".dcm";

/* ---- names ---- */

void arrival_name(const char *instance, char name[ARRIVAL_NAME])
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(name, ARRIVAL_NAME, "%012lld%09ld-%s%s", (long long)now.tv_sec,
		 now.tv_nsec, instance, ending);
}

long long arrival_seconds(const char *name)
{
	char seconds[13];
	snprintf(seconds, sizeof seconds, "%s", name);
	return atoll(seconds);
}

bool is_arrival(const char *name)
{
	size_t length = strlen(name), tail = sizeof ending - 1;
	return name[0] != '.' && strchr(name, '-') && length > tail &&
	       length < ARRIVAL_NAME &&
	       strcmp(name + length - tail, ending) == 0;
}

void arrival_instance(const char *name, char instance[ARRIVAL_NAME])
{
	const char *from = strchr(name, '-') + 1;
	snprintf(instance, ARRIVAL_NAME, "%.*s",
		 (int)(strlen(from) - (sizeof ending - 1)), from);
}

/* ---- lists ---- */

static int compare_arrivals(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void arrivals_list(const struct state_folder *state, const char *folder,
		   struct arrivals *out)
{
	DIR *open = state_read_folder(state->folder, folder);
	struct dirent *found;
	*out = (struct arrivals){0};
	while (open && (found = readdir(open))) {
		if (!is_arrival(found->d_name))
			continue;
		array_room(out->names, out->count);
		out->names[out->count++] = xstrdup(found->d_name);
	}
	if (open)
		closedir(open);
	if (out->count)
		qsort(out->names, out->count, sizeof *out->names,
		      compare_arrivals);
}

void arrivals_free(struct arrivals *arrivals)
{
	while (arrivals->count)
		free(arrivals->names[--arrivals->count]);
	free(arrivals->names);
	arrivals->names = NULL;
}

/* ---- ways ---- */

int arrival_link(const struct state_folder *state, int at, const char *file,
		 const char *name, const char *folder)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	int result = linkat(at, file, state->folder, path, 0);
	int fault = errno;
	if (studies_flush(state, folder) < 0)
		return -1;
	errno = fault;
	return result;
}

int arrival_move(const struct state_folder *state, const char *name,
		 const char *from, const char *to)
{
	char old[PATH_MAX], new[PATH_MAX];
	snprintf(old, sizeof old, "%s/%s", from, name);
	snprintf(new, sizeof new, "%s/%s", to, name);
	if (renameat(state->folder, old, state->folder, new) < 0)
		return -1;
	return studies_flush(state, to);
}

int arrival_remove(const struct state_folder *state, const char *name,
		   const char *folder)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return unlinkat(state->folder, path, 0);
}

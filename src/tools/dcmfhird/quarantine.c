#include "quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "studies.h"

const char quarantine_folder[] = "quarantine";

static const char ending[] = ".reason";

/* ---- reasons ---- */

/* Below the state; TIME-INSTANCE.dcm has TIME-INSTANCE.reason. */
static void reason_path(const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%.*s%s", quarantine_folder,
		 (int)(strrchr(name, '.') - name), name, ending);
}

static int write_reason(const struct state_folder *state, const char *name,
			const struct held *why)
{
	char path[PATH_MAX];
	reason_path(name, path);
	char *text = xprintf("%s\n%s\n%s\n", why->study, why->word, why->text);
	int result =
		state_write_file(state, quarantine_folder,
				 strchr(path, '/') + 1, text, strlen(text));
	int fault = errno;
	free(text);
	errno = fault;
	return result;
}

/* A line of the file, if there is one. */
static void read_reason_line(FILE *file, char *to, int size)
{
	char line[600];
	if (!file || !fgets(line, sizeof line, file))
		return;
	line[strcspn(line, "\n")] = '\0';
	if (*line)
		snprintf(to, (size_t)size, "%.*s", size - 1, line);
}

void quarantine_reason(const struct state_folder *state, const char *name,
		       struct held *why)
{
	char path[PATH_MAX];
	*why = (struct held){"-", "-", "-"};
	reason_path(name, path);
	int fd = openat(state->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	read_reason_line(file, why->study, sizeof why->study);
	read_reason_line(file, why->word, sizeof why->word);
	read_reason_line(file, why->text, sizeof why->text);
	if (file)
		fclose(file);
}

/* ---- the folder ---- */

static bool is_lonely_reason(int folder, const char *name)
{
	const char *end = strrchr(name, '.');
	struct stat status;
	char *instance;
	if (!end || strcmp(end, ending) != 0)
		return false;
	instance = xprintf("%.*s.dcm", (int)(end - name), name);
	bool is_lonely =
		fstatat(folder, instance, &status, AT_SYMLINK_NOFOLLOW) < 0;
	free(instance);
	return is_lonely;
}

int quarantine_make(const struct state_folder *state)
{
	if (state_make_folder(state, quarantine_folder) < 0)
		return -1;
	DIR *folder = state_read_folder(state->folder, quarantine_folder);
	struct dirent *found;
	if (!folder)
		return -1;
	while ((found = readdir(folder)))
		if (is_lonely_reason(dirfd(folder), found->d_name))
			unlinkat(dirfd(folder), found->d_name, 0);
	closedir(folder);
	return 0;
}

unsigned long long quarantine_size(const struct state_folder *state)
{
	struct arrivals all;
	struct stat status;
	unsigned long long size = 0;
	arrivals_list(state, quarantine_folder, &all);
	for (size_t i = 0; i < all.count; i++) {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "%s/%s", quarantine_folder,
			 all.names[i]);
		if (fstatat(state->folder, path, &status,
			    AT_SYMLINK_NOFOLLOW) == 0)
			size += (unsigned long long)status.st_size;
	}
	arrivals_free(&all);
	return size;
}

int quarantine_put(const struct state_folder *state, const char *name,
		   const char *from, const struct held *why)
{
	if (write_reason(state, name, why) < 0)
		return -1;
	return arrival_move(state, name, from, quarantine_folder);
}

int quarantine_take(const struct state_folder *state, const char *name,
		    const char *to)
{
	char path[PATH_MAX];
	int result = to ? arrival_move(state, name, quarantine_folder, to)
			: arrival_remove(state, name, quarantine_folder);
	if (result < 0)
		return -1;
	reason_path(name, path);
	return unlinkat(state->folder, path, 0) < 0 && errno != ENOENT ? -1 : 0;
}

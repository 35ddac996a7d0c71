#include "forgotten.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "digest.h"
#include "memory.h"
#include "studies.h"

static const char folder_name[] = "forgotten";

/* No study has such a name. */
static const char list_start[] = "list_";

/* ---- lists ---- */

static int open_list(const struct state_folder *state, const char *study,
		     int how)
{
	char path[64], digest[DIGEST_SIZE];
	digest_bytes(study, strlen(study), digest);
	snprintf(path, sizeof path, "%s/%s%.2s", folder_name, list_start,
		 digest);
	return openat(state->folder, path, how | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static bool list_has(const struct state_folder *state, const char *study)
{
	int fd = open_list(state, study, O_RDONLY);
	FILE *list = fd < 0 ? NULL : memory_of(fdopen(fd, "r"));
	char line[STUDY_NAME + 2];
	size_t length = strlen(study);
	bool has = false;
	while (list && !has && fgets(line, sizeof line, list))
		has = strncmp(line, study, length) == 0 &&
		      strcmp(line + length, "\n") == 0;
	if (list)
		fclose(list);
	return has;
}

/* What was being written when the power failed is a line of its own, which
 * nobody asks for. */
static int append_name(int list, const char *study)
{
	char last = '\n';
	struct stat status;
	if (fstat(list, &status) < 0 ||
	    (status.st_size && pread(list, &last, 1, status.st_size - 1) < 0))
		return -1;
	char *line = xprintf("%s%s\n", last == '\n' ? "" : "\n", study);
	ssize_t length = (ssize_t)strlen(line);
	ssize_t written = write(list, line, (size_t)length);
	free(line);
	if (written == length)
		return fsync(list);
	if (written >= 0)
		errno = ENOSPC;
	return -1;
}

int forgotten_add(const struct state_folder *state, const char *study)
{
	if (list_has(state, study))
		return 0;
	int list = open_list(state, study, O_RDWR | O_CREAT | O_APPEND);
	int result = list < 0 ? -1 : append_name(list, study);
	int fault = errno;
	if (list >= 0)
		close(list);
	errno = fault;
	return result < 0 ? -1 : studies_flush(state, folder_name);
}

/* ---- files of an older version ---- */

static void name_old_file(const char *study, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", folder_name, study);
}

bool forgotten_has(const struct state_folder *state, const char *study)
{
	char path[PATH_MAX];
	struct stat status;
	name_old_file(study, path);
	return fstatat(state->folder, path, &status, AT_SYMLINK_NOFOLLOW) ==
		       0 ||
	       list_has(state, study);
}

static int list_old_file(const struct state_folder *state, const char *study)
{
	char path[PATH_MAX];
	name_old_file(study, path);
	return forgotten_add(state, study) < 0
		       ? -1
		       : unlinkat(state->folder, path, 0);
}

int forgotten_begin(const struct state_folder *state)
{
	if (state_make_folder(state, folder_name) < 0)
		return -1;
	DIR *folder = state_read_folder(state->folder, folder_name);
	struct dirent *found;
	int result = folder ? 0 : -1;
	while (result == 0 && (found = readdir(folder)))
		if (found->d_name[0] != '.' &&
		    strncmp(found->d_name, list_start, sizeof list_start - 1) !=
			    0)
			result = list_old_file(state, found->d_name);
	int fault = errno;
	if (folder)
		closedir(folder);
	errno = fault;
	return result;
}

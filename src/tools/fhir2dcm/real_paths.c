#include "real_paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"
#include "spot.h"

/* Most files of a run share their folders with others. */
struct real_path {
	const char *folder; /* or the whole path; NULL: not to be trusted */
	bool is_whole;
};

/* ---- links on the way ---- */

/* path up to length */
static bool is_trusted_part(char *path, size_t length)
{
	struct stat link, target;
	char end = path[length];
	path[length] = '\0';
	bool trusted =
		lstat(path, &link) < 0 || !S_ISLNK(link.st_mode) ||
		(stat(path, &target) == 0 && spot_trusts_link(&link, &target));
	path[length] = end;
	return trusted;
}

/* What was named is trusted, and so is the way to it. */
static bool are_trusted(const char *path, size_t root, size_t end)
{
	char *copy = cli_memory(strdup(path));
	bool trusted = true;
	for (size_t i = root; trusted && i < end; i++)
		if (i > root && copy[i] == '/' && copy[i - 1] != '/')
			trusted = is_trusted_part(copy, i);
	if (trusted && end > root)
		trusted = is_trusted_part(copy, end);
	free(copy);
	return trusted;
}

/* ---- folders ---- */

static const char *keep_folder(struct real_paths *paths, char *folder)
{
	array_room(paths->folders, paths->folder_count);
	paths->folders[paths->folder_count++] = folder;
	return folder;
}

/* What is not there, or not any more, is said when it is opened. */
static char *real_of(const char *path)
{
	char *real = realpath(path, NULL);
	return real ? real : cli_memory(strdup(path));
}

static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) : 0;
}

static const char *find_folder(struct real_paths *paths,
			       const struct cli_file *file)
{
	const char *path = file->path;
	size_t length = folder_length(path);
	if (length > file->root && !are_trusted(path, file->root, length))
		return NULL;
	char *folder = cli_memory(length ? strndup(path, length)
					 : strdup(*path == '/' ? "/" : "."));
	const char *real = keep_folder(paths, real_of(folder));
	free(folder);
	return real;
}

static bool is_in_same_folder(const struct cli_file *a,
			      const struct cli_file *b)
{
	size_t length = folder_length(a->path);
	return a->root == b->root && folder_length(b->path) == length &&
	       strncmp(a->path, b->path, length + 1) == 0;
}

/* ---- files ---- */

static void find_real_path(struct real_paths *paths, size_t index)
{
	const struct cli_file *file = &paths->files->at[index];
	struct real_path *at = &paths->at[index];
	size_t length = strlen(file->path);
	struct stat status;
	if (index && !at[-1].is_whole && is_in_same_folder(file - 1, file))
		at->folder = at[-1].folder;
	else
		at->folder = find_folder(paths, file);
	if (!at->folder || lstat(file->path, &status) < 0 ||
	    !S_ISLNK(status.st_mode))
		return;
	at->is_whole = true;
	at->folder = are_trusted(file->path, length - 1, length)
			     ? keep_folder(paths, real_of(file->path))
			     : NULL;
}

void real_paths_find(struct real_paths *paths, const struct cli_files *files)
{
	*paths = (struct real_paths){.files = files};
	paths->at = cli_memory(calloc(files->count + 1, sizeof *paths->at));
	for (size_t i = 0; i < files->count; i++)
		find_real_path(paths, i);
}

char *real_path_of(const struct real_paths *paths, size_t index)
{
	const struct real_path *at = &paths->at[index];
	const char *path = paths->files->at[index].path;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *real = NULL;
	if (at->folder && at->is_whole)
		real = cli_memory(strdup(at->folder));
	else if (at->folder && asprintf(&real, "%s/%s", at->folder, name) < 0)
		real = cli_memory(NULL);
	return real;
}

void real_paths_free(struct real_paths *paths)
{
	for (size_t i = 0; i < paths->folder_count; i++)
		free(paths->folders[i]);
	free(paths->folders);
	free(paths->at);
	*paths = (struct real_paths){.files = NULL};
}

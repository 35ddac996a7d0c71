/* The files to work on, as arguments and lists name them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"

/* A path is shorter (PATH_MAX), so a list whose paths end with NUL has one in
 * as many bytes. */
enum { LOOKED_AT = 8 * 1024 };

/* ---- lists ---- */

/* Reads until the end of paths can be told; -1: errno. */
static ssize_t read_first(int fd, char *bytes)
{
	size_t used = 0;

	while (used < LOOKED_AT && !memchr(bytes, '\0', used)) {
		ssize_t got = cli_read_some(fd, bytes + used, LOOKED_AT - used);

		if (got < 0)
			return -1;
		if (!got)
			break;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

struct path_list {
	int fd;
	char end; /* of a path */
	char *path;
	size_t used, size;
	bool (*visit)(const char *path, void *context);
	void *context;
};

/* false: the visitor wants no more. */
static bool take_path(struct path_list *list)
{
	bool goes_on = true;

	list->path[list->used] = '\0';
	if (list->used)
		goes_on = list->visit(list->path, list->context);
	list->used = 0;
	return goes_on;
}

static bool take_listed_bytes(struct path_list *list, const char *bytes,
			      size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (list->used + 1 >= list->size) {
			list->size = list->size ? 2 * list->size : 256;
			list->path =
				cli_memory(realloc(list->path, list->size));
		}
		if (bytes[i] != list->end)
			list->path[list->used++] = bytes[i];
		else if (!take_path(list))
			return false;
	}
	return true;
}

static ssize_t read_list(struct path_list *list)
{
	char bytes[LOOKED_AT];
	ssize_t got = read_first(list->fd, bytes);

	if (got > 0)
		list->end = memchr(bytes, '\0', (size_t)got) ? '\0' : '\n';
	while (got > 0) {
		if (!take_listed_bytes(list, bytes, (size_t)got))
			return 0;
		got = cli_read_some(list->fd, bytes, sizeof bytes);
	}
	/* the last path may lack its end */
	if (got == 0 && list->used)
		take_path(list);
	return got;
}

int cli_each_path(const char *name,
		  bool (*visit)(const char *path, void *context), void *context)
{
	struct path_list list = {
		.fd = cli_open_input(name),
		.visit = visit,
		.context = context,
	};
	int result = 0;

	if (list.fd < 0)
		return -1;
	if (read_list(&list) < 0 && !cli_interrupted()) {
		cli_say("%s: %s", cli_input_name(name), strerror(errno));
		result = -1;
	}
	cli_close_input(list.fd);
	free(list.path);
	return result;
}

/* ---- files ---- */

bool cli_is_gone(const char *path)
{
	struct stat status;

	return stat(path, &status) < 0 && errno == ENOENT;
}

struct adding {
	struct cli_files *files;
	const char *root;
	int status;
};

void cli_files_add_one(struct cli_files *files, const char *path,
		       unsigned int root, bool found_by_walk)
{
	array_room(files->at, files->count);
	files->at[files->count++] = (struct cli_file){
		.path = cli_memory(strdup(path)),
		.root = root,
		.found_by_walk = found_by_walk,
	};
}

/* A DICOMDIR stands for the folder that it is in. */
static size_t root_of(const char *named, const char *path, bool found_by_walk)
{
	const char *slash = strrchr(named, '/');

	if (found_by_walk || strcmp(named, path) == 0)
		return strlen(named);
	return slash ? (size_t)(slash - named) : strlen(".");
}

static int add_walked_file(const char *path, int found_by_walk, void *context)
{
	struct adding *adding = context;

	cli_files_add_one(
		adding->files, path,
		(unsigned int)root_of(adding->root, path, found_by_walk != 0),
		found_by_walk != 0);
	return cli_interrupted();
}

static bool add_walked_path(const char *path, void *context)
{
	struct adding *adding = context;
	dfh_error *error = NULL;
	int status;

	adding->root = path;
	if (dfh_walk(path, add_walked_file, adding, &error) < 0) {
		status = cli_fail(error);
		if (status > adding->status)
			adding->status = status;
	}
	return !cli_interrupted();
}

static bool add_listed_path(const char *path, void *context)
{
	struct adding *adding = context;

	if (!adding->files->keeps_gone || !cli_is_gone(path))
		return add_walked_path(path, context);
	cli_files_add_one(adding->files, path, 0, false);
	return !cli_interrupted();
}

int cli_files_add(struct cli_files *files, const char *path)
{
	struct adding adding = {.files = files, .status = DFH_OK};

	add_walked_path(path, &adding);
	return adding.status;
}

int cli_files_add_list(struct cli_files *files, const char *name)
{
	struct adding adding = {.files = files, .status = DFH_OK};

	if (cli_each_path(name, add_listed_path, &adding) < 0)
		return DFH_IO;
	return adding.status;
}

void cli_files_free(struct cli_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->at[i].path);
	free(files->at);
	*files = (struct cli_files){0};
}

void cli_say_passed_over(size_t count)
{
	if (count)
		cli_say("%zu file%s not DICOM, passed over", count,
			count == 1 ? "" : "s");
}

/* Where a path leads, also where there is nothing yet. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_path.h"

enum { LINKS_MAX = 40 }; /* as the kernel follows */

static char *resolve_path(const char *path, int links);

static char *join_path(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = cli_memory(malloc(size));
	bool ends = *folder && folder[strlen(folder) - 1] == '/';

	snprintf(path, size, "%s%s%s", folder, ends ? "" : "/", name);
	return path;
}

/* The folder that a path is in, as it is written; *name: its last part. */
static char *folder_and_name_of(const char *path, char **name)
{
	char *folder = cli_memory(strdup(path)), *slash;
	size_t length = strlen(folder);

	while (length > 1 && folder[length - 1] == '/')
		folder[--length] = '\0';
	slash = strrchr(folder, '/');
	*name = cli_memory(strdup(slash ? slash + 1 : folder));
	if (slash)
		slash[slash == folder] = '\0';
	else
		strcpy(folder, *folder ? "." : "");
	return folder;
}

/* A link to what is not there: it would be made there. */
static char *resolve_link(const char *path, int links)
{
	char text[PATH_MAX + 1], *name, *folder, *aim, *real;
	ssize_t length = readlink(path, text, sizeof text - 1);

	if (length <= 0 || links == LINKS_MAX)
		return NULL;
	text[length] = '\0';
	folder = folder_and_name_of(path, &name);
	aim = *text == '/' ? cli_memory(strdup(text)) : join_path(folder, text);
	real = resolve_path(aim, links + 1);
	free(aim);
	free(folder);
	free(name);
	return real;
}

/* In a folder that is not there, "." and ".." are what they will be. */
static char *resolve_below(const char *path, int links)
{
	char *name, *folder = folder_and_name_of(path, &name);
	char *real = *folder && strcmp(folder, path) != 0
			     ? resolve_path(folder, links)
			     : cli_memory(strdup(folder));
	char *result;

	if (!*name || strcmp(name, ".") == 0) {
		result = cli_memory(strdup(real));
	} else if (strcmp(name, "..") == 0) {
		char *last;

		result = folder_and_name_of(real, &last);
		free(last);
	} else {
		result = join_path(real, name);
	}
	free(real);
	free(folder);
	free(name);
	return result;
}

static char *resolve_path(const char *path, int links)
{
	char *real = realpath(path, NULL);

	if (!real && errno == ENOENT)
		real = resolve_link(path, links);
	else if (!real)
		return cli_memory(strdup(path));
	return real ? real : resolve_below(path, links);
}

char *cli_real_path(const char *path)
{
	return resolve_path(path, 0);
}

char *cli_existing_path(const char *real, struct stat *status,
			const char **rest)
{
	char *found = cli_memory(strdup(real));

	while (stat(found, status) < 0) {
		char *name, *folder = folder_and_name_of(found, &name);
		bool ends = strlen(folder) >= strlen(found);

		free(name);
		free(found);
		found = folder;
		if (!ends)
			continue;
		free(found);
		return NULL;
	}
	*rest = real + strlen(found);
	while (**rest == '/')
		++*rest;
	return found;
}

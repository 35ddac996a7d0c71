#include "roots.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"
#include "cli.h"

void roots_add(struct roots *roots, const char *path, size_t from, size_t to)
{
	struct stat st;
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	array_room(roots->at, roots->count);
	roots->at[roots->count++] = (struct root){
		.path = cli_memory(strdup(path)), .from = from, .to = to};
}

/* They are in the order of their files. */
static int compare_file_to_root(const void *key, const void *element)
{
	const size_t *file = key;
	const struct root *root = element;
	return *file < root->from ? -1 : *file >= root->to;
}

void roots_give(struct roots *roots, size_t file)
{
	struct root *root =
		roots->count ? bsearch(&file, roots->at, roots->count,
				       sizeof *roots->at, compare_file_to_root)
			     : NULL;
	if (root)
		root->gives = true;
}

bool root_holds(const struct root *root, const char *path)
{
	size_t length = strlen(root->path);
	while (length && root->path[length - 1] == '/')
		length--;
	return strncmp(root->path, path, length) == 0 && path[length] == '/';
}

void roots_free(struct roots *roots)
{
	for (size_t i = 0; i < roots->count; i++)
		free(roots->at[i].path);
	free(roots->at);
	*roots = (struct roots){0};
}

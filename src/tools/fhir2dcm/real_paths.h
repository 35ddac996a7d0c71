/* Where the files that a run changes really are, found out when they are
 * chosen: a link that somebody puts into the way later is not followed. */
#ifndef REAL_PATHS_H
#define REAL_PATHS_H

#include "cli.h"

struct real_paths {
	const struct cli_files *files; /* borrowed */
	struct real_path *at;	       /* NULL: not found out */
	char **folders;
	size_t folder_count;
};

/* Find them, once the files are known. */
void real_paths_find(struct real_paths *paths, const struct cli_files *files);
void real_paths_free(struct real_paths *paths);

/*
 * Of one file; free it.  NULL: on the way, below what was named, is a symbolic
 * link that belongs neither to root, nor to the caller, nor to the owner of
 * what it leads to.
 */
char *real_path_of(const struct real_paths *paths, size_t index);

#endif

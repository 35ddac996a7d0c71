/* Where a path leads, also where there is nothing yet. */
#ifndef CLI_PATH_H
#define CLI_PATH_H

#include <sys/stat.h>

#include "cli.h"

/* The path without links, "." and "..", as far as it exists, and what would be
 * made behind that; free it. */
char *cli_real_path(const char *path);

/* Of such a path, how much of it exists, and its status; *rest is what is
 * behind it in `real`.  Free it; NULL: nothing of it can be seen. */
char *cli_existing_path(const char *real, struct stat *status,
			const char **rest);

#endif

/* Where the changed copies of files go. */
#ifndef TARGETS_H
#define TARGETS_H

#include "cli.h"

struct targets {
	const struct cli_files *files; /* borrowed */
	const char *output;
	bool into_folder;
	/* For each file, 1 + the one before it that has the same target; 0:
	 * there is none.  NULL: not looked for. */
	size_t *before;
};

/* Once the files are known; into_folder is set if a file was found below what
 * was named. */
void targets_find(struct targets *targets);
void targets_free(struct targets *targets);

/* Of one file; free it.  A file that was found keeps its place below what was
 * named, one that was named its name. */
char *target_of(const struct targets *targets, size_t index);

/* Another file, which comes before it and is no other name of it, that has the
 * same target; NULL: none has. */
const char *target_taken_by(const struct targets *targets, size_t index);

#endif

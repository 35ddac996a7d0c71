/*
 * The names of studies that were removed, as long as the state is there: what
 * comes of one later is not all of it.  There is no end to them, so each takes
 * a line, and not a file:
 *
 *	forgotten/list_HH	a study each line; HH is how the digest of its
 *				name begins
 */
#ifndef FORGOTTEN_H
#define FORGOTTEN_H

#include <stdbool.h>

#include "state_folder.h"

/* Make the folder; names that an older version left there, each as a file of
 * its own, become lines.  -1: errno. */
int forgotten_begin(const struct state_folder *state);

/* Add one that is not there yet, on the disk.  -1: errno. */
int forgotten_add(const struct state_folder *state, const char *study);

bool forgotten_has(const struct state_folder *state, const char *study);

#endif

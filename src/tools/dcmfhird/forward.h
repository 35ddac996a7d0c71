/*
 * The role forward: C-STORE of each instance to each destination.  What is to
 * go to one waits in a folder of its own until the destination has answered:
 *
 *	forward/DESTINATION/TIME-INSTANCE.dcm	in the order in which they came
 *	forward/DESTINATION/refused/		what it will not take
 */
#ifndef FORWARD_H
#define FORWARD_H

#include <limits.h>

#include "roles.h"
#include "studies.h"

bool forward_is_on(const struct configuration *configuration);

/* Make the folders.  -1: that fails, which is said. */
int forward_make(const struct daemon *daemon);
void forward_run(struct turn *turn);

/* The folder of a destination, below the state. */
void forward_folder(const struct destination *destination,
		    char folder[PATH_MAX]);

#endif

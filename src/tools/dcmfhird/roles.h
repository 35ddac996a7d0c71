/* The roles that are threads: which there are, how they begin and end.  Each is
 * a loop in a file of its own. */
#ifndef ROLES_H
#define ROLES_H

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon.h"

/* A role that is at work. */
struct turn {
	const struct daemon *daemon;
	atomic_bool ends;
	int listener; /* of roles that have one */
};

/* Is it to go on? */
bool turn_goes_on(const struct turn *turn);

/* Wait for so many seconds, or until it is to end. */
void turn_pause(const struct turn *turn, double seconds);

struct roles;

/* Those that the configuration has.  NULL: one cannot begin, which is said. */
struct roles *roles_begin(const struct daemon *daemon);

/* Ends them, the last one first; each finishes what it is at. */
void roles_end(struct roles *roles);

#endif

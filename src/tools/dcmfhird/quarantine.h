/*
 * Instances that are not to go out, and why:
 *
 *	quarantine/TIME-INSTANCE.dcm	as it came
 *	quarantine/TIME-INSTANCE.reason	its study, a word, a text: a line each
 *
 * The reason is there before the instance is, and goes after it went.  Each
 * step is one rename, so that who looks at it while the daemon runs, and what
 * is killed, does no harm.
 */
#ifndef QUARANTINE_H
#define QUARANTINE_H

#include <stdbool.h>

#include "arrivals.h"

extern const char quarantine_folder[];

/* Why; without patient data. */
struct held {
	char study[72];
	char word[24];
	char text[512];
};

/* Make it; reasons without an instance go.  -1: errno. */
int quarantine_make(const struct state_folder *state);

/* Bytes that it takes. */
unsigned long long quarantine_size(const struct state_folder *state);

/* From a folder of the state into the quarantine.  -1: errno. */
int quarantine_put(const struct state_folder *state, const char *name,
		   const char *from, const struct held *why);

/* Of an instance in it; "-" what is not known. */
void quarantine_reason(const struct state_folder *state, const char *name,
		       struct held *why);

/* Out of it, to a folder of the state; to NULL: for good.  -1: errno,
 * ENOENT where another one has taken it. */
int quarantine_take(const struct state_folder *state, const char *name,
		    const char *to);

#endif

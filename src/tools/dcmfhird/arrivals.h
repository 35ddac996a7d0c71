/*
 * Instances that wait for something, each as a file of a folder of the state:
 * TIME-INSTANCE.dcm.  Their names tell the order in which they came, and stay
 * as they are moved from folder to folder.
 */
#ifndef ARRIVALS_H
#define ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>

#include "state_folder.h"

/* With the name of an instance, which studies_name() made. */
enum { ARRIVAL_NAME = 128 };

/* The name of one that came now. */
void arrival_name(const char *instance, char name[ARRIVAL_NAME]);

bool is_arrival(const char *name);

/* The instance of such a name. */
void arrival_instance(const char *name, char instance[ARRIVAL_NAME]);

/* When it came, in seconds since 1970. */
long long arrival_seconds(const char *name);

struct arrivals {
	char **names;
	size_t count;
};

/* All that a folder below the state has, the first one first; of one that is
 * not there, none. */
void arrivals_list(const struct state_folder *state, const char *folder,
		   struct arrivals *out);
void arrivals_free(struct arrivals *arrivals);

/* Another name of a file (of an open folder, or AT_FDCWD) in a folder of the
 * state, on the disk.  -1: errno; EEXIST: what has it is on the disk. */
int arrival_link(const struct state_folder *state, int at, const char *file,
		 const char *name, const char *folder);

/* From folder to folder, on the disk.  -1: errno; ENOENT: it is gone. */
int arrival_move(const struct state_folder *state, const char *name,
		 const char *from, const char *to);

/* It is wanted no more.  -1: errno. */
int arrival_remove(const struct state_folder *state, const char *name,
		   const char *folder);

#endif

/* What the daemon is to do, as its file says: see dcmfhird(8). */
#ifndef CONFIGURATION_H
#define CONFIGURATION_H

#include <stdbool.h>

#include "dcmfhir.h"

struct arena;

/* All texts live as long as the configuration; NULL: not said. */
struct configuration {
	struct arena *arena;
	const char *state;    /* the folder of all that must survive a kill */
	const char *rules;    /* NULL: the site's, or the installed ones */
	const char *timezone; /* of datasets without an offset of their own */
};

/* NULL: *error lists every fault of the file with its place. */
struct configuration *configuration_read(const char *file, dfh_error **error);

void configuration_free(struct configuration *configuration);

#endif

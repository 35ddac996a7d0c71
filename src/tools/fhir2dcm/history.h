/* fhir2dcm --history: what a file tells of its changes. */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>

#include "dcmfhir.h"

struct history {
	bool as_json; /* a line of JSON for each change */
	bool values;  /* with what was there before; patient data */
};

/* To standard output; source NULL: the file at path.  The exit status. */
int history_tell(const char *path, const dfh_source *source,
		 const struct history *how);

#endif

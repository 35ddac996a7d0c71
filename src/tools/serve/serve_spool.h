/* Studies that are files here, instead of at a server of DICOMweb: who has them
 * says which there are, and gives their instances. */
#ifndef SERVE_SPOOL_H
#define SERVE_SPOOL_H

#include "dcmfhir.h"

enum spooled {
	SPOOLED,	/* all instances were added */
	SPOOLED_ABSENT, /* there is no such study */
	SPOOLED_LATER,	/* it is changing, and what it was is gone */
	SPOOLED_BROKEN	/* it cannot be read, which is said */
};

struct serve_spool {
	void *context; /* of both */
	/* Visit the name of each study, in any order; those that are no UIDs
	 * are passed over. */
	void (*visit)(void *context, void (*found)(const char *uid, void *to),
		      void *to);
	/* Add a study to the export, whole, as it was at one moment; origin is
	 * that of its Endpoint, or NULL.  *later: in so many seconds it can be
	 * asked for again.  From several threads at once. */
	enum spooled (*read)(void *context, const char *uid, dfh_export *ex,
			     const char *origin, double *later);
};

#endif

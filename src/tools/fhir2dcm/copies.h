/* Stamped copies that lie in a file without a name before they go where they
 * are meant to. */
#ifndef COPIES_H
#define COPIES_H

#include <stdbool.h>

#include "dcmfhir.h"
#include "sources.h"
#include "spool.h"

struct copy_stamp {
	dfh_import *import; /* NULL: stamps are undone */
	const char *name;   /* of the file */
	bool is_fetched;    /* and stored only where it changes */
	const dfh_stamp_options *how;
	const dfh_undo_options *undo;
	const dfh_writing *writing; /* digests and commits of it */
	dfh_stamped *stamped;
	size_t *undone;
};

/* Into the spool; 0, or -1 with *error. */
int copy_into(struct spool *spool, struct opened *opened,
	      const struct copy_stamp *stamp, dfh_error **error);

/* The log says so before it is done. */
bool copy_may_go(const struct copy_stamp *stamp);

/* To a file, or to standard output for NULL; an exit status, and what is wrong
 * is said. */
int copy_out(const struct spool *spool, const char *path);

#endif

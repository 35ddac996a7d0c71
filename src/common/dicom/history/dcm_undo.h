/* Puts back what a stamp changed, as the file itself tells it. */
#ifndef DCM_UNDO_H
#define DCM_UNDO_H

#include "dcm.h"

struct dcm_undoing {
	const char *system; /* whose changes: Modifying System */
	/* Is the change of that time (DT) meant?  NULL: all are. */
	bool (*is_meant)(const char *time, void *context);
	void *context;
	const struct dcm_writing *writing; /* NULL: the default */
	/* Of each attribute of the top level that is put back; or NULL. */
	void (*visit)(const struct dcm_tag *tag, void *visit_context);
	void *visit_context;
};

/*
 * Copy the source to path (NULL, without a sink: see whether it can be done) as
 * it was before the changes meant, element for element; *undone tells how many
 * there were.  DFH_REFUSED: someone else changed one of these attributes later.
 */
int dcm_undo(const struct dcm_source *source, const char *path,
	     const struct dcm_undoing *how, size_t *undone, dfh_error **error);

#endif

/* The difference of two datasets, applied to a third that holds more. */
#ifndef DCM_CHANGE_H
#define DCM_CHANGE_H

#include "dcm.h"
#include "dcm_dcmtk.h"

/* The elements of the top level that were changed or removed. */
struct dcm_changes {
	struct dcm_tag *tags; /* as stored, sorted, each once */
	size_t count, capacity;
};

void dcm_changes_free(struct dcm_changes *changes);

/* What is changed, and how it was read. */
struct dcm_revision {
	const char *name; /* of the file, for messages */
	const struct dataset *before, *after;
	const char *assumed_charset; /* or NULL */
};

/*
 * 0: done; 1: some text does not fit the character set, and the dataset is
 * left half changed; -1: refused.
 */
int dcm_change(struct dcmtk_item *dataset, const struct dcm_revision *revision,
	       struct dcm_changes *changes, dfh_error **error);

/* Bring all text into ISO_IR 192. */
int dcm_widen(struct dcmtk_item *dataset, const struct dcm_revision *revision,
	      struct dcm_changes *changes, dfh_error **error);

#endif

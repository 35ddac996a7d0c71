/* The difference of two datasets, applied to a third that holds more. */
#ifndef DCM_CHANGE_H
#define DCM_CHANGE_H

#include "dcm.h"
#include "dcm_dcmtk.h"
#include "dcm_text.h"

/* The elements of the top level that were changed or removed. */
struct dcm_changes {
	struct dcm_tag *tags; /* as stored, sorted, each once */
	size_t count;
};

void dcm_changes_free(struct dcm_changes *changes);

/* In ascending order, each once: as they are added they are not. */
void dcm_changes_sort(struct dcm_changes *changes);

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

/* Only try: the tags of the top level, as the datasets have them, whose new
 * text does not fit the character set.  The dataset is left half changed. */
int dcm_change_unfit(struct dcmtk_item *dataset,
		     const struct dcm_revision *revision,
		     struct dcm_changes *unfit, dfh_error **error);

/* ---- what dcm_change.c and dcm_widen.c share ---- */

struct dcm_change {
	const char *name; /* of the file */
	struct dcm_changes *changes;
	struct dcm_changes *unfit; /* gather them and go on; or NULL */
	dfh_error **error;
};

void dcm_change_note(struct dcm_change *change, uint16_t group,
		     uint16_t element);
int dcm_change_refuse(const struct dcm_change *change,
		      const struct dcm_tag *tag, const char *why);

/* The number under which an element is stored, or 0. */
uint16_t dcm_change_number(struct dcmtk_item *item, struct dcm_charset *charset,
			   const struct dcm_tag *tag);

/* Bring all text into ISO_IR 192 (dcm_widen.c). */
int dcm_widen(struct dcmtk_item *dataset, const struct dcm_revision *revision,
	      struct dcm_changes *changes, dfh_error **error);

#endif

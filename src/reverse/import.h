/* What the files of src/reverse share. */
#ifndef IMPORT_H
#define IMPORT_H

#include <pthread.h>

#include "put.h"
#include "report.h"

/* What a Bundle can say of a dataset: a study and its patient, or a patient
 * alone. */
struct subject {
	struct view view;
	struct dataset *mapped; /* what it says; owned */
};

struct subjects {
	struct subject *at;
	size_t count;
};

/* What dfh_import_* share. */
struct dfh_import {
	const dfh_rules *rules;
	dfh_report *report;
	int release;		  /* asked for: 4 or 5; 0: recognised */
	int recognised;		  /* 4 or 5 where the shape fits both; else 0 */
	size_t misfits[RELEASES]; /* of all that was read */
	struct fhir_index *index;
	struct subjects subjects; /* made when all is read */
	bool has_subjects;
	struct lh_table *swept; /* folders, see import_sweep() */
	/* Around the resources and the report while datasets are stamped on
	 * several threads: even reading a JSON value may change it. */
	pthread_mutex_t lock;
};

/* The release of all that was read: that whose definitions know more of its
 * elements; R5 if both know all. */
dfh_release import_release(const struct dfh_import *im);

/* Does the shape fit both? */
bool import_is_ambiguous(const struct dfh_import *im);

/* How many elements of a resource a release does not know (release.c). */
size_t release_misfits(dfh_release release, json_object *resource);

/* All that the import holds (match.c); borrowed. */
const struct subjects *import_subjects(struct dfh_import *im);
void subjects_free(struct subjects *subjects);

/*
 * The one subject that the dataset belongs to, with its series and instance
 * if the Bundle has them.  DFH_REFUSED, by name: none, several, or one that
 * contradicts the dataset.
 */
int match(struct dfh_import *im, const struct dataset *dataset,
	  const char *file, struct view *out, dfh_error **error);

/* Everything that a view says, as a dataset with what travels beside. */
struct dataset *dataset_of(const struct dfh_import *im, const struct view *view,
			   const char *file);

/* Put what a view says onto a dataset.  file NULL: nothing is reported. */
void put_on(const struct dfh_import *im, const struct view *view,
	    const char *file, struct dataset *dataset, bool rebuilds);

/* Remove what killed runs left in the folder of a file that is to be written;
 * once for each folder. */
int import_sweep(struct dfh_import *im, const char *path, dfh_error **error);

/* Report what of a view, or of the whole import, no rule takes
 * (unmapped.c). */
void note_unmapped(const struct dfh_import *im, const struct view *view,
		   const char *file);
void note_unmapped_resources(const struct dfh_import *im);

#endif

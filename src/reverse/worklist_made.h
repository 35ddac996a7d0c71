/* What a worklist entry has besides its elements: patient, Study UID. */
#ifndef WORKLIST_MADE_H
#define WORKLIST_MADE_H

#include "scene.h"

/* What the rules of the elements want to be there, so that they take part. */
void worklist_begin(const struct worklist_rules *worklist,
		    struct dataset *dataset);

/* Is it one of the elements by which an entry is known? */
bool worklist_is_number(const struct worklist_rules *worklist, size_t element);

/* The day of an element that is a time, "YYYY-MM-DD", or NULL. */
const char *worklist_day(const struct dataset *dataset,
			 const struct worklist_element *element);

/* The patient of the scene, or who survives where the record was merged; what
 * must not be used is not written. */
void worklist_put_patient(const struct scene *scene, const struct lens *lens,
			  struct dataset *dataset);

/* Unless it is there: as it was served, or made of the order's own number. */
void worklist_put_study_uid(const struct scene *scene,
			    const struct dataset *served,
			    const struct lens *lens, struct dataset *dataset);

/* 2.25 and a name-based UUID (PS3.5 B.2). */
enum { UID_TEXT = 45 };
void uid_from_name(const char *name, char out[UID_TEXT]);

#endif

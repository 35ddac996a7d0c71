/* What a Bundle says that no rule takes; see report.h. */
#ifndef UNMAPPED_H
#define UNMAPPED_H

#include "import.h"

/* Of all objects of a view, of which the dataset is made. */
void note_unmapped(const struct dfh_import *im, const struct lens *lens,
		   const struct view *view, const struct dataset *dataset,
		   const char *file);

/* Where something is told: of a place, as the dataset is that is made. */
struct unmapped_at {
	const struct dfh_import *im;
	const struct view *view;
	const struct place *place;
	const struct dcm_item *root;
	const char *file;
};

/* Of an element of a resource, or of a part that is a place. */
void unmapped_tell(const struct unmapped_at *at, enum report_kind kind,
		   const char *name, const char *text);

/* What every resource may have and no mapping needs. */
bool unmapped_is_frame(const char *name);

/* The elements of one object of a place (unmapped_element.c). */
void note_elements(const struct unmapped_at *at, json_object *object);

/* Whole resources: of no place, or refused (unmapped_resource.c).  A patient
 * who is packed was told of when he was lent to become a subject, unless the
 * release was to be found by it. */
void note_unmapped_resources(const struct dfh_import *im);
void note_unmapped_resource(const struct dfh_import *im, json_object *resource);

/* What could have been the object of a place that chooses, and is not: each
 * once. */
void note_not_chosen(const struct dfh_import *im, const struct view *view,
		     const struct place *place, const char *file);

/* The extensions of one object of a place (unmapped_extension.c). */
void note_extensions(const struct dfh_import *im, const struct view *view,
		     const struct place *place, json_object *object,
		     const char *file);

#endif

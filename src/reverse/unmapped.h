/* What a Bundle says that no rule takes; see report.h. */
#ifndef UNMAPPED_H
#define UNMAPPED_H

#include "import.h"

/* Of all objects of a view, of which the dataset is made. */
void note_unmapped(const struct dfh_import *im, const struct lens *lens,
		   const struct view *view, const struct dataset *dataset,
		   const char *file);

/* Whole resources: of no place, or refused (unmapped_resource.c). */
void note_unmapped_resources(const struct dfh_import *im);

/* What could have been the object of a place that chooses, and is not: each
 * once. */
void note_not_chosen(const struct dfh_import *im, const struct view *view,
		     const struct place *place, const char *file);

/* The extensions of one object of a place (unmapped_extension.c). */
void note_extensions(const struct dfh_import *im, const struct view *view,
		     const struct place *place, json_object *object,
		     const char *file);

#endif

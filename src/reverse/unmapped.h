/* What a Bundle says that no rule takes; see report.h. */
#ifndef UNMAPPED_H
#define UNMAPPED_H

#include "import.h"

/* Of all objects of a view. */
void note_unmapped(const struct dfh_import *im, const struct view *view,
		   const char *file);

/* Whole resources: of no place, or refused. */
void note_unmapped_resources(const struct dfh_import *im);

/* The extensions of one object of a place (unmapped_extension.c). */
void note_extensions(const struct dfh_import *im, const struct view *view,
		     const struct place *place, json_object *object,
		     const char *file);

#endif

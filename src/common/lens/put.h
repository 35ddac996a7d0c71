/* FHIR -> DICOM: all rules, for one instance. */
#ifndef PUT_H
#define PUT_H

#include "lens.h"
#include "view.h"

/*
 * Make the dataset say what the view says: onto what is in it, or from
 * nothing.  rebuilds: derived elements are written too.
 */
void put_view(const struct lens *lens, const struct view *view,
	      struct dataset *dataset, bool rebuilds);

/* The same of one place that has a key, and so one object. */
void put_place(const struct lens *lens, const struct view *view,
	       const struct place *place, struct dataset *dataset,
	       bool rebuilds);

/* Make the Type 2 attributes that are absent present and empty. */
void put_type2(const dfh_rules *rules, struct dataset *dataset);

#endif

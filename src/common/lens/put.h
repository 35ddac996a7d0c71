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

/*
 * The same in parts, as if from nothing: first the rules that do not look at
 * what others write, of study, series and instance, then the late ones.  What
 * is a patient's is the study's here.  Coding schemes are not yet written.
 */
void put_level_of(const struct lens *lens, const struct view *view,
		  struct dataset *dataset, enum level level, bool late);
enum level put_level(const struct place *place, enum fhir_release release);
bool put_is_late(const struct rule *rule);

/* The view with the start of the dataset's study, for a place that chooses by
 * it. */
struct view put_dated(const struct lens *lens, const struct view *view,
		      const struct place *place, const struct dataset *dataset);

/* Make the Type 2 attributes that are absent present and empty. */
void put_type2(const dfh_rules *rules, struct dataset *dataset);
void put_type2_one(const struct dcm_path *path, struct dataset *dataset);

#endif

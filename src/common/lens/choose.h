/*
 * Of several resources that could be a study's, such as a patient's body
 * weights, the one that the criteria of their place name (dcmfhir-rules(5),
 * `choose`).
 */
#ifndef CHOOSE_H
#define CHOOSE_H

#include "view.h"

/* What the criteria ask of a resource, read once. */
struct candidate {
	json_object *resource;
	bool fits;	  /* as `only` and `has` want it */
	bool names_study; /* it has the element by which it is believed */
	/* When it was so; day 0: no day of it is known. */
	struct moment from, to;
	size_t *ranks; /* for each criterion of the place: the less the better
			*/
};

struct candidates {
	struct candidate *at;
	size_t count;
	size_t *ranks; /* of all of them */
};

struct candidates *candidates_new(const struct view *view,
				  const struct place *place,
				  const struct json_list *all);
void candidates_free(struct candidates *candidates);

struct chosen {
	json_object *resource; /* NULL: none is it */
	bool tie;	       /* ... or several are, and they differ */
};

/* One of the candidates for a study that began then (day 0: that is not known).
 * any_day: they say that they are of the study.  kinship: below 0, it belongs
 * elsewhere. */
struct chosen choose(const struct view *view, const struct place *place,
		     const struct candidates *candidates,
		     const struct moment *start, bool any_day,
		     int (*kinship)(const struct view *view,
				    const struct place *place,
				    json_object *resource));

/* Why a resource that is recognised is not the one. */
const char *choose_why_not(const struct place *place,
			   const struct candidate *candidate,
			   const struct moment *start);

#endif

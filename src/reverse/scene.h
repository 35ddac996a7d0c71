/* What belongs to an order, by the roles of the rules, and the values that ways
 * lead to from there. */
#ifndef SCENE_H
#define SCENE_H

#include "import.h"
#include "rules_worklist.h"

struct scene {
	const struct dfh_import *im;
	const struct worklist_rules *worklist;
	enum fhir_release release;
	/* For each role whose resources refer to others: from what they refer
	 * to, by address, to the list of them. */
	struct lh_table **referring;
	/* Of the order at hand, for each role: what there is, and of that what
	 * the role's `is` fits. */
	struct json_list *all, *fit;
	const char *day; /* of the entry, "YYYY-MM-DD"; NULL: not known */
};

struct scene *scene_new(const struct dfh_import *im);
void scene_free(struct scene *scene);

/* Set the stage for an order, and for one of its steps; NULL: all of them. */
void scene_set(struct scene *scene, json_object *order, json_object *step);

/* Those of a role that refer to a resource. */
const struct json_list *scene_referring(const struct scene *scene,
					enum worklist_role role,
					json_object *to);

/* The values of the first way that gives any; borrowed.  The way, or NULL. */
const struct way *scene_values(const struct scene *scene,
			       const struct ways *ways, struct json_list *out);
/* Those of one way. */
void scene_values_of(const struct scene *scene, const struct way *way,
		     struct json_list *out);

/* Does any of the patterns fit? */
bool fits_any(json_object *object, json_object *patterns);

#endif

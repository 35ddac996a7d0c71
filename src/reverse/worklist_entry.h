/* One order, or one step of it, as a worklist entry. */
#ifndef WORKLIST_ENTRY_H
#define WORKLIST_ENTRY_H

#include "scene.h"
#include "rules.h"

struct worklist_entry {
	const char *name; /* of the order, for messages: no patient data */
	struct dataset *dataset;
	/* What it needs and the order does not give: paths of attributes, and
	 * whether it is for want of a zone. */
	const struct dcm_path **missing;
	size_t missing_count;
	bool lacks_zone;
	json_object *made; /* JSON that was made for it; owned */
};

/* What the command says besides. */
struct entry_options {
	const char *aet;   /* of stations that nobody names; or NULL */
	size_t step_count; /* of the order */
	/* Entries of this order that are there already. */
	const struct dataset *const *served;
	size_t served_count;
};

/* The scene is set.  numbers_only: only what it is known by. */
struct worklist_entry *entry_new(struct scene *scene,
				 const struct entry_options *how,
				 bool numbers_only);
void entry_free(struct worklist_entry *entry);

/* "ServiceRequest/7", for messages: no patient data. */
const char *order_name(json_object *order, struct arena *arena);

/* The value of an attribute of a rule, or NULL. */
const char *entry_text(const struct dataset *dataset, const struct rule *rule,
		       size_t port);

#endif

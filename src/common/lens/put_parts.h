/* What the parts of putting share: put.c goes through the places, put_joined.c
 * has those with joined names and items. */
#ifndef PUT_PARTS_H
#define PUT_PARTS_H

#include "lens.h"
#include "view.h"

struct put {
	const struct lens *lens;
	const struct view *view;
	struct dataset *dataset;
	bool rebuilds;
	bool *said; /* of each rule: an item of another place has its values */
};

/* Rules come one after another: those that look at what others write, and then
 * those for an item of several, after the places that such an item is of. */
enum pass { PASS_EARLY, PASS_LATE, PASS_LAST, PASSES };

/* The rule of a place that is at k among its own. */
const struct rule *put_rule_at(const struct lens *lens,
			       const struct place *place, size_t k);

/* How many there are. */
size_t put_rules_of(const struct lens *lens, const struct place *place);

/* values: what view_values gives of the object. */
void put_place_values(const struct put *put, const struct place *place,
		      json_object *object, const struct json_list *values,
		      const struct scope *scope, enum pass pass);

/* A note on a place, in the name of its first rule. */
void put_note_on(const struct put *put, const struct place *place,
		 enum note_kind kind, const char *text);

/* Is what the place's rules write only filled in where it is empty? */
bool put_only_fills(const struct put *put, const struct place *place);

/* All objects of a place whose names are joined in one value, with an item for
 * each beside (rules: `join`). */
void put_joined(const struct put *put, const struct place *place,
		const struct json_list *objects);

#endif

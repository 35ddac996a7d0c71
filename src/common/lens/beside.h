/*
 * What travels beside the FHIR elements that have no room for it: for one
 * attribute its path, what it was, and what the mapping makes of the FHIR
 * side.  Only where the mapping still makes that is the original put back:
 * a value that was changed in FHIR since then stays changed.
 */
#ifndef BESIDE_H
#define BESIDE_H

#include "lens.h"

struct beside {
	char *path;	    /* "RequestAttributesSequence[0].AccessionNumber" */
	struct dcm_tag top; /* the first tag of the path */
	json_object *extension; /* owned */
};

struct beside_list {
	struct beside *at;
	size_t count;
	/* Asked for: numbers of which a server could lose digits, too. */
	bool with_digits;
};

/* Where actual and mapped differ in attributes that rules write. */
void beside_compare(const dfh_rules *rules, const struct dataset *actual,
		    const struct dataset *mapped, struct beside_list *out);
/* The same of one attribute of the top level. */
void beside_compare_one(const dfh_rules *rules, const struct dcm_tag *tag,
			const struct dataset *actual,
			const struct dataset *mapped, struct beside_list *out);
void beside_list_free(struct beside_list *list);

/* Apply all such extensions of some FHIR objects, in their order, as far as the
 * lens's policy lets them; NULL is passed over. */
void beside_apply(const struct lens *lens, json_object *const *objects,
		  size_t count, struct dataset *dataset);

/* Does any of them speak of this attribute of the top level, or of what is in
 * it? */
bool beside_speaks_of(const dfh_rules *rules, json_object *const *objects,
		      size_t count, const struct dcm_tag *tag,
		      struct arena *arena);

/* What a sequence of the top level holds, in short: "items 0123456789abcdef",
 * or "item ..." of one of its items; "" if it has none. */
struct items_digest {
	char text[24];
};
struct items_digest items_digest(const struct dcm_element *sequence);
struct items_digest item_digest(const struct dcm_element *sequence,
				size_t index);

/* Could anything of this top-level tag travel beside? */
bool beside_counts(const dfh_rules *rules, const struct dcm_tag *tag);

/* Does the rule write the attribute at the top level, or something in it? */
bool rule_writes_tag(const struct rule *rule, const struct dcm_tag *tag);

/* The rule that writes attributes of this top-level tag; NULL: none does. */
const struct rule *rule_of_tag(const dfh_rules *rules,
			       const struct dcm_tag *tag);

#endif

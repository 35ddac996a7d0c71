/* Do paths, or rules, mean the same FHIR element? */
#include "rules_build.h"

#include <string.h>

/* Does a path lead to the other's value, or to something around it?  An
 * extension stands beside the value and is another element. */
bool fhir_paths_overlap(const struct fhir_path *a, const struct fhir_path *b)
{
	size_t least = a->depth < b->depth ? a->depth : b->depth;
	const struct fhir_path *deeper = a->depth > b->depth ? a : b;

	if (a->place != b->place)
		return false;
	for (size_t i = 0; i < least; i++) {
		const char *x = a->steps[i].extension;
		const char *y = b->steps[i].extension;

		if (strcmp(a->steps[i].name, b->steps[i].name) != 0 ||
		    strcmp(x ? x : "", y ? y : "") != 0)
			return false;
	}
	return deeper->depth == least || !deeper->steps[least].extension;
}

/* Elements of an array are told apart by `is`; else one rule takes what it
 * prefers, and one that makes many takes the rest. */
static bool told_apart(const struct rule *a, const struct rule *b,
		       enum fhir_release release)
{
	const struct fhir_path *x = a->fhir[release], *y = b->fhir[release];

	if (x->slot < 0)
		return false;
	return !json_same(x->is, y->is) ||
	       (a->prefer && b->each.kind != EACH_NONE) ||
	       (b->prefer && a->each.kind != EACH_NONE);
}

bool rules_collide(const struct rule *a, const struct rule *b,
		   enum fhir_release release)
{
	return !(a->sources && a->sources == b->sources) && a->can_get &&
	       b->can_get && a->fhir[release] && b->fhir[release] &&
	       fhir_paths_overlap(a->fhir[release], b->fhir[release]) &&
	       !told_apart(a, b, release);
}

#include "as_before.h"

#include <stdlib.h>

#include "beside.h"

static bool is_as_said(const dfh_rules *rules, const struct dcm_tag *tag,
		       const struct dataset *before, const struct dataset *said)
{
	struct beside_list differences = {0};
	bool same;

	beside_compare_one(rules, tag, before, said, &differences);
	same = !differences.count;
	beside_list_free(&differences);
	return same;
}

/* One that is not as it is said takes with it all that the rule writes.  Does
 * that change anything? */
static bool spread_difference(const dfh_rules *rules, const struct rule *rule,
			      bool *same)
{
	size_t writes = 0, differ = 0, i;

	for (i = 0; i < rules->wants.count; i++) {
		if (!rule_writes_tag(rule, &rules->wants.list[i].tag))
			continue;
		writes++;
		differ += !same[i];
	}
	if (!differ || differ == writes)
		return false;
	for (i = 0; i < rules->wants.count; i++)
		if (rule_writes_tag(rule, &rules->wants.list[i].tag))
			same[i] = false;
	return true;
}

/* Is there a change to be taken back?  Mostly there is none: what an EHR says
 * otherwise is not as before. */
static bool any_as_said(const dfh_rules *rules, const struct dataset *before,
			const struct dataset *after, const struct dataset *said)
{
	struct dcm_pair pair = {0};

	while (dcm_pair_next(&pair, &before->root, &after->root))
		if (dcm_pair_differs(&pair) &&
		    is_as_said(rules, pair.a ? &pair.a->tag : &pair.b->tag,
			       before, said))
			return true;
	return false;
}

static void keep_what_is_as_said(const dfh_rules *rules,
				 const struct dataset *before,
				 struct dataset *after,
				 const struct dataset *said)
{
	const struct dcm_wants *wants = &rules->wants;
	bool *same, more = true;
	size_t i;

	same = xmalloc(wants->count * sizeof(*same));
	for (i = 0; i < wants->count; i++)
		same[i] = is_as_said(rules, &wants->list[i].tag, before, said);
	while (more)
		for (more = false, i = 0; i < rules->rule_count; i++)
			more = spread_difference(rules, &rules->rules[i],
						 same) ||
			       more;
	for (i = 0; i < wants->count; i++)
		if (same[i] && beside_counts(rules, &wants->list[i].tag))
			dcm_item_borrow(&after->root, &before->root,
					&wants->list[i].tag);
	free(same);
}

static bool any_change(const struct dataset *before,
		       const struct dataset *after)
{
	struct dcm_pair pair = {0};

	while (dcm_pair_next(&pair, &before->root, &after->root))
		if (dcm_pair_differs(&pair))
			return true;
	return false;
}

void keep_as_before(const dfh_import *im, const struct matched *matched,
		    const struct dataset *before, struct dataset *after)
{
	const dfh_rules *rules = im->rules;
	struct dataset *said;

	/* Without its instance the view does not say where things belong. */
	if (!matched->view.at[LEVEL_INSTANCE] || !any_change(before, after))
		return;
	said = dataset_like(im, &matched->view, before);
	if (any_as_said(rules, before, after, said))
		keep_what_is_as_said(rules, before, after, said);
	dataset_free(said);
}

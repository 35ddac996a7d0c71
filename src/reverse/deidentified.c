#include "deidentified.h"

#include <string.h>

#include "match_key.h"

bool is_deidentified(const dfh_rules *rules, const struct dataset *dataset)
{
	const struct deidentified *by = &rules->deidentified;
	const char *text =
		by->flag.depth ? key_text(&by->flag, dataset, dataset->arena)
			       : NULL;
	return text && strcmp(text, by->is) == 0;
}

void deidentified_no_more(const dfh_rules *rules, struct dataset *after)
{
	const struct deidentified *by = &rules->deidentified;
	dcm_item_set_text(&after->root, &by->flag.tags[0], by->flag.vr,
			  by->becomes);
	for (size_t i = 0; i < by->without_count; i++)
		dcm_item_remove(&after->root, &by->without[i].tags[0]);
}

/* Type 2: present even where nothing is known (PS3.5 7.4.3). */
#include "put.h"

static void type2_below(struct dcm_item *item, const struct dcm_path *path,
			size_t step)
{
	if (step + 1 == path->depth) {
		if (!dcm_item_find(item, &path->tags[step]))
			dcm_item_set_text(item, &path->tags[step], path->vr,
					  "");
		return;
	}
	const struct dcm_element *sequence =
		dcm_item_find(item, &path->tags[step]);
	for (size_t i = 0; sequence && i < sequence->item_count; i++)
		type2_below(sequence->items[i], path, step + 1);
}

void put_type2_one(const struct dcm_path *path, struct dataset *dataset)
{
	type2_below(&dataset->root, path, 0);
}

void put_type2(const dfh_rules *rules, struct dataset *dataset)
{
	for (size_t i = 0; i < rules->type2_count; i++)
		put_type2_one(&rules->type2[i], dataset);
}

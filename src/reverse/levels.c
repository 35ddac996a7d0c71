/* The series and the instance of a dataset, found in a study by their keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"

/* What is longer is no UID, and would be cut. */
static bool is_level_key(const char *text)
{
	return text && strlen(text) <= 400;
}

/* key "" stands for: all elements of this parent are entered.  To be freed. */
static char *level_name_of(enum level level, const json_object *parent,
			   const char *key)
{
	return xprintf("%d/%p/%s", (int)level, (const void *)parent, key);
}

static void enter_level_element(struct lh_table *table, enum level level,
				const json_object *parent, const char *key,
				json_object *element)
{
	char *name = level_name_of(level, parent, key);
	/* Of two of one name the first counts. */
	if (lh_table_lookup_entry(table, name))
		free(name);
	else
		lh_add(table, name, element);
}

static void enter_level_elements(struct dfh_import *im,
				 const struct place *place,
				 enum fhir_release release, json_object *parent)
{
	const struct fhir_path *in = place->in[release];
	struct json_list all = {0};
	if (in)
		fhir_path_slots(parent, in, &all);
	for (size_t i = 0; i < all.count; i++) {
		struct view one = {.rules = im->rules,
				   .release = release,
				   .index = im->index,
				   .kin = im->subjects.kin,
				   .today = im->today};
		one.at[place->level] = all.at[i];
		struct dataset *mapped = found_by(im, &one);
		const char *key =
			key_text(&place->key[0], mapped, mapped->arena);
		if (is_level_key(key))
			enter_level_element(im->subjects.by_level, place->level,
					    parent, key, all.at[i]);
		dataset_free(mapped);
	}
	json_list_free(&all);
}

static json_object *find_level_element(struct dfh_import *im,
				       const struct place *place,
				       enum fhir_release release,
				       json_object *parent, const char *key)
{
	char *all = level_name_of(place->level, parent, "");
	char *name = level_name_of(place->level, parent, key);
	void *found = NULL;
	struct lh_table **table = &im->subjects.by_level;
	if (!*table)
		*table = lh_by_text(64, lh_free_key);
	if (!lh_table_lookup_entry(*table, all)) {
		enter_level_elements(im, place, release, parent);
		enter_level_element(*table, place->level, parent, "", parent);
	}
	lh_table_lookup_ex(*table, name, &found);
	free(all);
	free(name);
	return found;
}

void view_find_levels(struct dfh_import *im, const struct dataset *dataset,
		      struct view *view)
{
	for (int level = LEVEL_SERIES; level < 4; level++) {
		const struct place *place =
			view_level_place(im->rules, (enum level)level);
		json_object *parent = view->at[level - 1];
		const char *key = place && parent
					  ? key_text(&place->key[0], dataset,
						     dataset->arena)
					  : NULL;
		view->at[level] =
			is_level_key(key)
				? find_level_element(im, place, view->release,
						     parent, key)
				: NULL;
	}
}

/*
 * What the Bundle does not say of an instance: the way back is gone in memory,
 * and where it does not lead to what was read, the original is put beside.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/linkhash.h>

#include "assemble.h"
#include "beside.h"
#include "put.h"

/* One instance's differences, and where in the Bundle it is. */
struct differing {
	struct beside_list list;
	struct node *at[LEVELS];
};

static void find_nodes(const struct assembly *assembly,
		       const struct instance *instance, struct node *at[LEVELS])
{
	for (int level = 0; level < LEVELS; level++) {
		const struct place *place =
			view_level_place(assembly->rules, (enum level)level);
		char *identity =
			place ? instance_identity(place, instance) : NULL;
		at[level] = identity ? assembly_find(assembly, identity) : NULL;
		free(identity);
	}
}

static struct dataset *mapped_dataset(const struct assembly *assembly,
				      const struct fhir_index *index,
				      struct node *const at[LEVELS])
{
	struct dataset *mapped = dataset_new();
	const struct place *patient =
		view_level_place(assembly->rules, LEVEL_PATIENT);
	struct view view = {.rules = assembly->rules,
			    .release = assembly->release,
			    .index = index};
	for (int level = LEVEL_STUDY; level < LEVELS; level++)
		view.at[level] = at[level] ? at[level]->object : NULL;
	if (at[LEVEL_STUDY] && patient)
		view.at[LEVEL_PATIENT] =
			view_referred(&view, at[LEVEL_STUDY]->place,
				      view.at[LEVEL_STUDY], patient);
	struct lens lens = {
		.rules = assembly->rules,
		.release = assembly->release,
		.arena = mapped->arena,
		.schemes = schemes_of(assembly->rules, &mapped->root,
				      mapped->arena),
	};
	put_view(&lens, &view, mapped, true);
	put_type2(assembly->rules, mapped);
	return mapped;
}

/* ---- as high as all agree ---- */

/* How high may it go?  What is an instance's own stays there. */
static enum level highest(const struct assembly *assembly,
			  const struct beside *beside)
{
	const struct rule *rule = rule_of_tag(assembly->rules, &beside->top);
	const struct fhir_path *path =
		rule ? rule->fhir[assembly->release] : NULL;
	if (!path)
		return LEVEL_SERIES;
	return path->place->level < LEVEL_STUDY ? LEVEL_STUDY
						: path->place->level;
}

/* The counts are kept by node and extension. */
static char *tally_key(const struct node *node, const struct beside *beside)
{
	const char *text = json_object_to_json_string_ext(
		beside->extension, JSON_C_TO_STRING_PLAIN);
	size_t size = strlen(text) + 32;
	char *key = xmalloc(size);
	snprintf(key, size, "%p %s", (const void *)node, text);
	return key;
}

static size_t *tally_of(struct lh_table *counts, const struct node *node,
			const struct beside *beside)
{
	char *key = tally_key(node, beside);
	struct lh_entry *entry = lh_table_lookup_entry(counts, key);
	if (entry) {
		free(key);
		return (size_t *)lh_entry_v(entry);
	}
	size_t *count = xmalloc(sizeof *count);
	*count = 0;
	lh_table_insert(counts, key, count);
	return count;
}

static void free_tally(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
	free((void *)(uintptr_t)lh_entry_v(entry));
}

static void attach(struct node *node, const struct beside *beside)
{
	json_object *list = NULL;
	if (!json_object_object_get_ex(node->object, "extension", &list)) {
		list = json_object_new_array();
		json_object_object_add(node->object, "extension", list);
	}
	json_object_array_add(list, json_object_get(beside->extension));
}

/* The node that it goes beside: the highest at which every instance has the
 * same.  members holds how many instances each node has. */
static void place_one(const struct assembly *assembly, struct lh_table *counts,
		      struct lh_table *members, const struct differing *d,
		      const struct beside *beside)
{
	static const size_t placed = (size_t)-1;
	struct node *last = NULL;
	int level = (int)highest(assembly, beside);
	/* Without a series or an instance of its own, it is the study's. */
	while (level > LEVEL_STUDY && !d->at[level])
		level--;
	for (; level < LEVELS; level++) {
		struct node *node = d->at[level];
		if (!node)
			break;
		last = node;
		size_t *count = tally_of(counts, node, beside);
		struct lh_entry *all = lh_table_lookup_entry(members, node);
		if (*count == placed)
			return;
		if (all && *count == *(size_t *)lh_entry_v(all)) {
			*count = placed;
			attach(node, beside);
			return;
		}
	}
	/* Two files of one instance differ, or there is no lower level. */
	if (last && *tally_of(counts, last, beside) != placed) {
		*tally_of(counts, last, beside) = placed;
		attach(last, beside);
	}
}

static void count_members(struct lh_table *members, struct node *node)
{
	struct lh_entry *entry = lh_table_lookup_entry(members, node);
	size_t *count;
	if (entry) {
		count = (size_t *)lh_entry_v(entry);
	} else {
		count = xmalloc(sizeof *count);
		*count = 0;
		lh_table_insert(members, node, count);
	}
	++*count;
}

static void free_count(struct lh_entry *entry)
{
	free((void *)(uintptr_t)lh_entry_v(entry));
}

static void place_all(const struct assembly *assembly,
		      const struct differing *all, size_t count)
{
	struct lh_table *counts = lh_kchar_table_new(256, free_tally);
	struct lh_table *members = lh_kptr_table_new(256, free_count);
	for (size_t i = 0; i < count; i++)
		for (int level = LEVEL_STUDY; level < LEVELS; level++) {
			if (!all[i].at[level])
				continue;
			count_members(members, all[i].at[level]);
			for (size_t k = 0; k < all[i].list.count; k++)
				++*tally_of(counts, all[i].at[level],
					    &all[i].list.at[k]);
		}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < all[i].list.count; k++)
			place_one(assembly, counts, members, &all[i],
				  &all[i].list.at[k]);
	lh_table_free(counts);
	lh_table_free(members);
}

/* "RequestAttributesSequence[0].X" -> "RequestAttributesSequence.X": reports
 * count by attribute, not by item. */
static void attribute_of(const char *path, char *out, size_t size)
{
	size_t used = 0;
	bool in_index = false;
	for (const char *p = path; *p && used + 1 < size; p++) {
		in_index = in_index || *p == '[';
		if (!in_index)
			out[used++] = *p;
		in_index = in_index && *p != ']';
	}
	out[used] = '\0';
}

/* The value of a part of the extension; "" if it has none. */
static const char *part_of(const struct beside *beside, const char *url)
{
	json_object *list = json_member(beside->extension, "extension");
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *part = json_object_array_get_idx(list, i);
		const char *text = json_text(part, "valueString");
		if (text && strcmp(json_text(part, "url"), url) == 0)
			return text;
	}
	return "";
}

static void report_beside(const struct assembly *assembly,
			  const struct instance *instance,
			  const struct beside *beside)
{
	char attribute[256], text[512] = "the FHIR element has no form for it";
	bool carries = assembly_carries(assembly);
	attribute_of(beside->path, attribute, sizeof attribute);
	if (report_has_values(assembly->report))
		snprintf(text, sizeof text, "was '%.200s', FHIR says '%.200s'",
			 part_of(beside, "value"), part_of(beside, "mapped"));
	report_add(assembly->report, carries ? REPORT_BESIDE : REPORT_LOST,
		   rule_of_tag(assembly->rules, &beside->top),
		   assembly->release, attribute, instance->file, text);
}

void assembly_carry_beside(const struct assembly *assembly, json_object *bundle,
			   const struct instances *instances)
{
	size_t count = instances->to - instances->from;
	struct fhir_index *index = fhir_index_new();
	struct differing *all = xmalloc((count + 1) * sizeof *all);
	fhir_index_add(index, bundle);
	for (size_t i = 0; i < count; i++) {
		struct instance instance;
		all[i] = (struct differing){0};
		store_take(instances->store, instances->from + i, &instance);
		find_nodes(assembly, &instance, all[i].at);
		struct dataset *mapped =
			mapped_dataset(assembly, index, all[i].at);
		beside_compare(assembly->rules, instance.dataset, mapped,
			       &all[i].list);
		dataset_free(mapped);
		for (size_t k = 0; k < all[i].list.count; k++)
			report_beside(assembly, &instance, &all[i].list.at[k]);
		instance_clear(&instance);
	}
	if (assembly_carries(assembly))
		place_all(assembly, all, count);
	for (size_t i = 0; i < count; i++)
		beside_list_free(&all[i].list);
	free(all);
	fhir_index_free(index);
}

/*
 * There and back: a dataset goes the whole way to a Bundle, as text, and is
 * made again from that alone.  Every attribute that the rules write is then
 * as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "../forward/assemble.h"
#include "../reverse/import.h"
#include "../reverse/own_keys.h"
#include "base64.h"
#include "laws.h"
#include "zone.h"

/* ---- there ---- */

/* What tells the instance apart: what its keys say, in any form. */
static char *level_key_of(const struct trial *trial, enum level level,
			  struct dcm_item *root)
{
	const struct place *place = view_level_place(trial->rules, level);
	struct arena *arena = root->arena;
	struct scope scope = scope_root(root);
	const char *key = "";
	for (size_t i = 0; place && i < place->key_count; i++) {
		struct port_value value =
			scope_read(&scope, &place->key[i], arena);
		if (i == 0 && !value.text)
			break;
		key = arena_printf(arena, "%s\x1F%s", key,
				   value.text ? value.text : "");
	}
	return xstrdup(level == LEVEL_STUDY && !*key ? "alone" : key);
}

static json_object *bundle_of(const struct trial *trial,
			      struct dataset *dataset, const struct zone *zone)
{
	struct instance instance = {.dataset = dataset, .file = xstrdup("law")};
	for (int level = 0; level < LEVELS; level++)
		instance.keys[level] =
			level_key_of(trial, (enum level)level, &dataset->root);
	struct assembly *assembly =
		assembly_new(trial->rules, trial->release, zone, NULL, false);
	assembly_add(assembly, &instance, false);
	struct store *store = store_new(trial->rules);
	const struct instances all = {store, 0, 1};
	store_add(store, &instance);
	json_object *bundle = assembly_bundle(assembly, &all);
	store_free(store);
	json_object *read_again = json_tokener_parse(law_text(bundle));
	own_keys_remove(trial->rules, read_again);
	json_object_put(bundle);
	assembly_free(assembly);
	for (int level = 0; level < LEVELS; level++)
		free(instance.keys[level]);
	free(instance.file);
	return read_again;
}

/* ---- and back ---- */

static void add_levels(struct view *view)
{
	for (int level = LEVEL_SERIES; level < LEVELS; level++) {
		const struct place *place =
			view_level_place(view->rules, (enum level)level);
		const struct fhir_path *in =
			place ? place->in[view->release] : NULL;
		struct json_list all = {0};
		if (in)
			fhir_path_slots(view->at[level - 1], in, &all);
		if (all.count)
			view->at[level] = all.at[0];
		json_list_free(&all);
	}
}

static struct dataset *dataset_made_of(const struct trial *trial,
				       json_object *bundle)
{
	struct fhir_index *index = fhir_index_new();
	struct dfh_import im = {.rules = trial->rules, .index = index};
	struct view view = {.rules = trial->rules,
			    .release = trial->release,
			    .index = index};
	const struct place *study = view_level_place(trial->rules, LEVEL_STUDY);
	const struct place *patient =
		view_level_place(trial->rules, LEVEL_PATIENT);
	struct json_list studies = {0};
	fhir_index_add(index, bundle);
	fhir_index_settle(index);
	if (study)
		fhir_index_type(index, study->type, &studies);
	if (studies.count) {
		view.at[LEVEL_STUDY] = studies.at[0];
		if (patient)
			view.at[LEVEL_PATIENT] = view_referred(
				&view, study, studies.at[0], patient);
		add_levels(&view);
	}
	json_list_free(&studies);
	struct dataset *dataset = dataset_of(&im, &view, NULL);
	fhir_index_free(index);
	return dataset;
}

/* ---- comparing ---- */

/* Is it among what a rule writes, and is that counted? */
static bool is_tag_written(const dfh_rules *rules, const struct dcm_tag *tag,
			   bool *derived)
{
	const struct writers writers = rules_writers(rules, tag, 1);

	for (size_t i = 0; i < writers.count; i++)
		*derived = *derived ||
			   writers.at[i].rule->derive.kind != DERIVE_NONE;
	return writers.count > 0;
}

static bool is_carried(const dfh_rules *rules, const struct dcm_tag *tag)
{
	struct tags tags = {0};
	tags_add_path(&tags, &rules->schemes.identification);
	for (size_t i = 0; i < rules->carry_count; i++)
		tags_add_path(&tags, &rules->carry[i]);
	return tags_have(&tags, tag);
}

/* What no rule writes does not come back, unless it is carried. */
struct returns *laws_returns(const dfh_rules *rules, struct arena *arena)
{
	const struct dcm_wants *wants = &rules->wants;
	struct returns *all =
		arena_alloc(arena, (wants->count + 1) * sizeof *all);
	for (size_t i = 0; i < wants->count; i++) {
		const struct dcm_tag *tag = &wants->list[i].tag;
		all[i].is = is_tag_written(rules, tag, &all[i].derived);
		all[i].is = all[i].is || is_carried(rules, tag);
	}
	return all;
}

/* Every leaf by its path.  A sequence that is carried whole counts by its
 * items too, others by what is in them. */
static void flatten_item(const struct dcm_item *item, const char *prefix,
			 const struct dcm_want *wants, size_t count, bool whole,
			 json_object *out)
{
	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *e = &item->elements[i];
		const struct dcm_want *want =
			dcm_want_find(wants, count, &e->tag);
		bool all = whole || (want && want->whole);
		char name[128];
		dcm_tag_name(&e->tag, name);
		char *path = arena_printf(item->arena, "%s%s", prefix, name);
		bool sequence = strcmp(e->vr, "SQ") == 0;
		if (!sequence && e->length)
			json_add(out, path,
				 json_new_string_of(e->bytes, e->length));
		else if (!sequence)
			json_add(out, path,
				 json_new_string(e->text ? e->text : ""));
		else if (all)
			json_add(out, path,
				 json_new_integer((int64_t)e->item_count));
		for (size_t k = 0; k < e->item_count; k++)
			flatten_item(
				e->items[k],
				arena_printf(item->arena, "%s[%zu].", path, k),
				want ? want->in_items : NULL,
				want ? want->in_items_count : 0, all, out);
	}
}

/* The attributes that rules write; what is counted may be there in addition.
 */
static json_object *leaves_of(const struct trial *trial,
			      const struct dataset *dataset,
			      const struct dataset *original)
{
	const struct dcm_wants *wants = &trial->rules->wants;
	struct dcm_item some = {.arena = dataset->arena};
	json_object *out = json_new_object();
	for (size_t i = 0; i < dataset->root.count; i++) {
		const struct dcm_element *e = &dataset->root.elements[i];
		const struct dcm_want *want =
			dcm_want_find(wants->list, wants->count, &e->tag);
		const struct returns *returns =
			want ? &trial->returns[want - wants->list] : NULL;
		if (!returns || !returns->is ||
		    (returns->derived &&
		     !dcm_item_find(&original->root, &e->tag)))
			continue;
		some.elements = (struct dcm_element *)e;
		some.count = 1;
		flatten_item(&some, "", wants->list, wants->count, false, out);
	}
	return out;
}

static void tell_difference(FILE *why, json_object *there, json_object *back)
{
	json_foreach (there, name, value) {
		json_object *other = json_member(back, name);
		if (json_object_equal(value, other))
			continue;
		fprintf(why, "; %s is %s", name, law_text(value));
		fprintf(why, " and becomes %s", law_text(other));
		return;
	}
	json_foreach (back, more, added) {
		if (json_member(there, more))
			continue;
		fprintf(why, "; %s was not there and becomes %s", more,
			law_text(added));
		return;
	}
}

static enum verdict check_exact(const struct trial *trial, json_object *test,
				FILE *why)
{
	struct dataset *dataset = dataset_new();
	const char *name = json_text(test, "zone");
	struct zone *zone = name ? zone_open(name, NULL) : NULL;
	item_of_json(&dataset->root, json_member(test, "dataset"),
		     trial->keywords);
	json_object *bundle = bundle_of(trial, dataset, zone);
	struct dataset *made = dataset_made_of(trial, bundle);
	json_object *there = leaves_of(trial, dataset, dataset);
	json_object *back = leaves_of(trial, made, dataset);
	bool same = json_object_equal(there, back);
	if (!same && why)
		tell_difference(why, there, back);
	json_object_put(there);
	json_object_put(back);
	json_object_put(bundle);
	dataset_free(made);
	dataset_free(dataset);
	zone_close(zone);
	return same ? LAW_HOLDS : LAW_FAILS;
}

static bool can_travel(const struct trial *trial)
{
	return trial->rules->carried_beside && trial->rule->can_put;
}

const struct law law_exact = {
	.name = "there and back",
	.share = 10,
	.concerns = can_travel,
	.make = make_exact,
	.check = check_exact,
};

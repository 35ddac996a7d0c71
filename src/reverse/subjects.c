/* What a Bundle can say of a dataset: its studies, its orders that come without
 * a study, its patients without either; and by what each is found. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "import.h"
#include "inputs.h"
#include "json_pack.h"
#include "led.h"
#include "merges.h"
#include "number.h"
#include "references.h"
#include "unmapped.h"

static struct view view_on(const struct dfh_import *im)
{
	return (struct view){.rules = im->rules,
			     .release = import_release(im),
			     .index = im->index,
			     .kin = im->subjects.kin,
			     .today = im->today};
}

static size_t count_values(const struct dcm_item *item)
{
	size_t count = 0;
	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *e = &item->elements[i];
		count += e->text != NULL;
		for (size_t k = 0; k < e->item_count; k++)
			count += count_values(e->items[k]);
	}
	return count;
}

/* ---- keys ---- */

struct bucket {
	size_t *at; /* of subjects */
	size_t count;
};

/* To be freed. */
static char *bucket_name(size_t key, const struct key_value *value)
{
	return xprintf("%zu/%zu/%s", key, value->id, value->text);
}

static void free_bucket(struct lh_entry *entry)
{
	struct bucket *bucket = (struct bucket *)lh_entry_v(entry);
	free(lh_entry_k(entry));
	free(bucket->at);
	free(bucket);
}

static void enter_subject(struct subjects *all, size_t subject, size_t key,
			  const struct key_value *value)
{
	char *name = bucket_name(key, value);
	void *found = NULL;
	if (lh_table_lookup_ex(all->by_key, name, &found)) {
		free(name);
	} else {
		found = xmalloc(sizeof(struct bucket));
		*(struct bucket *)found = (struct bucket){0};
		lh_add(all->by_key, name, found);
	}
	struct bucket *bucket = found;
	if (bucket->count && bucket->at[bucket->count - 1] == subject)
		return;
	array_room(bucket->at, bucket->count);
	bucket->at[bucket->count++] = subject;
}

const size_t *subjects_with(const struct subjects *all, size_t key,
			    const struct key_value *value, size_t *count)
{
	char *name = bucket_name(key, value);
	void *found = NULL;
	*count = 0;
	lh_table_lookup_ex(all->by_key, name, &found);
	free(name);
	if (!found)
		return NULL;
	*count = ((struct bucket *)found)->count;
	return ((struct bucket *)found)->at;
}

static void read_keys(const dfh_rules *rules, const struct dataset *mapped,
		      struct arena *arena, struct subject *subject)
{
	for (size_t k = 0; k < rules->match_count; k++)
		key_read(&rules->match[k], mapped, arena, &subject->keys[k]);
}

/* Each order by itself: of several, only one has room in a dataset of which
 * nothing is known but the study. */
static void read_orders(const struct dfh_import *im, const struct view *view,
			struct arena *arena, struct subject *subject)
{
	const dfh_rules *rules = im->rules;
	for (size_t i = 0; view->at[LEVEL_STUDY] && i < rules->place_count;
	     i++) {
		const struct place *place = &rules->places[i];
		struct json_list orders = {0};
		if (!view_can_be_loose(place, view->release))
			continue;
		view_objects(view, place, &orders);
		for (size_t k = 0; k < orders.count; k++) {
			struct view one = view_on(im);
			one.loose = orders.at[k];
			struct dataset *mapped = found_by(im, &one);
			read_keys(rules, mapped, arena, subject);
			dataset_free(mapped);
		}
		json_list_free(&orders);
	}
}

/* Under each of the numbers that an object has, not only the one that would go
 * into a new header; old ones, too. */
static void read_subject_numbers(const struct dfh_import *im,
				 const struct view *view,
				 const struct rule *rule, json_object *object,
				 struct arena *arena, struct subject *subject)
{
	const struct fhir_path *path = rule->fhir[view->release];
	struct json_list slots = {0};
	fhir_path_slots(object, path, &slots);
	for (size_t i = 0; slots.count > 1 && i < slots.count; i++) {
		if (path->is && !json_matches(slots.at[i], path->is))
			continue;
		struct dataset *made =
			made_by(im, view->release, rule,
				fhir_path_value(slots.at[i], path));
		read_keys(im->rules, made, arena, subject);
		dataset_free(made);
	}
	json_list_free(&slots);
}

static bool is_numbered(const dfh_rules *rules, const struct rule *rule,
			enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];
	return path && path->slot >= 0 && rule->can_put &&
	       rule->each.kind == EACH_NONE && number_of_rule(rules, rule);
}

static void find_numbered(const dfh_rules *rules, enum fhir_release release,
			  struct subjects *out)
{
	out->numbered = arena_alloc(out->arena, (rules->rule_count + 1) *
							sizeof *out->numbered);
	for (size_t i = 0; i < rules->rule_count; i++)
		if (is_numbered(rules, &rules->rules[i], release))
			out->numbered[out->numbered_count++] = &rules->rules[i];
}

static void read_all_numbers(const struct dfh_import *im,
			     const struct view *view, struct arena *arena,
			     struct subject *subject)
{
	const struct subjects *all = &im->subjects;
	for (size_t i = 0; i < all->numbered_count; i++) {
		const struct rule *rule = all->numbered[i];
		struct json_list objects = {0};
		view_objects(view, rule->fhir[view->release]->place, &objects);
		for (size_t k = 0; k < objects.count; k++)
			read_subject_numbers(im, view, rule, objects.at[k],
					     arena, subject);
		json_list_free(&objects);
	}
}

/* A study without a UID of its own is found by those of its series and
 * instances. */
static void read_levels(const struct dfh_import *im, const struct view *view,
			json_object *parent, int level, struct arena *arena,
			struct subject *subject)
{
	const struct place *place =
		level < 4 ? view_level_place(im->rules, (enum level)level)
			  : NULL;
	struct json_list all = {0};
	if (place && place->in[view->release])
		fhir_path_slots(parent, place->in[view->release], &all);
	for (size_t i = 0; i < all.count; i++) {
		struct view one = view_on(im);
		one.at[level] = all.at[i];
		struct dataset *mapped = found_by(im, &one);
		read_keys(im->rules, mapped, arena, subject);
		dataset_free(mapped);
		read_levels(im, view, all.at[i], level + 1, arena, subject);
	}
	json_list_free(&all);
}

static bool is_study_named(const dfh_rules *rules,
			   const struct subject *subject)
{
	for (size_t k = 0; k < rules->match_count; k++)
		if (rules->match[k].proves == PROVES_STUDY &&
		    subject->keys[k].count)
			return true;
	return false;
}

/* A patient who is named by an identifier alone (Reference.identifier), and of
 * whom there is no resource: he is compared, and nothing is written of him. */
static void read_named_patient(const struct dfh_import *im,
			       const struct view *view, struct arena *arena,
			       struct subject *subject)
{
	const struct place *patient =
		view_level_place(im->rules, LEVEL_PATIENT);
	json_object *object =
		view->at[LEVEL_STUDY] ? view->at[LEVEL_STUDY] : view->loose;
	json_object *identifier = patient && object && !view->at[LEVEL_PATIENT]
					  ? view_named(view, object, patient)
					  : NULL;
	if (!identifier)
		return;
	json_object *named = resource_numbered(patient->type, identifier);
	struct view one = view_on(im);
	one.at[LEVEL_PATIENT] = named;
	struct dataset *mapped = found_by(im, &one);
	read_keys(im->rules, mapped, arena, subject);
	dataset_free(mapped);
	json_object_put(named);
}

/* ---- who is spoken of already ---- */

/* Addresses of resources. */
static void remember_seen(struct lh_table *seen, json_object *object)
{
	if (object && !lh_table_lookup_entry(seen, object))
		lh_add(seen, object, NULL);
}

static bool has_seen(struct lh_table *seen, json_object *object)
{
	return lh_table_lookup_entry(seen, object) != NULL;
}

static void remember_all(const struct view *view, struct lh_table *seen)
{
	const dfh_rules *rules = view->rules;
	remember_seen(seen, view->at[LEVEL_PATIENT]);
	for (size_t i = 0; i < rules->place_count; i++) {
		struct json_list orders = {0};
		if (!view_can_be_loose(&rules->places[i], view->release))
			continue;
		view_objects(view, &rules->places[i], &orders);
		for (size_t k = 0; k < orders.count; k++)
			remember_seen(seen, orders.at[k]);
		json_list_free(&orders);
	}
}

/* ---- subjects ---- */

static size_t add_subject(const struct dfh_import *im, struct view view,
			  struct subjects *out, struct lh_table *seen)
{
	const dfh_rules *rules = im->rules;
	view.led = led_of(&view, out->arena);
	struct dataset *mapped = found_by(im, &view);
	struct subject *subject;
	if (!(out->count & (out->count - 1)))
		out->at = xrealloc(out->at,
				   2 * (out->count + 1) * sizeof *out->at);
	subject = &out->at[out->count];
	*subject = (struct subject){.view = view};
	subject->keys = arena_alloc(out->arena, (rules->match_count + 1) *
							sizeof *subject->keys);
	read_keys(rules, mapped, out->arena, subject);
	read_orders(im, &view, out->arena, subject);
	read_all_numbers(im, &view, out->arena, subject);
	read_named_patient(im, &view, out->arena, subject);
	if (view.at[LEVEL_STUDY] && !is_study_named(rules, subject))
		read_levels(im, &view, view.at[LEVEL_STUDY], LEVEL_SERIES,
			    out->arena, subject);
	for (size_t k = 0; k < rules->match_count; k++)
		for (size_t i = 0; i < subject->keys[k].count; i++)
			enter_subject(out, out->count, k,
				      &subject->keys[k].at[i]);
	remember_all(&view, seen);
	out->count++;
	size_t values = count_values(&mapped->root);
	dataset_free(mapped);
	return values;
}

static void add_patient(struct view *view, const struct place *from,
			json_object *object)
{
	const struct place *patient =
		view_level_place(view->rules, LEVEL_PATIENT);
	if (from && patient)
		view->at[LEVEL_PATIENT] =
			view_referred(view, from, object, patient);
}

static size_t add_studies(const struct dfh_import *im, struct subjects *out,
			  struct lh_table *seen)
{
	const struct place *study = view_level_place(im->rules, LEVEL_STUDY);
	struct json_list all = {0};
	size_t values = 0;
	if (study)
		fhir_index_type(im->index, study->type, &all);
	for (size_t i = 0; i < all.count; i++) {
		struct view view = view_on(im);
		view.at[LEVEL_STUDY] = all.at[i];
		add_patient(&view, study, all.at[i]);
		values += add_subject(im, view, out, seen);
	}
	json_list_free(&all);
	return values;
}

static size_t add_orders(const struct dfh_import *im, struct subjects *out,
			 struct lh_table *seen)
{
	const struct json_list *all = fhir_index_entries(im->index);
	size_t values = 0;
	for (size_t i = 0; i < im->rules->place_count; i++) {
		const struct place *place = &im->rules->places[i];
		struct view view = view_on(im);
		if (!view_can_be_loose(place, view.release))
			continue;
		for (size_t k = 0; k < all->count; k++) {
			if (strcmp(resource_type(all->at[k]), place->type) ||
			    has_seen(seen, all->at[k]))
				continue;
			view.loose = all->at[k];
			view.at[LEVEL_PATIENT] = NULL;
			add_patient(&view, place, all->at[k]);
			values += add_subject(im, view, out, seen);
		}
	}
	return values;
}

static size_t add_patients(const struct dfh_import *im, struct subjects *out,
			   struct lh_table *seen)
{
	const struct place *patient =
		view_level_place(im->rules, LEVEL_PATIENT);
	const struct json_list *all = fhir_index_entries(im->index);
	size_t values = 0;
	for (size_t i = 0; patient && i < all->count; i++) {
		struct view view = view_on(im);
		if (strcmp(resource_type(all->at[i]), patient->type) ||
		    has_seen(seen, all->at[i]))
			continue;
		struct json_loan loan = json_lend(all->at[i]);
		view.at[LEVEL_PATIENT] = all->at[i];
		values += add_subject(im, view, out, seen);
		if (loan.packed && !im->is_weighed)
			note_unmapped_resource(im, all->at[i]);
		json_give_back(&loan);
	}
	return values;
}

/* How many values they have in all. */
static size_t make_subjects(struct dfh_import *im)
{
	struct subjects *out = &im->subjects;
	struct lh_table *seen = lh_by_address(64, NULL);
	size_t values;
	subjects_free(out);
	out->arena = arena_new();
	out->kin = kin_new(im->rules, import_release(im), im->index);
	out->by_key = lh_by_text(64, free_bucket);
	find_numbered(im->rules, import_release(im), out);
	values = add_studies(im, out, seen);
	values += add_orders(im, out, seen);
	values += add_patients(im, out, seen);
	lh_table_free(seen);
	return values;
}

void import_settle(struct dfh_import *im)
{
	im->recognised = DFH_RELEASE_ANY;
	fhir_index_settle(im->index);
	for (size_t i = 0; i < fhir_index_entries(im->index)->count; i++)
		release_blank(im, fhir_index_entries(im->index)->at[i]);
	references_display(im);
	merges_apply(im);
}

/* Do all resources say the same in all releases, as patients do? */
static bool is_alike_in_releases(const struct dfh_import *im)
{
	const struct json_list *all = fhir_index_entries(im->index);
	for (size_t p = 0; p < im->rules->place_count; p++) {
		const struct place *place = &im->rules->places[p];
		for (size_t i = 0; place->differs && i < all->count; i++)
			if (strcmp(place->type, resource_type(all->at[i])) == 0)
				return false;
	}
	return true;
}

/* If it says more as one of this release, it is. */
static void weigh_release(struct dfh_import *im, enum fhir_release release,
			  enum fhir_release *best, size_t *most)
{
	struct subjects of_best = im->subjects;
	im->subjects = (struct subjects){0};
	im->recognised = fhir_release_number(release);
	size_t values = make_subjects(im);
	if (values > *most ||
	    (values == *most && fhir_release_is_before(release, *best))) {
		subjects_free(&of_best);
		*best = release;
		*most = values;
	} else {
		subjects_free(&im->subjects);
		im->subjects = of_best;
	}
}

/* A shape that fits several releases is of that in which it says most. */
const struct subjects *import_subjects(struct dfh_import *im)
{
	if (im->has_subjects)
		return &im->subjects;
	import_settle(im);
	im->is_weighed = import_is_ambiguous(im) && !is_alike_in_releases(im);
	enum fhir_release first = import_release(im), best = first;
	size_t most = make_subjects(im);
	for (enum fhir_release r = 0; im->is_weighed && r < RELEASES; r++)
		if (r != first && release_may_be(im, r))
			weigh_release(im, r, &best, &most);
	if (im->is_weighed)
		im->recognised = fhir_release_number(best);
	note_unmapped_resources(im);
	im->is_weighed = false;
	inputs_report(im);
	im->has_subjects = true;
	return &im->subjects;
}

void subjects_free(struct subjects *subjects)
{
	if (subjects->arena)
		arena_free(subjects->arena);
	if (subjects->by_key)
		lh_table_free(subjects->by_key);
	if (subjects->by_level)
		lh_table_free(subjects->by_level);
	kin_free(subjects->kin);
	free(subjects->at);
	*subjects = (struct subjects){0};
}

/* Which of the things that a Bundle speaks of is this dataset? */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "import.h"

static void add_subject(const struct dfh_import *im, struct view view,
			struct subjects *out)
{
	out->at = xrealloc(out->at, (out->count + 1) * sizeof *out->at);
	out->at[out->count++] = (struct subject){
		.view = view,
		.mapped = dataset_of(im, &view, NULL),
	};
}

static struct view view_on(const struct dfh_import *im)
{
	return (struct view){.rules = im->rules,
			     .release = import_release(im),
			     .index = im->index};
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

/* Each study with its patient. */
static void add_studies(const struct dfh_import *im, struct subjects *out)
{
	const struct place *study = view_level_place(im->rules, LEVEL_STUDY);
	struct json_list all = {0};
	if (study)
		fhir_index_type(im->index, study->type, &all);
	for (size_t i = 0; i < all.count; i++) {
		struct view view = view_on(im);
		view.at[LEVEL_STUDY] = all.at[i];
		add_patient(&view, study, all.at[i]);
		add_subject(im, view, out);
	}
	json_list_free(&all);
}

/* Without a study, each patient. */
static void add_patients(const struct dfh_import *im, struct subjects *out)
{
	const struct place *patient =
		view_level_place(im->rules, LEVEL_PATIENT);
	struct json_list all = {0};
	if (patient)
		fhir_index_type(im->index, patient->type, &all);
	for (size_t i = 0; i < all.count; i++) {
		struct view view = view_on(im);
		view.at[LEVEL_PATIENT] = all.at[i];
		add_subject(im, view, out);
	}
	json_list_free(&all);
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

static size_t make_subjects(struct dfh_import *im)
{
	size_t count = 0;
	subjects_free(&im->subjects);
	add_studies(im, &im->subjects);
	if (!im->subjects.count)
		add_patients(im, &im->subjects);
	for (size_t i = 0; i < im->subjects.count; i++)
		count += count_values(&im->subjects.at[i].mapped->root);
	return count;
}

/* A shape that fits both releases is of that in which it says more. */
const struct subjects *import_subjects(struct dfh_import *im)
{
	if (im->has_subjects)
		return &im->subjects;
	im->recognised = 0;
	size_t in_r5 = make_subjects(im);
	if (import_is_ambiguous(im)) {
		im->recognised = 4;
		if (make_subjects(im) <= in_r5) {
			im->recognised = 5;
			make_subjects(im);
		}
	}
	note_unmapped_resources(im);
	im->has_subjects = true;
	return &im->subjects;
}

void subjects_free(struct subjects *subjects)
{
	for (size_t i = 0; i < subjects->count; i++)
		dataset_free(subjects->at[i].mapped);
	free(subjects->at);
	*subjects = (struct subjects){0};
}

/* ---- keys ---- */

/* 1: both have the key and agree; -1: both have it and differ; 0: one of them
 * does not say.  Qualifiers of a key (an issuer) count only if both have
 * them. */
static int compare_key(const struct place *place, const struct dataset *a,
		       const struct dataset *b)
{
	struct scope in_a = scope_root((struct dcm_item *)&a->root);
	struct scope in_b = scope_root((struct dcm_item *)&b->root);
	int result = 0;
	for (size_t i = 0; place && i < place->key_count; i++) {
		struct port_value x =
			scope_read(&in_a, &place->key[i], a->arena);
		struct port_value y =
			scope_read(&in_b, &place->key[i], b->arena);
		if (!x.text || !y.text) {
			if (i == 0)
				return 0;
			continue;
		}
		if (strcmp(x.text, y.text) != 0)
			return -1;
		result = 1;
	}
	return result;
}

static int refuse(dfh_error **error, const char *file, const char *why)
{
	return error_set(error, DFH_REFUSED, "%s: not stamped: %s", file, why);
}

/* ---- series and instance ---- */

/* The element of an array place whose key the dataset has. */
static json_object *find_element(const struct dfh_import *im,
				 const struct view *view,
				 const struct place *place, json_object *parent,
				 const struct dataset *dataset)
{
	const struct fhir_path *in = place->in[view->release];
	struct json_list all = {0};
	json_object *found = NULL;
	if (in && parent)
		fhir_path_slots(parent, in, &all);
	for (size_t i = 0; i < all.count && !found; i++) {
		struct view one = view_on(im);
		one.at[place->level] = all.at[i];
		struct dataset *mapped = dataset_of(im, &one, NULL);
		if (compare_key(place, mapped, dataset) > 0)
			found = all.at[i];
		dataset_free(mapped);
	}
	json_list_free(&all);
	return found;
}

static void add_levels(const struct dfh_import *im, struct view *view,
		       const struct dataset *dataset)
{
	for (int level = LEVEL_SERIES; level < 4; level++) {
		const struct place *place =
			view_level_place(im->rules, (enum level)level);
		if (place)
			view->at[level] = find_element(
				im, view, place, view->at[level - 1], dataset);
	}
}

/* ---- the match ---- */

int match(struct dfh_import *im, const struct dataset *dataset,
	  const char *file, struct view *out, dfh_error **error)
{
	const struct subjects *subjects = import_subjects(im);
	const struct place *study = view_level_place(im->rules, LEVEL_STUDY);
	const struct place *patient =
		view_level_place(im->rules, LEVEL_PATIENT);
	const struct subject *found = NULL;
	size_t by_study = 0, by_patient = 0, unnamed = 0, others = 0;
	bool disputed = false;
	for (size_t i = 0; i < subjects->count; i++) {
		const struct subject *one = &subjects->at[i];
		int s = compare_key(study, one->mapped, dataset);
		int p = compare_key(patient, one->mapped, dataset);
		disputed = disputed || (s > 0 && p < 0);
		if (s < 0 || p < 0) {
			others++;
			continue;
		}
		/* The study decides; then the patient; a subject that names
		 * neither contradicts nothing. */
		if (s > 0 && by_study++ == 0)
			found = one;
		else if (s == 0 && p > 0 && by_patient++ == 0 && !by_study)
			found = one;
		else if (s == 0 && p == 0 && unnamed++ == 0 && !by_study &&
			 !by_patient)
			found = one;
	}
	size_t candidates = by_study	 ? by_study
			    : by_patient ? by_patient
					 : unnamed;
	if (disputed && !by_study)
		return refuse(error, file,
			      "the Bundle has this study under another "
			      "patient");
	if (!found)
		return refuse(error, file,
			      others ? "the Bundle speaks of other studies or "
				       "patients"
				     : "the Bundle has no study and no "
				       "patient");
	if (candidates > 1)
		return refuse(error, file,
			      "several studies or patients of the Bundle "
			      "could be meant");
	if (!by_study && !by_patient && others)
		return refuse(error, file,
			      "the Bundle does not say whose it is");
	*out = found->view;
	add_levels(im, out, dataset);
	return 0;
}

/* PutGet and CreateGet: through the lens, at all positions of the rule. */
#include <stdlib.h>
#include <string.h>

#include "codecs.h"
#include "decimal.h"
#include "laws.h"

static json_object *get_all(struct bench *bench, const struct trial *trial)
{
	struct json_list got = {0};
	const struct lens quiet = lens_quiet(&bench->lens);
	json_object *array = json_new_array();
	lens_get(&quiet, trial->rule, &bench->scope, &got);
	for (size_t i = 0; i < got.count; i++)
		json_append(array, trial->rule->codec->list
					   ? json_object_get(got.at[i])
					   : fhir_path_dressed(trial->path,
							       got.at[i]));
	lens_values_free(&got);
	return array;
}

/* What each position says, also where they do not agree. */
static json_object *get_each(struct bench *bench, const struct trial *trial)
{
	struct rule each = *trial->rule;
	struct trial one_by_one = *trial;
	if (each.among == AMONG_AGREE)
		each.among = AMONG_FULLEST;
	one_by_one.rule = &each;
	return get_all(bench, &one_by_one);
}

static void put_all_values(struct bench *bench, const struct trial *trial,
			   json_object *values)
{
	struct json_list list = {0};
	for (size_t i = 0; i < json_count(values); i++)
		json_list_add(&list, json_at(values, i));
	lens_put(&bench->lens, trial->rule, &bench->scope, &list);
	json_list_free(&list);
}

/* Numbers by value: of 1 m come 100 cm, and of these 1.00 m. */
static bool same_number_text(const char *a, const char *b, struct arena *arena)
{
	struct decimal x, y;
	return decimal_read(a, arena, &x) && decimal_read(b, arena, &y) &&
	       decimal_same(&x, &y);
}

/* Terms by their code: of several, put takes the row. */
static bool same_term(const struct trial *trial, const char *a, const char *b)
{
	const struct table_list *tables = &trial->own->tables;
	for (size_t i = 0; i < tables->count; i++) {
		const struct table_row *x = table_by_dicom(tables->at[i], a);
		const struct table_row *y = table_by_dicom(tables->at[i], b);
		if (x && y && same_text(x->code, y->code))
			return true;
	}
	return false;
}

static bool same_made(const struct trial *trial, json_object *a, json_object *b,
		      struct arena *arena)
{
	if (json_object_equal(a, b))
		return true;
	if (json_object_get_type(a) != json_object_get_type(b))
		return false;
	if (json_object_is_type(a, json_type_object)) {
		json_foreach (a, name, value) {
			if (!json_member(b, name) ||
			    !same_made(trial, value, json_member(b, name),
				       arena))
				return false;
		}
		return json_member_count(a) == json_member_count(b);
	}
	if (json_object_is_type(a, json_type_array)) {
		size_t count = json_count(a);
		for (size_t i = 0; i < count; i++)
			if (!same_made(trial, json_at(a, i), json_at(b, i),
				       arena))
				return false;
		return json_count(b) == count;
	}
	const char *x = json_string(a), *y = json_string(b);
	return x && y &&
	       (same_number_text(x, y, arena) || same_term(trial, x, y));
}

/* Values of the first of several homes go where there is one now, so that
 * their order may change. */
static bool has_order(const struct trial *trial)
{
	return trial->rule->each.kind != EACH_ONE_OF;
}

/* Each of the one list is in the other, which is as long. */
static bool same_set(json_object *a, json_object *b)
{
	size_t count = json_count(a);
	json_object *left = json_copy(b);
	for (size_t i = 0; i < count; i++) {
		size_t k = 0, of_left = json_count(left);
		while (k < of_left &&
		       !json_object_equal(json_at(a, i), json_at(left, k)))
			k++;
		if (k < of_left)
			json_object_array_del_idx(left, k, 1);
	}
	bool same = !json_count(left) && json_count(b) == count;
	json_object_put(left);
	return same;
}

/* Something is lost: then what is left must be stable. */
static bool is_stable(struct bench *bench, const struct trial *trial,
		      json_object *test, json_object *got, FILE *why)
{
	struct bench again;
	bench_open(&again, trial, test);
	put_all_values(&again, trial, got);
	json_object *once = json_of_item(&bench->dataset->root);
	json_object *twice = json_of_item(&again.dataset->root);
	json_object *left = get_all(&again, trial);
	/* A list is written as a whole, without what is empty in it. */
	bool same =
		trial->rule->each.kind == EACH_NONE
			? same_made(trial, once, twice, bench->dataset->arena)
			: same_set(got, left);
	if (!same && why) {
		law_tell(why, "something is lost, put makes",
			 json_object_get(once));
		law_tell(why, "get makes of that", json_object_get(got));
		law_tell(why, "but put makes of that", json_object_get(twice));
	}
	json_object_put(once);
	json_object_put(twice);
	json_object_put(left);
	bench_close(&again);
	return same;
}

/* What is refused changes nothing. */
static bool is_untouched(struct bench *bench, json_object *before, FILE *why)
{
	json_object *after = json_of_item(&bench->dataset->root);
	bool same = json_object_equal(before, after);
	if (!same && why) {
		law_tell(why, "it is refused, but", json_object_get(before));
		law_tell(why, "becomes", json_object_get(after));
	}
	json_object_put(after);
	return same;
}

static json_object *law_element_of(json_object *array, size_t index)
{
	return index < json_count(array) ? json_at(array, index) : NULL;
}

/* Is this value among those that came back from `from` on?  Then it is moved
 * there. */
static bool find_same_value(const struct bench *bench,
			    const struct trial *trial, json_object *value,
			    json_object *got, json_object *had, size_t from)
{
	size_t count = json_count(got);
	size_t end = has_order(trial) ? from + 1 : count;
	for (size_t k = from; k < end && k < count; k++) {
		json_object *one = json_at(got, k);
		if (!says_the_same(bench, trial, value, one,
				   law_element_of(had, k)))
			continue;
		json_object *first = json_at(got, from);
		json_object_get(first);
		json_put_at(got, from, json_object_get(one));
		json_put_at(got, k, first);
		return true;
	}
	return false;
}

static bool all_the_same(const struct bench *bench, const struct trial *trial,
			 json_object *values, json_object *got,
			 json_object *had)
{
	size_t count = json_count(values);
	bool same = json_count(got) == count;
	if (trial->rule->codec->list)
		return says_the_same(bench, trial, values, got, had);
	for (size_t i = 0; same && i < count; i++)
		same = find_same_value(bench, trial, json_at(values, i), got,
				       had, i);
	return same;
}

static bool are_fit(const struct trial *trial, json_object *values)
{
	if (!json_object_is_type(values, json_type_array) ||
	    !json_count(values))
		return false;
	if (trial->rule->codec->list)
		return law_fits(trial, values);
	for (size_t i = 0; i < json_count(values); i++) {
		json_object *one = json_at(values, i);
		if (!law_fits(trial, one) ||
		    (json_object_is_type(one, json_type_object) &&
		     !json_matches(one, trial->is)))
			return false;
	}
	return true;
}

static enum verdict check_put(const struct trial *trial, json_object *test,
			      FILE *why)
{
	json_object *values = json_member(test, "values");
	struct bench bench;
	if (!are_fit(trial, values))
		return LAW_IS_IDLE;
	bench_open(&bench, trial, test);
	json_object *before = json_of_item(&bench.dataset->root);
	json_object *had = get_all(&bench, trial);
	bench.before = get_each(&bench, trial);
	put_all_values(&bench, trial, values);
	json_object *got = get_all(&bench, trial);
	bool holds;
	enum verdict verdict = LAW_HOLDS;
	if (bench.notes[NOTE_REFUSED]) {
		bool alone =
			json_count(values) == 1 || trial->rule->codec->list;
		holds = !alone || is_untouched(&bench, before, why);
		verdict = LAW_IS_IDLE;
	} else if (laws_is_told(&bench, trial)) {
		holds = is_stable(&bench, trial, test, got, why);
	} else {
		holds = all_the_same(&bench, trial, values, got, had) ||
			(laws_departs(&bench, trial, NOTE_SUPPLIED) &&
			 is_stable(&bench, trial, test, got, NULL));
		if (!holds && why) {
			law_tell(why, "put makes",
				 json_of_item(&bench.dataset->root));
			law_tell(why, "get makes of that",
				 json_object_get(got));
		}
	}
	json_object_put(before);
	json_object_put(had);
	json_object_put(bench.before);
	json_object_put(got);
	bench_close(&bench);
	return holds ? verdict : LAW_FAILS;
}

/* ---- the laws ---- */

const struct law law_put_get = {
	.name = "PutGet",
	.share = 1,
	.concerns = law_of_put,
	.make = make_put_get,
	.check = check_put,
};

const struct law law_create_get = {
	.name = "CreateGet",
	.share = 1,
	.concerns = law_of_put,
	.make = make_create_get,
	.check = check_put,
};

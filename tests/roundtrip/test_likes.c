/*
 * Datasets that are alike in all but their own are stamped by what the first of
 * them became: what comes out, and what is told of it, must be as if each were
 * gone through in full.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "export.h"
#include "import.h"
#include "likes.h"
#include "run_suite.h"
#include "series.h"

static dfh_rules *rules;

enum { SERIES = 4, INSTANCES = 10 };

struct made {
	struct dataset *at[SERIES * INSTANCES];
	size_t count;
};

static struct dataset *dataset_for(struct random *random,
				   const struct dataset *base,
				   const struct own *own, unsigned int series,
				   unsigned int instance)
{
	struct dataset *one = dataset_copy(base);
	series_number(&one->root, series / 2, series, instance);
	if (random_chance(random, 30))
		series_vary(random, rules, own, &one->root);
	return one;
}

static struct made made_of(struct random *random, const struct own *own)
{
	struct made all = {.count = 0};
	for (unsigned int s = 0; s < SERIES; s++) {
		struct dataset *base = dataset_new();
		series_fill(random, &base->root, rules->wants.list,
			    rules->wants.count);
		for (unsigned int i = 0; i < INSTANCES; i++)
			all.at[all.count++] =
				dataset_for(random, base, own, s, i);
		dataset_free(base);
	}
	return all;
}

/* What FHIR says of them, one Bundle a line. */
static char *exported(const struct made *all, dfh_release release)
{
	dfh_export_options options = {
		.size = sizeof options, .release = release, .plain = 1};
	dfh_export *ex = dfh_export_new(rules, &options, NULL);
	struct buffer out = {0};
	char *text;
	for (size_t i = 0; i < all->count; i++)
		dfh_export_add_record(
			ex, record_new(rules, dataset_copy(all->at[i]), "x"));
	while ((text = dfh_export_next(ex, NULL))) {
		buffer_add(&out, text, strlen(text));
		buffer_add(&out, "\n", 1);
		free(text);
	}
	buffer_add(&out, "", 1);
	dfh_export_free(ex);
	return (char *)out.bytes;
}

/* Somebody corrects a letter here and there. */
static void correct(struct random *random, char *json)
{
	for (char *at = json; *at; at++)
		if (at[0] == 'e' && at[1] == '"' && at[2] != ':' &&
		    random_chance(random, 8))
			*at = 'o';
}

/* The datasets, one a line, and the report. */
static char *stamped(const struct made *all, const char *json,
		     const dfh_stamp_options *how, bool in_full)
{
	dfh_report *report = dfh_report_new();
	dfh_import_options options = {.size = sizeof options, .report = report};
	dfh_import *im = dfh_import_new(rules, &options, NULL);
	struct buffer out = {0};
	ck_assert_int_eq(
		dfh_import_add_json(im, "bundle", json, strlen(json), NULL), 0);
	if (in_full)
		likes_stop(im);
	for (size_t i = 0; i < all->count; i++) {
		struct matched matched;
		char file[32];
		snprintf(file, sizeof file, "%02zu", i);
		if (match(im, all->at[i], file, how, &matched, NULL) < 0)
			continue;
		struct dataset *after =
			put_as_likes(im, &matched, file, all->at[i], how);
		char *text = dump_of(after);
		buffer_add(&out, text, strlen(text));
		free(text);
		dataset_free(after);
	}
	char *told = dfh_report_json(report);
	buffer_add_text(&out, told);
	free(told);
	dfh_import_free(im);
	dfh_report_free(report);
	return (char *)out.bytes;
}

START_TEST(same_as_in_full)
{
	static const dfh_policy policies[] = {DFH_BELIEVE, DFH_MERGE,
					      DFH_SUPPLEMENT, DFH_OVERWRITE};
	const dfh_stamp_options how = {.size = sizeof how,
				       .policy = policies[_i % 4],
				       .force = _i % 3 == 0,
				       .reason = "a test"};
	struct random random;
	struct own *own = own_new(rules);
	random_seed(&random, (unsigned long)_i, "likes");
	struct made all = made_of(&random, own);
	char *json = exported(&all, _i & 1 ? DFH_R5 : DFH_R4);
	correct(&random, json);
	char *full = stamped(&all, json, &how, true);
	char *quick = stamped(&all, json, &how, false);
	ck_assert_str_eq(quick, full);
	free(full);
	free(quick);
	free(json);
	for (size_t i = 0; i < all.count; i++)
		dataset_free(all.at[i]);
	own_free(own);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("likes");
	Suite *suite = suite_create("likes");
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, same_as_in_full, 0, 24);
	suite_add_tcase(suite, tests);
	return run_suite_with_rules(suite, &rules);
}

/* What the API does at its edges: sizes, defaults, wrong arguments. */
#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcmfhir.h"
#include "run_suite.h"
#include "sized.h"

static dfh_rules *rules;

/* Is the error of this class, with this in its text?  Frees it. */
static void assert_error(dfh_error *error, enum dfh_code code, const char *text)
{
	ck_assert_ptr_nonnull(error);
	ck_assert_msg(dfh_error_code(error) == code, "%s",
		      dfh_error_text(error));
	ck_assert_msg(strstr(dfh_error_text(error), text) != NULL, "%s",
		      dfh_error_text(error));
	dfh_error_free(error);
}

/* ---- structs that grow ---- */

struct grown {
	dfh_export_options options;
	int later;
};

START_TEST(options_of_an_older_header_are_taken)
{
	dfh_export_options options = {
		.size = offsetof(dfh_export_options, plain),
		.release = DFH_R4,
		.timezone = "+0100",
		.plain = 12345,
		.jobs = -1};
	dfh_export_options own = {.plain = 7, .jobs = 7};
	ck_assert_int_eq(sized_take(&own, sizeof own, &options, "it", NULL), 0);
	ck_assert_int_eq(own.release, DFH_R4);
	ck_assert_str_eq(own.timezone, "+0100");
	ck_assert_int_eq(own.plain, 0);
	ck_assert_int_eq(own.jobs, 0);
}
END_TEST

START_TEST(options_of_a_newer_header_are_taken_where_they_say_no_more)
{
	struct grown grown = {.options.size = sizeof grown};
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(rules, &grown.options, &error);
	ck_assert_msg(ex != NULL, "%s", dfh_error_text(error));
	dfh_export_free(ex);
	grown.later = 1;
	ck_assert_ptr_null(dfh_export_new(rules, &grown.options, &error));
	assert_error(error, DFH_USAGE, "dfh_export_options");
}
END_TEST

START_TEST(a_size_that_is_not_set_is_told)
{
	const dfh_export_options forgot = {.release = DFH_R4};
	const dfh_import_options import_forgot = {.release = DFH_R4};
	const dfh_undo_options undo_forgot = {.system = "test"};
	dfh_stamp_options stamp = {.reason = "test"};
	const dfh_writing writing = {.verify = 1};
	dfh_stamped stamped = {.changed = 1};
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(rules, NULL, NULL);
	ck_assert_ptr_null(dfh_export_new(rules, &forgot, &error));
	assert_error(error, DFH_USAGE, ".size = sizeof(dfh_export_options)");
	error = NULL;
	ck_assert_ptr_null(dfh_import_new(rules, &import_forgot, &error));
	assert_error(error, DFH_USAGE, "dfh_import_options");
	error = NULL;
	ck_assert_int_eq(dfh_undo("-", NULL, &undo_forgot, NULL, &error), -1);
	assert_error(error, DFH_USAGE, "dfh_undo_options");
	error = NULL;
	ck_assert_int_eq(dfh_import_stamp(im, "-", NULL, &stamp, NULL, &error),
			 -1);
	assert_error(error, DFH_USAGE, "dfh_stamp_options");
	error = NULL;
	stamp.size = sizeof stamp;
	stamp.writing = &writing;
	ck_assert_int_eq(dfh_import_stamp(im, "-", NULL, &stamp, NULL, &error),
			 -1);
	assert_error(error, DFH_USAGE, "dfh_writing");
	error = NULL;
	ck_assert_int_eq(
		dfh_import_stamp(im, "-", NULL, NULL, &stamped, &error), -1);
	assert_error(error, DFH_USAGE, "dfh_stamped");
	dfh_import_free(im);
}
END_TEST

START_TEST(a_result_is_no_longer_than_it_says)
{
	dfh_stamped own = {.size = sizeof own, .changed = 3, .forced = 1};
	dfh_stamped given = {.size = offsetof(dfh_stamped, forced),
			     .changed = 9,
			     .forced = 77};
	sized_give(&given, &own, sizeof own);
	ck_assert_uint_eq(given.size, offsetof(dfh_stamped, forced));
	ck_assert_uint_eq(given.changed, 3);
	ck_assert_int_eq(given.forced, 77);
}
END_TEST

/* ---- releases ---- */

START_TEST(a_release_that_there_is_not_is_refused)
{
	const dfh_export_options ex = {.size = sizeof ex,
				       .release = (dfh_release)99};
	const dfh_import_options im = {.size = sizeof im,
				       .release = (dfh_release)1};
	dfh_error *error = NULL;
	ck_assert_ptr_null(dfh_export_new(rules, &ex, &error));
	assert_error(error, DFH_USAGE, "99 is no release");
	error = NULL;
	ck_assert_ptr_null(dfh_import_new(rules, &im, &error));
	assert_error(error, DFH_USAGE, "1 is no release");
}
END_TEST

int main(void)
{
	dfh_error *error = NULL;
	const char *file = getenv("DCMFHIR_RULES");
	rules = dfh_rules_load(file ? file : "rules.yaml", &error);
	if (!rules) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		return 1;
	}
	Suite *suite = suite_create("api");
	TCase *edges = tcase_create("edges");
	tcase_add_test(edges, options_of_an_older_header_are_taken);
	tcase_add_test(
		edges,
		options_of_a_newer_header_are_taken_where_they_say_no_more);
	tcase_add_test(edges, a_size_that_is_not_set_is_told);
	tcase_add_test(edges, a_result_is_no_longer_than_it_says);
	tcase_add_test(edges, a_release_that_there_is_not_is_refused);
	suite_add_tcase(suite, edges);
	int failed = run_suite(suite);
	dfh_rules_free(rules);
	return failed != 0;
}

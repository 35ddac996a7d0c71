/* What the API does at its edges: sizes, defaults, wrong arguments. */
#include <check.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcm_build.h"
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

START_TEST(releases_have_a_name_and_a_version)
{
	ck_assert_str_eq(dfh_release_name(DFH_R4), "R4");
	ck_assert_str_eq(dfh_release_version(DFH_R5), "5.0.0");
	ck_assert_int_eq(dfh_release_named("r5"), DFH_R5);
	ck_assert_int_eq(dfh_release_named("R3"), DFH_RELEASE_ANY);
	ck_assert_ptr_null(dfh_release_name(DFH_RELEASE_ANY));
	ck_assert_ptr_null(dfh_release_version((dfh_release)3));
}
END_TEST

START_TEST(a_release_that_is_not_known_is_refused)
{
	const dfh_export_options options = {.size = sizeof options,
					    .release = (dfh_release)3};
	dfh_error *error = NULL;
	ck_assert_ptr_null(dfh_export_new(rules, &options, &error));
	assert_error(error, DFH_USAGE, "R4, R5");
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

/* ---- errors that a program can act on ---- */

static void assert_place(const dfh_error *error, const char *file, int line,
			 int column)
{
	ck_assert_ptr_nonnull(dfh_error_file(error));
	ck_assert_str_eq(dfh_error_file(error), file);
	ck_assert_int_eq(dfh_error_line(error), line);
	ck_assert_int_eq(dfh_error_column(error), column);
}

static dfh_error *error_of_bytes(const void *bytes, size_t length)
{
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	dfh_error *error = NULL;
	ck_assert_int_eq(dfh_export_add_bytes(ex, "it", bytes, length, &error),
			 -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	assert_place(error, "it", 0, 0);
	dfh_export_free(ex);
	return error;
}

START_TEST(reasons_of_files)
{
	struct bytes file = build(forms, &(struct content){.patient_id = "1"});
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	dfh_error *error = error_of_bytes("no DICOM", 8);
	ck_assert_int_eq(dfh_error_reason(error), DFH_NOT_DICOM);
	dfh_error_free(error);
	error = error_of_bytes(file.data, file.length - 1);
	ck_assert_int_eq(dfh_error_reason(error), DFH_TRUNCATED);
	dfh_error_free(error);
	error = NULL;
	ck_assert_int_eq(dfh_export_add_file(ex, "no/file", &error), -1);
	ck_assert_int_eq(dfh_error_reason(error), DFH_CANNOT_READ);
	ck_assert_int_eq(dfh_error_code(error), DFH_IO);
	assert_place(error, "no/file", 0, 0);
	dfh_error_free(error);
	ck_assert_int_eq(dfh_error_reason(NULL), DFH_OTHER);
	ck_assert_ptr_null(dfh_error_file(NULL));
	dfh_export_free(ex);
	bytes_free(&file);
}
END_TEST

START_TEST(reasons_of_a_stamp)
{
	static const char json[] =
		"{\"resourceType\":\"ImagingStudy\",\"identifier\":[{"
		"\"system\":"
		"\"urn:dicom:uid\",\"value\":\"urn:oid:9.9\"}],\"status\":"
		"\"available\",\"subject\":{\"display\":\"x\"}}";
	struct bytes file = build(forms, &(struct content){.patient_id = "1"});
	const dfh_source source = {.size = sizeof source,
				   .name = "it",
				   .bytes = file.data,
				   .length = file.length};
	dfh_import *im = dfh_import_new(rules, NULL, NULL);
	dfh_error *error = NULL;
	ck_assert_int_eq(dfh_import_add_json(im, "b", "{}\n{", 4, &error), -1);
	ck_assert_int_eq(dfh_error_reason(error), DFH_NOT_FHIR);
	dfh_error_free(error);
	dfh_import_free(im);
	im = dfh_import_new(rules, NULL, NULL);
	error = NULL;
	ck_assert_int_eq(dfh_import_add_json(im, "b", json, strlen(json), NULL),
			 0);
	ck_assert_int_eq(
		dfh_import_stamp_source(im, &source, NULL, NULL, NULL, &error),
		-1);
	ck_assert_int_eq(dfh_error_reason(error), DFH_NO_MATCH);
	assert_place(error, "it", 0, 0);
	dfh_error_free(error);
	dfh_import_free(im);
	bytes_free(&file);
}
END_TEST

/* ---- rules in memory ---- */

static const char site[] = "include: [base.yaml]\n"
			   "rules:\n"
			   "  - {id: nobody, off: true}\n";
static const char base[] = "rules: []\n";

static int give_base(const char *name, const char **text, size_t *length,
		     void *context)
{
	++*(int *)context;
	if (strcmp(name, "base.yaml") != 0)
		return -1;
	*text = base;
	*length = strlen(base);
	return 0;
}

static char *file_text(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = malloc(1 << 20);
	ck_assert_ptr_nonnull(file);
	*length = fread(text, 1, 1 << 20, file);
	fclose(file);
	return text;
}

static const char *rules_path(void)
{
	const char *path = getenv("DCMFHIR_RULES");
	return path ? path : "rules.yaml";
}

START_TEST(rules_in_memory_are_as_in_a_file)
{
	size_t length;
	char *text = file_text(rules_path(), &length);
	const dfh_rules_text given = {
		.size = sizeof given, .text = text, .length = length};
	dfh_error *error = NULL;
	dfh_rules *same = dfh_rules_load_text(&given, &error);
	ck_assert_msg(same != NULL, "%s", dfh_error_text(error));
	ck_assert_uint_eq(dfh_rules_digest(same), dfh_rules_digest(rules));
	dfh_rules_free(same);
	free(text);
}
END_TEST

START_TEST(rules_in_memory_include_what_is_given)
{
	int asked = 0;
	dfh_rules_text given = {.size = sizeof given,
				.name = "site.yaml",
				.text = site,
				.length = strlen(site),
				.include = give_base,
				.context = &asked};
	dfh_error *error = NULL;
	ck_assert_ptr_null(dfh_rules_load_text(&given, &error));
	ck_assert_int_eq(asked, 1);
	ck_assert_int_eq(dfh_error_reason(error), DFH_BAD_RULES);
	ck_assert_ptr_nonnull(strstr(dfh_error_text(error),
				     "site.yaml:3:10: error: no rule 'nobody' "
				     "to switch off"));
	assert_place(error, "site.yaml", 3, 10);
	dfh_error_free(error);
	error = NULL;
	given.include = NULL;
	ck_assert_ptr_null(dfh_rules_load_text(&given, &error));
	assert_error(error, DFH_USAGE, "'base.yaml' is not given");
}
END_TEST

/* ---- exports, and reports as data ---- */

START_TEST(an_export_is_empty_after_its_bundle)
{
	struct bytes one = build(forms, &(struct content){.patient_id = "1"});
	struct bytes two = build(forms, &(struct content){.patient_id = "2"});
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	dfh_export_add_bytes(ex, "it", one.data, one.length, NULL);
	char *first = dfh_export_bundle(ex, NULL);
	dfh_export_add_bytes(ex, "it", two.data, two.length, NULL);
	char *second = dfh_export_bundle(ex, NULL);
	dfh_export_add_bytes(ex, "it", one.data, one.length, NULL);
	char *again = dfh_export_bundle(ex, NULL);
	ck_assert_str_eq(first, again);
	ck_assert_str_ne(first, second);
	dfh_free(first);
	dfh_free(second);
	dfh_free(again);
	ck_assert_ptr_null(dfh_export_next(ex, NULL));
	dfh_export_free(ex);
	bytes_free(&one);
	bytes_free(&two);
}
END_TEST

static int count_issue(const dfh_issue *issue, void *context)
{
	size_t *counts = context;
	ck_assert_uint_eq(issue->size, sizeof *issue);
	ck_assert_ptr_nonnull(issue->text);
	counts[0]++;
	counts[1] += issue->is_loss ? issue->count : 0;
	if (strcmp(issue->kind, "refused") == 0)
		ck_assert_str_eq(issue->file, "it");
	return 0;
}

START_TEST(a_report_is_data)
{
	dfh_report *report = dfh_report_new();
	const dfh_export_options options = {.size = sizeof options,
					    .report = report};
	dfh_export *ex = dfh_export_new(rules, &options, NULL);
	size_t counts[2] = {0, 0};
	dfh_export_add_bytes(ex, "it", "no DICOM", 8, NULL);
	dfh_export_add_bytes(ex, "it", "no DICOM", 8, NULL);
	dfh_report_visit(report, count_issue, counts);
	ck_assert_uint_eq(counts[0], 1);
	ck_assert_uint_eq(counts[1], dfh_report_losses(report));
	ck_assert_uint_eq(counts[1], 2);
	dfh_export_free(ex);
	dfh_report_free(report);
}
END_TEST

static int visit_nothing(const char *path, int found_by_walk, void *context)
{
	(void)path;
	(void)found_by_walk;
	(void)context;
	return 0;
}

START_TEST(nothing_to_read_is_told)
{
	const char none[] = "no file is named", no_text[] = "there is no text";
	dfh_error *error[11] = {NULL};
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	dfh_import *im = dfh_import_new(rules, NULL, NULL);
	ck_assert_int_lt(dfh_export_add_file(ex, NULL, &error[0]), 0);
	ck_assert_ptr_null(dfh_export_read_file(ex, NULL, &error[1]));
	ck_assert_ptr_null(dfh_export_read_found(ex, NULL, &error[2]));
	ck_assert_int_lt(
		dfh_import_stamp(im, NULL, NULL, NULL, NULL, &error[3]), 0);
	ck_assert_int_lt(dfh_undo(NULL, NULL, NULL, NULL, &error[4]), 0);
	ck_assert_int_lt(dfh_history(NULL, NULL, NULL, &error[5]), 0);
	ck_assert_int_lt(dfh_walk(NULL, visit_nothing, NULL, &error[6]), 0);
	ck_assert_int_lt(dfh_looks_like_dicom(NULL, &error[7]), 0);
	ck_assert_int_lt(dfh_looks_like_dicom_json(NULL, &error[8]), 0);
	ck_assert_ptr_null(dfh_export_read_json(ex, "it", NULL, 9, &error[9]));
	ck_assert_int_lt(dfh_import_add_json(im, "it", NULL, 9, &error[10]), 0);
	for (size_t i = 0; i < sizeof error / sizeof *error; i++)
		assert_error(error[i], DFH_USAGE, i < 9 ? none : no_text);
	ck_assert_int_lt(dfh_find_pixels(NULL, NULL, NULL), 0);
	dfh_export_free(ex);
	dfh_import_free(im);
}
END_TEST

START_TEST(free_takes_null)
{
	dfh_error_free(NULL);
	dfh_rules_free(NULL);
	dfh_report_free(NULL);
	dfh_record_free(NULL);
	dfh_export_free(NULL);
	dfh_folders_free(NULL);
	dfh_import_free(NULL);
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
	tcase_add_test(edges, releases_have_a_name_and_a_version);
	tcase_add_test(edges, a_release_that_is_not_known_is_refused);
	tcase_add_test(edges, options_of_an_older_header_are_taken);
	tcase_add_test(
		edges,
		options_of_a_newer_header_are_taken_where_they_say_no_more);
	tcase_add_test(edges, a_size_that_is_not_set_is_told);
	tcase_add_test(edges, a_result_is_no_longer_than_it_says);
	tcase_add_test(edges, a_release_that_there_is_not_is_refused);
	tcase_add_test(edges, reasons_of_files);
	tcase_add_test(edges, reasons_of_a_stamp);
	tcase_add_test(edges, rules_in_memory_are_as_in_a_file);
	tcase_add_test(edges, rules_in_memory_include_what_is_given);
	tcase_add_test(edges, an_export_is_empty_after_its_bundle);
	tcase_add_test(edges, a_report_is_data);
	tcase_add_test(edges, nothing_to_read_is_told);
	tcase_add_test(edges, free_takes_null);
	suite_add_tcase(suite, edges);
	int failed = run_suite(suite);
	dfh_rules_free(rules);
	return failed != 0;
}

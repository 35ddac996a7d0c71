/* Any JSON at any place of a Bundle, and of a record, is taken or refused. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_files.h"
#include "json_print.h"
#include "json_read.h"
#include "run_suite.h"

static const char *const odd[] = {
	"null",
	"1",
	"true",
	"\"\"",
	"\"a\\\\b^=\"",
	"[]",
	"[null]",
	"[1]",
	"[[{}]]",
	"{}",
	"{\"extension\":[{\"url\":null},null,1]}",
	"{\"reference\":\"#\",\"identifier\":[],\"coding\":{},\"value\":{}}",
};

static dfh_rules *rules;
static dfh_report *report;

/* What is done with a text. */
typedef void try_text(const char *text, size_t length);

static json_object *read_text(const char *text, size_t length)
{
	struct json_source source = json_source_of(text, length, 128);
	json_object *value;

	ck_assert_int_eq(json_read(&source, &value), 1);
	json_source_free(&source);
	return value;
}

static void try_printed(json_object *root, try_text *try)
{
	char *text = json_printed(root, JSON_C_TO_STRING_PLAIN);

	try(text, strlen(text));
	free(text);
}

/* ---- each place in turn ---- */

static void try_below(json_object *root, json_object *at, try_text *try);

static void try_member(json_object *root, json_object *object, const char *name,
		       json_object *value, try_text *try)
{
	json_object *kept = json_object_get(value);

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		json_add(object, name, read_text(odd[i], strlen(odd[i])));
		try_printed(root, try);
	}
	json_add(object, name, kept);
	try_below(root, kept, try);
}

static void try_element(json_object *root, json_object *array, size_t index,
			try_text *try)
{
	json_object *kept = json_object_get(json_at(array, index));

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		json_put_at(array, index, read_text(odd[i], strlen(odd[i])));
		try_printed(root, try);
	}
	json_put_at(array, index, kept);
	try_below(root, kept, try);
}

static void try_below(json_object *root, json_object *at, try_text *try)
{
	json_foreach (at, name, value)
		try_member(root, at, name, value, try);
	/* likes are like their first */
	for (size_t i = 0; i < json_count(at) && i < 2; i++)
		try_element(root, at, i, try);
}

/* ---- Bundles ---- */

static void stamp(dfh_import *im)
{
	struct case_name path;
	const dfh_stamp_options options = {
		.size = sizeof options, .reason = "why", .force = 1};
	dfh_error *error = NULL;

	snprintf(path.at, sizeof path.at, "%s/examples/study/ct-1.dcm",
		 getenv("srcdir") ? getenv("srcdir") : ".");
	if (dfh_import_stamp(im, path.at, NULL, &options, NULL, &error) < 0)
		ck_assert_msg(dfh_error_code(error) == DFH_REFUSED, "%s",
			      dfh_error_text(error));
	dfh_error_free(error);
}

static void try_bundle(const char *text, size_t length)
{
	const dfh_import_options options = {.size = sizeof options,
					    .report = report};
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(rules, &options, &error);

	if (dfh_import_add_json(im, "a", text, length, &error) == 0) {
		dfh_import_rebuild(im, NULL, NULL, NULL, &error);
		stamp(im);
	}
	dfh_error_free(error);
	dfh_import_free(im);
}

static char *export_of(const char *name, dfh_release release, bool is_record)
{
	const dfh_export_options options = {.size = sizeof options,
					    .release = release};
	dfh_export *ex = dfh_export_new(rules, &options, NULL);
	char path[1024], *text;
	dfh_record *record;

	snprintf(path, sizeof path, "%s/examples/study/%s",
		 getenv("srcdir") ? getenv("srcdir") : ".", name);
	record = dfh_export_read_file(ex, path, NULL);
	ck_assert_ptr_nonnull(record);
	if (is_record) {
		text = dfh_record_json(ex, record);
		dfh_record_free(record);
	} else {
		dfh_export_add_record(ex, record);
		text = dfh_export_bundle(ex, NULL);
	}
	dfh_export_free(ex);
	return text;
}

static void try_all(char *text, try_text *try)
{
	json_object *root = read_text(text, strlen(text));

	free(text);
	try_below(root, root, try);
	json_object_put(root);
}

START_TEST(bundles)
{
	rules = case_rules();
	report = dfh_report_new();
	try_all(export_of("ct-1.dcm", _i ? DFH_R5 : DFH_R4, false), try_bundle);
	dfh_report_free(report);
	dfh_rules_free(rules);
}
END_TEST

/* ---- records ---- */

static void try_record(const char *text, size_t length)
{
	const dfh_export_options options = {
		.size = sizeof options, .release = DFH_R5, .report = report};
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(rules, &options, &error);
	dfh_record *record =
		dfh_export_read_json(ex, "a", text, length, &error);

	if (record) {
		dfh_export_add_record(ex, record);
		free(dfh_export_bundle(ex, &error));
	} else {
		ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	}
	dfh_error_free(error);
	dfh_export_free(ex);
}

START_TEST(records)
{
	rules = case_rules();
	report = dfh_report_new();
	try_all(export_of("sr-1.dcm", DFH_R5, true), try_record);
	dfh_report_free(report);
	dfh_rules_free(rules);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("any JSON");
	TCase *tcase = tcase_create("any JSON");

	tcase_set_timeout(tcase, 600);
	tcase_add_loop_test(tcase, bundles, 0, 2);
	tcase_add_test(tcase, records);
	suite_add_tcase(suite, tcase);
	return run_suite(suite) != 0;
}

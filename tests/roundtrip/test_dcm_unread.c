/* The attributes of DICOM files that nobody asked for. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcm.h"
#include "dcm_build.h"
#include "run_suite.h"

#define LATIN "ISO_IR 100"

static const struct content latin = {.charset = LATIN,
				     .description = "Sch\xe4"
						    "del",
				     .meaning = "K\xf6rper",
				     .private = "secret",
				     .patient_name = "M\xfcller^J\xf6rg",
				     .patient_id = "42"};

static struct dcm_want few_wants[] = {
	{.tag = {0x0002, 0x0010, NULL}},
	{.tag = {0x0008, 0x0060, NULL}},
	{.tag = {0x0008, 0x1032, NULL}, .whole = true},
	{.tag = {0x0009, 0x0002, "ACME 1.0"}},
	{.tag = {0x0010, 0x0010, NULL}},
	{.tag = {0x0010, 0x0040, NULL}},
};
static const struct dcm_wants few = {
	few_wants, sizeof(few_wants) / sizeof(*few_wants), NULL};

/* The names of what is not read, with a blank before each; to be freed. */
static char *unread_by(const struct bytes *file, const struct dcm_wants *wants,
		       bool by_dcmtk)
{
	struct dcm_source source = {.name = "memory",
				    .bytes = file->data,
				    .length = file->length,
				    .by_dcmtk = by_dcmtk,
				    .lists_unread = true};
	char *names = calloc(1, 1000), name[128];
	struct dataset *dataset;
	dfh_error *error = NULL;
	size_t i;

	ck_assert_ptr_nonnull(names);
	dataset = dcm_read(&source, wants, &error);
	ck_assert_msg(dataset != NULL, "%s", dfh_error_text(error));
	for (i = 0; i < dataset->unread_count; i++) {
		strcat(names, " ");
		strcat(names, dataset->unread[i].within);
		strcat(names, dcm_tag_name(&dataset->unread[i].tag, name));
	}
	dataset_free(dataset);
	source.lists_unread = false;
	dataset = dcm_read(&source, wants, NULL);
	ck_assert_ptr_nonnull(dataset);
	ck_assert_ptr_null(dataset->unread);
	ck_assert_uint_eq(dataset->unread_count, 0);
	dataset_free(dataset);
	return names;
}

/* The same by both ways of reading. */
static char *unread_of(const struct bytes *file, const struct dcm_wants *wants)
{
	char *names = unread_by(file, wants, false);
	char *slow = unread_by(file, wants, true);

	ck_assert_str_eq(names, slow);
	free(slow);
	return names;
}

START_TEST(unread)
{
	struct bytes file = build(&forms[_i], &latin);
	char *names = unread_of(&file, &few);

	ck_assert_str_eq(names, " SOPClassUID SOPInstanceUID StudyDescription "
				"(0009,01,\"ACME 1.0\") PatientID "
				"PatientBirthDate InstanceNumber Rows");
	free(names);
	bytes_free(&file);
}
END_TEST

/* Of items too, each once. */
static struct dcm_want code_wants[] = {{.tag = {0x0008, 0x0100, NULL}}};
static struct dcm_want inner_wants[] = {{.tag = {0x0008, 0x1032, NULL},
					 .in_items = code_wants,
					 .in_items_count = 1,
					 .within = "ProcedureCodeSequence."}};
static const struct dcm_wants inner = {inner_wants, 1, NULL};

START_TEST(unread_in_items)
{
	struct content content = latin;
	content.second = "Kopf";
	struct bytes file = build(&forms[_i], &content);
	char *names = unread_of(&file, &inner);

	ck_assert_str_eq(names, " SOPClassUID SOPInstanceUID Modality "
				"StudyDescription (0009,01,\"ACME 1.0\") "
				"PatientName PatientID "
				"PatientBirthDate InstanceNumber Rows "
				"ProcedureCodeSequence.CodingSchemeDesignator "
				"ProcedureCodeSequence.CodeMeaning");
	free(names);
	bytes_free(&file);
}
END_TEST

static void check_understood(const struct bytes *file, bool expected)
{
	struct dcm_source source = {
		.name = "memory", .bytes = file->data, .length = file->length};
	struct dcm_scan scan;

	ck_assert_int_eq(dcm_scan(&source, &scan, NULL), 0);
	ck_assert_int_eq(scan.understood, expected);
	dcm_scan_free(&scan);
}

/* Blocks of several creators, of none, and a creator that is not ASCII; the
 * second time in a file that only DCMTK understands. */
START_TEST(unread_private)
{
	const struct form *form = &forms[0];
	struct bytes dataset = {0}, file;
	char *names;

	add_text(&dataset, form, 0x0008, 0x0005, "CS", LATIN);
	add_text(&dataset, form, 0x0009, 0x0010, "LO", "ZENITH");
	add_text(&dataset, form, 0x0009, 0x0011, "LO", "ACME 1.0");
	add_text(&dataset, form, 0x0009, 0x1002, "LO", "a");
	add_text(&dataset, form, 0x0009, 0x1102, "LO", "b");
	add_text(&dataset, form, 0x0009, 0x1103, "LO", "c");
	add_text(&dataset, form, 0x0009, 0x1201, "LO", "d");
	add_text(&dataset, form, 0x0011, 0x0010, "LO", "GR\xdcN");
	add_text(&dataset, form, 0x0011, 0x1002, "LO", "e");
	add_text(&dataset, form, 0x0020, 0x0013, _i ? "zz" : "IS", "7");
	file = wrap(form, "1.2.3", &dataset);
	check_understood(&file, !_i);
	names = unread_of(&file, &few);
	ck_assert_str_eq(names, " (0009,1201) (0009,03,\"ACME 1.0\") "
				"(0009,02,\"ZENITH\") (0011,02,\"GRÜN\") "
				"InstanceNumber");
	free(names);
	bytes_free(&dataset);
	bytes_free(&file);
}
END_TEST

/* ---- in the report of an export ---- */

static dfh_rules *load_rules(void)
{
	const char *source = getenv("srcdir");
	dfh_error *error = NULL;
	dfh_rules *rules;
	char path[4096];

	snprintf(path, sizeof(path), "%s/rules.yaml", source ? source : ".");
	rules = dfh_rules_load(path, &error);
	ck_assert_msg(rules != NULL, "%s", dfh_error_text(error));
	return rules;
}

static void add(dfh_export *ex, const char *name, const struct content *content)
{
	struct bytes file = build(&forms[0], content);
	dfh_error *error = NULL;

	ck_assert_msg(dfh_export_add_bytes(ex, name, file.data, file.length,
					   &error) == 0,
		      "%s", dfh_error_text(error));
	bytes_free(&file);
}

START_TEST(reported)
{
	static const struct content plain = {.patient_id = "43"};
	dfh_rules *rules = load_rules();
	dfh_report *report = dfh_report_new();
	const dfh_export_options options = {.size = sizeof options,
					    .report = report};
	dfh_export *ex = dfh_export_new(rules, &options, NULL);
	size_t losses;
	char *json;

	ck_assert_ptr_nonnull(ex);
	add(ex, "d.dcm", &latin);
	json = dfh_report_json(report);
	ck_assert_ptr_null(strstr(json, "not mapped"));
	free(json);
	losses = dfh_report_losses(report);
	dfh_report_want_unmapped(report, 1);
	add(ex, "c.dcm", &latin);
	add(ex, "a.dcm", &plain);
	add(ex, "b.dcm", &latin);
	json = dfh_report_json(report);
	ck_assert_ptr_nonnull(strstr(
		json, "not mapped, Rows: no rule reads it; a.dcm and others "
		      "(3 in all)"));
	ck_assert_ptr_nonnull(strstr(
		json,
		"not mapped, (0009,01,\\\"ACME 1.0\\\"): no rule reads it; "
		"b.dcm and others (2 in all)"));
	ck_assert_ptr_null(strstr(json, "not mapped, Modality"));
	/* each has no Study Instance UID, but that is all */
	ck_assert_uint_eq(dfh_report_losses(report), 4 * losses);
	free(json);
	dfh_export_free(ex);
	dfh_report_free(report);
	dfh_rules_free(rules);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dcm_unread");
	TCase *all = tcase_create("unread");

	tcase_set_timeout(all, 60);
	tcase_add_loop_test(all, unread, 0, (int)form_count);
	tcase_add_loop_test(all, unread_in_items, 0, (int)form_count);
	tcase_add_loop_test(all, unread_private, 0, 2);
	tcase_add_test(all, reported);
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * Whole files there and back.
 *
 * cases/NAME    dumps of instances; R4.json and R5.json are what becomes of
 *               them, and give every attribute back; report (if there) says
 *               what was not carried
 * reverse/NAME  bundle.json of another system; the dumps are the headers that
 *               become of it
 * stamp/NAME    base.dump and bundle.json; expected.dump, or `refused` with
 *               words of the message; differences (if there), as dry runs
 *               tell them
 *
 * An `options` file may hold  timezone: ZONE,  charset: TERM, in which the
 * dumps (whose text is UTF-8) are then encoded, or  plain: yes, which leaves
 * out what travels beside, so that not everything comes back; for stamping
 * match: KEY,  force: REASON,  allow: NAMES  and  policy: NAME.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "case_way.h"
#include "dump.h"
#include "run_suite.h"

static const char *const goldens[RELEASES] = {"R4.json", "R5.json"};

static struct case_folder *cases, *reverses, *stamps;
static int case_count, reverse_count, stamp_count;
static dfh_rules *rules;

/* ---- DICOM -> FHIR ---- */

/* A golden report is kept only where one is asked for. */
static void check_report(const struct case_folder *it, const dfh_report *report)
{
	if (access(case_path(it, "report").at, F_OK) != 0)
		return;
	char *lines = case_report(report);
	case_golden(it, "report", lines, false);
	free(lines);
}

START_TEST(forward)
{
	const struct case_folder *it = &cases[_i / RELEASES];
	enum fhir_release release = (enum fhir_release)(_i % RELEASES);
	dfh_report *report = dfh_report_new();
	case_encode_all(it);
	dfh_export_options options = {
		.size = sizeof options,
		.release = release == FHIR_R4 ? DFH_R4 : DFH_R5,
		.report = report,
		.plain = *it->plain != 0,
	};
	char *text = case_export(rules, it, &options, false);
	case_golden(it, goldens[release], text, true);
	if (release == FHIR_R5)
		check_report(it, report);
	/* The same files give the same bytes in whatever order. */
	options.report = NULL;
	char *again = case_export(rules, it, &options, true);
	ck_assert_msg(strcmp(text, again) == 0, "%s: the order of files shows",
		      it->name);
	dfh_report_free(report);
	free(again);
	free(text);
}
END_TEST

/* ---- by way of DICOM JSON ---- */

/* What JSON does not hold, or is not asked for: empty groups at the end of a
 * name, and blanks before a number. */
static bool is_less_in_json(const struct case_folder *it)
{
	static const char *const names[] = {"name-only-delimiters",
					    "name-trailing-delimiters",
					    "number-signed"};
	bool found = false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		found = found || strcmp(it->name, names[i]) == 0;
	return found;
}

START_TEST(as_json)
{
	const struct case_folder *it = &cases[_i / RELEASES];
	case_encode_all(it);
	const dfh_export_options options = {
		.size = sizeof options,
		.release = _i % RELEASES == FHIR_R4 ? DFH_R4 : DFH_R5,
		.plain = *it->plain != 0,
	};
	char *text = case_export(rules, it, &options, false);
	char *json = case_export_json(rules, it, &options);
	ck_assert_msg(json, "%s: has no DICOM JSON", it->name);
	ck_assert_msg((strcmp(text, json) != 0) == is_less_in_json(it),
		      "%s: its DICOM JSON gives another Bundle, or is said to",
		      it->name);
	free(json);
	free(text);
}
END_TEST

/* ---- FHIR -> DICOM ---- */

static void check_original(const char *name, const char *original_path,
			   const struct case_paths *paths)
{
	struct dataset *original = case_dataset(original_path, &rules->wants);
	const char *uid = case_value(original, 0x0008, 0x0018);
	const char *path = case_rebuilt(paths, uid);
	/* Nobody knows it among others; the report says so. */
	if (!*uid && paths->count > 1) {
		dataset_free(original);
		return;
	}
	ck_assert_msg(path != NULL, "%s: an instance is not rebuilt", name);
	struct dataset *rebuilt = case_dataset(path, &rules->wants);
	case_drop_new(rules, original, rebuilt);
	char *wanted = dump_of(original), *made = dump_of(rebuilt);
	ck_assert_msg(strcmp(wanted, made) == 0,
		      "%s:\n---- original\n%s---- rebuilt\n%s", name, wanted,
		      made);
	free(wanted);
	free(made);
	dataset_free(original);
	dataset_free(rebuilt);
}

START_TEST(back)
{
	struct case_paths paths;
	const struct case_folder *it = &cases[_i / RELEASES];
	if (*it->plain)
		return;
	dfh_import *im =
		case_import(rules, it, goldens[_i % RELEASES], NULL);
	case_encode_all(it);
	case_rebuild(im, it->name, &paths);
	for (int i = 0; i < it->dump_count; i++)
		check_original(it->name, case_file(i).at, &paths);
	ck_assert_int_le(paths.count, it->dump_count);
	dfh_import_free(im);
}
END_TEST

/* What FHIR did not change is not touched, to the byte. */
START_TEST(own_bundle)
{
	const struct case_folder *it = &cases[_i / RELEASES];
	dfh_import *im =
		case_import(rules, it, goldens[_i % RELEASES], NULL);
	struct case_name out = case_temp("stamped.dcm");
	case_encode_all(it);
	for (int i = 0; i < it->dump_count; i++) {
		dfh_stamped stamped = {.size = sizeof stamped, .changed = 1};
		dfh_error *error = NULL;
		ck_assert_msg(dfh_import_stamp(im, case_file(i).at, out.at,
					       NULL, &stamped, &error) == 0,
			      "%s: %s", it->name, case_text(error));
		ck_assert_msg(stamped.changed == 0,
			      "%s: %zu attributes changed", it->name,
			      stamped.changed);
		ck_assert_msg(case_same_bytes(case_file(i).at, out.at),
			      "%s: bytes changed", it->name);
	}
	dfh_import_free(im);
}
END_TEST

/* ---- reverse ---- */

START_TEST(reverse)
{
	struct case_paths paths;
	const struct case_folder *it = &reverses[_i];
	dfh_report *report = dfh_report_new();
	bool lines = access(case_path(it, "bundle.json").at, F_OK) != 0;
	dfh_import *im = case_import(
		rules, it, lines ? "bundle.ndjson" : "bundle.json", report);
	case_rebuild(im, it->name, &paths);
	ck_assert_msg(case_updates(it) || paths.count == it->dump_count,
		      "%s: %d headers", it->name, paths.count);
	for (int i = 0; i < paths.count; i++) {
		char name[CASE_PATH];
		struct dataset *made = case_dataset(paths.at[i], &rules->wants);
		const char *uid = case_value(made, 0x0008, 0x0018);
		snprintf(name, sizeof name, "%s.dump", *uid ? uid : "none");
		char *text = dump_of(made);
		case_golden(it, name, text, false);
		free(text);
		dataset_free(made);
	}
	check_report(it, report);
	dfh_import_free(im);
	dfh_report_free(report);
}
END_TEST

/* ---- stamp ---- */

static struct dcm_scan scan_of(const char *path)
{
	struct dcm_source source = {.name = path};
	struct dcm_scan scan;
	dfh_error *error = NULL;
	ck_assert_msg(dcm_scan(&source, &scan, &error) == 0, "%s",
		      case_text(error));
	return scan;
}

/* All of a file but its pixels, whether or not a rule speaks of it. */
static char *dump_all(const char *path)
{
	struct dcm_scan scan = scan_of(path);
	struct dcm_want *list = calloc(scan.count + 1, sizeof *list);
	struct dcm_wants wants = {.list = list};
	for (size_t i = 0; i < scan.count; i++)
		list[wants.count++] = (struct dcm_want){
			.tag = scan.elements[i].tag, .whole = true};
	struct dataset *dataset = case_dataset(path, &wants);
	char *text = dump_of(dataset);
	dataset_free(dataset);
	free(list);
	dcm_scan_free(&scan);
	return text;
}

static void check_pixels(const char *name, const char *a, const char *b)
{
	struct dcm_scan scans[2] = {scan_of(a), scan_of(b)};
	size_t of_a, of_b;
	char *x = case_read(a, &of_a), *y = case_read(b, &of_b);
	size_t length = of_a - (size_t)scans[0].pixel_offset;
	ck_assert_uint_gt(length, 0);
	ck_assert_msg(length == of_b - (size_t)scans[1].pixel_offset &&
			      memcmp(x + scans[0].pixel_offset,
				     y + scans[1].pixel_offset, length) == 0,
		      "%s: pixels changed", name);
	free(x);
	free(y);
	dcm_scan_free(&scans[0]);
	dcm_scan_free(&scans[1]);
}

/* What a stamp keeps of before gives the file back, byte for byte. */
static void check_undo(dfh_import *im, const struct case_folder *it,
		       const char *base)
{
	const char *name = it->name;
	dfh_stamp_options kept = case_stamp_options(it);
	kept.time = "20240229134501+0100";
	kept.system = "test";
	kept.equipment = 1;
	static const dfh_undo_options ours = {.size = sizeof ours,
					      .system = "test"};
	struct case_name stamped = case_temp("kept.dcm");
	dfh_stamped did = {.size = sizeof did};
	dfh_error *error = NULL;
	size_t undone;
	ck_assert_msg(dfh_import_stamp(im, base, stamped.at, &kept, &did,
				       &error) == 0,
		      "%s: %s", name, case_text(error));
	ck_assert_msg(
		dfh_undo(stamped.at, stamped.at, &ours, &undone, &error) == 0,
		"%s: %s", name, case_text(error));
	ck_assert_msg(undone == (did.changed > 0), "%s: %zu undone", name,
		      undone);
	ck_assert_msg(case_same_bytes(base, stamped.at),
		      "%s: the undo does not give the file back", name);
}

/* The same Bundle once more changes nothing more. */
static void check_again(dfh_import *im, const struct case_folder *it,
			const char *stamped)
{
	const char *name = it->name;
	const dfh_stamp_options options = case_stamp_options(it);
	dfh_stamped did = {.size = sizeof did, .changed = 1};
	dfh_error *error = NULL;
	struct case_name again = case_temp("again.dcm");
	ck_assert_msg(dfh_import_stamp(im, stamped, again.at, &options, &did,
				       &error) == 0,
		      "%s: %s", name, case_text(error));
	ck_assert_msg(did.changed == 0 && case_same_bytes(stamped, again.at),
		      "%s: stamped twice, changed twice", name);
}

/* A refused file stays, even where it would be stamped in place. */
static void check_refused(dfh_import *im, const struct case_folder *it,
			  const char *base, char *wanted)
{
	const dfh_stamp_options options = case_stamp_options(it);
	dfh_error *error = NULL;
	struct case_name kept = case_temp("kept.dcm");
	case_encode(it, "base.dump", kept.at);
	wanted[strcspn(wanted, "\n")] = '\0';
	ck_assert_msg(dfh_import_stamp(im, base, base, &options, NULL, &error) <
			      0,
		      "%s: not refused", it->name);
	ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	ck_assert_msg(strstr(dfh_error_text(error), wanted) != NULL, "%s: %s",
		      it->name, dfh_error_text(error));
	ck_assert_msg(case_same_bytes(base, kept.at),
		      "%s: refused, and changed", it->name);
	dfh_error_free(error);
}

START_TEST(stamp)
{
	size_t length;
	char *differences = NULL;
	size_t size;
	dfh_stamped stamped = {.size = sizeof stamped};
	const struct case_folder *it = &stamps[_i];
	struct case_name base = case_temp("base.dcm");
	struct case_name out = case_temp("out.dcm");
	dfh_report *report = dfh_report_new();
	dfh_error *error = NULL;
	dfh_stamp_options options = case_stamp_options(it);
	dfh_import *im = case_import(rules, it, "bundle.json", report);
	char *refused = case_read(case_path(it, "refused").at, &length);
	case_encode(it, "base.dump", base.at);
	unlink(out.at);
	/* The goldens tell what a stamp changes, not what it keeps of before.
	 */
	options.no_originals = 1;
	options.differs = case_print_difference;
	options.context = open_memstream(&differences, &size);
	int result = refused ? -1
			     : dfh_import_stamp(im, base.at, out.at, &options,
						&stamped, &error);
	fclose(options.context);
	if (refused) {
		check_refused(im, it, base.at, refused);
	} else {
		ck_assert_msg(result == 0, "%s: %s", it->name,
			      case_text(error));
		char *text = dump_all(out.at);
		case_golden(it, "expected.dump", text, false);
		free(text);
		ck_assert_msg((stamped.changed == 0) ==
				      case_same_bytes(base.at, out.at),
			      "%s: %zu changes", it->name, stamped.changed);
		check_pixels(it->name, base.at, out.at);
		check_again(im, it, out.at);
		check_undo(im, it, base.at);
		if (access(case_path(it, "differences").at, F_OK) == 0)
			case_golden(it, "differences", differences, false);
	}
	free(differences);
	check_report(it, report);
	free(refused);
	dfh_error_free(error);
	dfh_import_free(im);
	dfh_report_free(report);
}
END_TEST

int main(void)
{
	case_temp_open();
	rules = case_rules();
	cases = case_folders("cases", &case_count);
	reverses = case_folders("reverse", &reverse_count);
	stamps = case_folders("stamp", &stamp_count);
	Suite *suite = suite_create("cases");
	TCase *tcase = tcase_create("cases");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, forward, 0, case_count * RELEASES);
	tcase_add_loop_test(tcase, as_json, 0, case_count * RELEASES);
	tcase_add_loop_test(tcase, back, 0, case_count * RELEASES);
	tcase_add_loop_test(tcase, own_bundle, 0, case_count * RELEASES);
	tcase_add_loop_test(tcase, reverse, 0, reverse_count);
	tcase_add_loop_test(tcase, stamp, 0, stamp_count);
	suite_add_tcase(suite, tcase);
	int failed = run_suite(suite);
	dfh_rules_free(rules);
	free(cases);
	free(reverses);
	free(stamps);
	case_temp_close();
	return failed != 0;
}

/*
 * Four threads on one set of rules, each doing all that the API can, and on one
 * export and one import where these may be shared.  `make check-tsan` runs it
 * with ThreadSanitizer.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "buffer.h"
#include "case_files.h"
#include "dcm_build.h"
#include "dcmfhir.h"
#include "run_suite.h"

#if defined(__SANITIZE_THREAD__)
#define HAS_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAS_TSAN 1
#endif
#endif

/* ---- what json-c does to a value, for ThreadSanitizer to see ---- */

#ifdef HAS_TSAN
#include <dlfcn.h>

void __tsan_write1(void *address);

/* json-c is not instrumented: its counting of references, and its printing into
 * the value itself, are told here. */
static void *real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);
	if (!function)
		abort();
	return function;
}

json_object *json_object_get(json_object *value)
{
	json_object *(*get)(json_object *) = real("json_object_get");
	if (value)
		__tsan_write1(value);
	return get(value);
}

const char *json_object_to_json_string_ext(json_object *value, int flags)
{
	const char *(*print)(json_object *, int) =
		real("json_object_to_json_string_ext");
	if (value)
		__tsan_write1(value);
	return print(value, flags);
}

const char *json_object_to_json_string(json_object *value)
{
	const char *(*print)(json_object *) =
		real("json_object_to_json_string");
	if (value)
		__tsan_write1(value);
	return print(value);
}

const char *json_object_get_string(json_object *value)
{
	const char *(*get)(json_object *) = real("json_object_get_string");
	if (value && !json_object_is_type(value, json_type_string))
		__tsan_write1(value);
	return get(value);
}
#endif

/* ---- what they work on ---- */

enum { THREADS = 4, ROUNDS = 3, INSTANCES = 2 };

static dfh_rules *rules;
static char *bundle; /* of what instance() gives, but for the name */

static void text(struct bytes *to, uint16_t group, uint16_t element,
		 const char *vr, const char *value)
{
	add_text(to, forms, group, element, vr, value);
}

static void add_concept(struct bytes *to, uint16_t group, uint16_t element)
{
	struct bytes item = {0}, items = {0};
	text(&item, 0x0008, 0x0100, "SH", "24627-2");
	text(&item, 0x0008, 0x0102, "SH", "LN");
	text(&item, 0x0008, 0x0104, "LO", "CT Chest");
	add_item(&items, forms, &item);
	add_sequence(to, forms, group, element, &items);
}

static void add_request(struct bytes *to)
{
	struct bytes item = {0}, items = {0};
	text(&item, 0x0008, 0x0050, "SH", "A1");
	text(&item, 0x0032, 0x1060, "LO", "CT Chest");
	text(&item, 0x0040, 0x1001, "SH", "P1");
	text(&item, 0x0040, 0x2016, "LO", "O1");
	add_item(&items, forms, &item);
	add_sequence(to, forms, 0x0040, 0x0275, &items);
}

/* The number-th instance of a study of a patient of that name. */
static struct bytes instance(int number, const char *name)
{
	struct bytes all = {0}, file;
	char uid[32], index[16];
	snprintf(uid, sizeof uid, "1.2.3.4.%d", number);
	snprintf(index, sizeof index, "%d", number);
	text(&all, 0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2");
	text(&all, 0x0008, 0x0018, "UI", uid);
	text(&all, 0x0008, 0x0020, "DA", "20240229");
	text(&all, 0x0008, 0x0030, "TM", "134501.5");
	text(&all, 0x0008, 0x0050, "SH", "A1");
	text(&all, 0x0008, 0x0060, "CS", "CT");
	text(&all, 0x0008, 0x0090, "PN", "Roe^Richard");
	text(&all, 0x0008, 0x0201, "SH", "+0100");
	text(&all, 0x0008, 0x1030, "LO", "Chest");
	add_concept(&all, 0x0008, 0x1032);
	text(&all, 0x0008, 0x103e, "LO", "Lung");
	text(&all, 0x0010, 0x0010, "PN", name);
	text(&all, 0x0010, 0x0020, "LO", "4711");
	text(&all, 0x0010, 0x0021, "LO", "Hospital");
	text(&all, 0x0010, 0x0030, "DA", "19700101");
	text(&all, 0x0010, 0x0040, "CS", "F");
	text(&all, 0x0010, 0x1010, "AS", "054Y");
	text(&all, 0x0010, 0x1020, "DS", "1.70");
	text(&all, 0x0010, 0x1030, "DS", "65.5");
	text(&all, 0x0018, 0x0015, "CS", "CHEST");
	text(&all, 0x0020, 0x000d, "UI", "1.2.3");
	text(&all, 0x0020, 0x000e, "UI", "1.2.3.4");
	text(&all, 0x0020, 0x0011, "IS", "3");
	text(&all, 0x0020, 0x0013, "IS", index);
	add_request(&all);
	file = wrap(forms, "1.2.840.10008.5.1.4.1.1.2", &all);
	bytes_free(&all);
	return file;
}

static void good(int result, dfh_error *error)
{
	if (result == 0)
		return;
	fprintf(stderr, "%s\n", dfh_error_text(error));
	abort(); /* check's assertions are not for threads */
}

static void add_instances(dfh_export *ex)
{
	for (int i = 1; i <= INSTANCES; i++) {
		struct bytes file = instance(i, "Doe^Jane");
		dfh_error *error = NULL;
		good(dfh_export_add_bytes(ex, "it", file.data, file.length,
					  &error),
		     error);
		bytes_free(&file);
	}
}

static dfh_import *import(dfh_report *report)
{
	const dfh_import_options options = {.size = sizeof options,
					    .report = report};
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(rules, &options, &error);
	good(im ? 0 : -1, error);
	good(dfh_import_add_json(im, "it", bundle, strlen(bundle), &error),
	     error);
	return im;
}

/* ---- all that the API can ---- */

static void export_all(dfh_release release)
{
	dfh_report *report = dfh_report_new();
	const dfh_export_options options = {.size = sizeof options,
					    .release = release,
					    .timezone = "Europe/Berlin",
					    .report = report,
					    .jobs = 2};
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(rules, &options, &error);
	char *json;
	good(ex ? 0 : -1, error);
	add_instances(ex);
	json = dfh_export_bundle(ex, &error);
	good(json ? 0 : -1, error);
	free(json);
	free(dfh_report_json(report));
	dfh_export_free(ex);
	dfh_report_free(report);
}

static void make_records(void)
{
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	struct bytes file = instance(1, "Doe^Jane");
	dfh_error *error = NULL;
	dfh_record *record =
		dfh_export_read_bytes(ex, "it", file.data, file.length, &error);
	good(record ? 0 : -1, error);
	char *line = dfh_record_json(ex, record);
	dfh_record *again =
		dfh_export_read_json(ex, "it", line, strlen(line), &error);
	good(again ? 0 : -1, error);
	(void)dfh_record_digest(record);
	(void)dfh_record_study(record);
	dfh_export_add_record(ex, again);
	free(dfh_export_next(ex, NULL));
	dfh_record_free(record);
	free(line);
	dfh_export_free(ex);
	bytes_free(&file);
}

static int keep(const void *bytes, size_t length, void *context)
{
	buffer_add(context, bytes, length);
	return 0;
}

static int see(const dfh_change *change, void *context)
{
	(void)change;
	(void)context;
	return 0;
}

static int drop(const char *name, const void *bytes, size_t length,
		void *context)
{
	(void)name;
	(void)bytes;
	(void)length;
	(void)context;
	return 0;
}

static void stamp_and_undo(dfh_import *im, int number)
{
	/* Two kinds of files that are alike (likes.h), turn by turn. */
	struct bytes file =
		instance(number, number % 2 ? "Doe^John" : "Doe^Jim");
	struct buffer stamped = {0}, undone = {0};
	const dfh_sink to = {sizeof to, keep, &stamped};
	const dfh_sink back = {sizeof back, keep, &undone};
	dfh_source from = {
		.size = sizeof from, .bytes = file.data, .length = file.length};
	dfh_stamped did = {.size = sizeof did};
	dfh_error *error = NULL;
	size_t count;
	good(dfh_import_stamp_source(im, &from, &to, NULL, &did, &error),
	     error);
	from.bytes = stamped.bytes;
	from.length = stamped.length;
	good(dfh_history_source(&from, see, NULL, &error), error);
	good(dfh_undo_source(&from, &back, NULL, &count, &error), error);
	if (did.changed != 1 || undone.length != file.length ||
	    memcmp(undone.bytes, file.data, file.length) != 0)
		abort();
	buffer_free(&undone);
	buffer_free(&stamped);
	bytes_free(&file);
}

static void import_all(void)
{
	dfh_report *report = dfh_report_new();
	dfh_import *im = import(report);
	dfh_error *error = NULL;
	char *provenance;
	good(dfh_import_rebuild_each(im, drop, NULL, &error), error);
	stamp_and_undo(im, 1);
	provenance = dfh_import_provenance(im, "test", &error);
	good(provenance ? 0 : -1, error);
	free(provenance);
	dfh_import_free(im);
	dfh_report_free(report);
}

static void look_at_rules(void)
{
	static const char *const formats[] = {"text", "tsv", "json", "html"};
	dfh_error *error = NULL;
	for (int i = 0; i < 4; i++) {
		char *list = dfh_rules_list(rules, formats[i], &error);
		good(list ? 0 : -1, error);
		free(list);
	}
	good(dfh_rules_run_examples(rules, &error), error);
	(void)dfh_rules_digest(rules);
}

/* Each thread begins with another of them. */
static void do_one(int which)
{
	switch (which % 5) {
	case 0:
		export_all(DFH_R4);
		break;
	case 1:
		make_records();
		break;
	case 2:
		import_all();
		break;
	case 3:
		look_at_rules();
		break;
	default:
		export_all(DFH_R5);
	}
}

static void *do_all(void *context)
{
	int first = *(int *)context;
	for (int i = 0; i < 5 * ROUNDS; i++)
		do_one(first + i);
	return NULL;
}

static void run_threads(void *(*work)(void *), void *contexts, size_t size)
{
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, work,
				       (char *)contexts + (size_t)i * size),
			0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

START_TEST(rules_are_shared)
{
	int firsts[THREADS] = {0, 1, 2, 3};
	run_threads(do_all, firsts, sizeof *firsts);
}
END_TEST

/* All at the same at once, for what only meets itself. */
static void *do_same(void *context)
{
	do_one(*(int *)context);
	return NULL;
}

START_TEST(rules_are_shared_by_the_same)
{
	for (int which = 0; which < 5; which++) {
		int same[THREADS] = {which, which, which, which};
		run_threads(do_same, same, sizeof *same);
	}
}
END_TEST

static void *add_shared(void *context)
{
	add_instances(*(dfh_export **)context);
	(void)dfh_export_converted(*(dfh_export **)context);
	return NULL;
}

START_TEST(an_export_is_shared)
{
	dfh_report *report = dfh_report_new();
	const dfh_export_options options = {
		.size = sizeof options, .report = report, .jobs = THREADS};
	dfh_export *ex = dfh_export_new(rules, &options, NULL);
	dfh_export *shared[THREADS] = {ex, ex, ex, ex};
	char *json;
	run_threads(add_shared, shared, sizeof *shared);
	json = dfh_export_bundle(ex, NULL);
	ck_assert_ptr_nonnull(json);
	free(json);
	dfh_export_free(ex);
	dfh_report_free(report);
}
END_TEST

static void *stamp_shared(void *context)
{
	for (int i = 0; i < 4 * ROUNDS; i++)
		stamp_and_undo(*(dfh_import **)context, 1 + i % INSTANCES);
	return NULL;
}

START_TEST(an_import_is_shared)
{
	dfh_report *report = dfh_report_new();
	dfh_import *im = import(report);
	dfh_import *shared[THREADS] = {im, im, im, im};
	run_threads(stamp_shared, shared, sizeof *shared);
	free(dfh_import_provenance(im, NULL, NULL));
	dfh_import_free(im);
	dfh_report_free(report);
}
END_TEST

static char *make_bundle(void)
{
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	char *json;
	add_instances(ex);
	json = dfh_export_bundle(ex, NULL);
	dfh_export_free(ex);
	return json;
}

int main(void)
{
	rules = case_rules();
	bundle = make_bundle();
	Suite *suite = suite_create("threads");
	TCase *tcase = tcase_create("threads");
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, rules_are_shared);
	tcase_add_test(tcase, rules_are_shared_by_the_same);
	tcase_add_test(tcase, an_export_is_shared);
	tcase_add_test(tcase, an_import_is_shared);
	suite_add_tcase(suite, tcase);
	int failed = run_suite(suite);
	free(bundle);
	dfh_rules_free(rules);
	return failed != 0;
}

/*
 * What is done to files is done to sources and sinks, with the same result: in
 * memory, read piece by piece, without a meta header, without pixels.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "case_files.h"
#include "dcm_build.h"
#include "run_suite.h"

static dfh_rules *rules;
static struct case_folder *stamps;
static int stamp_count;

/* A file, and the ways in which it is given. */
enum way { WHOLE, PIECES, DATASET, HEADER, DATASET_HEADER, WAYS };

static const char *const way_names[] = {
	"in memory", "in pieces", "without a meta header", "without pixels",
	"without meta header and pixels"};

struct given {
	const unsigned char *bytes;
	size_t length;
};

static int read_piece(unsigned long long offset, void *to, size_t length,
		      void *context)
{
	const struct given *given = context;
	if (offset > given->length || given->length - offset < length)
		return ERANGE;
	memcpy(to, given->bytes + offset, length);
	return 0;
}

static bool has_meta(enum way way)
{
	return way != DATASET && way != DATASET_HEADER;
}

static bool has_pixels(enum way way)
{
	return way != HEADER && way != DATASET_HEADER;
}

/* *given is what of the file is there; scan tells its parts. */
static dfh_source source_of(struct given *given, enum way way,
			    const struct dcm_scan *scan)
{
	size_t from = has_meta(way) ? 0 : (size_t)scan->dataset_offset;
	dfh_source source = {.size = sizeof source, .name = "given"};
	given->bytes += from;
	given->length -= from;
	/* it may end in the header of the pixels */
	if (!has_pixels(way))
		given->length = (size_t)scan->pixel_offset - from + 6;
	if (way == PIECES) {
		source.read_at = read_piece;
		source.context = given;
	} else {
		source.bytes = given->bytes;
	}
	source.length = given->length;
	if (!has_meta(way))
		source.transfer_syntax = scan->transfer_syntax;
	source.without_pixels = !has_pixels(way);
	return source;
}

static int take(const void *bytes, size_t length, void *context)
{
	buffer_add(context, bytes, length);
	return 0;
}

static dfh_sink sink_of(struct buffer *buffer)
{
	return (dfh_sink){
		.size = sizeof(dfh_sink), .write = take, .context = buffer};
}

static struct dcm_scan scan_bytes(const void *bytes, size_t length)
{
	const struct dcm_source source = {
		.name = "given", .bytes = bytes, .length = length};
	struct dcm_scan scan;
	ck_assert_int_eq(dcm_scan(&source, &scan, NULL), 0);
	return scan;
}

/* The part of a whole file that corresponds to what is given in this way. */
static void assert_is_part(const char *name, enum way way,
			   const struct buffer *got, const char *whole,
			   size_t length)
{
	struct dcm_scan scan = scan_bytes(whole, length);
	size_t from = has_meta(way) ? 0 : (size_t)scan.dataset_offset;
	size_t to = has_pixels(way) ? length : (size_t)scan.pixel_offset;
	ck_assert_msg(got->length == to - from &&
			      memcmp(got->bytes, whole + from, to - from) == 0,
		      "%s: %s is not as the file", name, way_names[way]);
	dcm_scan_free(&scan);
}

static dfh_stamp_options options_of(const struct case_folder *it)
{
	dfh_stamp_options options = case_stamp_options(it);
	options.time = "20240229134501+0100";
	options.system = "test";
	return options;
}

static void count_history(size_t *count)
{
	(*count)++;
}

static int visit(const dfh_change *change, void *context)
{
	ck_assert_uint_eq(change->size, sizeof *change);
	ck_assert_str_eq(change->system, "test");
	count_history(context);
	return 0;
}

static void check_undone(const char *name, enum way way,
			 const struct buffer *stamped, size_t changed,
			 const char *syntax, const char *before, size_t length)
{
	static const dfh_undo_options ours = {.size = sizeof ours,
					      .system = "test"};
	struct given given = {stamped->bytes, stamped->length};
	dfh_source source = {.size = sizeof source,
			     .bytes = given.bytes,
			     .length = given.length,
			     .transfer_syntax = has_meta(way) ? NULL : syntax,
			     .without_pixels = !has_pixels(way)};
	struct buffer undone = {0};
	const dfh_sink sink = sink_of(&undone);
	dfh_error *error = NULL;
	size_t told = 0, count;
	ck_assert_msg(dfh_history_source(&source, visit, &told, &error) == 0,
		      "%s: %s", name, dfh_error_text(error));
	ck_assert_msg(dfh_undo_source(&source, &sink, &ours, &count, &error) ==
			      0,
		      "%s: %s", name, dfh_error_text(error));
	ck_assert_uint_eq(count, changed > 0);
	ck_assert_uint_eq(told, changed > 0);
	assert_is_part(name, way, &undone, before, length);
	buffer_free(&undone);
}

/* before and after: as files, the latter NULL where it is refused. */
static void check_way(dfh_import *im, const struct case_folder *it,
		      enum way way, const char *before, size_t length,
		      const char *after, size_t after_length,
		      const char *refused)
{
	struct dcm_scan scan = scan_bytes(before, length);
	const dfh_stamp_options options = options_of(it);
	struct given given = {(const unsigned char *)before, length};
	const dfh_source source = source_of(&given, way, &scan);
	dfh_stamped did = {.size = sizeof did};
	struct buffer got = {0};
	const dfh_sink sink = sink_of(&got);
	dfh_error *error = NULL;
	int result = dfh_import_stamp_source(im, &source, &sink, &options, &did,
					     &error);
	if (refused) {
		ck_assert_int_eq(result, -1);
		ck_assert_str_eq(strchr(dfh_error_text(error), ':'),
				 strchr(refused, ':'));
		ck_assert_uint_eq(got.length, 0);
	} else {
		ck_assert_msg(result == 0, "%s: %s: %s", it->name,
			      way_names[way], dfh_error_text(error));
		assert_is_part(it->name, way, &got, after, after_length);
		check_undone(it->name, way, &got, did.changed,
			     scan.transfer_syntax, before, length);
	}
	dfh_error_free(error);
	buffer_free(&got);
	dcm_scan_free(&scan);
}

START_TEST(stamp_as_files_are)
{
	const struct case_folder *it = &stamps[_i];
	struct case_name base = case_temp("base.dcm");
	struct case_name out = case_temp("out.dcm");
	const dfh_stamp_options options = options_of(it);
	dfh_error *error = NULL;
	size_t length, bundle_length, after_length = 0;
	char *bundle =
		case_read(case_path(it, "bundle.json").at, &bundle_length);
	dfh_import *im = dfh_import_new(rules, NULL, NULL);
	ck_assert_int_eq(
		dfh_import_add_json(im, "it", bundle, bundle_length, NULL), 0);
	case_encode(it, "base.dump", base.at);
	int result =
		dfh_import_stamp(im, base.at, out.at, &options, NULL, &error);
	char *before = case_read(base.at, &length);
	char *after = result == 0 ? case_read(out.at, &after_length) : NULL;
	for (enum way way = WHOLE; way < WAYS; way++)
		check_way(im, it, way, before, length, after, after_length,
			  result < 0 ? dfh_error_text(error) : NULL);
	dfh_error_free(error);
	dfh_import_free(im);
	free(after);
	free(before);
	free(bundle);
}
END_TEST

/* ---- every transfer syntax ---- */

static char *record_of(dfh_export *ex, const dfh_source *source)
{
	dfh_error *error = NULL;
	dfh_record *record = dfh_export_read_source(ex, source, &error);
	ck_assert_msg(record != NULL, "%s", dfh_error_text(error));
	char *json = dfh_record_json(ex, record);
	dfh_record_free(record);
	return json;
}

START_TEST(records_of_every_form)
{
	const struct form *form = &forms[_i];
	const struct content content = {.description = "Knee",
					.patient_name = "Doe^Jane",
					.patient_id = "1"};
	struct bytes file = build(form, &content);
	struct dcm_scan scan = scan_bytes(file.data, file.length);
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	struct given given = {file.data, file.length};
	dfh_source whole = source_of(&given, WHOLE, &scan);
	char *wanted = record_of(ex, &whole);
	for (enum way way = PIECES; way < WAYS; way++) {
		struct given part = {file.data, file.length};
		/* what is deflated cannot be cut; offsets are not the file's */
		if (form->deflated && way > DATASET)
			continue;
		if (scan.pixel_offset == file.length && !has_pixels(way))
			continue;
		dfh_source source = source_of(&part, way, &scan);
		char *got = record_of(ex, &source);
		ck_assert_msg(strcmp(got, wanted) == 0, "%s %s: %s, not %s",
			      form->name, way_names[way], got, wanted);
		free(got);
	}
	free(wanted);
	dfh_export_free(ex);
	dcm_scan_free(&scan);
	bytes_free(&file);
}
END_TEST

/* ---- rebuilding ---- */

struct rebuilt {
	struct buffer bytes;
	char name[256];
	int count;
};

static int keep_rebuilt(const char *name, const void *bytes, size_t length,
			void *context)
{
	struct rebuilt *rebuilt = context;
	rebuilt->count++;
	snprintf(rebuilt->name, sizeof rebuilt->name, "%s", name);
	rebuilt->bytes.length = 0;
	buffer_add(&rebuilt->bytes, bytes, length);
	return 0;
}

static int refuse_rebuilt(const char *name, const void *bytes, size_t length,
			  void *context)
{
	(void)name;
	(void)bytes;
	(void)length;
	++*(int *)context;
	return 1;
}

static dfh_import *import_of_two(void)
{
	const dfh_export_options options = {.size = sizeof options};
	dfh_export *ex = dfh_export_new(rules, &options, NULL);
	dfh_import *im = dfh_import_new(rules, NULL, NULL);
	for (int i = 0; i < 2; i++) {
		char uid[16];
		struct bytes dataset = {0}, file;
		snprintf(uid, sizeof uid, "1.2.3.%d", i + 1);
		add_text(&dataset, forms, 0x0008, 0x0018, "UI", uid);
		add_text(&dataset, forms, 0x0010, 0x0020, "LO", "1");
		add_text(&dataset, forms, 0x0020, 0x000d, "UI", "1.2.3");
		add_text(&dataset, forms, 0x0020, 0x000e, "UI", "1.2.3.4");
		file = wrap(forms, "1.2.840.10008.5.1.4.1.1.7", &dataset);
		ck_assert_int_eq(dfh_export_add_bytes(ex, uid, file.data,
						      file.length, NULL),
				 0);
		bytes_free(&file);
		bytes_free(&dataset);
	}
	char *json = dfh_export_bundle(ex, NULL);
	ck_assert_int_eq(
		dfh_import_add_json(im, "it", json, strlen(json), NULL), 0);
	free(json);
	dfh_export_free(ex);
	return im;
}

START_TEST(rebuilt_as_files_are)
{
	struct case_name folder = case_temp(".");
	dfh_import *im = import_of_two();
	struct rebuilt rebuilt = {.count = 0};
	dfh_error *error = NULL;
	size_t length;
	int count = 0;
	ck_assert_msg(dfh_import_rebuild(im, folder.at, NULL, NULL, &error) ==
			      0,
		      "%s", dfh_error_text(error));
	ck_assert_msg(dfh_import_rebuild_each(im, keep_rebuilt, &rebuilt,
					      &error) == 0,
		      "%s", dfh_error_text(error));
	ck_assert_int_eq(rebuilt.count, 2);
	ck_assert_str_eq(rebuilt.name, "1.2.3.2");
	char *file = case_read(case_temp("1.2.3.2.dcm").at, &length);
	ck_assert_uint_eq(length, rebuilt.bytes.length);
	ck_assert_mem_eq(file, rebuilt.bytes.bytes, length);
	ck_assert_int_eq(
		dfh_import_rebuild_each(im, refuse_rebuilt, &count, &error),
		-1);
	ck_assert_int_eq(count, 1);
	ck_assert_int_eq(dfh_error_code(error), DFH_IO);
	dfh_error_free(error);
	free(file);
	buffer_free(&rebuilt.bytes);
	dfh_import_free(im);
}
END_TEST

/* ---- what goes wrong ---- */

static int fail_reading(unsigned long long offset, void *to, size_t length,
			void *context)
{
	(void)context;
	memset(to, 0, length);
	return offset ? EACCES : -1;
}

static int fail_writing(const void *bytes, size_t length, void *context)
{
	(void)bytes;
	(void)length;
	(void)context;
	return ENOSPC;
}

static void assert_fails(const dfh_source *source, const dfh_sink *sink,
			 enum dfh_code code, const char *text)
{
	dfh_error *error = NULL;
	ck_assert_int_eq(dfh_undo_source(source, sink, NULL, NULL, &error), -1);
	ck_assert_int_eq(dfh_error_code(error), code);
	ck_assert_msg(strstr(dfh_error_text(error), text) != NULL, "%s",
		      dfh_error_text(error));
	dfh_error_free(error);
}

START_TEST(faults_are_told)
{
	const struct content content = {.patient_id = "1"};
	struct bytes file = build(forms, &content);
	const dfh_source good = {
		.size = sizeof good, .bytes = file.data, .length = file.length};
	dfh_source source = {
		.size = sizeof source, .read_at = fail_reading, .length = 1000};
	const dfh_sink full = {.size = sizeof full, .write = fail_writing};
	const dfh_sink none = {.size = sizeof none};
	assert_fails(&source, NULL, DFH_IO, "the source: ");
	assert_fails(&good, &full, DFH_IO, "No space left");
	assert_fails(&good, &none, DFH_USAGE, "dfh_sink");
	source.name = "it";
	source.bytes = file.data;
	assert_fails(&source, NULL, DFH_USAGE, "not both");
	source = (dfh_source){.size = sizeof source, .length = 10};
	assert_fails(&source, NULL, DFH_USAGE, "not given");
	source.length = 0;
	assert_fails(&source, NULL, DFH_REFUSED, "is not DICOM");
	source = good;
	source.transfer_syntax = "1.2.840.10008.1.2.1 ";
	assert_fails(&source, NULL, DFH_USAGE, "no UID");
	assert_fails(NULL, NULL, DFH_USAGE, "dfh_source");
	bytes_free(&file);
}
END_TEST

START_TEST(no_bytes_are_no_path)
{
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	dfh_error *error = NULL;
	struct bytes file = build(forms, &(struct content){.patient_id = "1"});
	struct case_name name = case_temp("there");
	FILE *out = fopen(name.at, "w");
	fwrite(file.data, 1, file.length, out);
	fclose(out);
	ck_assert_int_eq(dfh_export_add_file(ex, name.at, NULL), 0);
	ck_assert_int_eq(dfh_export_add_bytes(ex, name.at, NULL, 0, &error),
			 -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	dfh_error_free(error);
	error = NULL;
	ck_assert_int_eq(dfh_export_add_bytes(ex, name.at, NULL, 9, &error),
			 -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_USAGE);
	dfh_error_free(error);
	dfh_export_free(ex);
	bytes_free(&file);
}
END_TEST

int main(void)
{
	case_temp_open();
	rules = case_rules();
	stamps = case_folders("stamp", &stamp_count);
	Suite *suite = suite_create("memory");
	TCase *tcase = tcase_create("memory");
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, stamp_as_files_are, 0, stamp_count);
	tcase_add_loop_test(tcase, records_of_every_form, 0, (int)form_count);
	tcase_add_test(tcase, rebuilt_as_files_are);
	tcase_add_test(tcase, faults_are_told);
	tcase_add_test(tcase, no_bytes_are_no_path);
	suite_add_tcase(suite, tcase);
	int failed = run_suite(suite);
	dfh_rules_free(rules);
	free(stamps);
	case_temp_close();
	return failed != 0;
}

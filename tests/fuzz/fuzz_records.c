/* Lines of records, and the Bundles of them.  What is printed of a record that
 * was read is read again, and is the same. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 20 };

static dfh_record *read_line(dfh_export *ex, const char *bytes, size_t length)
{
	dfh_error *error = NULL;
	dfh_record *record =
		dfh_export_read_json(ex, "fuzz", bytes, length, &error);

	fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	return record;
}

static void read_again(dfh_export *ex, dfh_record *record)
{
	char *line = dfh_record_json(ex, record), *again;
	dfh_record *other = read_line(ex, line, strlen(line));

	if (!other)
		fuzz_fail("a record is not read again: %s", line);
	if (dfh_record_digest(record) != dfh_record_digest(other))
		fuzz_fail("a record has another digest: %s", line);
	again = dfh_record_json(ex, other);
	if (strcmp(line, again) != 0)
		fuzz_fail("a record is not the same: %s\n%s", line, again);
	free(line);
	free(again);
	dfh_record_free(other);
}

static void add_lines(dfh_export *ex, const char *bytes, size_t length)
{
	for (int i = 0; i < LINES_MAX && length; i++) {
		const char *end = memchr(bytes, '\n', length);
		size_t used = end ? (size_t)(end - bytes) + 1 : length;
		dfh_record *record = read_line(ex, bytes, used);

		if (record) {
			read_again(ex, record);
			dfh_export_add_record(ex, record);
		}
		bytes += used;
		length -= used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	dfh_report *report = dfh_report_new();
	const dfh_export_options options = {
		.size = sizeof options,
		.release = length % 2 ? DFH_R5 : DFH_R4,
		.report = report,
	};
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(fuzz_rules(), &options, &error);
	char *text;

	if (!ex)
		fuzz_fail("%s", dfh_error_text(error));
	add_lines(ex, (const char *)bytes, length);
	while ((text = dfh_export_next(ex, &error))) {
		fuzz_read(text);
		free(text);
	}
	dfh_error_free(error);
	text = dfh_report_json(report);
	fuzz_read(text);
	free(text);
	dfh_export_free(ex);
	dfh_report_free(report);
	return 0;
}

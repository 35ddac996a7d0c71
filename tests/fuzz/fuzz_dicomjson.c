/* DICOM JSON, in memory and piece by piece: the same records, or the same
 * refusal; and the Bundles of them. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

struct input {
	const uint8_t *bytes;
	size_t length;
};

struct taken {
	dfh_export *ex;
	char *lines; /* of records, one after the other */
	size_t length;
};

static int read_at(unsigned long long offset, void *to, size_t length,
		   void *context)
{
	const struct input *input = context;

	memcpy(to, input->bytes + offset, length);
	return 0;
}

static int take(dfh_record *record, void *context)
{
	struct taken *taken = context;
	char *line = dfh_record_json(taken->ex, record);
	size_t length = strlen(line);

	taken->lines = realloc(taken->lines, taken->length + length + 2);
	if (!taken->lines)
		abort();
	memcpy(taken->lines + taken->length, line, length);
	taken->length += length;
	taken->lines[taken->length++] = '\n';
	taken->lines[taken->length] = '\0';
	free(line);
	dfh_export_add_record(taken->ex, record);
	return 0;
}

/* Values that stand elsewhere: every other one is not to be had. */
static int fetch(const char *uri, void **bytes, size_t *length, void *context)
{
	(void)context;
	fuzz_read(uri);
	*bytes = strdup("CT");
	*length = 2;
	return *bytes && strlen(uri) % 2 ? 0 : (free(*bytes), -1);
}

static dfh_export *read_all(const struct input *input, int in_pieces,
			    struct taken *taken, dfh_report *report)
{
	const dfh_export_options options = {
		.size = sizeof options, .release = DFH_R5, .report = report};
	dfh_source source = {
		.size = sizeof source, .name = "fuzz", .length = input->length};
	const dfh_input how = {.size = sizeof how,
			       .source = &source,
			       .take = take,
			       .fetch = fetch,
			       .context = taken};
	dfh_error *error = NULL;

	if (in_pieces) {
		source.read_at = read_at;
		source.context = (void *)input;
	} else {
		source.bytes = input->bytes;
	}
	taken->ex = dfh_export_new(fuzz_rules(), &options, NULL);
	dfh_export_read_each(taken->ex, &how, &error);
	for (const dfh_error *at = error; at; at = dfh_error_next(at))
		fuzz_read(dfh_error_text(at));
	dfh_error_free(error);
	return taken->ex;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const struct input input = {bytes, length};
	struct taken whole = {0}, pieces = {0};
	dfh_report *report;
	char *text;

	if (!length)
		return 0;
	report = dfh_report_new();
	read_all(&input, 0, &whole, report);
	read_all(&input, 1, &pieces, NULL);
	if (whole.length != pieces.length ||
	    (whole.length &&
	     memcmp(whole.lines, pieces.lines, whole.length) != 0))
		fuzz_fail("another record in pieces: %s\n%s",
			  whole.lines ? whole.lines : "none",
			  pieces.lines ? pieces.lines : "none");
	while ((text = dfh_export_next(whole.ex, NULL))) {
		fuzz_read(text);
		free(text);
	}
	text = dfh_report_json(report);
	fuzz_read(text);
	free(text);
	free(whole.lines);
	free(pieces.lines);
	dfh_export_free(whole.ex);
	dfh_export_free(pieces.ex);
	dfh_report_free(report);
	return 0;
}

/* Files to records, on several threads. */
#include <stdlib.h>
#include <string.h>

#include "convert.h"

void list_files(struct conversion *conversion, char **paths)
{
	struct cli_files *files = &conversion->files;
	const char *list = conversion->options->files_from;
	for (; *paths && !cli_interrupted(); paths++) {
		if (strcmp(*paths, "-") == 0)
			cli_files_add_one(files, "-", 0, false);
		else
			convert_worst(conversion, cli_files_add(files, *paths));
	}
	if (list && !cli_interrupted())
		convert_worst(conversion, cli_files_add_list(files, list));
	conversion->progress.total = files->count;
}

/* ---- reading ---- */

struct outcome {
	enum { MADE, PASSED_OVER, REFUSED } kind;
	void *made;
	dfh_error *error;
};

static dfh_record *read_standard_input(dfh_export *export, dfh_error **error)
{
	size_t length;
	char *bytes = cli_read("-", &length);
	dfh_record *record =
		bytes ? dfh_export_read_bytes(export, "standard input", bytes,
					      length, error)
		      : NULL;
	free(bytes);
	return record;
}

static size_t file_of(const struct reading *reading, size_t index)
{
	return reading->which ? reading->which[index] : index;
}

static void *read_one(void *context, size_t index)
{
	const struct reading *reading = context;
	dfh_export *export = reading->conversion->export;
	size_t number = file_of(reading, index);
	const struct cli_file *file = &reading->conversion->files.at[number];
	struct outcome *out = cli_memory(calloc(1, sizeof *out));
	dfh_record *record;
	if (strcmp(file->path, "-") == 0)
		record = read_standard_input(export, &out->error);
	else if (file->found_by_walk)
		record = dfh_export_read_found(export, file->path, &out->error);
	else
		record = dfh_export_read_file(export, file->path, &out->error);
	out->kind = record				 ? MADE
		    : out->error || !file->found_by_walk ? REFUSED
							 : PASSED_OVER;
	if (record)
		out->made = reading->make(reading->context, number, record);
	reading->conversion->progress.files++;
	return out;
}

static void settle(void *context, size_t index, void *result)
{
	const struct reading *reading = context;
	struct conversion *conversion = reading->conversion;
	struct outcome *out = result;
	size_t file = file_of(reading, index);
	conversion->progress.work++;
	if (out->kind == MADE) {
		conversion->added++;
		conversion->progress.instances++;
		if (reading->take)
			reading->take(reading->context, file, out->made);
	} else if (out->kind == PASSED_OVER) {
		conversion->passed_over++;
		if (reading->pass_over)
			reading->pass_over(reading->context, file);
	} else {
		convert_worst(conversion, cli_fail(out->error));
	}
	free(out);
}

void read_files(const struct reading *reading)
{
	const struct cli_each each = {read_one, settle, (void *)reading};
	cli_each(&each, reading->count,
		 (int)reading->conversion->options->jobs);
}

void say_passed_over(const struct conversion *conversion)
{
	if (!conversion->options->quiet)
		cli_say_passed_over(conversion->passed_over);
}

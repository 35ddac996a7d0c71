/* Files to records, on several threads. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "convert.h"

static void add_found_study(const char *study, void *context)
{
	cli_files_add_one(context, study, 0, false);
}

static int list_one(struct conversion *conversion, const char *path)
{
	struct cli_files *files = &conversion->files;
	size_t before = files->count;
	if (http_is_url(path))
		return dicomweb_find(conversion->web, path, add_found_study,
				     files);
	if (strcmp(path, "-") == 0) {
		cli_files_add_one(files, "-", 0, false);
		return DFH_OK;
	}
	int status = cli_files_add(files, path);
	if (status == DFH_OK)
		roots_add(&conversion->roots, path, before, files->count);
	return status;
}

int list_files(struct conversion *conversion, char **paths)
{
	const char *list = conversion->options->files_from;
	for (; *paths && !cli_interrupted(); paths++) {
		int status = list_one(conversion, *paths);
		if (status == DFH_USAGE)
			return status;
		convert_worst(conversion, status);
	}
	conversion->files.keeps_gone = !conversion->options->since;
	if (list && !cli_interrupted())
		convert_worst(conversion,
			      cli_files_add_list(&conversion->files, list));
	conversion->progress.total = conversion->files.count;
	return DFH_OK;
}

/* ---- reading ---- */

struct read_outcome {
	const struct files_reading *reading;
	size_t file;
	char *origin; /* or NULL */
	void **made;  /* of each record */
	size_t count;
	bool passed_over, failed, is_json;
	char *fault;	  /* what is wrong, or NULL */
	dfh_error *error; /* NULL: what there was to say is said, or fault */
};

static size_t file_index_of(const struct files_reading *reading, size_t index)
{
	return reading->which ? reading->which[index] : index;
}

/* Instances in JSON are called after their place in it. */
static bool is_record_refused(const struct read_outcome *out,
			      dfh_record *record)
{
	const struct conversion *conversion = out->reading->conversion;
	const char *path = conversion->files.at[out->file].path;
	if (!out->reading->only_files || http_is_url(path) ||
	    strcmp(dfh_record_file(record), path) == 0)
		return false;
	cli_say("%s: is DICOM JSON, of which --since cannot tell what changed; "
		"export it without --since",
		path);
	dfh_record_free(record);
	return true;
}

static int take_read_record(dfh_record *record, void *context)
{
	struct read_outcome *out = context;
	const struct files_reading *reading = out->reading;
	if (is_record_refused(out, record)) {
		out->is_json = true;
		return -1;
	}
	array_room(out->made, out->count);
	out->made[out->count++] =
		reading->make(reading->context, out->file, record);
	return 0;
}

/* Where the instances of a file or a URL can be had, to be freed; NULL: that is
 * not to be said. */
static char *origin_of(const struct read_outcome *out,
		       const struct cli_file *file)
{
	static const char studies[] = "/studies";
	const char *endpoint = out->reading->conversion->options->endpoint;
	if (!endpoint || (!*endpoint && !http_is_url(file->path)))
		return NULL;
	char *base = dicomweb_studies(*endpoint ? endpoint : file->path);
	base[strlen(base) - strlen(studies)] = '\0';
	return base;
}

static int read_path(struct read_outcome *out, const struct cli_file *file)
{
	const dfh_input input = {.size = sizeof input,
				 .path = file->path,
				 .found = file->found_by_walk,
				 .take = take_read_record,
				 .context = out,
				 .origin = out->origin};
	return dfh_export_read_each(out->reading->conversion->export, &input,
				    &out->error);
}

static int read_standard_input(struct read_outcome *out)
{
	dfh_source source = {.size = sizeof source, .name = "standard input"};
	const dfh_input input = {.size = sizeof input,
				 .source = &source,
				 .take = take_read_record,
				 .context = out,
				 .origin = out->origin};
	size_t length;
	char *bytes = cli_read("-", &length);
	if (!bytes)
		return -1;
	source.bytes = bytes;
	source.length = length;
	int answer = dfh_export_read_each(out->reading->conversion->export,
					  &input, &out->error);
	free(bytes);
	return answer;
}

static int read_any(struct read_outcome *out, const struct cli_file *file)
{
	struct conversion *conversion = out->reading->conversion;
	if (strcmp(file->path, "-") == 0)
		return read_standard_input(out);
	if (!http_is_url(file->path))
		return read_path(out, file);
	return dicomweb_read(
		conversion->web, file->path, conversion->export,
		&(struct dicomweb_taking){take_read_record, out, out->origin,
					    NULL},
		&out->fault, &out->error);
}

static void *read_one_file(void *context, size_t index)
{
	const struct files_reading *reading = context;
	struct read_outcome *out = cli_memory(calloc(1, sizeof *out));
	out->reading = reading;
	out->file = file_index_of(reading, index);
	const struct cli_file *file = &reading->conversion->files.at[out->file];
	out->origin = origin_of(out, file);
	int answer = read_any(out, file);
	out->passed_over = answer > 0;
	out->failed = answer < 0;
	reading->conversion->progress.files++;
	return out;
}

/* A list may be older than the archive, in which files come and go.  A state
 * would conclude from it that they are not needed any more. */
static int status_of_fault(struct conversion *conversion,
			   struct read_outcome *out)
{
	const struct dcm2fhir_options *options = conversion->options;
	int status = cli_fail(out->error);
	if (status != DFH_IO || !options->files_from || options->since ||
	    !cli_is_gone(conversion->files.at[out->file].path))
		return status;
	conversion->gone++;
	return DFH_REFUSED;
}

static void settle_read_file(void *context, size_t index, void *result)
{
	const struct files_reading *reading = context;
	struct conversion *conversion = reading->conversion;
	struct read_outcome *out = result;
	(void)index;
	conversion->progress.work++;
	conversion->added += out->count;
	conversion->progress.instances += out->count;
	for (size_t i = 0; i < out->count && reading->take; i++)
		reading->take(reading->context, out->file, out->made[i]);
	if (reading->end && !out->passed_over && !out->failed && !out->is_json)
		reading->end(reading->context, out->file);
	if (!out->passed_over)
		roots_give(&conversion->roots, out->file);
	if (out->passed_over) {
		conversion->passed_over++;
		if (reading->pass_over)
			reading->pass_over(reading->context, out->file);
	}
	if (out->fault)
		cli_say("%s: %s", conversion->files.at[out->file].path,
			out->fault);
	conversion->refused += out->fault || out->failed || out->is_json;
	if (out->fault)
		convert_worst(conversion, DFH_REFUSED);
	else if (out->failed)
		convert_worst(conversion, status_of_fault(conversion, out));
	free(out->fault);
	free(out->origin);
	if (out->is_json)
		convert_worst(conversion, DFH_REFUSED);
	free(out->made);
	free(out);
}

void read_files(const struct files_reading *reading)
{
	const struct cli_each each = {read_one_file, settle_read_file,
				      (void *)reading};
	struct conversion *conversion = reading->conversion;
	cli_each(&each, reading->count, (int)conversion->options->jobs);
	if (!all_are_gone(conversion))
		return;
	cli_say("none of the %zu files of the list is there: is it mounted?",
		conversion->gone);
	convert_worst(conversion, DFH_IO);
}

bool all_are_gone(const struct conversion *conversion)
{
	return conversion->gone && conversion->gone == conversion->files.count;
}

void say_passed_over(const struct conversion *conversion)
{
	if (!conversion->options->quiet)
		cli_say_passed_over(conversion->passed_over);
	for (size_t i = 0; i < conversion->roots.count; i++) {
		const struct root *root = &conversion->roots.at[i];
		if (!root->gives)
			cli_say("%s: no DICOM file was found in this folder",
				root->path);
	}
}

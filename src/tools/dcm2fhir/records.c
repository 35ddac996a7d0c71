/* --records and --from-records: instances as lines, to be sorted between. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"

/* ---- files to lines ---- */

static void *make_record_line(void *context, size_t file, dfh_record *record)
{
	struct conversion *conversion = context;
	(void)file;
	char *line = dfh_record_json(conversion->export, record);
	dfh_record_free(record);
	return line;
}

static void take_record_line(void *context, size_t file, void *made)
{
	struct conversion *conversion = context;
	(void)file;
	if (open_output(conversion) == 0)
		cli_write(conversion->output, made);
	free(made);
}

void make_records(struct conversion *conversion)
{
	read_files(&(struct files_reading){.conversion = conversion,
					   .count = conversion->files.count,
					   .make = make_record_line,
					   .take = take_record_line,
					   .context = conversion});
	if (cli_interrupted())
		cli_say("interrupted; %zu records are %s",
			(size_t)conversion->progress.instances,
			conversion->options->output ? "not kept: run it again"
						    : "written whole");
	else
		say_passed_over(conversion);
	/* An empty shard has an empty file. */
	bool complete = !cli_interrupted() && !all_are_gone(conversion);
	if (complete && open_output(conversion) < 0)
		return;
	/* A shard counts only as a whole. */
	close_output(conversion, complete || !conversion->options->output);
}

/* ---- lines to Bundles ---- */

struct lines {
	struct conversion *conversion;
	char *study; /* the one at hand; NULL: none yet */
	const char *name;
	size_t number;
	bool stopped;
};

static void end_study_of_lines(struct lines *lines)
{
	if (lines->study && write_studies(lines->conversion) < 0)
		lines->stopped = true;
	free(lines->study);
	lines->study = NULL;
}

static void take_record(struct lines *lines, dfh_record *record)
{
	const char *study = dfh_record_study(record);
	int order = lines->study ? strcmp(lines->study, study) : 0;
	if (order > 0) {
		cli_say("%s:%zu: is not in order: sort the lines of all shards "
			"together, with LC_ALL=C sort",
			lines->name, lines->number);
		convert_worst(lines->conversion, DFH_REFUSED);
		dfh_record_free(record);
		lines->stopped = true;
		return;
	}
	if (order < 0)
		end_study_of_lines(lines);
	if (!lines->study)
		lines->study = cli_memory(strdup(study));
	lines->conversion->added++;
	lines->conversion->progress.instances++;
	dfh_export_add_record(lines->conversion->export, record);
}

static void take_line_of_record(struct lines *lines, const char *line,
				size_t length)
{
	char place[4200];
	dfh_error *error = NULL;
	snprintf(place, sizeof place, "%s:%zu", lines->name, lines->number);
	dfh_record *record = dfh_export_read_json(lines->conversion->export,
						  place, line, length, &error);
	if (record)
		take_record(lines, record);
	else
		convert_worst(lines->conversion, cli_fail(error));
}

enum { BUFFERED = 1 << 16 };

static ssize_t read_some(void *cookie, char *to, size_t size)
{
	return cli_read_some(*(const int *)cookie, to, size);
}

static void read_lines(struct lines *lines, const char *path)
{
	static const cookie_io_functions_t reading = {.read = read_some};
	int fd = cli_open_input(path);
	FILE *file = fd < 0 ? NULL : fopencookie(&fd, "r", reading);
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	lines->name = cli_input_name(path);
	lines->number = 0;
	if (file)
		setvbuf(file, NULL, _IOFBF, BUFFERED);
	while (file && !lines->stopped && !cli_interrupted() &&
	       (length = getline(&line, &size, file)) > 0) {
		lines->number++;
		take_line_of_record(lines, line, (size_t)length);
	}
	if (!cli_interrupted() &&
	    (!file || ferror(file) || (!feof(file) && errno == ENOMEM))) {
		if (file)
			cli_say("%s: %s", lines->name, strerror(errno));
		convert_worst(lines->conversion, DFH_IO);
		lines->stopped = true;
	}
	free(line);
	if (file)
		fclose(file);
	if (fd >= 0)
		cli_close_input(fd);
}

void convert_records(struct conversion *conversion, char **paths)
{
	struct lines lines = {.conversion = conversion};
	static char standard[] = "-", *const none[] = {standard, NULL};
	char *const *path = *paths ? paths : none;
	for (; *path && !lines.stopped && !cli_interrupted(); path++) {
		read_lines(&lines, *path);
		conversion->progress.files++;
	}
	if (cli_interrupted())
		cli_say("interrupted; %zu studies are written whole",
			(size_t)conversion->progress.studies);
	else if (!lines.stopped)
		end_study_of_lines(&lines);
	if (!lines.stopped && !cli_interrupted())
		open_output(conversion);
	close_output(conversion, !lines.stopped);
	free(lines.study);
}

/* dcm2fhir: files in, Bundles out. */
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "dcm2fhir_options.h"

struct file {
	char *path;
	bool found_by_walk;
};

/* The files to read, and what became of them. */
struct work {
	dfh_export *export;
	struct file *files;
	size_t count, size, next;
	struct cli_progress progress;
	size_t passed_over, added;
	int status;
	bool quiet;
	pthread_mutex_t lock;
};

static void worst(struct work *work, int status)
{
	if (status > work->status)
		work->status = status;
}

static int list_file(const char *path, int found_by_walk, void *context)
{
	struct work *work = context;
	if (work->count == work->size) {
		work->size = work->size ? 2 * work->size : 256;
		work->files =
			realloc(work->files, work->size * sizeof *work->files);
		if (!work->files)
			abort();
	}
	work->files[work->count++] =
		(struct file){strdup(path), found_by_walk != 0};
	return 0;
}

/* What became of one file; with the lock held. */
static void settle(struct work *work, int result, dfh_error *error)
{
	work->progress.files++;
	if (result > 0)
		work->added++;
	else if (result == 0)
		work->passed_over++;
	else {
		worst(work, cli_fail(error));
	}
}

/* 1: added, 0: not DICOM and nobody said it was, -1: refused. */
static int add_file(struct work *work, const struct file *file,
		    dfh_error **error)
{
	if (file->found_by_walk) {
		int is_dicom = dfh_looks_like_dicom(file->path, error);
		if (is_dicom <= 0)
			return is_dicom;
	}
	return dfh_export_add_file(work->export, file->path, error) < 0 ? -1
									: 1;
}

static void *read_files(void *context)
{
	struct work *work = context;
	pthread_mutex_lock(&work->lock);
	while (work->next < work->count) {
		const struct file *file = &work->files[work->next++];
		dfh_error *error = NULL;
		pthread_mutex_unlock(&work->lock);
		int result = add_file(work, file, &error);
		pthread_mutex_lock(&work->lock);
		settle(work, result, error);
	}
	pthread_mutex_unlock(&work->lock);
	return NULL;
}

static void read_standard_input(struct work *work)
{
	size_t length;
	dfh_error *error = NULL;
	char *bytes = cli_read("-", &length);
	if (!bytes) {
		worst(work, DFH_IO);
		return;
	}
	int result = dfh_export_add_bytes(work->export, "standard input", bytes,
					  length, &error);
	settle(work, result < 0 ? -1 : 1, error);
	free(bytes);
}

static void read_all(struct work *work, char **paths, long jobs)
{
	for (; *paths; paths++) {
		dfh_error *error = NULL;
		if (strcmp(*paths, "-") == 0)
			read_standard_input(work);
		else if (dfh_walk(*paths, list_file, work, &error) < 0)
			worst(work, cli_fail(error));
	}
	pthread_t threads[256];
	long started = 0;
	work->progress.total = work->count;
	cli_progress_begin(&work->progress, work->quiet);
	while (started < jobs - 1 &&
	       pthread_create(&threads[started], NULL, read_files, work) == 0)
		started++;
	read_files(work);
	for (long i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	cli_progress_end();
	if (work->passed_over && !work->quiet)
		cli_say("%zu file%s not DICOM, passed over", work->passed_over,
			work->passed_over == 1 ? "" : "s");
}

static int write_bundles(struct work *work, const struct options *options)
{
	struct cli_output *output = cli_open(options->output);
	dfh_error *error = NULL;
	char *text;
	if (!output)
		return DFH_IO;
	if (options->ndjson) {
		while ((text = dfh_export_next(work->export, &error))) {
			cli_write(output, text);
			free(text);
		}
	} else if ((text = dfh_export_bundle(work->export, &error))) {
		cli_write(output, text);
		free(text);
	}
	if (error) {
		cli_abandon(output);
		return cli_fail(error);
	}
	return cli_close(output) < 0 ? DFH_IO : DFH_OK;
}

static int run(const dfh_rules *rules, const struct options *options,
	       char **paths)
{
	dfh_error *error = NULL;
	dfh_report *report = dfh_report_new();
	dfh_export_options how = {options->release, options->timezone, report,
				  options->plain, options->reader};
	dfh_report_show_values(report, options->report_values);
	dfh_report_want_unmapped(report, options->report != NULL);
	struct work work = {.quiet = options->quiet,
			    .lock = PTHREAD_MUTEX_INITIALIZER,
			    .export = dfh_export_new(rules, &how, &error)};
	if (!work.export) {
		dfh_report_free(report);
		return cli_fail(error);
	}
	read_all(&work, paths, options->jobs);
	/* Where nothing could be read there is nothing to say in FHIR. */
	if (work.added || work.status == DFH_OK)
		worst(&work, write_bundles(&work, options));
	work.status = cli_report(report, options->report, options->strict,
				 work.status);
	for (size_t i = 0; i < work.count; i++)
		free(work.files[i].path);
	free(work.files);
	dfh_export_free(work.export);
	dfh_report_free(report);
	return work.status;
}

static int list_rules(const struct options *options)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options->rules, &error);
	char *text =
		rules ? dfh_rules_list(rules, options->format, &error) : NULL;
	struct cli_output *output = text ? cli_open(options->output) : NULL;
	int status = text ? DFH_IO : cli_fail(error);
	if (output) {
		cli_write(output, text);
		status = cli_close(output) < 0 ? DFH_IO : DFH_OK;
	}
	free(text);
	dfh_rules_free(rules);
	return status;
}

/* The values that the laws are tried on: the same in every run, and few enough
 * to wait for. */
enum { LAWS_SEED = 1, LAWS_COUNT = 100 };

static int check_rules(const struct options *options)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options->rules, &error);
	int status = DFH_OK;
	if (!rules || dfh_rules_run_examples(rules, &error) < 0 ||
	    dfh_rules_check_laws(rules, LAWS_SEED, LAWS_COUNT, &error) < 0)
		status = cli_fail(error);
	dfh_rules_free(rules);
	return status;
}

static int export_files(const struct options *options, char **paths)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options->rules, &error);
	int status = rules ? run(rules, options, paths) : cli_fail(error);
	dfh_rules_free(rules);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	int status = dcm2fhir_options(argc, argv, &options);
	if (status >= 0)
		return status;
	if (options.check)
		return check_rules(&options);
	if (options.format)
		return list_rules(&options);
	return export_files(&options, argv + optind);
}

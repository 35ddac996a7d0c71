/* fhir2dcm: Bundles and files in, stamped or rebuilt files out. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fhir2dcm_files.h"
#include "fhir2dcm_json.h"
#include "pacs.h"
#include "streams.h"

static void print_rebuilt_path(const char *path, void *context)
{
	const struct work *work = context;
	if (!work->options->dry_run)
		return;
	cli_print(stdout, path);
	putchar('\n');
}

static void rebuild_into_folder(struct work *work)
{
	dfh_error *error = NULL;
	const struct fhir2dcm_options *options = work->options;
	const char *folder = options->dry_run ? NULL : options->output;
	if (folder && cli_make_folders(folder) < 0)
		work_worst(work, DFH_IO);
	else if (dfh_import_rebuild(work->import, folder, print_rebuilt_path,
				    work, &error) < 0)
		work_worst(work, cli_fail(error));
}

static void told_of_entry(const char *path, int written, void *context)
{
	const struct work *work = context;
	if (!work->options->dry_run)
		return;
	fputs(written ? "" : "remove ", stdout);
	cli_print(stdout, path);
	putchar('\n');
}

static void make_worklist(struct work *work)
{
	dfh_error *error = NULL;
	const struct fhir2dcm_options *options = work->options;
	const dfh_worklist_options how = {
		.size = sizeof how,
		.folder = options->worklist,
		.aet = options->aet,
		.is_dry = options->dry_run,
		.done = told_of_entry,
		.context = work,
	};
	if (!options->dry_run && cli_make_folders(options->worklist) < 0)
		work_worst(work, DFH_IO);
	else if (dfh_import_worklist(work->import, &how, &error) < 0)
		work_worst(work, cli_fail(error));
}

static int read_bundles(struct work *work)
{
	const struct fhir2dcm_options *options = work->options;
	for (size_t i = 0; i < options->bundle_count; i++) {
		const char *name = options->bundles[i];
		dfh_error *error = NULL;
		size_t length;
		char *text = cli_read(name, &length);
		if (!text)
			return DFH_IO;
		int result =
			dfh_import_add_json(work->import, cli_input_name(name),
					    text, length, &error);
		if (work->log)
			log_add_bundle(work->log, name, text, length);
		free(text);
		/* Half of what the EHR says is not what it says. */
		if (result < 0)
			return cli_fail(error);
	}
	return DFH_OK;
}

static int write_provenance(const struct work *work)
{
	const struct fhir2dcm_options *options = work->options;
	char *text = dfh_import_provenance(work->import, options->stamp.reason,
					   NULL);
	if (!text) {
		if (!options->quiet)
			cli_say("nothing was changed; no Provenance is "
				"written");
		return DFH_OK;
	}
	struct cli_output *output = cli_open(options->provenance);
	if (output)
		cli_write(output, text);
	free(text);
	return output && cli_close(output) == 0 ? DFH_OK : DFH_IO;
}

/* What is to be done is known, and nothing else will be.  DFH_OK, or the exit
 * status of what cannot begin. */
static int begin_work(struct work *work, const dfh_rules *rules,
		      dfh_report *report, char **paths)
{
	/* listing has something to say, too */
	int status = work_check_places(work, rules, paths);
	if (status == DFH_OK && !work->is_rebuild) {
		work_list(work, paths);
		status = work_check_places(work, rules, paths);
	}
	if (status == DFH_OK && !work->is_rebuild)
		status = streams_check(work, paths);
	if (status == DFH_OK)
		status = streams_new(work->options, paths, &work->streams);
	if (status == DFH_OK)
		status = pacs_new(work->options, paths, report, &work->pacs);
	if (status != DFH_OK) {
		work_free(work);
		return status;
	}
	work_hold_to_outputs(work, work->options->sandbox);
	return DFH_OK;
}

/* ---- what became of all of it ---- */

/* Values that the headers should hold and do not; inputs that are not all there
 * is are said by themselves. */
static int count_lost(const dfh_issue *issue, void *context)
{
	size_t *lost = context;
	if (strcmp(issue->kind, "input") == 0)
		cli_say("%s: %s", issue->expression, issue->text);
	else if (issue->is_loss && strcmp(issue->kind, "refused") != 0)
		*lost += issue->count;
	return 0;
}

static void say_all(const struct work *work, const dfh_report *report)
{
	size_t lost = 0;
	if (work->options->quiet || work->status == DFH_USAGE)
		return;
	dfh_report_visit(report, count_lost, &lost);
	if (work->changed + work->unchanged + work->refused > 1)
		cli_say("%zu %s, %zu unchanged, %zu refused, %zu value%s lost "
			"(see --report)",
			work->changed,
			work->options->dry_run ? "to stamp" : "stamped",
			work->unchanged, work->refused, lost,
			lost == 1 ? "" : "s");
	else if (lost)
		cli_say("%zu value%s lost (see --report)", lost,
			lost == 1 ? "" : "s");
}

static int run_work(const dfh_rules *rules,
		    const struct fhir2dcm_options *options, char **paths)
{
	dfh_error *error = NULL;
	struct work work = {.options = options,
			    .is_rebuild = !*paths && !options->files_from};
	dfh_report *report = dfh_report_new();
	int status = begin_work(&work, rules, report, paths);
	if (status != DFH_OK) {
		dfh_report_free(report);
		return status;
	}
	dfh_import_options how = {.size = sizeof how,
				  .release = options->release,
				  .report = report,
				  .limit = options->limit,
				  .timezone = options->timezone,
				  .time = options->stamp.time};
	work.import = dfh_import_new(rules, &how, &error);
	if (options->log)
		work.log = log_new(options->log, options->stamp.reason);
	work.status = work.import ? read_bundles(&work) : cli_fail(error);
	if (work.status == DFH_OK && work.log && log_open(work.log) < 0)
		work.status = DFH_IO;
	if (work.status == DFH_OK) {
		work_hold_to_folder(&work);
		if (options->worklist)
			make_worklist(&work);
		else if (work.is_rebuild && options->as_json)
			work_worst(&work, json_rebuild(&work));
		else if (work.is_rebuild)
			rebuild_into_folder(&work);
		else
			work_on_files(&work);
	}
	if (options->provenance && pacs_has_unstored(work.pacs))
		cli_say("not all is stored; no Provenance is written");
	else if (options->provenance && work.import)
		work_worst(&work, write_provenance(&work));
	if (work.log && log_close(work.log) < 0)
		work_worst(&work, DFH_IO);
	say_all(&work, report);
	work.status = cli_report(report, options->report, options->strict,
				 work.status);
	work_free(&work);
	dfh_report_free(report);
	return work.status;
}

/* What the files themselves tell needs no rules. */
static int look_back_at_files(const struct fhir2dcm_options *options,
			      char **paths)
{
	struct work work = {.options = options};
	int status = begin_work(&work, NULL, NULL, paths);
	if (status != DFH_OK)
		return status;
	if (options->log)
		work.log = log_new(options->log, options->stamp.reason);
	if (work.log && log_open(work.log) < 0) {
		work.status = DFH_IO;
	} else {
		work_hold_to_folder(&work);
		work_on_files(&work);
	}
	if (work.log && log_close(work.log) < 0)
		work_worst(&work, DFH_IO);
	work_free(&work);
	return work.status;
}

static int convert_with_rules(const struct fhir2dcm_options *options,
			      char **paths)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options->rules, &error);
	int status = rules ? run_work(rules, options, paths) : cli_fail(error);
	dfh_rules_free(rules);
	return status;
}

int main(int argc, char **argv)
{
	struct fhir2dcm_options options;
	cli_begin("fhir2dcm");
	cli_take_size_limit_as_error();
	int status = fhir2dcm_options(argc, argv, &options);
	if (status < 0)
		status = options.undo || options.history
				 ? look_back_at_files(&options, argv + optind)
				 : convert_with_rules(&options, argv + optind);
	fhir2dcm_options_free(&options);
	return cli_end(status);
}

/* dcm2fhir: the options. */
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char usage[] =
	"usage: dcm2fhir [OPTION]... PATH...\n"
	"       dcm2fhir --check-rules [FILE]\n"
	"       dcm2fhir --list-rules[=FORMAT] [--rules FILE]\n"
	"\n"
	"Export DICOM files as a FHIR transaction Bundle.  A PATH is a file, "
	"a\n"
	"folder (read recursively), a DICOMDIR, or - for standard input.\n"
	"\n"
	"  -o, --output FILE     write there instead of standard output\n"
	"  -r, --release R4|R5   the release of FHIR (default R5)\n"
	"      --rules FILE      use these rules instead of the installed "
	"ones\n"
	"      --timezone ZONE   +HHMM or an IANA name, for datasets without "
	"an\n"
	"                        offset of their own\n"
	"      --ndjson          one Bundle a line for each study\n"
	"      --report FILE     write an OperationOutcome: what was not "
	"carried\n"
	"      --report-values   let the report name values, patient data "
	"included\n"
	"      --plain           no extension of our own: what FHIR has no "
	"room for\n"
	"                        is lost, and reported\n"
	"      --strict          exit with 1 if anything was lost\n"
	"  -j, --jobs N          read with N threads\n"
	"  -q, --quiet           say nothing but errors\n"
	"      --check-rules     check a rule file, run its examples, and try\n"
	"                        the laws of its rules\n"
	"      --list-rules      print the mapping as text, or with =tsv, "
	"=json or\n"
	"                        =html for programs and browsers\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n";

struct options {
	const char *output, *rules, *timezone, *report, *format;
	dfh_release release;
	bool ndjson, strict, quiet, check, plain, report_values;
	long jobs;
};

struct file {
	char *path;
	bool found_by_walk;
};

/* The files to read, and what became of them. */
struct work {
	dfh_export *export;
	struct file *files;
	size_t count, size, next, done;
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
	work->done++;
	if (result > 0)
		work->added++;
	else if (result == 0)
		work->passed_over++;
	else {
		worst(work, cli_fail(error));
	}
	if (!work->quiet)
		cli_progress("files read", work->done);
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
				  options->plain};
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

static int check_rules(const char *path)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(path, &error);
	int status = DFH_OK;
	if (!rules || dfh_rules_run_examples(rules, &error) < 0 ||
	    dfh_rules_check_laws(rules, LAWS_SEED, LAWS_COUNT, &error) < 0)
		status = cli_fail(error);
	dfh_rules_free(rules);
	return status;
}

enum {
	OPT_RULES = 256,
	OPT_TIMEZONE,
	OPT_NDJSON,
	OPT_REPORT,
	OPT_STRICT,
	OPT_CHECK,
	OPT_LIST,
	OPT_PLAIN,
	OPT_REPORT_VALUES
};

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"release", required_argument, NULL, 'r'},
	{"rules", required_argument, NULL, OPT_RULES},
	{"timezone", required_argument, NULL, OPT_TIMEZONE},
	{"ndjson", no_argument, NULL, OPT_NDJSON},
	{"report", required_argument, NULL, OPT_REPORT},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"jobs", required_argument, NULL, 'j'},
	{"plain", no_argument, NULL, OPT_PLAIN},
	{"report-values", no_argument, NULL, OPT_REPORT_VALUES},
	{"quiet", no_argument, NULL, 'q'},
	{"check-rules", optional_argument, NULL, OPT_CHECK},
	{"list-rules", optional_argument, NULL, OPT_LIST},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}};

/* -1: go on; else the exit status. */
static int take_option(int option, struct options *out)
{
	char *end;
	switch (option) {
	case 'o':
		out->output = optarg;
		return -1;
	case 'r':
		if (!cli_release(optarg)) {
			cli_say("-r takes R4 or R5, not '%s'", optarg);
			return cli_usage_hint();
		}
		out->release = cli_release(optarg) == 4 ? DFH_R4 : DFH_R5;
		return -1;
	case OPT_RULES:
		out->rules = optarg;
		return -1;
	case OPT_TIMEZONE:
		out->timezone = optarg;
		return -1;
	case OPT_NDJSON:
		out->ndjson = true;
		return -1;
	case OPT_REPORT:
		out->report = optarg;
		return -1;
	case OPT_PLAIN:
		out->plain = true;
		return -1;
	case OPT_REPORT_VALUES:
		out->report_values = true;
		return -1;
	case OPT_STRICT:
		out->strict = true;
		return -1;
	case 'j':
		out->jobs = strtol(optarg, &end, 10);
		if (*end || out->jobs < 1 || out->jobs > 256) {
			cli_say("-j takes a number from 1 to 256");
			return cli_usage_hint();
		}
		return -1;
	case 'q':
		out->quiet = true;
		return -1;
	case OPT_LIST:
		out->format = optarg ? optarg : "text";
		return -1;
	case OPT_CHECK:
		out->check = true;
		out->rules = optarg ? optarg : out->rules;
		return -1;
	case 'h':
		fputs(usage, stdout);
		return DFH_OK;
	case 'V':
		cli_version();
		return DFH_OK;
	default:
		return cli_usage_hint();
	}
}

int main(int argc, char **argv)
{
	struct options options = {.release = DFH_R5, .jobs = 1};
	int option;
	while ((option = getopt_long(argc, argv, "o:r:j:qhV", long_options,
				     NULL)) != -1) {
		int status = take_option(option, &options);
		if (status >= 0)
			return status;
	}
	if (options.check) {
		if (optind + 1 < argc) {
			cli_say("--check-rules takes one file");
			return cli_usage_hint();
		}
		return check_rules(optind < argc ? argv[optind]
						 : options.rules);
	}
	if (options.format) {
		if (optind < argc) {
			cli_say("--list-rules takes no files; say "
				"--list-rules=FORMAT and --rules FILE");
			return cli_usage_hint();
		}
		return list_rules(&options);
	}
	if (optind == argc) {
		cli_say("name the files or folders to export, or - for "
			"standard input");
		return cli_usage_hint();
	}
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(options.rules, &error);
	if (!rules)
		return cli_fail(error);
	int status = run(rules, &options, argv + optind);
	dfh_rules_free(rules);
	return status;
}

#include "dcm2fhir_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "http.h"

static const char usage[] =
	"usage: dcm2fhir [OPTION]... PATH...\n"
	"       dcm2fhir --send BASE [--outbox DIR] [OPTION]... [PATH...]\n"
	"       dcm2fhir --records [OPTION]... PATH...\n"
	"       dcm2fhir --from-records [OPTION]... [FILE...]\n"
	"       dcm2fhir --check-rules [FILE]\n"
	"       dcm2fhir --list-rules[=FORMAT] [--rules FILE]\n"
	"\n"
	"Export DICOM files as a FHIR transaction Bundle.  A PATH is a file, "
	"a\n"
	"folder (read recursively), a DICOMDIR, DICOM JSON, - for standard "
	"input,\n"
	"or the URL of a DICOMweb service, a query of its studies, or a "
	"study.\n"
	"\n"
	"  -o, --output FILE     write there instead of standard output\n"
	"  -r, --release R4|R5   the release of FHIR (default R5)\n"
	"      --rules FILE      use these rules instead of the installed "
	"ones\n"
	"      --timezone ZONE   +HHMM or an IANA name, for datasets without "
	"an\n"
	"                        offset of their own\n"
	"      --ndjson          one Bundle a line for each study\n"
	"      --grouped         the files of a study come together: write "
	"each\n"
	"                        as soon as the next begins, as --ndjson does\n"
	"      --since STATE     only studies of which files changed since "
	"STATE\n"
	"                        was written, which then is written anew\n"
	"      --allow-empty     with --since: a folder that has no files any "
	"more\n"
	"                        is no archive that is not mounted\n"
	"      --files-from FILE also the paths of this list, which end with "
	"NUL\n"
	"                        or newline; - is standard input\n"
	"      --records         a line of JSON for each instance, to be "
	"sorted\n"
	"      --from-records    such lines, sorted by LC_ALL=C sort, to a "
	"Bundle a\n"
	"                        line for each study\n"
	"      --send BASE       deliver to the FHIR server there, instead of "
	"writing;\n"
	"                        one study after another for a patient, N "
	"patients at\n"
	"                        once with -j N\n"
	"      --outbox DIR      studies wait there until the server has "
	"them; what\n"
	"                        waits goes first, and then PATH may be left "
	"out\n"
	"      --entries N       send Bundles of more than N entries one by "
	"one\n" ASKING_USAGE
	"      --endpoint        say where the studies can be had: at the URL "
	"they\n"
	"                        come from, or with =BASE at that DICOMweb "
	"service\n"
	"      --report FILE     write an OperationOutcome: what was not "
	"carried\n"
	"      --report-values   let the report name values, patient data "
	"included\n"
	"      --plain           no extension of our own: what FHIR has no "
	"room for\n"
	"                        is lost, and reported\n"
	"      --strict          exit with 1 if anything was lost\n"
	"  -j, --jobs N          read and convert with N threads\n"
	"      --reader READER   auto, or dcmtk: let DCMTK parse every header, "
	"to\n"
	"                        compare; slower\n"
	"      --limit SIZE      the memory that one file may take, as 256M\n"
	"      --no-sandbox      do not let the kernel hold writes to the "
	"outputs\n"
	"      --sandbox         say on standard error whether it does\n"
	"  -q, --quiet           say nothing but errors\n"
	"      --check-rules     check a rule file, run its examples, and try\n"
	"                        the laws of its rules\n"
	"      --list-rules      print the mapping as text, or with =tsv, "
	"=json or\n"
	"                        =html for programs and browsers\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n";

enum {
	OPT_RULES = 256,
	OPT_TIMEZONE,
	OPT_NDJSON,
	OPT_REPORT,
	OPT_STRICT,
	OPT_CHECK,
	OPT_LIST,
	OPT_PLAIN,
	OPT_REPORT_VALUES,
	OPT_READER,
	OPT_GROUPED,
	OPT_SINCE,
	OPT_ALLOW_EMPTY,
	OPT_FILES_FROM,
	OPT_RECORDS,
	OPT_FROM_RECORDS,
	OPT_LIMIT,
	OPT_SEND,
	OPT_OUTBOX,
	OPT_ENTRIES,
	OPT_ENDPOINT,
	OPT_SANDBOX,
	OPT_NO_SANDBOX
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
	{"reader", required_argument, NULL, OPT_READER},
	{"grouped", no_argument, NULL, OPT_GROUPED},
	{"since", required_argument, NULL, OPT_SINCE},
	{"allow-empty", no_argument, NULL, OPT_ALLOW_EMPTY},
	{"files-from", required_argument, NULL, OPT_FILES_FROM},
	{"records", no_argument, NULL, OPT_RECORDS},
	{"from-records", no_argument, NULL, OPT_FROM_RECORDS},
	{"limit", required_argument, NULL, OPT_LIMIT},
	{"send", required_argument, NULL, OPT_SEND},
	{"outbox", required_argument, NULL, OPT_OUTBOX},
	{"entries", required_argument, NULL, OPT_ENTRIES},
	{"endpoint", optional_argument, NULL, OPT_ENDPOINT},
	ASKING_OPTIONS,
	{"sandbox", no_argument, NULL, OPT_SANDBOX},
	{"no-sandbox", no_argument, NULL, OPT_NO_SANDBOX},
	{"quiet", no_argument, NULL, 'q'},
	{"check-rules", optional_argument, NULL, OPT_CHECK},
	{"list-rules", optional_argument, NULL, OPT_LIST},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}};

/* A server answers several questions at once, but an old one not many. */
enum { URL_JOBS = 3 };

static int take_reader(const char *name, dfh_reader *reader)
{
	if (strcmp(name, "auto") != 0 && strcmp(name, "dcmtk") != 0) {
		cli_say("--reader takes auto or dcmtk, not '%s'", name);
		return cli_usage_hint();
	}
	*reader = *name == 'd' ? DFH_READER_DCMTK : DFH_READER_AUTO;
	return -1;
}

static int take_release(const char *name, dfh_release *release)
{
	*release = cli_release(name);
	return *release ? -1 : cli_usage_hint();
}

static int take_jobs(const char *text, long *jobs)
{
	*jobs = cli_jobs(text);
	if (*jobs)
		return -1;
	cli_say("-j takes a number from 1 to %d", CLI_JOBS_MAX);
	return cli_usage_hint();
}

/* Options that only are there or not; NULL: another one. */
static bool *flag_of(int option, struct dcm2fhir_options *out)
{
	switch (option) {
	case OPT_NDJSON:
		return &out->ndjson;
	case OPT_PLAIN:
		return &out->plain;
	case OPT_REPORT_VALUES:
		return &out->report_values;
	case OPT_STRICT:
		return &out->strict;
	case OPT_GROUPED:
		return &out->grouped;
	case OPT_ALLOW_EMPTY:
		return &out->allow_empty;
	case OPT_RECORDS:
		return &out->records;
	case OPT_FROM_RECORDS:
		return &out->from_records;
	case OPT_CHECK:
		return &out->check;
	case OPT_SANDBOX:
		return &out->sandbox;
	case OPT_NO_SANDBOX:
		return &out->no_sandbox;
	case 'q':
		return &out->quiet;
	default:
		return NULL;
	}
}

/* Options that name something; NULL: another one. */
static const char **dcm2fhir_name_of(int option, struct dcm2fhir_options *out)
{
	switch (option) {
	case 'o':
		return &out->output;
	case OPT_RULES:
		return &out->rules;
	case OPT_TIMEZONE:
		return &out->timezone;
	case OPT_REPORT:
		return &out->report;
	case OPT_SINCE:
		return &out->since;
	case OPT_FILES_FROM:
		return &out->files_from;
	case OPT_SEND:
		return &out->send;
	case OPT_OUTBOX:
		return &out->outbox;
	default:
		return NULL;
	}
}

/* -1: go on; else the exit status. */
static int dcm2fhir_take_option(int option, struct dcm2fhir_options *out)
{
	bool *flag = flag_of(option, out);
	const char **name = dcm2fhir_name_of(option, out);
	int status;
	if (asking_take(&out->asking, option, optarg, &status))
		return status;
	if (flag)
		*flag = true;
	if (name)
		*name = optarg;
	if (option == OPT_CHECK && optarg)
		out->rules = optarg;
	if (flag || name)
		return -1;
	switch (option) {
	case 'r':
		return take_release(optarg, &out->release);
	case 'j':
		return take_jobs(optarg, &out->jobs);
	case OPT_LIMIT:
		return cli_limit(optarg, &out->limit);
	case OPT_ENDPOINT:
		out->endpoint = optarg ? optarg : "";
		return -1;
	case OPT_ENTRIES:
		return cli_number("--entries", optarg, 1, &out->entries);
	case OPT_READER:
		return take_reader(optarg, &out->reader);
	case OPT_LIST:
		out->format = optarg ? optarg : "text";
		return -1;
	case 'h':
		fputs(usage, stdout);
		return DFH_OK;
	case 'V':
		cli_version(out->rules);
		return DFH_OK;
	default:
		return cli_usage_hint();
	}
}

/* ---- what cannot be together ---- */

static const char *wrong_url(const struct dcm2fhir_options *options)
{
	if (options->endpoint && options->from_records)
		return "--endpoint goes with the run that makes the records";
	if (options->endpoint && *options->endpoint &&
	    !http_is_url(options->endpoint))
		return "--endpoint takes the address of a DICOMweb service";
	if (!options->has_urls && options->endpoint && !*options->endpoint)
		return "files do not say which service has them: "
		       "--endpoint=BASE";
	if (!options->has_urls)
		return options->asking.gentle >= 0 ? "--gentle goes with a URL"
						   : NULL;
	if (options->from_records)
		return "--from-records takes files, and no URL";
	return NULL;
}

static const char *wrong_sending(const struct dcm2fhir_options *options)
{
	if (!options->send && (options->outbox || options->entries >= 0))
		return "--outbox and --entries need --send BASE";
	if (!options->send && !options->has_urls &&
	    asking_is_said(&options->asking))
		return "the options that say how a server is asked need --send "
		       "BASE, or a URL";
	if (options->send && options->output)
		return "with --send nothing is written: leave out -o";
	if (options->send && options->records)
		return "--send delivers Bundles, and --records makes none";
	return NULL;
}

static bool has_standard_input(const struct dcm2fhir_options *options,
			       char **paths)
{
	bool found = false;
	for (; *paths; paths++)
		found = found || strcmp(*paths, "-") == 0;
	return found && !options->from_records;
}

static const char *wrong_way(const struct dcm2fhir_options *options)
{
	int ways = options->records + options->from_records + options->grouped +
		   (options->since != NULL);
	if (ways > 1)
		return "only one of --records, --from-records, --grouped and "
		       "--since can be done at once";
	if (wrong_sending(options))
		return wrong_sending(options);
	if (wrong_url(options))
		return wrong_url(options);
	if (options->from_records && options->files_from)
		return "--from-records takes the files of records as "
		       "arguments, not --files-from";
	if (options->since && strcmp(options->since, "-") == 0)
		return "--since takes a file, which is read and written";
	if (options->allow_empty && !options->since)
		return "--allow-empty is for --since";
	return NULL;
}

/* What the options ask for that cannot be; NULL: all is well. */
static const char *
dcm2fhir_contradiction(const struct dcm2fhir_options *options, char **paths)
{
	bool standard = has_standard_input(options, paths);
	if (options->check)
		return paths[0] && paths[1] ? "--check-rules takes one file"
					    : NULL;
	if (options->format)
		return *paths ? "--list-rules takes no files; say "
				"--list-rules=FORMAT and --rules FILE"
			      : NULL;
	if (standard && options->since)
		return "--since cannot tell whether standard input changed";
	if (standard && options->files_from &&
	    strcmp(options->files_from, "-") == 0)
		return "standard input cannot be a file and a list of files";
	if (!*paths && !options->files_from && !options->from_records &&
	    !options->outbox)
		return "name the files or folders to export, or - for "
		       "standard input";
	return wrong_way(options);
}

int dcm2fhir_options(int argc, char **argv, struct dcm2fhir_options *out)
{
	int option, status = -1;
	*out = (struct dcm2fhir_options){
		.release = DFH_R5, .entries = -1, .asking = asking_none()};
	while (status < 0 && (option = cli_getopt(argc, argv, ":o:r:j:qhV",
						  long_options)) != -1)
		status = dcm2fhir_take_option(option, out);
	for (char **path = argv + optind; *path; path++)
		out->has_urls = out->has_urls || http_is_url(*path);
	const char *wrong =
		status < 0 ? dcm2fhir_contradiction(out, argv + optind) : NULL;
	if (wrong) {
		cli_say("%s", wrong);
		return cli_usage_hint();
	}
	if (!out->jobs)
		out->jobs = out->has_urls && !out->send ? URL_JOBS : 1;
	/* What comes one by one is a line each. */
	out->ndjson =
		out->ndjson || out->grouped || out->from_records || out->send;
	if (status < 0 && out->check && optind < argc)
		out->rules = argv[optind];
	return status;
}

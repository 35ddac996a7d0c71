#include "dcm2fhir_options.h"

#include <getopt.h>
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
	"      --reader READER   auto, or dcmtk: let DCMTK parse every header, "
	"to\n"
	"                        compare; slower\n"
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
	OPT_READER
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
	{"quiet", no_argument, NULL, 'q'},
	{"check-rules", optional_argument, NULL, OPT_CHECK},
	{"list-rules", optional_argument, NULL, OPT_LIST},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}};

static int take_reader(const char *name, dfh_reader *reader)
{
	if (strcmp(name, "auto") != 0 && strcmp(name, "dcmtk") != 0) {
		cli_say("--reader takes auto or dcmtk, not '%s'", name);
		return cli_usage_hint();
	}
	*reader = *name == 'd' ? DFH_READER_DCMTK : DFH_READER_AUTO;
	return -1;
}

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
	case OPT_READER:
		return take_reader(optarg, &out->reader);
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

/* What the options ask for that cannot be; NULL: all is well. */
static const char *contradiction(const struct options *options, int paths)
{
	if (options->check)
		return paths > 1 ? "--check-rules takes one file" : NULL;
	if (options->format)
		return paths ? "--list-rules takes no files; say "
			       "--list-rules=FORMAT and --rules FILE"
			     : NULL;
	if (!paths)
		return "name the files or folders to export, or - for "
		       "standard input";
	return NULL;
}

int dcm2fhir_options(int argc, char **argv, struct options *out)
{
	int option, status = -1;
	*out = (struct options){.release = DFH_R5, .jobs = 1};
	while (status < 0 && (option = getopt_long(argc, argv, "o:r:j:qhV",
						   long_options, NULL)) != -1)
		status = take_option(option, out);
	const char *wrong =
		status < 0 ? contradiction(out, argc - optind) : NULL;
	if (wrong) {
		cli_say("%s", wrong);
		return cli_usage_hint();
	}
	if (status < 0 && out->check && optind < argc)
		out->rules = argv[optind];
	return status;
}

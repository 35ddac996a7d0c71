#include "fhir2dcm_options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "streams.h"

static const char usage[] =
	"usage: fhir2dcm -b BUNDLE [-b BUNDLE]... -o OUT [OPTION]... "
	"[PATH...]\n"
	"       fhir2dcm -b BUNDLE --in-place [OPTION]... PATH...\n"
	"       fhir2dcm -b BUNDLE --worklist FOLDER [--aet AET] [OPTION]...\n"
	"       fhir2dcm --undo [--before TIME] -o OUT|--in-place PATH...\n"
	"       fhir2dcm --history [--json] [--values] PATH...\n"
	"\n"
	"Stamp DICOM headers from FHIR, or rebuild them from FHIR alone.  With "
	"a\n"
	"PATH (a file, a folder, a DICOMDIR, - for standard input) copies of "
	"those\n"
	"files are stamped;\n"
	"with URLs of DICOMweb what is there is fetched, stamped and, without "
	"-o,\n"
	"stored there again;\n"
	"without one, a header is rebuilt for each instance of the Bundle.\n"
	"\n"
	"  -b, --bundle FILE     a Bundle, a resource or NDJSON; - is "
	"standard\n"
	"                        input\n"
	"  -o, --output OUT      a file, or a folder that mirrors the input; "
	"when\n"
	"                        rebuilding, the folder of UID.dcm; or the URL "
	"of a\n"
	"                        DICOMweb service, where it is stored; or "
	"-\n"
	"                        for one file to standard output\n"
	"      --in-place        stamp the files themselves; with =SUFFIX "
	"the\n"
	"                        originals stay under NAME + SUFFIX\n"
	"      --keep-times      the times of the files stay\n"
	"      --break-links     in place also what has other names (hard "
	"links),\n"
	"                        which keep the old header\n"
	"      --ignore-read-only  in place also what is read-only\n"
	"      --verify          read back what is written before it takes "
	"its place\n"
	"      --log FILE        append a line of JSON for each file\n"
	"      --provenance FILE write a Provenance of the change\n"
	"      --files-from FILE the PATHs are in FILE (- is standard input), "
	"a line\n"
	"                        each, or each ended by NUL\n"
	"  -j, --jobs N          stamp with N threads (4)\n"
	"  -n, --dry-run         write nothing; tell what would be written\n"
	"      --json            ... as JSON, a line for each file; without "
	"--dry-run,\n"
	"                        the headers as an array of DICOM JSON\n"
	"      --color WHEN      colour what a dry run tells: auto, never, "
	"always\n"
	"      --no-widen        the character set stays, and so does what "
	"does "
	"not\n"
	"                        fit it\n"
	"      --match KEY       match by this key alone: study, accession, "
	"order,\n"
	"                        patient\n"
	"      --policy POLICY   supplement, merge or overwrite all, instead "
	"of\n"
	"                        believing the image about what was acquired\n"
	"      --reason TEXT     why the headers are changed\n"
	"      --allow NAME,...  stamp in spite of this: birth-date, "
	"patient-id, issuer,\n"
	"                        withdrawn, modifier, de-identified, "
	"subject,\n"
	"                        signature; wants --reason\n"
	"      --force           ... in spite of all of it, whatever is "
	"found\n"
	"      --worklist FOLDER make orders the entries of a worklist "
	"server\n"
	"      --aet AET         ... at this station where they name none\n"
	"      --undo            put back what stamps of this system changed\n"
	"      --before TIME     ... only as far as it was before TIME\n"
	"      --history         tell what was changed, when, by whom, and "
	"why\n"
	"      --values          ... and what was there before; with --json as "
	"JSON\n"
	"      --system NAME     the Modifying System that the file names "
	"(dcmfhir)\n"
	"      --source NAME     the Source of Previous Values that it names\n"
	"      --reason-code CODE  COERCE, or CORRECT, the default with a "
	"reason\n"
	"      --time TIME       the time of the change (a DT) instead of now\n"
	"      --equipment       name this tool as contributing equipment, "
	"too\n"
	"      --no-originals    do not keep previous values in the file\n"
	"  -r, --release R4|R5   the release of the Bundle (default: "
	"recognised)\n"
	"      --rules FILE      use these rules instead of the installed "
	"ones\n"
	"      --timezone ZONE   +HHMM or an IANA name, for datasets that give "
	"no\n"
	"                        offset from UTC\n"
	"      --report FILE     write an OperationOutcome: what was not "
	"carried\n"
	"      --strict          exit with 1 if anything was lost\n"
	"      --yes             let it change what a server of DICOMweb "
	"holds\n" ASKING_USAGE
	"      --limit SIZE      the memory that one file may take, as 256M\n"
	"      --no-sandbox      do not let the kernel hold writes to the "
	"outputs\n"
	"      --sandbox         say on standard error whether it does\n"
	"  -q, --quiet           say nothing but errors\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n";

enum {
	OPT_RULES = 256,
	OPT_WORKLIST,
	OPT_AET,
	OPT_TIMEZONE,
	OPT_REPORT,
	OPT_STRICT,
	OPT_IN_PLACE,
	OPT_JSON,
	OPT_MATCH,
	OPT_POLICY,
	OPT_REASON,
	OPT_FORCE,
	OPT_ALLOW,
	OPT_UNDO,
	OPT_BEFORE,
	OPT_HISTORY,
	OPT_SYSTEM,
	OPT_SOURCE,
	OPT_TIME,
	OPT_EQUIPMENT,
	OPT_NO_ORIGINALS,
	OPT_NO_WIDEN,
	OPT_REASON_CODE,
	OPT_VALUES,
	OPT_KEEP_TIMES,
	OPT_BREAK_LINKS,
	OPT_IGNORE_READ_ONLY,
	OPT_VERIFY,
	OPT_LOG,
	OPT_PROVENANCE,
	OPT_FILES_FROM,
	OPT_LIMIT,
	OPT_YES,
	OPT_COLOR,
	OPT_SANDBOX,
	OPT_NO_SANDBOX
};

static const struct option long_options[] = {
	{"bundle", required_argument, NULL, 'b'},
	{"output", required_argument, NULL, 'o'},
	{"in-place", optional_argument, NULL, OPT_IN_PLACE},
	{"keep-times", no_argument, NULL, OPT_KEEP_TIMES},
	{"break-links", no_argument, NULL, OPT_BREAK_LINKS},
	{"ignore-read-only", no_argument, NULL, OPT_IGNORE_READ_ONLY},
	{"verify", no_argument, NULL, OPT_VERIFY},
	{"log", required_argument, NULL, OPT_LOG},
	{"provenance", required_argument, NULL, OPT_PROVENANCE},
	{"files-from", required_argument, NULL, OPT_FILES_FROM},
	{"jobs", required_argument, NULL, 'j'},
	{"dry-run", no_argument, NULL, 'n'},
	{"json", no_argument, NULL, OPT_JSON},
	{"color", required_argument, NULL, OPT_COLOR},
	{"match", required_argument, NULL, OPT_MATCH},
	{"policy", required_argument, NULL, OPT_POLICY},
	{"reason", required_argument, NULL, OPT_REASON},
	{"force", no_argument, NULL, OPT_FORCE},
	{"allow", required_argument, NULL, OPT_ALLOW},
	{"undo", no_argument, NULL, OPT_UNDO},
	{"before", required_argument, NULL, OPT_BEFORE},
	{"history", no_argument, NULL, OPT_HISTORY},
	{"system", required_argument, NULL, OPT_SYSTEM},
	{"source", required_argument, NULL, OPT_SOURCE},
	{"time", required_argument, NULL, OPT_TIME},
	{"equipment", no_argument, NULL, OPT_EQUIPMENT},
	{"no-originals", no_argument, NULL, OPT_NO_ORIGINALS},
	{"no-widen", no_argument, NULL, OPT_NO_WIDEN},
	{"reason-code", required_argument, NULL, OPT_REASON_CODE},
	{"values", no_argument, NULL, OPT_VALUES},
	{"release", required_argument, NULL, 'r'},
	{"rules", required_argument, NULL, OPT_RULES},
	{"worklist", required_argument, NULL, OPT_WORKLIST},
	{"aet", required_argument, NULL, OPT_AET},
	{"timezone", required_argument, NULL, OPT_TIMEZONE},
	{"report", required_argument, NULL, OPT_REPORT},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"limit", required_argument, NULL, OPT_LIMIT},
	{"yes", no_argument, NULL, OPT_YES},
	ASKING_OPTIONS,
	{"sandbox", no_argument, NULL, OPT_SANDBOX},
	{"no-sandbox", no_argument, NULL, OPT_NO_SANDBOX},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}};

/* Options about what the file itself keeps; false: it is none of them. */
static bool take_record_option(int option, struct fhir2dcm_options *out)
{
	switch (option) {
	case OPT_UNDO:
		out->undo = true;
		return true;
	case OPT_BEFORE:
		out->before = optarg;
		return true;
	case OPT_HISTORY:
		out->history = true;
		return true;
	case OPT_SYSTEM:
		out->stamp.system = optarg;
		return true;
	case OPT_SOURCE:
		out->stamp.source = optarg;
		return true;
	case OPT_TIME:
		out->stamp.time = optarg;
		return true;
	case OPT_EQUIPMENT:
		out->stamp.equipment = true;
		return true;
	case OPT_NO_ORIGINALS:
		out->stamp.no_originals = true;
		return true;
	case OPT_NO_WIDEN:
		out->stamp.no_widen = true;
		return true;
	case OPT_REASON_CODE:
		out->stamp.reason_code = optarg;
		return true;
	case OPT_VALUES:
		out->values = true;
		return true;
	default:
		return false;
	}
}

static int take_policy(const char *name, dfh_policy *out)
{
	static const struct {
		const char *name;
		dfh_policy policy;
	} policies[] = {
		{"supplement", DFH_SUPPLEMENT},
		{"merge", DFH_MERGE},
		{"overwrite", DFH_OVERWRITE},
	};
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
		if (strcmp(policies[i].name, name) == 0) {
			*out = policies[i].policy;
			return -1;
		}
	cli_say("--policy takes supplement, merge or overwrite, not '%s'",
		name);
	return cli_usage_hint();
}

/* A terminal, and nobody who does not want it (https://no-color.org). */
static bool likes_colour(void)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(STDOUT_FILENO) && !(none && *none) &&
	       !(term && strcmp(term, "dumb") == 0);
}

static int take_colour(const char *when, bool *out)
{
	if (strcmp(when, "auto") == 0)
		*out = likes_colour();
	else if (strcmp(when, "always") == 0)
		*out = true;
	else if (strcmp(when, "never") == 0)
		*out = false;
	else {
		cli_say("--color takes auto, never or always, not '%s'", when);
		return cli_usage_hint();
	}
	return -1;
}

/* --allow can be given again. */
static int take_allowed(const char *names, struct fhir2dcm_options *out)
{
	char *all;
	int length = out->allow ? asprintf(&all, "%s,%s", out->allow, names)
				: asprintf(&all, "%s", names);
	if (length < 0)
		all = cli_memory(NULL);
	free(out->allow);
	out->allow = all;
	out->stamp.allow = all;
	return -1;
}

/* Options about which file is stamped, and with what; *status: -1, or that of
 * an option that is wrong. */
static bool take_match_option(int option, struct fhir2dcm_options *out,
			      int *status)
{
	switch (option) {
	case OPT_JSON:
		out->json = true;
		return true;
	case OPT_COLOR:
		*status = take_colour(optarg, &out->in_colour);
		return true;
	case OPT_MATCH:
		out->stamp.match = optarg;
		return true;
	case OPT_POLICY:
		*status = take_policy(optarg, &out->stamp.policy);
		return true;
	case OPT_REASON:
		out->stamp.reason = optarg;
		return true;
	case OPT_FORCE:
		out->stamp.force = true;
		return true;
	case OPT_ALLOW:
		*status = take_allowed(optarg, out);
		return true;
	default:
		return false;
	}
}

/* Options about how files are written; false: it is none of them. */
static bool take_writing_option(int option, struct fhir2dcm_options *out)
{
	dfh_writing *writing = &out->writing;
	switch (option) {
	case OPT_IN_PLACE:
		out->in_place = true;
		writing->suffix = optarg;
		return true;
	case OPT_KEEP_TIMES:
		writing->keep_times = true;
		return true;
	case OPT_BREAK_LINKS:
		writing->break_links = true;
		return true;
	case OPT_IGNORE_READ_ONLY:
		writing->ignore_read_only = true;
		return true;
	case OPT_VERIFY:
		writing->verify = true;
		return true;
	case OPT_LOG:
		out->log = optarg;
		return true;
	case OPT_PROVENANCE:
		out->provenance = optarg;
		return true;
	case OPT_FILES_FROM:
		out->files_from = optarg;
		return true;
	case OPT_WORKLIST:
		out->worklist = optarg;
		return true;
	case OPT_AET:
		out->aet = optarg;
		return true;
	case OPT_YES:
		out->yes = true;
		return true;
	case OPT_SANDBOX:
		out->sandbox = true;
		return true;
	case OPT_NO_SANDBOX:
		out->no_sandbox = true;
		return true;
	default:
		return false;
	}
}

/* -1: go on; else the exit status. */
static int fhir2dcm_take_option(int option, struct fhir2dcm_options *out)
{
	int status = -1;
	if (take_record_option(option, out) ||
	    take_writing_option(option, out) ||
	    take_match_option(option, out, &status) ||
	    asking_take(&out->asking, option, optarg, &status))
		return status;
	switch (option) {
	case 'b':
		out->bundles[out->bundle_count++] = optarg;
		return -1;
	case 'o':
		out->output = optarg;
		return -1;
	case 'r':
		out->release = cli_release(optarg);
		return out->release ? -1 : cli_usage_hint();
	case OPT_RULES:
		out->rules = optarg;
		return -1;
	case OPT_TIMEZONE:
		out->timezone = optarg;
		return -1;
	case OPT_REPORT:
		out->report = optarg;
		return -1;
	case OPT_STRICT:
		out->strict = true;
		return -1;
	case OPT_LIMIT:
		return cli_limit(optarg, &out->limit);
	case 'n':
		out->dry_run = true;
		return -1;
	case 'j':
		out->jobs = cli_jobs(optarg);
		if (out->jobs)
			return -1;
		cli_say("-j takes a number from 1 to %d", CLI_JOBS_MAX);
		return cli_usage_hint();
	case 'q':
		out->quiet = true;
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

static const char *
worklist_contradiction(const struct fhir2dcm_options *options, bool has_paths)
{
	if (!options->worklist)
		return "--aet goes with --worklist";
	if (!*options->worklist)
		return "--worklist wants a folder";
	if (has_paths || options->output || options->in_place ||
	    options->undo || options->history)
		return "--worklist takes orders alone: no PATH, -o, "
		       "--in-place, "
		       "--undo or --history";
	if (options->log || options->provenance || options->json ||
	    options->as_json)
		return "--worklist takes no --log, --provenance or --json";
	if (options->aet && (!*options->aet || strlen(options->aet) > 16 ||
			     strchr(options->aet, '\\')))
		return "--aet wants a title of at most 16 characters";
	return options->bundle_count ? NULL : "name the FHIR side with -b";
}

static const char *undo_contradiction(const struct fhir2dcm_options *options,
				      bool has_paths)
{
	if (!has_paths)
		return "name the files";
	if (options->bundle_count)
		return "--undo and --history take no Bundle: the files "
		       "themselves tell what was there";
	if (options->timezone)
		return "--timezone goes with a Bundle";
	if (options->history && options->limit)
		return "--history takes no --limit";
	if (options->history)
		return options->undo ? "--undo and --history exclude each other"
				     : NULL;
	if (options->json && !options->dry_run)
		return "--json goes with --history and --dry-run, not with "
		       "--undo";
	if (options->in_place && options->output)
		return "--in-place and -o exclude each other";
	if (!options->output && !options->in_place && !options->dry_run)
		return "say where the files go: -o OUT, or --in-place";
	return NULL;
}

/* Headers as JSON are no files. */
static const char *json_contradiction(const struct fhir2dcm_options *options)
{
	if (options->in_place)
		return "--json gives the headers as text; it goes with -o, not "
		       "with --in-place";
	if (options->log || options->provenance)
		return "--log and --provenance tell what was done to files, "
		       "and --json writes none";
	if (options->writing.keep_times || options->writing.verify)
		return "--keep-times and --verify go with files";
	return NULL;
}

static const char *server_contradiction(const struct fhir2dcm_options *options,
					bool has_paths)
{
	const dfh_writing *writing = &options->writing;
	if (!options->has_urls && !options->to_server)
		return options->yes || asking_is_said(&options->asking) ||
				       options->asking.gentle >= 0
			       ? "--yes and the options that say how a server "
				 "is asked go with a URL"
			       : NULL;
	if (options->undo || options->history || options->worklist)
		return "--undo, --history and --worklist take no URL";
	if (options->in_place)
		return "what a URL stands for is stored there again without "
		       "-o; --in-place is for files";
	if (options->has_urls && options->files_from)
		return "files and URLs are for different runs";
	if (!has_paths)
		return "-o URL takes the files to stamp: a rebuilt header has "
		       "no pixels";
	if (options->as_json && options->to_server)
		return "--json gives the headers as text, and stores nothing";
	if (writing->keep_times || writing->verify || writing->break_links ||
	    writing->ignore_read_only)
		return "--keep-times, --verify, --break-links and "
		       "--ignore-read-only go with files";
	if (options->stores && !options->yes)
		return "this changes what a server holds, for everybody: look "
		       "at it with --dry-run, and then say --yes";
	return NULL;
}

static const char *stream_contradiction(const struct fhir2dcm_options *options,
					char **paths)
{
	const dfh_writing *writing = &options->writing;
	size_t count = 0, inputs = 0;
	for (; paths[count]; count++)
		inputs += is_stream(paths[count]);
	bool is_out = is_stream(options->output) && !options->as_json;
	if (!inputs && !is_out)
		return NULL;
	if (options->files_from || count > 1 || options->has_urls)
		return "- stands for one file: it is the only PATH, or -o of "
		       "the only one";
	for (size_t i = 0; inputs && i < options->bundle_count; i++)
		if (is_stream(options->bundles[i]))
			return "standard input is the Bundle or the file, not "
			       "both";
	if (options->in_place)
		return "standard input cannot be stamped in place; say where "
		       "it goes: -o OUT";
	if (is_out && !count)
		return "-o - takes the one file to stamp; rebuilt headers go "
		       "to a folder";
	if (writing->keep_times || writing->verify || writing->break_links ||
	    writing->ignore_read_only)
		return "--keep-times, --verify, --break-links and "
		       "--ignore-read-only go with files";
	return NULL;
}

/* What the options ask for that cannot be; NULL: all is well. */
static const char *
fhir2dcm_contradiction(const struct fhir2dcm_options *options, char **paths)
{
	bool has_paths = *paths || options->files_from;
	const char *wrong = server_contradiction(options, has_paths);
	if (!wrong)
		wrong = stream_contradiction(options, paths);
	if (wrong)
		return wrong;
	const char *suffix = options->writing.suffix;
	if (suffix && (!*suffix || strchr(suffix, '/')))
		return "--in-place=SUFFIX takes the end of a name";
	bool keeps_account = options->log || options->provenance;
	if (keeps_account && options->dry_run)
		return "--log and --provenance tell what was done, and a dry "
		       "run does nothing";
	if (keeps_account && (options->history || !has_paths))
		return "--log and --provenance go with the files to stamp";
	if (options->worklist || options->aet)
		return worklist_contradiction(options, has_paths);
	if (options->provenance && options->undo)
		return "--provenance goes with the files to stamp";
	if (options->values && !options->history)
		return "--values goes with --history";
	if (options->history || options->undo)
		return undo_contradiction(options, has_paths);
	if (options->before)
		return "--before goes with --undo";
	if (!options->bundle_count)
		return "name the FHIR side with -b";
	if (options->in_place && options->output)
		return "--in-place and -o exclude each other";
	if (options->in_place && !has_paths)
		return "--in-place wants the files to stamp";
	if (options->stamp.force && !options->stamp.reason)
		return "--force wants a --reason, which is recorded";
	if (options->stamp.allow && !options->stamp.reason)
		return "--allow wants a --reason, which is recorded";
	if (options->json && options->dry_run && !has_paths)
		return "--json goes with --dry-run and the files to stamp";
	if (options->as_json)
		return json_contradiction(options);
	if (!options->output && !options->in_place && !options->dry_run &&
	    !options->stores)
		return has_paths ? "say where the stamped files go: -o OUT, or "
				   "--in-place"
				 : "say where the rebuilt headers go: -o OUT";
	return NULL;
}

/* As others that make the same bytes of the same input: a time in seconds
 * since 1970 instead of now.  NULL: all is well. */
static const char *take_epoch(struct fhir2dcm_options *out)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	struct tm tm;
	char *end;
	if (!text || out->stamp.time)
		return NULL;
	errno = 0;
	long long epoch = strtoll(text, &end, 10);
	time_t seconds = (time_t)epoch;
	if (errno || !*text || *end || epoch < 0 || !gmtime_r(&seconds, &tm) ||
	    tm.tm_year > 9999 - 1900)
		return "SOURCE_DATE_EPOCH is no number of seconds since 1970";
	strftime(out->time, sizeof out->time, "%Y%m%d%H%M%S+0000", &tm);
	out->stamp.time = out->time;
	return NULL;
}

/* Each file is flushed to the disk: while one thread waits, others work. */
enum { DEFAULT_JOBS = 4 };

/* Which of the places are at servers; NULL, or what is wrong. */
static const char *take_urls(struct fhir2dcm_options *out, char **paths)
{
	int urls = 0, count = 0;
	for (; paths[count]; count++)
		urls += http_is_url(paths[count]);
	out->has_urls = urls > 0;
	out->to_server = out->output && http_is_url(out->output);
	out->stores = !out->dry_run && !out->as_json &&
		      (out->to_server || (out->has_urls && !out->output));
	return urls && urls < count ? "files and URLs are for different runs"
				    : NULL;
}

int fhir2dcm_options(int argc, char **argv, struct fhir2dcm_options *out)
{
	int option, status = -1;
	*out = (struct fhir2dcm_options){.jobs = DEFAULT_JOBS,
					 .asking = asking_none(),
					 .in_colour = likes_colour(),
					 .stamp.size = sizeof out->stamp,
					 .writing.size = sizeof out->writing};
	out->bundles = cli_memory(calloc((size_t)argc, sizeof *out->bundles));
	while (status < 0 && (option = cli_getopt(argc, argv, ":b:o:r:j:nqhV",
						  long_options)) != -1)
		status = fhir2dcm_take_option(option, out);
	out->as_json =
		out->json && !out->dry_run && !out->history && !out->undo;
	if (out->as_json && is_stream(out->output))
		out->output = NULL;
	const char *wrong = status < 0 ? take_urls(out, argv + optind) : NULL;
	if (status < 0 && !wrong)
		wrong = fhir2dcm_contradiction(out, argv + optind);
	if (status < 0 && !wrong)
		wrong = take_epoch(out);
	if (!wrong)
		return status;
	cli_say("%s", wrong);
	return cli_usage_hint();
}

void fhir2dcm_options_free(struct fhir2dcm_options *options)
{
	free(options->bundles);
	free(options->allow);
}

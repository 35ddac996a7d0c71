/* fhir2dcm: the options. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

static const char usage[] =
	"usage: fhir2dcm -b BUNDLE [-b BUNDLE]... -o OUT [OPTION]... "
	"[PATH...]\n"
	"       fhir2dcm -b BUNDLE --in-place [OPTION]... PATH...\n"
	"\n"
	"Stamp DICOM headers from FHIR, or rebuild them from FHIR alone.  With "
	"a\n"
	"PATH (a file, a folder, a DICOMDIR) copies of those files are "
	"stamped;\n"
	"without one, a header is rebuilt for each instance of the Bundle.\n"
	"\n"
	"  -b, --bundle FILE     a Bundle, a resource or NDJSON; - is "
	"standard\n"
	"                        input\n"
	"  -o, --output OUT      a file, or a folder that mirrors the input; "
	"when\n"
	"                        rebuilding, the folder of UID.dcm\n"
	"      --in-place        stamp the files themselves\n"
	"      --dry-run         write nothing; tell what would be written\n"
	"  -r, --release R4|R5   the release of the Bundle (default: "
	"recognised)\n"
	"      --rules FILE      use these rules instead of the installed "
	"ones\n"
	"      --report FILE     write an OperationOutcome: what was not "
	"carried\n"
	"      --strict          exit with 1 if anything was lost\n"
	"  -q, --quiet           say nothing but errors\n"
	"  -h, --help            this text\n"
	"  -V, --version         the version\n";

struct options {
	const char **bundles;
	size_t bundle_count;
	const char *output, *rules, *report;
	int release;
	bool in_place, dry_run, strict, quiet;
};

struct work {
	dfh_import *import;
	const struct options *options;
	const char *root; /* the PATH that is being walked */
	bool into_folder; /* -o names a folder */
	size_t done, passed_over;
	int status;
};

static void worst(struct work *work, int status)
{
	if (status > work->status)
		work->status = status;
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Where the stamped copy of a file goes; free it.  A folder's files keep
 * their place below it, a file its name. */
static char *target_of(const struct work *work, const char *path)
{
	const struct options *options = work->options;
	if (options->in_place)
		return strdup(path);
	if (!work->into_folder)
		return strdup(options->output);
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t root = strlen(work->root);
	if (strncmp(path, work->root, root) == 0 && path[root]) {
		name = path + root;
		while (*name == '/')
			name++;
	}
	size_t size = strlen(options->output) + strlen(name) + 2;
	char *out = malloc(size);
	if (!out)
		abort();
	snprintf(out, size, "%s/%s", options->output, name);
	return out;
}

static int make_folder_of(const char *path)
{
	char *copy = strdup(path);
	char *slash = strrchr(copy, '/');
	int result = 0;
	if (slash && slash != copy) {
		*slash = '\0';
		result = cli_make_folders(copy);
	}
	free(copy);
	return result;
}

static void stamp(struct work *work, const char *path)
{
	dfh_error *error = NULL;
	size_t changed = 0;
	bool dry = work->options->dry_run;
	char *target = dry ? NULL : target_of(work, path);
	if (target && work->into_folder && make_folder_of(target) < 0)
		worst(work, DFH_IO);
	else if (dfh_import_stamp(work->import, path, target, &changed,
				  &error) < 0)
		worst(work, cli_fail(error));
	else if (dry)
		printf("%s: %zu attribute%s would change\n", path, changed,
		       changed == 1 ? "" : "s");
	free(target);
}

static int visit(const char *path, int found_by_walk, void *context)
{
	struct work *work = context;
	dfh_error *error = NULL;
	int is_dicom = found_by_walk ? dfh_looks_like_dicom(path, &error) : 1;
	if (is_dicom < 0)
		worst(work, cli_fail(error));
	else if (!is_dicom)
		work->passed_over++;
	else
		stamp(work, path);
	if (!work->options->quiet)
		cli_progress("files", ++work->done);
	return 0;
}

static void stamp_all(struct work *work, char **paths)
{
	const char *output = work->options->output;
	work->into_folder = output && (is_folder(output) || paths[1] ||
				       is_folder(paths[0]));
	for (; *paths; paths++) {
		dfh_error *error = NULL;
		work->root = *paths;
		if (dfh_walk(*paths, visit, work, &error) < 0)
			worst(work, cli_fail(error));
	}
	cli_progress_end();
	if (work->passed_over && !work->options->quiet)
		cli_say("%zu file%s not DICOM, passed over", work->passed_over,
			work->passed_over == 1 ? "" : "s");
}

static void rebuilt(const char *path, void *context)
{
	const struct work *work = context;
	if (work->options->dry_run)
		puts(path);
}

static void rebuild_all(struct work *work)
{
	dfh_error *error = NULL;
	const struct options *options = work->options;
	const char *folder = options->dry_run ? NULL : options->output;
	if (folder && cli_make_folders(folder) < 0)
		worst(work, DFH_IO);
	else if (dfh_import_rebuild(work->import, folder, rebuilt, work,
				    &error) < 0)
		worst(work, cli_fail(error));
}

static int read_bundles(struct work *work)
{
	const struct options *options = work->options;
	for (size_t i = 0; i < options->bundle_count; i++) {
		const char *name = options->bundles[i];
		dfh_error *error = NULL;
		size_t length;
		char *text = cli_read(name, &length);
		if (!text)
			return DFH_IO;
		int result = dfh_import_add_json(
			work->import,
			strcmp(name, "-") ? name : "standard input", text,
			length, &error);
		free(text);
		/* Half of what the EHR says is not what it says. */
		if (result < 0)
			return cli_fail(error);
	}
	return DFH_OK;
}

static int run(const dfh_rules *rules, const struct options *options,
	       char **paths)
{
	dfh_error *error = NULL;
	dfh_report *report = dfh_report_new();
	dfh_import_options how = {options->release, report};
	struct work work = {.options = options,
			    .import = dfh_import_new(rules, &how, &error)};
	work.status = work.import ? read_bundles(&work) : cli_fail(error);
	if (work.status == DFH_OK && *paths)
		stamp_all(&work, paths);
	else if (work.status == DFH_OK)
		rebuild_all(&work);
	work.status = cli_report(report, options->report, options->strict,
				 work.status);
	if (fflush(stdout) != 0) {
		cli_say("standard output cannot be written");
		work.status = DFH_IO;
	}
	dfh_import_free(work.import);
	dfh_report_free(report);
	return work.status;
}

enum { OPT_RULES = 256, OPT_REPORT, OPT_STRICT, OPT_IN_PLACE, OPT_DRY_RUN };

static const struct option long_options[] = {
	{"bundle", required_argument, NULL, 'b'},
	{"output", required_argument, NULL, 'o'},
	{"in-place", no_argument, NULL, OPT_IN_PLACE},
	{"dry-run", no_argument, NULL, OPT_DRY_RUN},
	{"release", required_argument, NULL, 'r'},
	{"rules", required_argument, NULL, OPT_RULES},
	{"report", required_argument, NULL, OPT_REPORT},
	{"strict", no_argument, NULL, OPT_STRICT},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0}};

/* -1: go on; else the exit status. */
static int take_option(int option, struct options *out)
{
	switch (option) {
	case 'b':
		out->bundles[out->bundle_count++] = optarg;
		return -1;
	case 'o':
		out->output = optarg;
		return -1;
	case 'r':
		out->release = cli_release(optarg);
		if (out->release)
			return -1;
		cli_say("-r takes R4 or R5, not '%s'", optarg);
		return cli_usage_hint();
	case OPT_RULES:
		out->rules = optarg;
		return -1;
	case OPT_REPORT:
		out->report = optarg;
		return -1;
	case OPT_STRICT:
		out->strict = true;
		return -1;
	case OPT_IN_PLACE:
		out->in_place = true;
		return -1;
	case OPT_DRY_RUN:
		out->dry_run = true;
		return -1;
	case 'q':
		out->quiet = true;
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
static const char *contradiction(const struct options *options, bool has_paths)
{
	if (!options->bundle_count)
		return "name the FHIR side with -b";
	if (options->in_place && options->output)
		return "--in-place and -o exclude each other";
	if (options->in_place && !has_paths)
		return "--in-place wants the files to stamp";
	if (!options->output && !options->in_place && !options->dry_run)
		return has_paths ? "say where the stamped files go: -o OUT, or "
				   "--in-place"
				 : "say where the rebuilt headers go: -o OUT";
	return NULL;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	int option, status = -1;
	options.bundles = calloc((size_t)argc, sizeof *options.bundles);
	if (!options.bundles)
		abort();
	while (status < 0 && (option = getopt_long(argc, argv, "b:o:r:qhV",
						   long_options, NULL)) != -1)
		status = take_option(option, &options);
	const char *wrong =
		status < 0 ? contradiction(&options, optind < argc) : NULL;
	if (wrong) {
		cli_say("%s", wrong);
		status = cli_usage_hint();
	}
	if (status < 0) {
		dfh_error *error = NULL;
		dfh_rules *rules = dfh_rules_load(options.rules, &error);
		status = rules ? run(rules, &options, argv + optind)
			       : cli_fail(error);
		dfh_rules_free(rules);
	}
	free(options.bundles);
	return status;
}

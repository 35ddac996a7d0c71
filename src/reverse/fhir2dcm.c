/* fhir2dcm: Bundles and files in, stamped or rebuilt files out. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "dry_run.h"
#include "fhir2dcm_options.h"
#include "history.h"

struct work {
	dfh_import *import;
	const struct options *options;
	const char *root; /* the PATH that is being walked */
	bool into_folder; /* -o names a folder */
	struct cli_progress progress;
	size_t passed_over;
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
	char *target = target_of(work, path);
	if (work->into_folder && make_folder_of(target) < 0)
		worst(work, DFH_IO);
	else if (dfh_import_stamp(work->import, path, target,
				  &work->options->stamp, NULL, &error) < 0)
		worst(work, cli_fail(error));
	free(target);
}

static void tell_stamp(struct work *work, const char *path)
{
	dfh_error *error = NULL;
	dfh_stamp_options how = work->options->stamp;
	struct dry_run run;
	dry_run_begin(&run, path, work->options->json, &how);
	int result =
		dfh_import_stamp(work->import, path, NULL, &how, NULL, &error);
	dry_run_end(&run, result == 0);
	if (result < 0)
		worst(work, cli_fail(error));
}

static void undo(struct work *work, const char *path)
{
	const struct options *options = work->options;
	const dfh_undo_options how = {.system = options->stamp.system,
				      .since = options->before,
				      .writing = options->stamp.writing};
	dfh_error *error = NULL;
	size_t undone = 0;
	char *target = options->dry_run ? NULL : target_of(work, path);
	if (target && work->into_folder && make_folder_of(target) < 0)
		worst(work, DFH_IO);
	else if (dfh_undo(path, target, &how, &undone, &error) < 0)
		worst(work, cli_fail(error));
	else if (options->dry_run)
		printf("%s: %zu change%s would be undone\n", path, undone,
		       undone == 1 ? "" : "s");
	free(target);
}

static void act(struct work *work, const char *path)
{
	const struct options *options = work->options;
	if (options->history)
		worst(work, history_tell(path));
	else if (options->undo)
		undo(work, path);
	else if (options->dry_run)
		tell_stamp(work, path);
	else
		stamp(work, path);
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
		act(work, path);
	work->progress.files++;
	/* What is wrong about the options is wrong for every file. */
	return work->status == DFH_USAGE;
}

static void visit_all(struct work *work, char **paths)
{
	const char *output = work->options->output;
	work->into_folder = output && (is_folder(output) || paths[1] ||
				       is_folder(paths[0]));
	cli_progress_begin(&work->progress, work->options->quiet);
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
		visit_all(&work, paths);
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

/* What the files themselves tell needs no rules. */
static int look_back(const struct options *options, char **paths)
{
	struct work work = {.options = options};
	visit_all(&work, paths);
	return fflush(stdout) == 0 ? work.status : DFH_IO;
}

static int convert(const struct options *options, char **paths)
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
	int status = fhir2dcm_options(argc, argv, &options);
	if (status < 0)
		status = options.undo || options.history
				 ? look_back(&options, argv + optind)
				 : convert(&options, argv + optind);
	fhir2dcm_options_free(&options);
	return status;
}

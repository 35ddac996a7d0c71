/* What a run of fhir2dcm reads, and what it may write to. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_places.h"
#include "cli_sandbox.h"
#include "fhir2dcm_files.h"
#include "streams.h"

/* ---- nothing that is read is written over ---- */

static void add_inputs(struct cli_places *places, const struct work *work,
		       const dfh_rules *rules, char **paths)
{
	const struct fhir2dcm_options *options = work->options;

	if (rules)
		cli_places_read_rules(places, rules);
	for (size_t i = 0; i < options->bundle_count; i++)
		cli_places_read(places, "-b", options->bundles[i]);
	for (; *paths; paths++)
		if (!http_is_url(*paths))
			cli_places_read(places, "PATH", *paths);
	cli_places_read(places, "--files-from", options->files_from);
	asking_places(&options->asking, places);
}

static void add_outputs(struct cli_places *places, const struct work *work)
{
	const struct fhir2dcm_options *options = work->options;

	cli_places_write(places, "--report", options->report);
	cli_places_write(places, "--log", options->log);
	cli_places_write(places, "--provenance", options->provenance);
	if (options->dry_run || options->history)
		cli_places_stream(places, STDOUT_FILENO);
	cli_places_stream(places, STDERR_FILENO);
	if (options->as_json)
		cli_places_write(places,
				 options->output ? "-o" : "standard output",
				 options->output ? options->output : "-");
	if (options->worklist && !options->dry_run)
		cli_places_folder(places, "--worklist", options->worklist);
	if (!options->output || options->dry_run || options->as_json ||
	    options->to_server)
		return;
	if (is_stream(options->output))
		cli_places_write(places, "-o", options->output);
	else if (work->is_rebuild || options->has_urls)
		cli_places_folder(places, "-o", options->output);
	else if (work->targets.into_folder)
		cli_places_write(places, "-o", options->output);
}

/* Each file and where it goes.  In place they are one, and the other outputs
 * are not written over what is DICOM.  The targets, which places borrow. */
static char **add_work_files(struct cli_places *places, const struct work *work)
{
	const struct fhir2dcm_options *options = work->options;
	const struct cli_files *files = &work->files;
	bool copies = options->output && !is_stream(options->output) &&
		      !options->dry_run && !options->as_json &&
		      !options->to_server;
	char **targets = cli_memory(calloc(files->count + 1, sizeof *targets));

	for (size_t i = 0; i < files->count; i++) {
		const struct cli_file *file = &files->at[i];
		const char *source = file->found_by_walk ? file->path : NULL;

		if (copies || !file->found_by_walk)
			cli_places_read(places, "PATH", file->path);
		if (!copies)
			continue;
		targets[i] = work_target(work, i);
		cli_places_target(places, "-o", targets[i], source);
	}
	return targets;
}

int work_check_places(const struct work *work, const dfh_rules *rules,
		      char **paths)
{
	struct cli_places *places = cli_places_new();
	char **targets;
	int status;

	add_inputs(places, work, rules, paths);
	add_outputs(places, work);
	targets = add_work_files(places, work);
	status = cli_places_check(places);
	for (size_t i = 0; i < work->files.count; i++)
		free(targets[i]);
	free(targets);
	cli_places_free(places);
	if (status == DFH_OK)
		status = cli_can_write(work->options->report);
	return status == DFH_OK ? cli_can_write(work->options->provenance)
				: status;
}

/* ---- nothing else is written ---- */

/* Does it lie where the one before it does?  Its name could be a link. */
static bool is_beside(const char *path, const char *before)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	const char *last = before ? strrchr(before, '/') : NULL;
	struct stat status;

	return before && (size_t)(last ? last - before : 0) == length &&
	       !slash == !last && strncmp(path, before, length) == 0 &&
	       lstat(path, &status) == 0 && !S_ISLNK(status.st_mode);
}

static void allow_in_place(struct cli_sandbox *sandbox,
			   const struct cli_files *files)
{
	const char *allowed = NULL;

	for (size_t i = 0; i < files->count; i++) {
		const char *path = files->at[i].path;
		struct stat status;

		if (is_beside(path, allowed))
			continue;
		cli_sandbox_allow(sandbox, path);
		/* where a link lies, nothing is written */
		if (lstat(path, &status) == 0 && !S_ISLNK(status.st_mode))
			allowed = path;
	}
}

void work_hold_to_outputs(const struct work *work, bool says)
{
	const struct fhir2dcm_options *options = work->options;
	const char *const texts[] = {options->report, options->log,
				     options->provenance};
	struct cli_sandbox *sandbox;

	if (options->no_sandbox)
		return;
	sandbox = cli_sandbox_new(work->pacs ? CLI_CONNECTS : CLI_OFFLINE);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		cli_sandbox_allow(sandbox, texts[i]);
	if (options->in_place && !options->dry_run)
		allow_in_place(sandbox, &work->files);
	else if (!options->dry_run && !options->to_server &&
		 !is_stream(options->output))
		cli_sandbox_allow(sandbox, options->worklist ? options->worklist
							     : options->output);
	cli_sandbox_enter(sandbox, says);
}

void work_hold_to_folder(const struct work *work)
{
	const struct fhir2dcm_options *options = work->options;
	const char *folder =
		options->worklist ? options->worklist : options->output;
	struct stat status;

	bool has_files = work->files.count || options->has_urls;
	if (!folder || options->dry_run || options->as_json ||
	    options->to_server ||
	    !((work->targets.into_folder && has_files) || work->is_rebuild) ||
	    stat(folder, &status) == 0)
		return;
	/* where that fails, it fails again when it is to be filled */
	if (cli_make_folders(folder) == 0)
		work_hold_to_outputs(work, false);
}

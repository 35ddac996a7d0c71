#include "fhir2dcm_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dry_run.h"
#include "fhir2dcm_json.h"
#include "history.h"
#include "memory.h"
#include "pacs.h"
#include "streams.h"
#include "told.h"

void work_worst(struct work *work, int status)
{
	if (status > work->status)
		work->status = status;
}

/* ---- where a file goes ---- */

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Links are followed to the folder that was named, and none below it. */
static int make_output(struct work *work)
{
	const char *output = work->options->output;
	if (!output || !work->targets.into_folder || work->options->dry_run ||
	    work->options->as_json || !work->files.count)
		return 0;
	if (cli_make_folders(output) < 0)
		return -1;
	work->real_output = realpath(output, NULL);
	if (work->real_output)
		return 0;
	cli_say("%s: %s", output, strerror(errno));
	return -1;
}

/* Where a file goes, as it is named and as it is (see dfh_writing.real). */
struct goal {
	char *path, *real; /* NULL: nothing is written; as it is named */
	const char *fault;
};

static char *path_below(const char *folder, const char *rest)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, rest) < 0)
		path = cli_memory(NULL);
	return path;
}

static struct goal goal_of(const struct work *work, size_t index)
{
	const struct fhir2dcm_options *options = work->options;
	struct goal goal = {.path = NULL};
	if (options->dry_run || options->as_json || options->stores)
		return goal;
	if (is_stream(options->output)) {
		goal.path = cli_memory(strdup(options->output));
		return goal;
	}
	if (options->in_place) {
		goal.path = cli_memory(strdup(work->files.at[index].path));
		goal.real = real_path_of(&work->real_paths, index);
		if (!goal.real)
			goal.fault = "a symbolic link of another user is in "
				     "its way; name what it leads to";
		return goal;
	}
	goal.path = target_of(&work->targets, index);
	if (work->real_output)
		goal.real = path_below(work->real_output,
				       goal.path + strlen(options->output) + 1);
	return goal;
}

/* ---- one file, in any thread ---- */

/* What became of it; said when its turn comes. */
struct file_outcome {
	bool is_passed_over, is_left_out;
	int status;	      /* where no error says it */
	const char *taken_by; /* the other file that has its target */
	const char *fault;    /* why it cannot be changed where it is */
	char *why;	      /* ... or stored; to be freed */
	dfh_error *error;
	dfh_stamped stamped;
	struct log_changes changes;
	size_t undone;
	bool log_failed;
	char *text; /* for standard output, or NULL */
	size_t text_length;
};

/* A file that is being changed; what its log needs in the library's hook. */
struct changing {
	const struct work *work;
	const char *path;
	struct goal goal;
	struct file_outcome *outcome;
};

/* For the log; NULL: nothing is wrong. */
static const char *why_not_done(const struct file_outcome *outcome)
{
	if (outcome->error)
		return dfh_error_text(outcome->error);
	if (outcome->taken_by)
		return "a file that comes before has the same place";
	return outcome->why ? outcome->why : outcome->fault;
}

static const char *result_of(const struct work *work,
			     const struct file_outcome *outcome)
{
	bool undo = work->options->undo;
	switch (outcome->status) {
	case DFH_OK:
		if (undo ? !outcome->undone : !outcome->stamped.changed)
			return "unchanged";
		return undo ? "undone" : "stamped";
	case DFH_REFUSED:
		return "refused";
	default:
		return "failed";
	}
}

static struct log_entry log_entry_of(const struct changing *changing)
{
	const dfh_stamped *stamped = &changing->outcome->stamped;
	return (struct log_entry){
		.file = changing->path,
		.output = changing->goal.path ? changing->goal.path
					      : changing->work->options->output,
		.before = stamped->digest_before,
		.after = stamped->digest_after,
		.match = stamped->match,
		.forced = stamped->forced != 0,
		.allowed = stamped->allowed,
		.widened = stamped->widened != 0,
		.signatures_removed = stamped->signatures_removed != 0,
	};
}

/* Before anything is changed the log says so: a run that is killed leaves no
 * file that was changed without a line. */
static int log_intent(const char *before, const char *after, void *context)
{
	struct changing *changing = context;
	struct log_entry entry = log_entry_of(changing);
	/* an undo tells them here alone */
	if (changing->work->options->undo) {
		dfh_stamped *stamped = &changing->outcome->stamped;
		strcpy(stamped->digest_before, before);
		strcpy(stamped->digest_after, after);
	}
	entry.before = before;
	entry.after = after;
	entry.result = "writing";
	return log_write(changing->work->log, &entry, true);
}

static void log_done(const struct changing *changing)
{
	struct file_outcome *outcome = changing->outcome;
	struct log_entry entry = log_entry_of(changing);
	if (outcome->error)
		outcome->status = (int)dfh_error_code(outcome->error);
	entry.result = result_of(changing->work, outcome);
	entry.message = why_not_done(outcome);
	if (outcome->status == DFH_OK)
		entry.changes = &outcome->changes;
	/* what failed changed nothing, unless its folder was not flushed */
	else if (changing->work->options->undo)
		entry.after = NULL;
	outcome->log_failed = log_write(changing->work->log, &entry, false) < 0;
}

static dfh_writing writing_of_change(struct changing *changing)
{
	const struct work *work = changing->work;
	dfh_writing how = work->options->writing;
	how.folders = work->folders;
	how.real = changing->goal.real;
	if (work->log) {
		how.digests = true;
		how.commits = log_intent;
		how.commits_context = changing;
	}
	return how;
}

static void stamp_file(struct changing *changing)
{
	struct file_outcome *outcome = changing->outcome;
	dfh_stamp_options how = changing->work->options->stamp;
	const dfh_writing writing = writing_of_change(changing);
	how.writing = &writing;
	if (changing->work->log) {
		how.applied = log_change;
		how.applied_context = &outcome->changes;
	}
	dfh_import_stamp(changing->work->import, changing->path,
			 changing->goal.path, &how, &outcome->stamped,
			 &outcome->error);
}

/* To a server, or from there to a file. */
static void stamp_opened(struct changing *changing, struct opened *opened,
			 bool is_fetched)
{
	const struct work *work = changing->work;
	struct file_outcome *outcome = changing->outcome;
	dfh_stamp_options how = work->options->stamp;
	const dfh_writing writing = writing_of_change(changing);
	const struct copy_stamp stamp = {.import = work->import,
					 .name = changing->path,
					 .is_fetched = is_fetched,
					 .how = &how,
					 .writing = &writing,
					 .stamped = &outcome->stamped};
	if (work->log) {
		how.applied = log_change;
		how.applied_context = &outcome->changes;
	}
	if (pacs_stores(work->pacs))
		outcome->status = pacs_stamp(work->pacs, opened, &stamp,
					     &outcome->why, &outcome->error);
	else if (work->streams)
		outcome->status =
			streams_copy(work->streams, opened, &stamp,
				     changing->goal.path, &outcome->error);
	else
		outcome->status =
			pacs_copy(work->pacs, opened, &stamp,
				  changing->goal.path, &outcome->error);
}

/* opened NULL: the file is read by its path. */
static int tell_stamp(const struct work *work, const char *path,
		      struct opened *opened, struct dry_run *run,
		      struct file_outcome *outcome)
{
	dfh_stamp_options how = work->options->stamp;
	how.differs = dry_run_differs;
	how.context = run;
	if (opened)
		return dfh_import_stamp_source(work->import, &opened->source,
					       NULL, &how, &outcome->stamped,
					       &outcome->error);
	return dfh_import_stamp(work->import, path, NULL, &how,
				&outcome->stamped, &outcome->error);
}

static dfh_undo_options how_to_undo(const struct fhir2dcm_options *options)
{
	return (dfh_undo_options){.size = sizeof(dfh_undo_options),
				  .system = options->stamp.system,
				  .since = options->before,
				  .limit = options->limit};
}

static int tell_undo(const struct work *work, const char *path,
		     struct opened *opened, struct dry_run *run,
		     struct file_outcome *outcome)
{
	dfh_undo_options how = how_to_undo(work->options);
	how.differs = dry_run_differs;
	how.context = run;
	if (opened)
		return dfh_undo_source(&opened->source, NULL, &how,
				       &outcome->undone, &outcome->error);
	return dfh_undo(path, NULL, &how, &outcome->undone, &outcome->error);
}

/* What would be done, on standard output when its turn comes. */
static void tell_change(const struct work *work, const char *path,
			struct opened *opened, struct file_outcome *outcome)
{
	const struct fhir2dcm_options *options = work->options;
	const struct dry_run_form form = {options->json, options->in_colour};
	struct dry_run run;
	FILE *out = cli_memory(
		open_memstream(&outcome->text, &outcome->text_length));
	dry_run_begin(&run, out, path, &form);
	int result = options->undo
			     ? tell_undo(work, path, opened, &run, outcome)
			     : tell_stamp(work, path, opened, &run, outcome);
	dry_run_end(&run, result == 0);
	if (fclose(out) != 0) /* a stream of memory */
		out_of_memory();
}

/* opened NULL: the file is read by its path. */
static void undo_file(struct changing *changing, struct opened *opened)
{
	const struct work *work = changing->work;
	struct file_outcome *outcome = changing->outcome;
	const dfh_writing writing = writing_of_change(changing);
	dfh_undo_options how = how_to_undo(work->options);
	const struct copy_stamp stamp = {.undo = &how,
					 .writing = &writing,
					 .stamped = &outcome->stamped,
					 .undone = &outcome->undone};
	how.writing = &writing;
	if (work->log) {
		how.applied = log_change;
		how.applied_context = &outcome->changes;
	}
	if (opened)
		outcome->status =
			streams_copy(work->streams, opened, &stamp,
				     changing->goal.path, &outcome->error);
	else
		dfh_undo(changing->path, changing->goal.path, &how,
			 &outcome->undone, &outcome->error);
}

char *work_target(const struct work *work, size_t index)
{
	return target_of(&work->targets, index);
}

/* A file that is on the disk is read by its path, unless it goes to a server.
 * NULL: it is, or cannot be opened, which is told in the library's words. */
static struct opened *open_source(const struct work *work, size_t index,
				  struct opened *opened, bool *is_fetched)
{
	const char *path = work->files.at[index].path;
	*is_fetched = pacs_open(work->pacs, index, path, opened);
	if (*is_fetched)
		return opened;
	if (streams_open(work->streams, path, opened))
		return opened;
	bool is_read = work->options->as_json || pacs_stores(work->pacs) ||
		       work->streams;
	return is_read && source_open_file(opened, path) == 0 ? opened : NULL;
}

/* How each is changed. */
static void change_as_asked(struct changing *changing, size_t index)
{
	const struct work *work = changing->work;
	const struct fhir2dcm_options *options = work->options;
	struct file_outcome *outcome = changing->outcome;
	struct opened room;
	bool is_fetched;
	struct opened *opened = open_source(work, index, &room, &is_fetched);
	bool is_lost = !opened &&
		       (options->as_json || options->stores || work->streams);
	if (options->dry_run || is_lost)
		tell_change(work, changing->path, opened, outcome);
	else if (options->undo)
		undo_file(changing, opened);
	else if (options->as_json)
		outcome->text =
			json_stamped(work, &opened->source, &options->stamp,
				     &outcome->stamped, &outcome->error);
	else if (opened)
		stamp_opened(changing, opened, is_fetched);
	else
		stamp_file(changing);
	if (opened)
		source_close(opened);
}

static void change_file(const struct work *work, size_t index,
			struct file_outcome *outcome)
{
	const struct cli_file *file = &work->files.at[index];
	struct changing changing = {work, file->path, goal_of(work, index),
				    outcome};
	outcome->taken_by = target_taken_by(&work->targets, index);
	outcome->fault = changing.goal.fault;
	if (outcome->taken_by || outcome->fault)
		outcome->status = DFH_REFUSED;
	else
		change_as_asked(&changing, index);
	if (work->log)
		log_done(&changing);
	free(changing.goal.path);
	free(changing.goal.real);
}

/* Two names of one file are no two runs: the second waits for the first. */
static void begin_alone(struct work *work, struct busy *mine, const char *path)
{
	struct stat st;
	*mine = (struct busy){0};
	if (!work->options->in_place || stat(path, &st) < 0)
		return;
	pthread_mutex_lock(&work->lock);
	for (const struct busy *at = work->busy; at;) {
		if (at->device != st.st_dev || at->inode != st.st_ino) {
			at = at->next;
			continue;
		}
		pthread_cond_wait(&work->one_less, &work->lock);
		at = stat(path, &st) < 0 ? NULL : work->busy;
	}
	*mine = (struct busy){true, st.st_dev, st.st_ino, work->busy};
	work->busy = mine;
	pthread_mutex_unlock(&work->lock);
}

static void end_alone(struct work *work, struct busy *mine)
{
	struct busy **at = &work->busy;
	if (!mine->listed)
		return;
	pthread_mutex_lock(&work->lock);
	while (*at != mine)
		at = &(*at)->next;
	*at = mine->next;
	pthread_cond_broadcast(&work->one_less);
	pthread_mutex_unlock(&work->lock);
}

/* What an earlier run has kept is not stamped in its turn. */
static bool is_original(const struct work *work, const struct cli_file *file)
{
	const char *suffix = work->options->writing.suffix;
	size_t length = strlen(file->path), end = suffix ? strlen(suffix) : 0;
	return suffix && file->found_by_walk && length > end &&
	       strcmp(file->path + length - end, suffix) == 0;
}

static void *visit_file(void *context, size_t index)
{
	struct work *work = context;
	const struct cli_file *file = &work->files.at[index];
	struct file_outcome *outcome = cli_memory(calloc(1, sizeof *outcome));
	outcome->stamped.size = sizeof outcome->stamped;
	struct busy mine;
	int is_dicom = 1;
	/* What is wrong about the options is wrong for every file. */
	if (work->is_hopeless)
		outcome->is_left_out = true;
	else if (is_original(work, file))
		outcome->is_left_out = true;
	else if (file->found_by_walk)
		is_dicom = dfh_looks_like_dicom(file->path, &outcome->error);
	outcome->is_passed_over = is_dicom == 0;
	if (is_dicom > 0 && !outcome->is_left_out && !work->options->history) {
		begin_alone(work, &mine, file->path);
		change_file(work, index, outcome);
		end_alone(work, &mine);
	}
	work->progress.files++;
	return outcome;
}

/* ---- what became of it, in the order of files ---- */

/* The files of one study that are refused for one reason have one line. */
static void say_refusals(struct work *work)
{
	struct refusals *held = &work->refusals;
	if (held->count > 1)
		cli_say("study %s: %zu files%s", held->study, held->count,
			held->why);
	else if (held->count)
		cli_say("%s%s", held->path, held->why);
	free(held->path);
	free(held->why);
	*held = (struct refusals){0};
}

static void hold_refusal(struct work *work, const char *path,
			 struct file_outcome *outcome)
{
	struct refusals *held = &work->refusals;
	const char *text = dfh_error_text(outcome->error);
	size_t length = strlen(path);
	bool is_named = strncmp(text, path, length) == 0;
	bool is_of_study = outcome->status == DFH_REFUSED && is_named &&
			   *outcome->stamped.study &&
			   !dfh_error_next(outcome->error);
	if (!is_of_study || !held->count ||
	    strcmp(held->study, outcome->stamped.study) != 0 ||
	    strcmp(held->why, text + length) != 0)
		say_refusals(work);
	if (!is_of_study) {
		outcome->status = cli_fail(outcome->error);
		return;
	}
	if (!held->count++) {
		held->path = cli_memory(strdup(path));
		held->why = cli_memory(strdup(text + length));
		strcpy(held->study, outcome->stamped.study);
	}
	dfh_error_free(outcome->error);
}

static int tell_file_history(const struct work *work, const char *path)
{
	const struct history how = {work->options->json, work->options->values};
	struct opened opened;
	if (streams_open(work->streams, path, &opened))
		return history_tell(path, &opened.source, &how);
	return history_tell(path, NULL, &how);
}

static void say_outcome(struct work *work, const char *path,
			struct file_outcome *outcome)
{
	const struct fhir2dcm_options *options = work->options;
	if (outcome->text && options->as_json) {
		json_put(work, outcome->text);
		outcome->text = NULL;
	}
	if (outcome->text)
		fwrite(outcome->text, 1, outcome->text_length, stdout);
	if (outcome->error) {
		hold_refusal(work, path, outcome);
		return;
	}
	say_refusals(work);
	if (outcome->taken_by)
		cli_say("%s: not %s: %s, which comes before, has the same "
			"place below %s",
			path, options->undo ? "undone" : "stamped",
			outcome->taken_by, options->output);
	else if (outcome->fault)
		cli_say("%s: not %s: %s", path,
			options->undo ? "undone" : "stamped", outcome->fault);
	else if (outcome->why)
		cli_say("%s: not stored: %s", path, outcome->why);
	else if (options->history)
		outcome->status = tell_file_history(work, path);
	else
		told(path, &outcome->stamped, options->quiet);
}

static void count_outcome(struct work *work, const struct file_outcome *outcome)
{
	bool changed = work->options->undo ? outcome->undone > 0
					   : outcome->stamped.changed > 0;
	if (outcome->status != DFH_OK)
		work->refused++;
	else if (changed)
		work->changed++;
	else
		work->unchanged++;
}

static void settle_changed_file(void *context, size_t index, void *result)
{
	struct work *work = context;
	struct file_outcome *outcome = result;
	const char *path = work->files.at[index].path;
	bool is_said = !outcome->is_passed_over && !outcome->is_left_out &&
		       work->status != DFH_USAGE;
	work->passed_over += outcome->is_passed_over;
	if (outcome->error)
		outcome->status = (int)dfh_error_code(outcome->error);
	if (outcome->log_failed)
		work_worst(work, DFH_IO);
	if (is_said)
		say_outcome(work, path, outcome);
	else
		dfh_error_free(outcome->error);
	if (is_said)
		count_outcome(work, outcome);
	work_worst(work, outcome->status);
	if (outcome->status == DFH_USAGE)
		work->is_hopeless = true;
	log_changes_free(&outcome->changes);
	free(outcome->why);
	free(outcome->text);
	free(outcome);
}

/* ---- all of them ---- */

static int list_work_files(struct work *work, char **paths)
{
	const char *list = work->options->files_from;
	struct cli_files *files = &work->files;
	int worst = DFH_OK;
	for (; *paths && !work->options->has_urls; paths++) {
		int status = DFH_OK;
		if (is_stream(*paths))
			cli_files_add_one(files, *paths,
					  (unsigned int)strlen(*paths), false);
		else
			status = cli_files_add(files, *paths);
		worst = status > worst ? status : worst;
	}
	int status = list ? cli_files_add_list(files, list) : DFH_OK;
	return status > worst ? status : worst;
}

void work_list(struct work *work, char **paths)
{
	const struct fhir2dcm_options *options = work->options;
	bool as_json = options->as_json;
	work->targets = (struct targets){.files = &work->files,
					 .output = as_json || options->to_server
							   ? NULL
							   : options->output};
	work->targets.into_folder =
		work->targets.output &&
		(is_folder(options->output) || options->files_from ||
		 options->has_urls ||
		 (paths[0] && (paths[1] || is_folder(paths[0]))));
	if (options->has_urls)
		work->urls = paths;
	work->listed = list_work_files(work, paths);
	work->progress.total = work->files.count;
	targets_find(&work->targets);
	if (options->in_place)
		real_paths_find(&work->real_paths, &work->files);
}

static void *survey_file(void *context, size_t index)
{
	struct work *work = context;
	const char *path = work->files.at[index].path;
	const dfh_stamp_options *how = &work->options->stamp;
	struct opened opened;
	/* What is wrong is told when it is its turn. */
	if (pacs_open(work->pacs, index, path, &opened))
		dfh_import_survey_source(work->import, &opened.source, how,
					 NULL);
	else
		dfh_import_survey(work->import, path, how, NULL);
	return NULL;
}

static void drop_survey_result(void *context, size_t index, void *result)
{
	(void)context;
	(void)index;
	(void)result;
}

/* What all files say together is known before the first is changed, so that
 * nothing depends on which comes first. */
static void survey_all_files(struct work *work)
{
	const struct cli_each each = {survey_file, drop_survey_result, work};
	if (work->import && work->files.count > 1)
		cli_each(&each, work->files.count, work->options->jobs);
}

/* It takes a while: not before all else is known to be well. */
static void fetch_urls(struct work *work)
{
	if (!work->urls)
		return;
	work_worst(work, pacs_fetch(work->pacs, work->urls, &work->files));
	work->progress.total = work->files.count;
	targets_find(&work->targets);
}

void work_on_files(struct work *work)
{
	const struct fhir2dcm_options *options = work->options;
	const struct cli_each each = {visit_file, settle_changed_file, work};
	dfh_error *error = NULL;
	work_worst(work, work->listed);
	pthread_mutex_init(&work->lock, NULL);
	pthread_cond_init(&work->one_less, NULL);
	cli_progress_begin(&work->progress, options->quiet);
	work->folders = dfh_folders_new();
	size_t done = 0;
	fetch_urls(work);
	if (make_output(work) < 0 ||
	    (options->as_json && json_begin(work) != DFH_OK)) {
		work_worst(work, DFH_IO);
	} else {
		survey_all_files(work);
		done = cli_each(&each, work->files.count, options->jobs);
	}
	say_refusals(work);
	work_worst(work, json_end(work));
	cli_progress_end();
	if (!options->quiet)
		cli_say_passed_over(work->passed_over);
	if (cli_interrupted())
		cli_say("interrupted after %zu of %zu files; what was begun is "
			"complete, and the same command goes on where it "
			"stopped",
			done, work->files.count);
	if (dfh_folders_flush(work->folders, &error) < 0)
		work_worst(work, cli_fail(error));
	dfh_folders_free(work->folders);
	pthread_cond_destroy(&work->one_less);
	pthread_mutex_destroy(&work->lock);
}

void work_free(struct work *work)
{
	pacs_free(work->pacs);
	streams_free(work->streams);
	targets_free(&work->targets);
	real_paths_free(&work->real_paths);
	free(work->real_output);
	cli_files_free(&work->files);
	dfh_import_free(work->import);
}

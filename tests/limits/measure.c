/*
 * Goes each way that it is told on standard input, in a child of its own, so
 * that under valgrind one start is enough for a whole table:
 *
 *	WAY <tab> SCRATCH-FOLDER <tab> FILE [<tab> FILE]...
 *
 * and answers "PID STATUS PEAK": the child (whose work valgrind tells under
 * that number), 0 or the class of its error or 128 and a signal, and the most
 * bytes of heap that it held.  "warm <tab> WAY..." goes it once itself, so that
 * valgrind has translated the code before the children begin.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto_late.h"
#include "dcm_dcmtk.h"
#include "dcmfhir.h"
#include "hash.h"
#include "state.h"

enum { WORDS = 512 };

/* ---- the heap ---- */

static atomic_size_t held, peak;

/* A sanitizer has a heap of its own; clang tells it in another way. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static void *taken(void *memory)
{
	size_t more = memory ? malloc_usable_size(memory) : 0;
	size_t now = atomic_fetch_add(&held, more) + more;

	if (now > peak)
		peak = now;
	return memory;
}

void *malloc(size_t size)
{
	return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	return taken(__libc_calloc(count, size));
}

void *realloc(void *memory, size_t size)
{
	size_t was = memory ? malloc_usable_size(memory) : 0;
	void *grown = __libc_realloc(memory, size);

	if (grown || !size)
		held -= was;
	return taken(grown);
}

void free(void *memory)
{
	held -= memory ? malloc_usable_size(memory) : 0;
	__libc_free(memory);
}
#endif

/* ---- the ways ---- */

static const char *rules_path;
static const dfh_rules *rules;

static char *read_all(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	long size;

	*length = 0;
	if (!file)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
	    (text = malloc((size_t)size + 1))) {
		rewind(file);
		*length = fread(text, 1, (size_t)size, file);
	}
	fclose(file);
	return text;
}

static int failed(dfh_error *error)
{
	int code = error ? (int)dfh_error_code(error) : DFH_IO;

	dfh_error_free(error);
	return code;
}

static int export(const char *scratch, char **files, dfh_release release)
{
	dfh_report *report = dfh_report_new();
	dfh_export_options options = {
		.size = sizeof(options), .release = release, .report = report};
	dfh_error *error = NULL;
	dfh_export *ex;
	char *bundle = NULL;
	int status;

	(void)scratch;
	dfh_report_want_unmapped(report, 1);
	ex = dfh_export_new(rules, &options, &error);
	status = ex ? 0 : failed(error);
	for (; status == 0 && *files; files++)
		if (dfh_export_add_file(ex, *files, &error) < 0)
			status = failed(error);
	if (status == 0 && !(bundle = dfh_export_bundle(ex, &error)))
		status = failed(error);
	free(bundle);
	dfh_export_free(ex);
	free(dfh_report_json(report));
	dfh_report_free(report);
	return status;
}

static int export_r4(const char *scratch, char **files)
{
	return export(scratch, files, DFH_R4);
}

static int export_r5(const char *scratch, char **files)
{
	return export(scratch, files, DFH_R5);
}

/* Files to records, and these to Bundles. */
/* DICOM JSON, each file in memory. */
static int json(const char *scratch, char **files)
{
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(rules, NULL, &error);
	char *bundle = NULL;
	int status = ex ? 0 : failed(error);

	(void)scratch;
	for (; status == 0 && *files; files++) {
		size_t length;
		char *text = read_all(*files, &length);

		if (dfh_export_add_dicom_json(ex, "in", text, length, &error) <
		    0)
			status = failed(error);
		free(text);
	}
	if (status == 0 && !(bundle = dfh_export_bundle(ex, &error)))
		status = failed(error);
	free(bundle);
	dfh_export_free(ex);
	return status;
}

static int records(const char *scratch, char **files)
{
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(rules, NULL, &error);
	int status = ex ? 0 : failed(error);

	(void)scratch;
	for (; status == 0 && *files; files++) {
		dfh_record *record = dfh_export_read_file(ex, *files, &error);
		char *line = record ? dfh_record_json(ex, record) : NULL;

		dfh_record_free(record);
		record = line ? dfh_export_read_json(ex, *files, line,
						     strlen(line), &error)
			      : NULL;
		free(line);
		if (record)
			dfh_export_add_record(ex, record);
		else
			status = failed(error);
	}
	if (status == 0)
		free(dfh_export_next(ex, &error));
	dfh_export_free(ex);
	return status;
}

/* The first file is the Bundle; others are stamped by it, or if there are none
 * all is rebuilt. */
static int import(const char *scratch, char **files)
{
	dfh_report *report = dfh_report_new();
	dfh_import_options options = {.size = sizeof(options),
				      .report = report};
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(rules, &options, &error);
	size_t length;
	char *json = read_all(files[0], &length), out[4096];
	int status = im && json ? 0 : failed(error);

	snprintf(out, sizeof(out), "%s/out", scratch);
	if (status == 0 &&
	    dfh_import_add_json(im, files[0], json, length, &error) < 0)
		status = failed(error);
	if (status == 0 && !files[1] &&
	    dfh_import_rebuild(im, scratch, NULL, NULL, &error) < 0)
		status = failed(error);
	for (files++; status == 0 && *files; files++)
		if (dfh_import_stamp(im, *files, out, NULL, NULL, &error) < 0)
			status = failed(error);
	free(json);
	free(dfh_import_provenance(im, NULL, NULL));
	dfh_import_free(im);
	free(dfh_report_json(report));
	dfh_report_free(report);
	return status;
}

static int undo(const char *scratch, char **files)
{
	dfh_error *error = NULL;
	char out[4096];

	snprintf(out, sizeof(out), "%s/out", scratch);
	return dfh_undo(files[0], out, NULL, NULL, &error) < 0 ? failed(error)
							       : 0;
}

static int see(const dfh_change *change, void *context)
{
	(void)change;
	(void)context;
	return 0;
}

static int history(const char *scratch, char **files)
{
	dfh_error *error = NULL;

	(void)scratch;
	return dfh_history(files[0], see, NULL, &error) < 0 ? failed(error) : 0;
}

/* ---- of the tools ---- */

static int see_file(const char *path, int found_by_walk, void *context)
{
	(void)path;
	(void)found_by_walk;
	(void)context;
	return 0;
}

static int walk(const char *scratch, char **files)
{
	dfh_error *error = NULL;

	(void)scratch;
	return dfh_walk(files[0], see_file, NULL, &error) < 0 ? failed(error)
							      : 0;
}

static int state(const char *scratch, char **files)
{
	static const char made_by[] = "rules";
	char path[4096];
	struct state state;
	size_t length;
	char *text = read_all(files[0], &length);
	int status = DFH_IO;
	FILE *file;

	snprintf(path, sizeof(path), "%s/state", scratch);
	file = text ? fopen(path, "wb") : NULL;
	if (!file)
		return DFH_IO;
	fwrite(text, 1, length, file);
	fprintf(file, "end %016" PRIx64 "\n",
		hash_bytes(HASH_START, text, length));
	fclose(file);
	free(text);
	if (state_load(&state, path, made_by) == STATE_LOADED) {
		for (size_t i = 0; i < state.count; i++)
			state_find(&state, state.files[i].path);
		status = state_save(&state, state.files, state.count, path,
				    made_by);
		state_free(&state);
	}
	return status;
}

/* What a site's rules include: rules.yaml, or another of the files by its
 * last name. */
struct included {
	char **files;
	char *texts[WORDS];
	size_t lengths[WORDS];
};

static int include(const char *name, const char **text, size_t *length,
		   void *context)
{
	struct included *included = context;
	const char *path = rules_path;
	size_t i = 0;

	if (strcmp(name, "rules.yaml") != 0)
		while ((path = included->files[++i]) &&
		       strcmp(strrchr(path, '/') + 1, name) != 0)
			continue;
	if (!path)
		return -1;
	if (!included->texts[i])
		included->texts[i] = read_all(path, &included->lengths[i]);
	*text = included->texts[i];
	*length = included->lengths[i];
	return *text ? 0 : -1;
}

static int site(const char *scratch, char **files)
{
	struct included included = {.files = files};
	dfh_rules_text text = {.size = sizeof(text),
			       .name = "site",
			       .include = include,
			       .context = &included};
	char *yaml = read_all(files[0], &text.length);
	dfh_error *error = NULL;
	dfh_rules *of_site;

	(void)scratch;
	text.text = yaml;
	of_site = dfh_rules_load_text(&text, &error);
	dfh_rules_free(of_site);
	free(yaml);
	for (size_t i = 0; i < WORDS; i++)
		free(included.texts[i]);
	return of_site ? 0 : failed(error);
}

static const struct way {
	const char *name;
	int (*go)(const char *scratch, char **files);
} ways[] = {
	{"export-r4", export_r4}, {"export-r5", export_r5},
	{"rebuild", import},	  {"stamp", import},
	{"undo", undo},		  {"history", history},
	{"records", records},	  {"walk", walk},
	{"state", state},	  {"json", json},
	{"rules", site},
};

/* ---- what is told ---- */

static int go(char **words)
{
	size_t i;

	for (i = 0; words[0] && i < sizeof(ways) / sizeof(*ways); i++)
		if (strcmp(ways[i].name, words[0]) == 0 && words[1] && words[2])
			return ways[i].go(words[1], words + 2);
	fprintf(stderr, "measure: no way: %s\n", words[0] ? words[0] : "");
	return DFH_USAGE;
}

static void in_child(char **words)
{
	int pipes[2], wait_status = 0;
	size_t bytes = 0;
	pid_t child;

	if (pipe(pipes) < 0)
		exit(1);
	child = fork();
	if (child == 0) {
		int status;

		peak = held; /* not that of the parent */
		status = go(words);

		bytes = peak;
		if (write(pipes[1], &bytes, sizeof(bytes)) < 0)
			status = DFH_IO;
		_exit(status);
	}
	close(pipes[1]);
	if (child < 0 || waitpid(child, &wait_status, 0) < 0)
		exit(1);
	if (read(pipes[0], &bytes, sizeof(bytes)) < 0)
		bytes = 0;
	close(pipes[0]);
	printf("%ld %d %zu\n", (long)child,
	       WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
					: WEXITSTATUS(wait_status),
	       bytes);
	fflush(stdout);
}

/* Else the first row of a way that needs it would pay for it, of the sizes that
 * do and not of one member. */
static void load_what_is_late(void)
{
	struct dcmtk_entry entry;

	dcmtk_entry_named("PatientID", &entry); /* with its dictionary */
	crypto_late();
}

int main(int argc, char **argv)
{
	char *line = NULL, *words[WORDS + 1];
	dfh_error *error = NULL;
	size_t size = 0, count;

	rules_path = argc > 1 ? argv[1] : "rules.yaml";
	rules = dfh_rules_load(rules_path, &error);
	if (!rules) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		return DFH_USAGE;
	}
	load_what_is_late();
	while (getline(&line, &size, stdin) > 0) {
		char *rest = line, *word;

		line[strcspn(line, "\n")] = '\0';
		for (count = 0; count < WORDS && (word = strsep(&rest, "\t"));)
			words[count++] = word;
		words[count] = NULL;
		if (words[0] && strcmp(words[0], "warm") == 0)
			go(words + 1);
		else
			in_child(words);
	}
	free(line);
	dfh_rules_free((dfh_rules *)rules);
	return 0;
}

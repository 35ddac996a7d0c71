/*
 * Every time that an export, a stamp, a rebuild and an undo ask for memory they
 * get none, in turn; all in memory, by the public functions.  At each of these
 * moments a child goes on without it, and its parent with it, so that nothing
 * is done twice.  What then comes out is right to the byte; or it is an error,
 * after which the handles can be freed; or the process is told and ends.
 *
 *	every_allocation RULES FILE [STEP]
 *
 * STEP: only each so many.  A line for each way is printed; 1: something was
 * wrong; 77: this malloc cannot be replaced.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dcmfhir.h"

/* ---- memory ---- */

/* A sanitizer has a heap of its own; clang tells it in another way. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

static struct {
	bool counts;	  /* the way is gone */
	bool is_child;	  /* fails has failed */
	bool all_follow;  /* what is asked for from there on fails, too */
	long calls, step; /* each so many are tried */
	long told, right, errors, wrong;
} test;

enum { RIGHT = 0, WRONG = 1, ERROR = 2, TOLD = DFH_IO };

static void take(int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : WRONG;

	test.right += code == RIGHT;
	test.errors += code == ERROR;
	test.told += code == TOLD;
	if (code == RIGHT || code == ERROR || code == TOLD)
		return;
	test.wrong++;
	fprintf(stderr, "memory %ld%s: ", test.calls,
		test.calls & 1 ? " and all that follows" : "");
	if (WIFSIGNALED(status))
		fprintf(stderr, "signal %d\n", WTERMSIG(status));
	else
		fprintf(stderr, "status %d\n", code);
}

/* In the child: the first that is asked for after fork() fails. */
static bool fails(void)
{
	int status;
	pid_t child;

	if (!test.counts)
		return false;
	if (test.is_child) {
		if (!test.all_follow)
			return false;
		errno = ENOMEM;
		return true;
	}
	if (++test.calls % test.step)
		return false;
	test.counts = false; /* what fork() wants itself */
	child = fork();
	if (child < 0)
		_exit(99);
	if (child == 0) {
		test.is_child = test.counts = true;
		test.all_follow = test.calls & 1;
		alarm(60);
		errno = ENOMEM;
		return true;
	}
	if (waitpid(child, &status, 0) < 0)
		_exit(99);
	take(status);
	test.counts = true;
	return false;
}

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#include "instead_of_malloc.h"
#define HAS_MEMORY 1
#else
#define HAS_MEMORY 0
#endif

/* ---- bytes that are not asked for ---- */

struct bytes {
	size_t length;
	char at[512 * 1024];
};

static struct bytes file, bundle, changed, stamped, good, now;
static size_t stamped_length;

static int append(const void *part, size_t length, void *context)
{
	struct bytes *to = context;

	if (length > sizeof to->at - to->length)
		return EFBIG;
	memcpy(to->at + to->length, part, length);
	to->length += length;
	return 0;
}

static int append_file(const char *name, const void *part, size_t length,
		       void *context)
{
	(void)name;
	return append(part, length, context);
}

static int read_all(const char *path, struct bytes *to)
{
	FILE *in = fopen(path, "rb");

	if (!in)
		return -1;
	to->length = fread(to->at, 1, sizeof to->at, in);
	fclose(in);
	return to->length && to->length < sizeof to->at ? 0 : -1;
}

/* ---- the ways: 0 and what they make in `now`, or -1 ---- */

static const dfh_rules *rules;

static dfh_source source_of(const struct bytes *from)
{
	return (dfh_source){.size = sizeof(dfh_source),
			    .name = "file",
			    .bytes = from->at,
			    .length = from->length};
}

static int ended(int result, dfh_error *error)
{
	/* What failed says so, or there was no memory for the words. */
	if (error && !*dfh_error_text(error))
		_exit(WRONG);
	dfh_error_free(error);
	return result;
}

static int export_by(dfh_reader reader)
{
	dfh_report *report = dfh_report_new();
	dfh_export_options options = {.size = sizeof options,
				      .release = DFH_R5,
				      .report = report,
				      .reader = reader};
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(rules, &options, &error);
	int result = ex ? dfh_export_add_bytes(ex, "file", file.at, file.length,
					       &error)
			: -1;
	if (result == 0)
		result = dfh_export_write(ex, append, &now, &error);
	char *text = result == 0 ? dfh_report_json(report) : NULL;
	if (text)
		append(text, strlen(text), &now);
	dfh_free(text);
	dfh_export_free(ex);
	dfh_report_free(report);
	return ended(result, error);
}

static int export(void)
{
	return export_by(DFH_READER_AUTO);
}

static int export_by_dcmtk(void)
{
	return export_by(DFH_READER_DCMTK);
}

static int import(const struct bytes *json,
		  int (*go)(dfh_import *im, dfh_error **error))
{
	dfh_report *report = dfh_report_new();
	dfh_import_options options = {.size = sizeof options, .report = report};
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(rules, &options, &error);
	int result = im ? dfh_import_add_json(im, "bundle", json->at,
					      json->length, &error)
			: -1;
	if (result == 0)
		result = go(im, &error);
	char *text = result == 0 ? dfh_report_json(report) : NULL;
	if (text)
		append(text, strlen(text), &now);
	dfh_free(text);
	dfh_import_free(im);
	dfh_report_free(report);
	return ended(result, error);
}

static int stamp_file(dfh_import *im, dfh_error **error)
{
	const dfh_source source = source_of(&file);
	const dfh_sink sink = {sizeof sink, append, &now};
	const dfh_stamp_options how = {.size = sizeof how,
				       .time = "20260102030405+0000"};

	int result =
		dfh_import_stamp_source(im, &source, &sink, &how, NULL, error);
	stamped_length = now.length; /* the report is behind it */
	return result;
}

static int stamp(void)
{
	return import(&changed, stamp_file);
}

static int rebuild_files(dfh_import *im, dfh_error **error)
{
	return dfh_import_rebuild_each(im, append_file, &now, error);
}

static int rebuild(void)
{
	return import(&changed, rebuild_files);
}

static int undo(void)
{
	const dfh_source source = source_of(&stamped);
	const dfh_sink sink = {sizeof sink, append, &now};
	dfh_error *error = NULL;

	size_t undone = 0;

	int result = dfh_undo_source(&source, &sink, NULL, &undone, &error);
	return ended(result == 0 && !undone ? -1 : result, error);
}

/* ---- each of them ---- */

static void is_told(void)
{
	_exit(TOLD);
}

static bool is_good(void)
{
	return now.length == good.length &&
	       memcmp(now.at, good.at, now.length) == 0;
}

static bool try(const char *name, int (*go)(void))
{
	now.length = 0;
	bool is_refused = go() < 0;
	good = now;
	test.calls = test.right = test.errors = test.told = test.wrong = 0;
	now.length = 0;
	test.counts = true;
	int result = go();
	test.counts = false;
	if (test.is_child)
		_exit(result < 0		 ? ERROR
		      : !is_refused && is_good() ? RIGHT
						 : WRONG);
	if (is_refused != (result < 0) || (!is_refused && !is_good())) {
		fprintf(stderr, "%s: not the same again\n", name);
		return false;
	}
	printf("%-8s memory was asked for %6ld times: told %ld, errors %ld, "
	       "right without %ld, wrong %ld\n",
	       name, test.calls, test.told, test.errors, test.right,
	       test.wrong);
	fflush(stdout);
	return !test.wrong;
}

/* The Bundle of the file, with another name of the patient in it. */
static bool change_name(void)
{
	static const char family[] = "\"family\": \"";
	char *at;

	bundle.at[bundle.length] = '\0';
	at = strstr(bundle.at, family);
	if (!at)
		return false;
	at += strlen(family);
	changed.length = 0;
	append(bundle.at, (size_t)(at - bundle.at), &changed);
	append("X", 1, &changed);
	append(at, strlen(at), &changed);
	return true;
}

int main(int argc, char **argv)
{
	dfh_error *error = NULL;
	bool good_so_far;

	if (!HAS_MEMORY || (!argc && fails()))
		return 77;
	rules = argc > 2 ? dfh_rules_load(argv[1], &error) : NULL;
	if (!rules || read_all(argv[2], &file) < 0) {
		fprintf(stderr, "every_allocation: %s\n",
			error ? dfh_error_text(error) : "RULES FILE [STEP]");
		return 2;
	}
	test.step = argc > 3 ? atol(argv[3]) : 1;
	dfh_set_out_of_memory(is_told);
	good_so_far = try("export", export);
	good_so_far = try("by DCMTK", export_by_dcmtk) && good_so_far;
	/* its Bundle without the report behind it */
	dfh_export *ex = dfh_export_new(rules, NULL, NULL);
	if (dfh_export_add_bytes(ex, "file", file.at, file.length, NULL) < 0)
		return good_so_far ? 0 : 1; /* what is refused, is */
	if (dfh_export_write(ex, append, &bundle, NULL) < 0 || !change_name())
		return 2;
	dfh_export_free(ex);
	good_so_far = try("stamp", stamp) && good_so_far;
	now.length = 0;
	if (import(&changed, stamp_file) < 0)
		return 2;
	stamped = now;
	stamped.length = stamped_length;
	good_so_far = try("rebuild", rebuild) && good_so_far;
	good_so_far = try("undo", undo) && good_so_far;
	dfh_rules_free((dfh_rules *)rules);
	return good_so_far ? 0 : 1;
}

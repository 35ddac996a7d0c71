/* What the two tools share; not part of the library.  What fails is said on
 * standard error where it fails. */
#ifndef CLI_H
#define CLI_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "dcmfhir.h"

/* First of all in main(): descriptors 0 to 2 are open from here on, and
 * messages begin with name. */
void cli_begin(const char *name);

/* What text is printed as: one line; lines, in which newlines and tabs stay; or
 * JSON, which has ways of its own to escape. */
enum cli_form { CLI_LINE, CLI_LINES, CLI_JSON };

/* A terminal must not obey the name of a file, or a value, and who reads it
 * must not be misled: controls are printed as ^X and M-^X, bidirectional and
 * other characters that are not seen as <U+202E>, bytes that are not UTF-8 as
 * <FF>; in JSON by its own escapes. */
void cli_print_as(FILE *out, enum cli_form form, const char *text);
void cli_print(FILE *out, const char *text); /* as CLI_LINE */

/* Says "NAME: ..." on standard error. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with a word before it, or NULL. */
void cli_say_list(const char *word, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* Nothing is said from here on, for it would get into what is not to change. */
void cli_silence(void);

/* Say an error and those after it, free them, and return the worst exit
 * status. */
int cli_fail(dfh_error *error);

/* What was allocated; without memory the process ends with a message. */
void *cli_memory(void *memory);

/* "Try 'NAME --help'"; returns DFH_USAGE. */
int cli_usage_hint(void);

/* -r: a release by its name; DFH_RELEASE_ANY: there is none, which is told. */
dfh_release cli_release(const char *text);

/* What is to be read to its end; "-" is standard input.  A device has none and
 * is refused, but a terminal and /dev/null.  -1: that is said. */
int cli_open_input(const char *path);
void cli_close_input(int fd);

/* What messages call it: "standard input" for "-". */
const char *cli_input_name(const char *path);

/* read(2), which may wait for ever; -1 and EINTR: cli_interrupted() ended the
 * wait. */
ssize_t cli_read_some(int fd, void *to, size_t size);

/* A whole file, or standard input for "-", and a NUL that is not counted; NULL
 * if it cannot be read. */
char *cli_read(const char *path, size_t *length);

/* getopt_long() whose messages, which quote the arguments, are said here; '?'
 * is what is wrong. */
struct option;
int cli_getopt(int argc, char **argv, const char *letters,
	       const struct option *names);

/* Output that appears under its name only when it is complete (new_file.h).
 * path NULL: standard output. */
struct cli_output;
struct cli_output *cli_open(const char *path);
/* JSON, as cli_print_as() prints it if it goes to a terminal. */
void cli_write(struct cli_output *output, const char *text);
/* The same of what people read: see cli_print_as(). */
void cli_write_as(struct cli_output *output, enum cli_form form,
		  const char *text);
/* JSON without a newline; 0, or -1 if it cannot be written. */
int cli_write_part(struct cli_output *output, const void *bytes, size_t length);
/* What was written is seen by who reads along. */
void cli_flush(struct cli_output *output);
/* 0, or -1 if anything failed since cli_open; then nothing is left. */
int cli_close(struct cli_output *output);
void cli_abandon(struct cli_output *output);

/* Write the report to a file; the exit status, which is `status` if all is
 * well, or DFH_REFUSED if strict and something was lost. */
int cli_report(const dfh_report *report, const char *path, bool strict,
	       int status);

/* ---- long work (cli_progress.c) ---- */

/* Counted up by the threads that work; 0: nothing is said of it. */
struct cli_progress {
	atomic_size_t files; /* done */
	atomic_size_t total; /* files in all; 0: not known yet */
	atomic_size_t instances, studies, delivered;
	/* Where the work is not in the files alone: what the time left is told
	 * by; 0: files and total. */
	atomic_size_t work, work_total;
};

/*
 * From here to the end, a line on a terminal shows the counts, the rate and the
 * time left, unless quiet; SIGUSR1 prints it once, anywhere.  SIGINT and
 * SIGTERM only make cli_interrupted() true; the second one ends the process.
 * Before the first thread is started; counts must live until the end.
 */
void cli_progress_begin(const struct cli_progress *counts, bool quiet);
void cli_progress_end(void);

/* Is what runs to be finished, and nothing else to be begun? */
bool cli_interrupted(void);

/* What was printed is written; the exit status, which is `status` if it is. */
int cli_flush_standard_output(int status);

/* The last of main(): status once all that was printed is written, or the end
 * by the signal that interrupted the work, as the shell must see it to stop its
 * loop. */
int cli_end(int status);

/* Around what writes to standard error with more than one call. */
void cli_lock_stderr(void);
void cli_unlock_stderr(void);

/* ---- files (cli_files.c) ---- */

struct cli_file {
	char *path;
	unsigned int root; /* how much of the path was named; the rest was
			      found below it */
	bool found_by_walk;
};

struct cli_files {
	struct cli_file *at;
	size_t count;
	bool keeps_gone; /* a path of a list where nothing is, for its reader to
			    tell of */
};

/* Add what path names (a file, a folder, a DICOMDIR).  Ends early if
 * interrupted.  An exit status. */
int cli_files_add(struct cli_files *files, const char *path);

/* Add one file as it is named; root: how much of its path was. */
void cli_files_add_one(struct cli_files *files, const char *path,
		       unsigned int root, bool found_by_walk);

/* Nothing is there. */
bool cli_is_gone(const char *path);

/* --files-from: the same with each path of a list. */
int cli_files_add_list(struct cli_files *files, const char *name);
void cli_files_free(struct cli_files *files);

/* Visit each path of the file `name` ("-": standard input), which end with NUL
 * if there is one, else with newline; empty ones are passed over.  It is read
 * as it comes.  visit returns whether to go on.  -1: it cannot be read. */
int cli_each_path(const char *name,
		  bool (*visit)(const char *path, void *context),
		  void *context);

/* "N files not DICOM, passed over", unless there are none. */
void cli_say_passed_over(size_t count);

/* ---- threads (cli_threads.c) ---- */

enum { CLI_JOBS_MAX = 256 };

struct cli_each {
	/* In any thread, several at once. */
	void *(*work)(void *context, size_t index);
	/* What became of it: in the order of indexes, one at a time. */
	void (*settle)(void *context, size_t index, void *result);
	void *context;
};

/* Work on 0 .. count - 1 with so many threads, until all is done or
 * cli_interrupted().  How many were done: these are the first ones. */
size_t cli_each(const struct cli_each *each, size_t count, int jobs);

/* -j: 1 .. CLI_JOBS_MAX; 0: it is none. */
int cli_jobs(const char *text);

/* --limit: bytes, with k, M or G thousands of 1,024.  -1: go on; else the exit
 * status, and what there was to say is said. */
int cli_limit(const char *text, unsigned long long *limit);

/* An option's number from `least` on; the same. */
int cli_number(const char *name, const char *text, long least, long *number);

/* ---- the rest ---- */

/* What is larger than the shell's limit for files (ulimit -f) is EFBIG, and no
 * signal that leaves half of it. */
void cli_take_size_limit_as_error(void);

/* Make a folder and those above it, for their owner and group. */
int cli_make_folders(const char *path);

void cli_version(const char *rules_path);

#endif

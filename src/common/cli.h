/* What the two tools share; not part of the library.  What fails is said on
 * standard error where it fails. */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "dcmfhir.h"

/* Says "NAME: ..." on standard error. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Say an error, free it, and return its exit status. */
int cli_fail(dfh_error *error);

/* "Try 'NAME --help'"; returns DFH_USAGE. */
int cli_usage_hint(void);

/* -r: R4 or R5 -> 4 or 5; 0: neither. */
int cli_release(const char *text);

/* A whole file, or standard input for "-"; NULL if it cannot be read. */
char *cli_read(const char *path, size_t *length);

/* Output that appears under its name only when it is complete: written beside
 * and renamed.  path NULL: standard output. */
struct cli_output;
struct cli_output *cli_open(const char *path);
void cli_write(struct cli_output *output, const char *text);
/* 0, or -1 if anything failed since cli_open; then nothing is left. */
int cli_close(struct cli_output *output);
void cli_abandon(struct cli_output *output);

/* Write the report to a file; the exit status, which is `status` if all is
 * well, or DFH_REFUSED if strict and something was lost. */
int cli_report(const dfh_report *report, const char *path, bool strict,
	       int status);

/* One line on a terminal that shows long work; nothing elsewhere. */
void cli_progress(const char *what, size_t count);
void cli_progress_end(void);

/* Make a folder and those above it. */
int cli_make_folders(const char *path);

void cli_version(void);

#endif

/*
 * Faults of a rule file: all of them are collected and told at once, in the
 * order of the file, as a compiler does it.
 */
#ifndef DIAG_H
#define DIAG_H

#include <stdarg.h>

#include "rules.h"

enum { SOURCE_SIZE_MAX = 8 * 1024 * 1024 };

struct diag;

struct diag *diag_new(void);
void diag_free(struct diag *diag);

/*
 * The text of a file, NUL-terminated, read once and kept as long as diag.
 * NULL: it cannot be read, and *why tells in words.  A file that is larger
 * than SOURCE_SIZE_MAX is not read.
 */
const char *diag_source(struct diag *diag, const char *file, size_t *length,
			const char **why);

/* A file that is in memory: it is not looked for on the disk. */
void diag_give_source(struct diag *diag, const char *file, const char *text,
		      size_t length);
bool diag_has_source(const struct diag *diag, const char *file);

/* width: how many columns are underlined.  A mark with line 0 stands for the
 * whole file. */
void diag_fault(struct diag *diag, const struct mark *mark, int width,
		const char *format, ...) __attribute__((format(printf, 4, 5)));
void diag_vfault(struct diag *diag, const struct mark *mark, int width,
		 const char *format, va_list arguments);

/* No more faults are taken: finding hints for them is not worth the time. */
bool diag_is_full(const struct diag *diag);

/* 0 if there was no fault; else -1 with all of them in *error. */
int diag_finish(struct diag *diag, dfh_error **error);

#endif

/* --log: lines of JSON for each file, without values. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>

/* What was changed in one file; zero it first. */
struct log_changes {
	char **rules, **attributes;
	size_t rule_count, attribute_count;
};

/* The callback of dfh_stamp_options. */
void log_change(const char *rule, const char *attribute, void *context);
void log_changes_free(struct log_changes *changes);

/* What a line says of one file; NULL and "": not said. */
struct log_entry {
	const char *file, *output;
	const char *result, *message;
	const char *before, *after; /* SHA-256 */
	const char *match;
	const char *allowed; /* names, or "" */
	bool forced, widened, signatures_removed;
	const struct log_changes *changes;
};

struct log;

/* The log of a run, which is not opened yet.  Borrows both. */
struct log *log_new(const char *path, const char *reason);

/* What the run reads, before the log is opened. */
void log_add_bundle(struct log *log, const char *name, const void *bytes,
		    size_t length);

/* At its end; -1: it cannot be opened, which is said. */
int log_open(struct log *log);

/*
 * Append a line, with one write(), so that threads and several runs may share
 * a log.  flushes: it is on the disk then.  -1: it cannot be written, which is
 * said.
 */
int log_write(const struct log *log, const struct log_entry *entry,
	      bool flushes);

/* Flush and free; -1: what was written may be lost, which is said. */
int log_close(struct log *log);

#endif

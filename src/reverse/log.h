/* --log: one line of JSON for each file, without values. */
#ifndef LOG_H
#define LOG_H

#include "dcmfhir.h"

/* What was changed in one file; zero it first. */
struct log_changes {
	char **rules, **attributes;
	size_t rule_count, attribute_count;
};

/* The callback of dfh_stamp_options. */
void log_change(const char *rule, const char *attribute, void *context);
void log_changes_free(struct log_changes *changes);

struct log;

/* Opened at its end; NULL: it cannot be, which is said. */
struct log *log_open(const char *path, const char *reason);

/*
 * Append the line of one file, with one write(), so that several runs may share
 * a log.  status is that of the file, message why it is not 0, or NULL.
 * -1: it cannot be written, which is said.
 */
int log_file(struct log *log, const char *path, const dfh_stamped *stamped,
	     const struct log_changes *changes, int status,
	     const char *message);

/* Flush and close; -1: what was written may be lost, which is said. */
int log_close(struct log *log);

#endif

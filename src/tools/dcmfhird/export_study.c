#include "export_study.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "forgotten.h"
#include "header_source.h"
#include "cli_journal.h"
#include "new_file.h"

/* -1: it is not whole, so that nothing is said of the study. */
static int add_instance(dfh_export *ex, const char *path)
{
	dfh_source source;
	dfh_error *error = NULL;
	if (header_open(&source, path) < 0) {
		cli_say("%s: %s", path, strerror(errno));
		return -1;
	}
	dfh_record *record = dfh_export_read_source(ex, &source, &error);
	header_close(&source);
	if (record) {
		dfh_export_add_record(ex, record);
		return 0;
	}
	cli_fail(error);
	return -1;
}

static int add_instances(dfh_export *ex, const char *folder, size_t *count)
{
	DIR *open = opendir(folder);
	struct dirent *found;
	int result = 0;
	if (!open) {
		cli_say("%s: %s", folder, strerror(errno));
		return -1;
	}
	while (result == 0 && (found = readdir(open))) {
		char path[PATH_MAX];
		if (found->d_name[0] == '.' ||
		    new_file_is_temporary(found->d_name))
			continue;
		int length = snprintf(path, sizeof path, "%s/%s", folder,
				      found->d_name);
		result = length < PATH_MAX ? add_instance(ex, path) : -1;
		++*count;
	}
	closedir(open);
	return result;
}

/* One Bundle, but where the study's UID is of several patients. */
static enum exported deliver_bundles(dfh_export *ex, struct delivery *delivery)
{
	dfh_error *error = NULL;
	char *text;
	while ((text = dfh_export_next(ex, &error)))
		if (!delivery_take(delivery, text))
			return EXPORT_ENDS;
	if (!error)
		return EXPORTED;
	cli_fail(error);
	return NOT_EXPORTED;
}

enum exported export_study(const struct daemon *daemon, const char *study,
			   struct delivery *delivery)
{
	const struct configuration *configuration = daemon->configuration;
	dfh_error *error = NULL;
	if (forgotten_has(daemon->state, study)) {
		cli_journal("held", "study=%s reason=forgotten", study);
		return NOT_EXPORTED;
	}
	dfh_report *report = dfh_report_new();
	dfh_export_options options = {.size = sizeof options,
				      .release = configuration->send.release,
				      .timezone = configuration->timezone,
				      .report = report};
	dfh_export *ex = dfh_export_new(daemon->rules, &options, &error);
	char folder[PATH_MAX];
	size_t count = 0;
	enum exported result = NOT_EXPORTED;
	snprintf(folder, sizeof folder, "%s/studies/%s", daemon->state->path,
		 study);
	if (!ex)
		cli_fail(error);
	else if (add_instances(ex, folder, &count) == 0)
		result = deliver_bundles(ex, delivery);
	cli_journal(result == EXPORTED	     ? "exported"
		    : result == NOT_EXPORTED ? "held"
					     : "export-later",
		    "study=%s instances=%zu lost=%zu", study, count,
		    dfh_report_losses(report));
	dfh_export_free(ex);
	dfh_report_free(report);
	return result;
}

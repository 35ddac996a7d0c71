#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "json_make.h"
#include "cli.h"
#include "json_value.h"

struct log {
	int fd;
	const char *path, *reason;
};

/* ---- what was changed ---- */

static void add_once(char ***list, size_t *count, const char *text)
{
	for (size_t i = *count; i > 0; i--)
		if (strcmp((*list)[i - 1], text) == 0)
			return;
	*list = cli_memory(realloc(*list, (*count + 1) * sizeof **list));
	(*list)[(*count)++] = cli_memory(strdup(text));
}

void log_change(const char *rule, const char *attribute, void *context)
{
	struct log_changes *changes = context;
	if (rule)
		add_once(&changes->rules, &changes->rule_count, rule);
	add_once(&changes->attributes, &changes->attribute_count, attribute);
}

static void free_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void log_changes_free(struct log_changes *changes)
{
	free_list(changes->rules, changes->rule_count);
	free_list(changes->attributes, changes->attribute_count);
	*changes = (struct log_changes){0};
}

/* ---- the log ---- */

static int fail(const struct log *log)
{
	cli_say("%s: %s", log->path, strerror(errno));
	return -1;
}

struct log *log_open(const char *path, const char *reason)
{
	struct log *log = cli_memory(malloc(sizeof *log));
	*log = (struct log){
		.fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
			   0640),
		.path = path,
		.reason = reason,
	};
	if (log->fd >= 0)
		return log;
	fail(log);
	free(log);
	return NULL;
}

static void add_text(json_object *line, const char *name, const char *text)
{
	if (text && *text)
		json_add_value(line, name, text);
}

static void add_flag(json_object *line, const char *name, int flag)
{
	if (flag)
		json_add(line, name, json_new_boolean(1));
}

static void add_list(json_object *line, const char *name, char *const *list,
		     size_t count)
{
	json_object *array = json_new_array();
	for (size_t i = 0; i < count; i++)
		json_append(array, json_new_string(list[i]));
	json_add(line, name, array);
}

static const char *result_of(const dfh_stamped *stamped, int status)
{
	switch (status) {
	case DFH_OK:
		return stamped->changed ? "stamped" : "unchanged";
	case DFH_REFUSED:
		return "refused";
	default:
		return "failed";
	}
}

static json_object *line_of(const struct log *log, const char *path,
			    const dfh_stamped *stamped,
			    const struct log_changes *changes, int status,
			    const char *message)
{
	json_object *line = json_new_object();
	char text[32];
	time_t now = time(NULL);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	add_text(line, "time", text);
	add_text(line, "file", path);
	add_text(line, "result", result_of(stamped, status));
	add_text(line, "message", message);
	add_text(line, "sha256-before", stamped->digest_before);
	if (status == DFH_OK) {
		add_text(line, "sha256-after", stamped->digest_after);
		add_text(line, "match", stamped->match);
		add_flag(line, "forced", stamped->forced);
		add_flag(line, "widened", stamped->widened);
		add_flag(line, "signatures-removed",
			 stamped->signatures_removed);
		add_text(line, "reason", log->reason);
		add_list(line, "rules", changes->rules, changes->rule_count);
		add_list(line, "attributes", changes->attributes,
			 changes->attribute_count);
	}
	return line;
}

/* What could not be written as a whole is ended, so that the next line is one
 * of its own. */
static int append(const struct log *log, const char *bytes, size_t length)
{
	ssize_t done;
	do
		done = write(log->fd, bytes, length);
	while (done < 0 && errno == EINTR);
	if (done == (ssize_t)length)
		return 0;
	if (done >= 0) {
		if (done > 0 && write(log->fd, "\n", 1) < 0)
			return fail(log);
		errno = ENOSPC;
	}
	return fail(log);
}

int log_file(struct log *log, const char *path, const dfh_stamped *stamped,
	     const struct log_changes *changes, int status, const char *message)
{
	json_object *line =
		line_of(log, path, stamped, changes, status, message);
	const char *text = json_object_to_json_string_ext(
		line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t length = strlen(text);
	char *bytes = cli_memory(malloc(length + 1));
	memcpy(bytes, text, length);
	bytes[length] = '\n';
	int result = append(log, bytes, length + 1);
	free(bytes);
	json_object_put(line);
	return result;
}

int log_close(struct log *log)
{
	int result = 0;
	/* a pipe or a terminal cannot be flushed */
	if (fsync(log->fd) < 0 && errno != EINVAL && errno != EROFS)
		result = fail(log);
	if (close(log->fd) < 0)
		result = fail(log);
	free(log);
	return result;
}

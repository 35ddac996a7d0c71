#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "array.h"
#include "cli.h"
#include "digest.h"
#include "json_text.h"
#include "json_value.h"

enum { RUN_BYTES = 8 };

struct log {
	int fd; /* -1: not opened */
	const char *path, *reason;
	char run[2 * RUN_BYTES + 1]; /* tells the lines of a run from others */
	char user[64], login[64];    /* login: "" if it is the user */
	json_object *bundles;
	char *bundles_text; /* of it, made once for all threads */
};

/* ---- what was changed ---- */

static void add_once(char ***list, size_t *count, const char *text)
{
	for (size_t i = *count; i > 0; i--)
		if (strcmp((*list)[i - 1], text) == 0)
			return;
	array_room(*list, *count);
	(*list)[(*count)++] = cli_memory(strdup(text));
}

void log_change(const char *rule, const char *attribute, void *context)
{
	struct log_changes *changes = context;
	if (rule)
		add_once(&changes->rules, &changes->rule_count, rule);
	add_once(&changes->attributes, &changes->attribute_count, attribute);
}

static void free_text_list(char **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
}

void log_changes_free(struct log_changes *changes)
{
	free_text_list(changes->rules, changes->rule_count);
	free_text_list(changes->attributes, changes->attribute_count);
	*changes = (struct log_changes){0};
}

/* ---- who, and what of ---- */

static void name_user(uid_t id, char *out, size_t size)
{
	char buffer[4096];
	struct passwd entry, *found = NULL;
	if (getpwuid_r(id, &entry, buffer, sizeof buffer, &found) == 0 && found)
		snprintf(out, size, "%s", found->pw_name);
	else
		snprintf(out, size, "%ju", (uintmax_t)id);
}

/* Who logged in stays the same when he becomes root (pam_loginuid(8)). */
static void name_login(char *out, size_t size)
{
	FILE *file = fopen("/proc/self/loginuid", "re");
	uintmax_t id;
	if (file && fscanf(file, "%ju", &id) == 1 && id != UINT32_MAX &&
	    id != getuid())
		name_user((uid_t)id, out, size);
	if (file)
		fclose(file);
}

static void name_run(char out[2 * RUN_BYTES + 1])
{
	unsigned char bytes[RUN_BYTES] = {0};
	if (getrandom(bytes, sizeof bytes, 0) < 0)
		memset(bytes, 0, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

struct log *log_new(const char *path, const char *reason)
{
	struct log *log = cli_memory(malloc(sizeof *log));
	*log = (struct log){.fd = -1,
			    .path = path,
			    .reason = reason,
			    .bundles = json_new_array()};
	name_run(log->run);
	name_user(getuid(), log->user, sizeof log->user);
	name_login(log->login, sizeof log->login);
	return log;
}

void log_add_bundle(struct log *log, const char *name, const void *bytes,
		    size_t length)
{
	char digest[DIGEST_SIZE] = "";
	json_object *bundle = json_new_object();
	json_add_value(bundle, "name", name);
	if (digest_bytes(bytes, length, digest) == 0)
		json_add_value(bundle, "sha256", digest);
	json_append(log->bundles, bundle);
}

/* ---- the file ---- */

static int fail_log(const struct log *log)
{
	cli_say("%s: %s", log->path, strerror(errno));
	return -1;
}

/* A run that was killed may have left half a line. */
static int end_line(const struct log *log)
{
	int fd = open(log->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	char last = '\n';
	if (fd < 0)
		return 0; /* then nobody can tell */
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size && pread(fd, &last, 1, status.st_size - 1) < 0)
		last = '\n';
	close(fd);
	return last == '\n' || write(log->fd, "\n", 1) == 1 ? 0 : fail_log(log);
}

int log_open(struct log *log)
{
	log->bundles_text = json_to_line(json_object_get(log->bundles));
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		       0640);
	return log->fd < 0 ? fail_log(log) : end_line(log);
}

int log_close(struct log *log)
{
	int result = 0;
	/* a pipe or a terminal cannot be flushed */
	if (log->fd >= 0 && fsync(log->fd) < 0 && errno != EINVAL &&
	    errno != EROFS)
		result = fail_log(log);
	if (log->fd >= 0 && close(log->fd) < 0)
		result = fail_log(log);
	json_object_put(log->bundles);
	free(log->bundles_text);
	free(log);
	return result;
}

/* ---- lines ---- */

static void add_log_text(json_object *line, const char *name, const char *text)
{
	if (text && *text)
		json_add_value(line, name, text);
}

static void add_flag(json_object *line, const char *name, bool flag)
{
	if (flag)
		json_add(line, name, json_new_boolean(true));
}

static void add_log_list(json_object *line, const char *name, char *const *list,
			 size_t count)
{
	json_object *array = json_new_array();
	for (size_t i = 0; i < count; i++)
		json_append(array, json_new_string(list[i]));
	json_add(line, name, array);
}

static void add_log_changes(json_object *line,
			    const struct log_changes *changes)
{
	if (!changes)
		return;
	add_log_list(line, "rules", changes->rules, changes->rule_count);
	add_log_list(line, "attributes", changes->attributes,
		     changes->attribute_count);
}

static json_object *line_of(const struct log *log,
			    const struct log_entry *entry)
{
	json_object *line = json_new_object();
	char text[32];
	time_t now = time(NULL);
	struct tm tm;
	gmtime_r(&now, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	add_log_text(line, "time", text);
	add_log_text(line, "run", log->run);
	add_log_text(line, "file", entry->file);
	add_log_text(line, "output", entry->output);
	add_log_text(line, "result", entry->result);
	add_log_text(line, "message", entry->message);
	add_log_text(line, "sha256-before", entry->before);
	add_log_text(line, "sha256-after", entry->after);
	add_log_text(line, "match", entry->match);
	add_flag(line, "forced", entry->forced);
	add_log_text(line, "allowed", entry->allowed);
	add_flag(line, "widened", entry->widened);
	add_flag(line, "signatures-removed", entry->signatures_removed);
	add_log_text(line, "reason", log->reason);
	add_log_changes(line, entry->changes);
	add_log_text(line, "version", dfh_version());
	add_log_text(line, "user", log->user);
	add_log_text(line, "login", log->login);
	return line;
}

/* What could not be written as a whole is ended, so that the next line is one
 * of its own. */
static int append_log_line(const struct log *log, const char *bytes,
			   size_t length)
{
	ssize_t done;
	do
		done = write(log->fd, bytes, length);
	while (done < 0 && errno == EINTR);
	if (done == (ssize_t)length)
		return 0;
	if (done >= 0) {
		if (done > 0 && write(log->fd, "\n", 1) < 0)
			return fail_log(log);
		errno = ENOSPC;
	}
	return fail_log(log);
}

int log_write(const struct log *log, const struct log_entry *entry,
	      bool flushes)
{
	json_object *line = line_of(log, entry);
	char *text = json_to_line(line);
	char *bytes = NULL;
	/* the Bundles are the same in each line, and shared by threads */
	int length = asprintf(&bytes, "%.*s,\"bundles\":%s}\n",
			      (int)strlen(text) - 1, text, log->bundles_text);
	if (length < 0)
		cli_memory(bytes = NULL);
	int result = append_log_line(log, bytes, (size_t)length);
	if (result == 0 && flushes && fdatasync(log->fd) < 0 &&
	    errno != EINVAL && errno != EROFS)
		result = fail_log(log);
	free(bytes);
	free(text);
	return result;
}

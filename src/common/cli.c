#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail_io(const char *path)
{
	cli_say("%s: %s", path, strerror(errno));
}

void cli_print(FILE *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		/* C1, U+0080 to U+009F, is 0xC2 0x80 to 0x9F in UTF-8 */
		if (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			fprintf(out, "M-^%c", *++p - 0x40);
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(out, "^%c", *p ^ 0x40);
		else
			putc(*p, out);
	}
}

void cli_say(const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	va_end(arguments);
	cli_lock_stderr();
	fprintf(stderr, "%s: ", program_invocation_short_name);
	cli_print(stderr, text ? text : "out of memory");
	fputc('\n', stderr);
	cli_unlock_stderr();
	free(text);
}

int cli_fail(dfh_error *error)
{
	if (!error)
		return DFH_IO;
	int status = (int)dfh_error_code(error);
	/* Faults of rules are lists of FILE:LINE:COLUMN for editors. */
	if (status == DFH_USAGE && strchr(dfh_error_text(error), '\n')) {
		cli_lock_stderr();
		fprintf(stderr, "%s\n", dfh_error_text(error));
		cli_unlock_stderr();
	} else {
		cli_say("%s", dfh_error_text(error));
	}
	dfh_error_free(error);
	return status;
}

int cli_usage_hint(void)
{
	fprintf(stderr, "Try '%s --help' for more information.\n",
		program_invocation_short_name);
	return DFH_USAGE;
}

int cli_release(const char *text)
{
	if (strcmp(text, "R4") == 0)
		return 4;
	return strcmp(text, "R5") == 0 ? 5 : 0;
}

void *cli_memory(void *memory)
{
	if (memory)
		return memory;
	cli_say("out of memory");
	exit(DFH_IO);
}

char *cli_read(const char *path, size_t *length)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0, size = 1 << 16;
	char *text = fd < 0 ? NULL : cli_memory(malloc(size));
	ssize_t got = -1;
	while (text && (got = read(fd, text + used, size - used)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		used += (size_t)got;
		if (used == size)
			text = cli_memory(realloc(text, size *= 2));
	}
	if (fd < 0 || got < 0) {
		fail_io(standard ? "standard input" : path);
		free(text);
		text = NULL;
	}
	if (fd >= 0 && !standard)
		close(fd);
	*length = used;
	return text;
}

/* ---- output ---- */

struct cli_output {
	FILE *file;
	char *path, *beside; /* NULL: standard output */
};

static void free_output(struct cli_output *output)
{
	free(output->path);
	free(output->beside);
	free(output);
}

/* What is no regular file (a device, a pipe) is written to as it is; renaming
 * over it would put a file in its place.  A link stays a link. */
static FILE *open_special(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		return NULL;
	return fopen(path, "w");
}

static bool open_beside(struct cli_output *output, const char *path)
{
	char *target = realpath(path, NULL);
	size_t size = strlen(target ? target : path) + 8;
	output->path = strcpy(cli_memory(malloc(size)), target ? target : path);
	output->beside = cli_memory(malloc(size));
	snprintf(output->beside, size, "%s.XXXXXX", output->path);
	free(target);
	int fd = mkstemp(output->beside);
	output->file = fd < 0 ? NULL : fdopen(fd, "w");
	return output->file != NULL;
}

struct cli_output *cli_open(const char *path)
{
	struct cli_output *output = cli_memory(malloc(sizeof *output));
	*output = (struct cli_output){.file = stdout};
	if (!path || strcmp(path, "-") == 0)
		return output;
	output->file = open_special(path);
	if (output->file || open_beside(output, path))
		return output;
	fail_io(path);
	free_output(output);
	return NULL;
}

void cli_write(struct cli_output *output, const char *text)
{
	fputs(text, output->file);
	fputc('\n', output->file);
}

int cli_write_part(struct cli_output *output, const void *bytes, size_t length)
{
	return fwrite(bytes, 1, length, output->file) == length ? 0 : -1;
}

void cli_flush(struct cli_output *output)
{
	fflush(output->file);
}

void cli_abandon(struct cli_output *output)
{
	if (output->file != stdout)
		fclose(output->file);
	if (output->beside)
		unlink(output->beside);
	free_output(output);
}

int cli_close(struct cli_output *output)
{
	bool bad = fflush(output->file) != 0 || ferror(output->file);
	if (output->path) {
		mode_t mask = umask(0);
		umask(mask);
		int fd = fileno(output->file);
		bad = bad || fchmod(fd, 0666 & ~mask) < 0 || fsync(fd) < 0;
		bad = fclose(output->file) != 0 || bad;
		bad = bad || rename(output->beside, output->path) < 0;
	} else if (output->file != stdout) {
		bad = fclose(output->file) != 0 || bad;
	}
	if (bad) {
		fail_io(output->path ? output->path : "standard output");
		if (output->beside)
			unlink(output->beside);
	}
	free_output(output);
	return bad ? -1 : 0;
}

int cli_report(const dfh_report *report, const char *path, bool strict,
	       int status)
{
	if (path) {
		struct cli_output *output = cli_open(path);
		char *text = dfh_report_json(report);
		if (output)
			cli_write(output, text);
		if (!output || cli_close(output) < 0)
			status = DFH_IO;
		free(text);
	}
	size_t losses = dfh_report_losses(report);
	if (strict && losses && status == DFH_OK) {
		cli_say("%zu values were not carried; --report FILE tells "
			"which",
			losses);
		status = DFH_REFUSED;
	}
	return status;
}

/* ---- the rest ---- */

int cli_make_folders(const char *path)
{
	char *copy = cli_memory(strdup(path));
	int result = 0;
	for (char *p = copy + 1; result == 0; p++) {
		char c = *p;
		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		struct stat st;
		if (mkdir(copy, 0777) < 0 &&
		    (errno != EEXIST || stat(copy, &st) < 0 ||
		     !S_ISDIR(st.st_mode))) {
			if (errno == EEXIST)
				errno = ENOTDIR;
			fail_io(copy);
			result = -1;
		}
		*p = c;
		if (c == '\0')
			break;
	}
	free(copy);
	return result;
}

void cli_version(void)
{
	printf("%s (dcmfhir) %s\n", program_invocation_short_name,
	       dfh_version());
}

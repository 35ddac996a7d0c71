#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "new_file.h"

static void fail_io(const char *path)
{
	cli_say("%s: %s", path, strerror(errno));
}

void cli_say_list(const char *word, const char *format, va_list arguments)
{
	char *text = NULL;
	if (vasprintf(&text, format, arguments) < 0)
		text = NULL;
	cli_lock_stderr();
	fprintf(stderr, "%s: ", program_invocation_short_name);
	if (word) {
		cli_print(stderr, word);
		fputc(' ', stderr);
	}
	cli_print(stderr, text ? text : "out of memory");
	fputc('\n', stderr);
	cli_unlock_stderr();
	free(text);
}

void cli_say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	cli_say_list(NULL, format, arguments);
	va_end(arguments);
}

/* Its exit status. */
static int say_error(const dfh_error *error)
{
	int status = (int)dfh_error_code(error);
	/* Faults of rules are lists of FILE:LINE:COLUMN for editors. */
	if (status == DFH_USAGE && strchr(dfh_error_text(error), '\n')) {
		cli_lock_stderr();
		cli_print_as(stderr, CLI_LINES, dfh_error_text(error));
		fputc('\n', stderr);
		cli_unlock_stderr();
	} else {
		cli_say("%s", dfh_error_text(error));
	}
	return status;
}

int cli_fail(dfh_error *error)
{
	int worst = error ? DFH_OK : DFH_IO;
	for (const dfh_error *at = error; at; at = dfh_error_next(at)) {
		int status = say_error(at);
		if (status > worst)
			worst = status;
	}
	dfh_error_free(error);
	return worst;
}

int cli_usage_hint(void)
{
	fprintf(stderr, "Try '%s --help' for more information.\n",
		program_invocation_short_name);
	return DFH_USAGE;
}

/* "R4 or R5" */
static void list_releases(char *names, size_t size)
{
	enum { LAST = 15 };
	size_t length = 0;
	names[0] = '\0';
	for (int number = 1; number <= LAST && length < size; number++) {
		const char *name = dfh_release_name((dfh_release)number);
		if (name)
			length += (size_t)snprintf(names + length,
						   size - length, "%s%s",
						   length ? " or " : "", name);
	}
}

dfh_release cli_release(const char *text)
{
	dfh_release release = dfh_release_named(text);
	char names[64];
	list_releases(names, sizeof names);
	if (!release)
		cli_say("-r: '%s' is no release of FHIR that is known here; "
			"it takes %s",
			text, names);
	return release;
}

void *cli_memory(void *memory)
{
	return memory_of(memory);
}

/* ---- input ---- */

const char *cli_input_name(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

static bool may_have_no_end(int fd)
{
	struct stat st, null;
	if (fstat(fd, &st) < 0 || isatty(fd))
		return false;
	if (S_ISCHR(st.st_mode) && stat("/dev/null", &null) == 0 &&
	    st.st_rdev == null.st_rdev)
		return false;
	return S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode);
}

/* Without waiting for whoever is to write into a pipe: cli_read_some() waits,
 * and ends when it is to. */
static int open_at_once(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd;
}

int cli_open_input(const char *path)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open_at_once(path);
	if (fd < 0) {
		fail_io(path);
	} else if (may_have_no_end(fd)) {
		cli_say("%s: is a device, which may have no end: name a file "
			"or a pipe",
			cli_input_name(path));
		cli_close_input(fd);
		fd = -1;
	}
	return fd;
}

void cli_close_input(int fd)
{
	if (fd != STDIN_FILENO)
		close(fd);
}

ssize_t cli_read_some(int fd, void *to, size_t size)
{
	enum { LOOK_AGAIN = 200 }; /* milliseconds */
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	ssize_t got;
	do {
		while (!cli_interrupted() && poll(&waiting, 1, LOOK_AGAIN) == 0)
			;
		errno = EINTR;
		got = cli_interrupted() ? -1 : read(fd, to, size);
	} while (got < 0 && errno == EINTR && !cli_interrupted());
	return got;
}

char *cli_read(const char *path, size_t *length)
{
	int fd = cli_open_input(path);
	size_t used = 0, size = 1 << 16;
	char *text = fd < 0 ? NULL : cli_memory(malloc(size));
	ssize_t got = -1;
	while (text &&
	       (got = cli_read_some(fd, text + used, size - used - 1)) != 0) {
		if (got < 0)
			break;
		used += (size_t)got;
		if (used == size - 1)
			text = cli_memory(realloc(text, size *= 2));
	}
	if (fd >= 0 && got < 0) {
		if (!cli_interrupted())
			fail_io(cli_input_name(path));
		free(text);
		text = NULL;
	}
	if (fd >= 0)
		cli_close_input(fd);
	if (text)
		text[used] = '\0';
	*length = used;
	return text;
}

/* ---- output ---- */

struct cli_output {
	FILE *file;
	char *path; /* NULL: standard output */
	struct new_file beside;
	bool is_new; /* beside is written, and not a device as it is */
	int fault;   /* errno of the first write that failed */
	bool is_terminal;
};

static void free_output(struct cli_output *output)
{
	if (output->file != stdout)
		fclose(output->file);
	if (output->is_new)
		new_file_close(&output->beside);
	free(output->path);
	free(output);
}

/* What is no regular file (a device, a pipe) is written to as it is; renaming
 * over it would put a file in its place.  Nothing is cut off or made before it
 * is known what was opened. */
static FILE *open_special(const char *path)
{
	struct stat st;
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		return NULL;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		return fdopen(fd, "w");
	close(fd);
	return NULL;
}

/* A link stays a link, if it is to be followed.  The stream has a descriptor of
 * its own: the other one keeps the lock until the file is in its place. */
static FILE *open_beside(struct cli_output *output, const char *path)
{
	char failed[NAME_MAX + 1];
	struct spot spot;
	FILE *file = NULL;
	if (spot_open(&spot, path) < 0)
		return NULL;
	if (new_file_remove_dead(spot.folder, failed) == 0)
		output->is_new = new_file_open(&output->beside, &spot) == 0;
	if (output->is_new) {
		int fd = fcntl(output->beside.fd, F_DUPFD_CLOEXEC, 3);
		file = fd < 0 ? NULL : fdopen(fd, "w");
	}
	int fault = errno;
	spot_close(&spot);
	errno = fault;
	return file;
}

struct cli_output *cli_open(const char *path)
{
	struct cli_output *output = cli_memory(malloc(sizeof *output));
	*output = (struct cli_output){
		.file = stdout,
		.is_terminal = isatty(STDOUT_FILENO) != 0,
	};
	if (!path || strcmp(path, "-") == 0)
		return output;
	output->path = cli_memory(strdup(path));
	output->file = open_special(path);
	if (!output->file)
		output->file = open_beside(output, path);
	output->is_terminal = output->file && isatty(fileno(output->file)) != 0;
	if (output->file)
		return output;
	cli_say("%s: %s", path, spot_fault(errno));
	output->file = stdout;
	free_output(output);
	return NULL;
}

static int note_fault(struct cli_output *output)
{
	if (!ferror(output->file))
		return 0;
	if (!output->fault)
		output->fault = errno;
	return -1;
}

void cli_write(struct cli_output *output, const char *text)
{
	if (output->is_terminal)
		cli_print_as(output->file, CLI_JSON, text);
	else
		fputs(text, output->file);
	fputc('\n', output->file);
	note_fault(output);
}

void cli_write_as(struct cli_output *output, enum cli_form form,
		  const char *text)
{
	cli_print_as(output->file, form, text);
	fputc('\n', output->file);
	note_fault(output);
}

int cli_write_part(struct cli_output *output, const void *bytes, size_t length)
{
	if (output->is_terminal) {
		char *text = cli_memory(strndup(bytes, length));
		cli_print_as(output->file, CLI_JSON, text);
		free(text);
	} else {
		fwrite(bytes, 1, length, output->file);
	}
	return note_fault(output);
}

void cli_flush(struct cli_output *output)
{
	fflush(output->file);
	note_fault(output);
}

void cli_abandon(struct cli_output *output)
{
	free_output(output);
}

/* To the disk, and to its place. */
static bool flush_and_place(struct new_file *file)
{
	new_file_take_access(file);
	return new_file_flush(file) == 0 && new_file_place(file) == 0 &&
	       spot_flush_folder(&file->at) == 0;
}

int cli_close(struct cli_output *output)
{
	cli_flush(output);
	bool good = !output->fault;
	errno = output->fault;
	if (good && output->is_new)
		good = flush_and_place(&output->beside);
	if (!good)
		fail_io(output->path ? output->path : "standard output");
	if (!good && output->file == stdout)
		clearerr(stdout); /* it is said */
	free_output(output);
	return good ? 0 : -1;
}

int cli_report(const dfh_report *report, const char *path, bool strict,
	       int status)
{
	if (path) {
		struct cli_output *output = cli_open(path);
		char *text = dfh_report_json(report);
		if (output)
			cli_write_as(output, CLI_JSON, text);
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

void cli_take_size_limit_as_error(void)
{
	signal(SIGXFSZ, SIG_IGN);
}

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
		if (mkdir(copy, 0750) < 0 &&
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

/* Which rules a run would follow belongs to which program it is. */
void cli_version(const char *rules_path)
{
	dfh_rules *rules = dfh_rules_load(rules_path, NULL);
	/* What includes the others is behind them. */
	const char *file = NULL, *next;
	for (unsigned long i = 0; rules && (next = dfh_rules_file(rules, i));
	     i++)
		file = next;
	printf("%s (dcmfhir) %s\n", program_invocation_short_name,
	       dfh_version());
	if (file)
		printf("rules: %s, digest %016llx\n", file,
		       dfh_rules_digest(rules));
	else
		printf("rules: not to be used; see dcm2fhir --check-rules\n");
	dfh_rules_free(rules);
}

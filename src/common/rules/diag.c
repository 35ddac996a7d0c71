#include "diag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "array.h"
#include "error.h"

/* More faults than anyone reads only hide the first ones. */
enum { FAULTS_MAX = 500, SHOWN_MAX = 240 };

struct source {
	const char *file;
	char *text; /* NULL: cannot be read */
	size_t length;
	const char *why;
};

struct fault {
	struct mark mark;
	size_t source; /* order of the files */
	size_t number; /* order of finding */
	int width;
	const char *text;
};

struct diag {
	struct arena *arena;
	struct source *sources;
	size_t source_count;
	struct fault *faults;
	size_t fault_count;
	size_t left_out;
};

struct diag *diag_new(void)
{
	struct arena *arena = arena_new();
	struct diag *diag = arena_alloc(arena, sizeof *diag);

	diag->arena = arena;
	return diag;
}

void diag_free(struct diag *diag)
{
	if (!diag)
		return;
	for (size_t i = 0; i < diag->source_count; i++)
		free(diag->sources[i].text);
	free(diag->sources);
	free(diag->faults);
	arena_free(diag->arena);
}

bool diag_is_full(const struct diag *diag)
{
	return diag->fault_count == FAULTS_MAX;
}

/* ---- sources ---- */

static void read_source(struct source *source, FILE *file)
{
	size_t size = 64 * 1024, got;

	source->text = xmalloc(size);
	do {
		got = fread(source->text + source->length, 1,
			    size - source->length - 1, file);
		source->length += got;
		if (source->length + 1 == size) {
			size *= 2;
			source->text = xrealloc(source->text, size);
		}
	} while (got && source->length <= SOURCE_SIZE_MAX);
	source->text[source->length] = '\0';
	if (ferror(file))
		source->why = strerror(errno);
	else if (source->length > SOURCE_SIZE_MAX)
		source->why = "it is larger than 8 MiB";
	if (!source->why)
		return;
	free(source->text);
	source->text = NULL;
}

void diag_give_source(struct diag *diag, const char *file, const char *text,
		      size_t length)
{
	struct source source = {.file = arena_strdup(diag->arena, file)};

	if (length > SOURCE_SIZE_MAX) {
		source.why = "it is larger than 8 MiB";
	} else {
		source.text = xmalloc(length + 1);
		memcpy(source.text, text, length);
		source.text[length] = '\0';
		source.length = length;
	}
	array_room(diag->sources, diag->source_count);
	diag->sources[diag->source_count++] = source;
}

bool diag_has_source(const struct diag *diag, const char *file)
{
	for (size_t i = 0; i < diag->source_count; i++)
		if (strcmp(diag->sources[i].file, file) == 0)
			return true;
	return false;
}

static size_t source_index(struct diag *diag, const char *file)
{
	struct source source = {0};
	FILE *stream;

	for (size_t i = 0; i < diag->source_count; i++)
		if (strcmp(diag->sources[i].file, file) == 0)
			return i;
	source.file = arena_strdup(diag->arena, file);
	stream = fopen(file, "rb");
	if (stream) {
		read_source(&source, stream);
		fclose(stream);
	} else {
		source.why = strerror(errno);
	}
	if (source.why)
		source.why = arena_strdup(diag->arena, source.why);
	array_room(diag->sources, diag->source_count);
	diag->sources[diag->source_count] = source;
	return diag->source_count++;
}

const char *diag_source(struct diag *diag, const char *file, size_t *length,
			const char **why)
{
	/* The list may move while one is added. */
	size_t index = source_index(diag, file);
	const struct source *source = &diag->sources[index];

	*length = source->length;
	*why = source->why;
	return source->text;
}

/* ---- faults ---- */

void diag_vfault(struct diag *diag, const struct mark *mark, int width,
		 const char *format, va_list arguments)
{
	struct fault fault = {.mark = *mark, .width = width};
	char text[1024];

	if (diag->fault_count == FAULTS_MAX) {
		diag->left_out++;
		return;
	}
	vsnprintf(text, sizeof text, format, arguments);
	fault.source = source_index(diag, mark->file);
	fault.mark.file = diag->sources[fault.source].file;
	fault.number = diag->fault_count;
	/* What stands behind an anchor is found once for each of its uses. */
	for (size_t i = 0; i < diag->fault_count; i++) {
		const struct fault *other = &diag->faults[i];

		if (other->source == fault.source &&
		    other->mark.line == mark->line &&
		    other->mark.column == mark->column &&
		    strcmp(other->text, text) == 0)
			return;
	}
	fault.text = arena_strdup(diag->arena, text);
	array_room(diag->faults, diag->fault_count);
	diag->faults[diag->fault_count++] = fault;
}

void diag_fault(struct diag *diag, const struct mark *mark, int width,
		const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	diag_vfault(diag, mark, width, format, arguments);
	va_end(arguments);
}

static int compare_faults(const void *left, const void *right)
{
	const struct fault *a = left, *b = right;

	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	if (a->mark.line != b->mark.line)
		return a->mark.line < b->mark.line ? -1 : 1;
	if (a->mark.column != b->mark.column)
		return a->mark.column < b->mark.column ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

/* ---- telling ---- */

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

static const char *find_line(const struct source *source, int line,
			     size_t *length)
{
	const char *start = source->text;

	for (; start && line > 1; line--) {
		start = strchr(start, '\n');
		if (start)
			start++;
	}
	if (!start)
		return NULL;
	*length = strcspn(start, "\r\n");
	return start;
}

/* The line and the caret below it.  Columns are characters, and a tab before
 * the caret is one below as well. */
static void print_source(FILE *out, const struct source *source,
			 const struct fault *fault)
{
	size_t length, at = 0;
	int column = 1, width = fault->width;
	const char *line = find_line(source, fault->mark.line, &length);

	if (!line || length > SHOWN_MAX)
		return;
	fprintf(out, "%.*s\n", (int)length, line);
	for (; at < length && column < fault->mark.column; column++) {
		fputc(line[at] == '\t' ? '\t' : ' ', out);
		for (at++; at < length && is_continuation(line[at]); at++)
			;
	}
	fputc('^', out);
	while (at < length && --width > 0) {
		for (at++; at < length && is_continuation(line[at]); at++)
			;
		if (at < length)
			fputc('~', out);
	}
	fputc('\n', out);
}

static void print_fault(FILE *out, const struct diag *diag,
			const struct fault *fault)
{
	if (!fault->mark.line) {
		fprintf(out, "%s: %s\n", fault->mark.file, fault->text);
		return;
	}
	fprintf(out, "%s:%d:%d: error: %s\n", fault->mark.file,
		fault->mark.line, fault->mark.column, fault->text);
	print_source(out, &diag->sources[fault->source], fault);
}

int diag_finish(struct diag *diag, dfh_error **error)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!diag->fault_count)
		return 0;
	out = memory_of(open_memstream(&text, &size));
	qsort(diag->faults, diag->fault_count, sizeof *diag->faults,
	      compare_faults);
	for (size_t i = 0; i < diag->fault_count; i++)
		print_fault(out, diag, &diag->faults[i]);
	if (diag->left_out)
		fprintf(out, "%zu more faults are not shown\n", diag->left_out);
	if (fclose(out) != 0)
		out_of_memory();
	error_because(error, DFH_BAD_RULES, "%s", text);
	free(text);
	if (error)
		error_place(*error, diag->faults[0].mark.file,
			    diag->faults[0].mark.line,
			    diag->faults[0].mark.column);
	return -1;
}

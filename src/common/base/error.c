#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

struct dfh_error {
	enum dfh_code code;
	enum dfh_reason reason;
	char *file; /* or NULL */
	int line, column;
	dfh_error *next;
	char text[];
};

void dfh_set_out_of_memory(void (*handler)(void))
{
	memory_set_handler(handler);
}

/* What the beginning of the format says of its first arguments. */
static void error_note_place(dfh_error *error, const char *format,
			     va_list arguments)
{
	if (strncmp(format, "%s:", 3) != 0)
		return;
	error->file = xstrdup(va_arg(arguments, const char *));
	if (strncmp(format + 3, "%d:", 3) == 0)
		error->line = va_arg(arguments, int);
	if (strncmp(format + 3, "%d:%d:", 6) == 0)
		error->column = va_arg(arguments, int);
}

static dfh_error *error_make(enum dfh_code code, const char *format,
			     va_list arguments)
{
	va_list again;
	dfh_error *made;
	size_t size;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	size = length < 0 ? 1 : (size_t)length + 1;
	made = xmalloc(sizeof(*made) + size);
	*made = (dfh_error){.code = code};
	made->text[0] = '\0';
	if (length > 0) {
		va_copy(again, arguments);
		vsnprintf(made->text, size, format, again);
		va_end(again);
		if (made->text[size - 2] == '\n')
			made->text[size - 2] = '\0';
	}
	error_note_place(made, format, arguments);
	return made;
}

int error_set(dfh_error **error, enum dfh_code code, const char *format, ...)
{
	va_list arguments;

	if (!error || *error)
		return -1;
	va_start(arguments, format);
	*error = error_make(code, format, arguments);
	va_end(arguments);
	return -1;
}

int error_because(dfh_error **error, enum dfh_reason reason, const char *format,
		  ...)
{
	va_list arguments;

	if (!error || *error)
		return -1;
	va_start(arguments, format);
	*error = error_make((enum dfh_code)(reason / 100), format, arguments);
	va_end(arguments);
	(*error)->reason = reason;
	return -1;
}

void error_place(dfh_error *error, const char *file, int line, int column)
{
	if (!error || error->file)
		return;
	error->file = xstrdup(file);
	error->line = line;
	error->column = column;
}

void error_pass(dfh_error *from, dfh_error **to)
{
	if (to && !*to)
		*to = from;
	else
		dfh_error_free(from);
}

void errors_add(struct errors *errors, dfh_error *error)
{
	if (!error)
		return;
	if (errors->last)
		errors->last->next = error;
	else
		errors->first = error;
	while (error->next)
		error = error->next;
	errors->last = error;
}

int errors_end(struct errors *errors, dfh_error **to)
{
	dfh_error *first = errors->first;

	*errors = (struct errors){0};
	if (!first)
		return 0;
	error_pass(first, to);
	return -1;
}

const dfh_error *dfh_error_next(const dfh_error *error)
{
	return error ? error->next : NULL;
}

enum dfh_code dfh_error_code(const dfh_error *error)
{
	return error ? error->code : DFH_OK;
}

enum dfh_reason dfh_error_reason(const dfh_error *error)
{
	return error ? error->reason : DFH_OTHER;
}

const char *dfh_error_file(const dfh_error *error)
{
	return error ? error->file : NULL;
}

int dfh_error_line(const dfh_error *error)
{
	return error ? error->line : 0;
}

int dfh_error_column(const dfh_error *error)
{
	return error ? error->column : 0;
}

const char *dfh_error_text(const dfh_error *error)
{
	return error ? error->text : "";
}

void dfh_error_free(dfh_error *error)
{
	while (error) {
		dfh_error *next = error->next;

		free(error->file);
		free(error);
		error = next;
	}
}

void dfh_free(void *text)
{
	free(text);
}

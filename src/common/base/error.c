#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

struct dfh_error {
	enum dfh_code code;
	char text[];
};

int error_set(dfh_error **error, enum dfh_code code, const char *format, ...)
{
	va_list arguments;
	dfh_error *made;
	size_t size;
	int length;

	if (!error || *error)
		return -1;
	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	size = length < 0 ? 1 : (size_t)length + 1;
	made = xmalloc(sizeof(*made) + size);
	made->code = code;
	made->text[0] = '\0';
	if (length > 0) {
		va_start(arguments, format);
		vsnprintf(made->text, size, format, arguments);
		va_end(arguments);
		if (made->text[size - 2] == '\n')
			made->text[size - 2] = '\0';
	}
	*error = made;
	return -1;
}

void error_pass(dfh_error *from, dfh_error **to)
{
	if (to && !*to)
		*to = from;
	else
		dfh_error_free(from);
}

enum dfh_code dfh_error_code(const dfh_error *error)
{
	return error ? error->code : DFH_OK;
}

const char *dfh_error_text(const dfh_error *error)
{
	return error ? error->text : "";
}

void dfh_error_free(dfh_error *error)
{
	free(error);
}

#include "journal.h"

#include <stdarg.h>

#include "cli.h"

void journal(const char *event, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	cli_say_list(event, format, arguments);
	va_end(arguments);
}

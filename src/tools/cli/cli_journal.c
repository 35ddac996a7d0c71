#include "cli_journal.h"

#include <stdarg.h>
#include <string.h>

#include "cli.h"

void cli_journal(const char *event, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	cli_say_list(event, format, arguments);
	va_end(arguments);
}

void cli_journal_words(char *text)
{
	for (char *quote = text; (quote = strchr(quote, '"'));)
		*quote = '\'';
}

/* Options: getopt_long() quotes the arguments as they are, and a terminal
 * would obey them. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Of how many names it is the beginning. */
static size_t count_option_names(const struct option *names, const char *word)
{
	size_t length = strcspn(word, "="), count = 0;

	for (; names->name; names++)
		count += strncmp(names->name, word, length) == 0;
	return count;
}

/* Is it the letter of an option, or the number of one without a letter? */
static bool is_option(const char *letters, int option)
{
	return option > 0x7f ||
	       (isalnum(option) && strchr(letters, option) != NULL);
}

/* One that takes no value has one, or the name is of none. */
static void say_wrong_name(const struct option *names, const char *word)
{
	if (optopt)
		cli_say("option '%.*s' doesn't allow an argument",
			(int)strcspn(word, "="), word);
	else if (count_option_names(names, word + 2) > 1)
		cli_say("option '%s' is ambiguous", word);
	else
		cli_say("unrecognized option '%s'", word);
}

int cli_getopt(int argc, char **argv, const char *letters,
	       const struct option *names)
{
	const char *word;
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, letters, names, NULL);
	if (option != '?' && option != ':')
		return option;
	word = argv[optind - 1];
	if (option == ':' && strncmp(word, "--", 2) == 0)
		cli_say("option '%s' requires an argument", word);
	else if (option == ':')
		cli_say("option requires an argument -- '%c'", optopt);
	else if (!optopt || is_option(letters, optopt))
		say_wrong_name(names, word);
	else
		cli_say("invalid option -- '%c'", optopt);
	return '?';
}

int cli_limit(const char *text, unsigned long long *limit)
{
	static const char units[] = "kMG";
	char *end;
	unsigned long long number = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;
	int shift = unit ? 10 * (int)(unit - units + 1) : 0;

	*limit = number << shift;
	if (isdigit((unsigned char)*text) && number && !end[unit != NULL] &&
	    *limit >> shift == number)
		return -1;
	cli_say("--limit takes a number of bytes, as 256M, not '%s'", text);
	return cli_usage_hint();
}

enum { NUMBER_MAX = 1000000 };

int cli_number(const char *name, const char *text, long least, long *number)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	if (end != text && !*end && !errno && *number >= least &&
	    *number <= NUMBER_MAX)
		return -1;
	cli_say("%s takes a number from %ld to %d, not '%s'", name, least,
		NUMBER_MAX, text);
	return cli_usage_hint();
}

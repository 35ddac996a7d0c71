/* --header FILE: what each request brings. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "http_inner.h"
#include "memory.h"

void headers_add(struct curl_slist **headers, const char *line)
{
	*headers = memory_of(curl_slist_append(*headers, line));
}

/* RFC 9110 5.1 and 5.5: a token, and no control in the value. */
bool header_is_good(const char *line)
{
	const char *colon = strchr(line, ':');
	if (!colon || colon == line)
		return false;
	for (const char *p = line; p < colon; p++)
		if (!isalnum((unsigned char)*p) &&
		    !strchr("!#$%&'*+-.^_`|~", *p))
			return false;
	for (const char *p = colon + 1; *p; p++)
		if (iscntrl((unsigned char)*p) && *p != '\t')
			return false;
	return true;
}

bool headers_have(const struct curl_slist *headers, const char *name)
{
	size_t length = strlen(name);
	for (; headers; headers = headers->next)
		if (strncasecmp(headers->data, name, length) == 0 &&
		    headers->data[length] == ':')
			return true;
	return false;
}

/* Empty lines and those that begin with # are none. */
static int take_header_line(const char *path, int number, const char *line,
			    struct curl_slist **out)
{
	if (!*line || *line == '#')
		return DFH_OK;
	if (!header_is_good(line)) {
		cli_say("%s:%d: is no line 'Name: value'", path, number);
		return DFH_USAGE;
	}
	headers_add(out, line);
	return DFH_OK;
}

int headers_read(const char *path, struct curl_slist **out)
{
	size_t length;
	char *text = cli_read(path, &length), *rest = text, *line;
	int status = text ? DFH_OK : DFH_IO, number = 1;
	if (text && memchr(text, '\0', length)) {
		cli_say("%s: is no text", path);
		status = DFH_USAGE;
	}
	while (status == DFH_OK && (line = strsep(&rest, "\n"))) {
		line[strcspn(line, "\r")] = '\0';
		status = take_header_line(path, number++, line, out);
	}
	free(text);
	return status;
}

/*
 * The list for a browser: the page share/rules.html, into which the JSON of
 * the list is put.  What it looks like is the page's affair alone.
 */
#include "rules_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "memory.h"

/* Elements of the page by the letter, as it has them. */
static const char rules_begin[] = "<script id=\"rules\" "
				  "type=\"application/json\">";
static const char rules_end[] = "</script>";
static const char version_begin[] = "<span id=\"version\">";
static const char version_end[] = "</span>";

/* The page with this as the content of that element, to be freed; NULL: it has
 * no such element. */
static char *page_with(const char *page, const char *begin, const char *end,
		       const char *content)
{
	const char *from = strstr(page, begin), *rest;

	if (!from)
		return NULL;
	from += strlen(begin);
	rest = strstr(from, end);
	return rest ? xprintf("%.*s%s%s", (int)(from - page), page, content,
			      rest)
		    : NULL;
}

/* ---- the file ---- */

static const char *page_path(void)
{
	const char *path = getenv("DCMFHIR_PAGE");

	return path && *path ? path : PKGDATADIR "/rules.html";
}

/* Up to a NUL, which no page has. */
static char *read_page(FILE *file)
{
	char *text = NULL;
	size_t room = 0;

	if (getdelim(&text, &room, '\0', file) >= 0)
		return text;
	if (errno == ENOMEM)
		out_of_memory();
	free(text);
	return ferror(file) ? NULL : xstrdup("");
}

char *list_page(dfh_error **error)
{
	const char *path = page_path();
	FILE *file = fopen(path, "rb");
	char *page = file ? read_page(file) : NULL;

	if (!page)
		error_set(error, DFH_IO,
			  "%s: %s: the page that shows rules in a browser is "
			  "installed with dcmfhir, and DCMFHIR_PAGE says where "
			  "another is",
			  path, strerror(errno));
	if (file)
		fclose(file);
	if (!page || (strstr(page, rules_begin) && strstr(page, rules_end)))
		return page;
	error_set(error, DFH_USAGE,
		  "%s: has no place for rules, which is %s...%s", path,
		  rules_begin, rules_end);
	free(page);
	return NULL;
}

/* ---- what is put in ---- */

/* Nothing in a rule file ends the element: "<" is in texts alone, and there
 * JSON has another way to write it.  So it has for the two ends of line that
 * once were none in JSON and were in scripts (ECMA-262, 12.3). */
static char *json_for_page(const char *json)
{
	char *text = NULL;
	size_t size;
	FILE *out = memory_of(open_memstream(&text, &size));

	for (; *json; json++) {
		if (*json == '<') {
			fputs("\\u003c", out);
		} else if (strncmp(json, "\xE2\x80\xA8", 3) == 0 ||
			   strncmp(json, "\xE2\x80\xA9", 3) == 0) {
			fprintf(out, "\\u202%c", json[2] == '\xA8' ? '8' : '9');
			json += 2;
		} else {
			fputc(*json, out);
		}
	}
	if (fclose(out) != 0) /* a stream of memory */
		out_of_memory();
	return text;
}

void list_html(const struct listing *listing, FILE *out)
{
	char *plain = list_json_text(listing), *json = json_for_page(plain);
	char *versioned = page_with(listing->page, version_begin, version_end,
				    dfh_version());
	char *page = page_with(versioned ? versioned : listing->page,
			       rules_begin, rules_end, json);

	fputs(page, out);
	free(page);
	free(versioned);
	free(json);
	free(plain);
}

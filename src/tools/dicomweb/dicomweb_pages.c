/* QIDO-RS (PS3.18 10.6): results come in pages of which nobody knows how long
 * they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "dicomweb.h"
#include "dicomweb_filter.h"
#include "json_read.h"
#include "memory.h"

/* More than a server that has one gives at once, and not much to hold. */
enum { PAGE = 200, DEPTH_MAX = 64, UID_MAX = 64 };

struct pages {
	struct dicomweb *web;
	const char *studies, *query;
	struct lh_table *seen; /* UIDs */
	void (*found)(const char *study, void *context);
	void *context;
	size_t results;			/* by now: the next offset */
	size_t fresh;			/* on the page at hand */
	size_t others;			/* that the query does not ask for */
	size_t given;			/* studies that were found */
	struct dicomweb_window *window; /* or NULL */
	const char *fault;
};

/* ---- a result ---- */

static json_object *study_of_result(json_object *result)
{
	json_foreach (result, name, attribute)
		if (strcasecmp(name, "0020000D") == 0 ||
		    strcmp(name, "StudyInstanceUID") == 0) {
			json_object *value = json_member(attribute, "Value");
			return json_string(value) ? value : json_at(value, 0);
		}
	return NULL;
}

/* It becomes part of an address; without blanks at its end. */
static bool take_uid(const char *text, char uid[UID_MAX + 1])
{
	size_t length = text ? strlen(text) : 0;
	while (length && text[length - 1] == ' ')
		length--;
	if (!length || length > UID_MAX)
		return false;
	memcpy(uid, text, length);
	uid[length] = '\0';
	return strspn(uid, "0123456789.") == length;
}

static void take_result(struct pages *pages, json_object *result)
{
	char uid[UID_MAX + 1];
	pages->results++;
	if (!take_uid(json_string(study_of_result(result)), uid)) {
		pages->fault = "a result of the query has no Study Instance "
			       "UID";
		return;
	}
	if (lh_table_lookup_entry(pages->seen, uid))
		return;
	lh_add(pages->seen, xstrdup(uid), NULL);
	pages->fresh++;
	if (!dicomweb_fits(result, pages->query)) {
		pages->others++;
		return;
	}
	char *url = xmalloc(strlen(pages->studies) + strlen(uid) + 2);
	sprintf(url, "%s/%s", pages->studies, uid);
	if (pages->window)
		pages->window->at = pages->results - 1;
	pages->found(url, pages->context);
	pages->given++;
	free(url);
}

/* ---- a page ---- */

static bool is_full(const struct pages *pages)
{
	return pages->window && pages->given == pages->window->most;
}

/* A page of a window asks for one more, which tells that there is more. */
static size_t page_size(const struct pages *pages)
{
	return pages->window ? pages->window->most - pages->given + 1 : PAGE;
}

/* More than was asked for: the server gives all, whatever the offset. */
static size_t first_of_page(const struct pages *pages, json_object *page)
{
	size_t count = json_count(page);
	if (!pages->window || count <= page_size(pages))
		return 0;
	return pages->results < count ? pages->results : count;
}

static void take_results(struct pages *pages, json_object *page)
{
	size_t count = json_count(page), at = first_of_page(pages, page);
	for (; at < count && !is_full(pages); at++)
		take_result(pages, json_at(page, at));
	if (pages->window)
		pages->window->has_more = at < count;
}

/* How many results it has; -1: it is not JSON as QIDO has it. */
static int take_page(struct pages *pages, const struct http_answer *answer)
{
	struct json_source source =
		json_source_of((const char *)answer->body.bytes,
			       answer->body.length, DEPTH_MAX);
	json_object *page = NULL;
	int got = json_read(&source, &page), count = 0;
	pages->fresh = 0;
	if (got > 0 && json_object_is_type(page, json_type_array)) {
		take_results(pages, page);
		count = (int)json_count(page);
	} else if (got != 0) {
		pages->fault = "the answer to the query is no list of results "
			       "in JSON";
		count = -1;
	}
	json_object_put(page);
	json_source_free(&source);
	return count;
}

static char *page_address_of(const struct pages *pages, const char *query,
			     bool in_pages)
{
	size_t size = strlen(pages->studies) + strlen(query) + 80;
	char *url = xmalloc(size), window[64] = "";
	if (in_pages)
		snprintf(window, sizeof window, "limit=%zu&offset=%zu",
			 page_size(pages), pages->results);
	snprintf(url, size, "%s%s%s%s%s", pages->studies,
		 *query || in_pages ? "?" : "", query,
		 *query && in_pages ? "&" : "", window);
	return url;
}

/* How many results it has; -1: none, and *status says why. */
static int ask_page(struct pages *pages, const char *query, bool in_pages,
		    int *status)
{
	char *url = page_address_of(pages, query, in_pages);
	struct http_answer answer;
	int count = -1;
	dicomweb_ask(pages->web, url, dicomweb_json, &answer);
	if (pages->window)
		pages->window->answered = (struct dicomweb_answered){
			answer.outcome, answer.status, answer.retry_after};
	if (answer.outcome == HTTP_ANSWERED)
		count = take_page(pages, &answer);
	else
		pages->fault = "the query has no answer";
	if (count < 0) {
		char text[400];
		snprintf(text, sizeof text, "%s%s%s", pages->fault,
			 *answer.fault ? ": " : "", answer.fault);
		dicomweb_say(pages->web, true, pages->studies, text);
		*status = answer.outcome == HTTP_PUT_OFF && !answer.status
				  ? DFH_IO
				  : DFH_REFUSED;
	}
	http_answer_free(&answer);
	free(url);
	return count;
}

/* ---- all of them ---- */

/* Is one of the parameters that divide results into pages the caller's? */
static bool has_pages(const char *query)
{
	for (; *query; query += strcspn(query, "&")) {
		query += *query == '&';
		if (strncmp(query, "limit=", 6) == 0 ||
		    strncmp(query, "offset=", 7) == 0)
			return true;
	}
	return false;
}

static bool has_more(const struct pages *pages)
{
	return pages->window && pages->window->has_more;
}

/* A page with nothing new is the last, whatever the server does with limit and
 * offset. */
static int ask_all(struct pages *pages, const char *query)
{
	bool in_pages = !has_pages(query);
	int status = DFH_OK, count;
	do {
		count = ask_page(pages, query, in_pages, &status);
	} while (count > 0 && pages->fresh && in_pages && !has_more(pages) &&
		 !cli_interrupted());
	if (count > 0 && in_pages && !pages->fresh && !pages->window)
		dicomweb_say(pages->web, false, pages->studies,
			     "the server gives the same results again: it does "
			     "not divide them into pages, and more may be "
			     "hidden; ask in parts, as by StudyDate");
	if (pages->others)
		dicomweb_say(pages->web, false, pages->studies,
			     "the server gives studies that the query does not "
			     "ask for; they are left out");
	if (status == DFH_OK && pages->fault) {
		dicomweb_say(pages->web, true, pages->studies, pages->fault);
		status = DFH_REFUSED;
	}
	return status;
}

int dicomweb_pages(struct dicomweb *web, const char *studies, const char *query,
		   struct dicomweb_window *window,
		   void (*found)(const char *study, void *context),
		   void *context)
{
	struct pages pages = {.web = web,
			      .studies = studies,
			      .query = query,
			      .seen = lh_by_text(256, lh_free_key),
			      .found = found,
			      .context = context,
			      .window = window,
			      .results = window ? window->first : 0};
	int status = ask_all(&pages, query);
	if (window)
		window->first = pages.results;
	lh_table_free(pages.seen);
	return status;
}

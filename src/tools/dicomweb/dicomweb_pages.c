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
	bool answered;			/* a page came */
	bool is_whole;			/* the server knows no pages */
	struct buffer text;		/* of the page at hand */
	size_t bad;			/* the first result without a UID */
	char fault[256];		/* of a page; "": none */
};

/* ---- a result ---- */

static json_object *study_of_result(json_object *result)
{
	json_foreach (result, name, attribute)
		if (strcasecmp(name, "0020000D") == 0 ||
		    strcmp(name, "StudyInstanceUID") == 0) {
			json_object *value = json_member(attribute, "Value");
			if (json_string(value))
				return value;
			return json_count(value) == 1 ? json_at(value, 0)
						      : NULL;
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
		if (!pages->bad)
			pages->bad = pages->results;
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

/* Results and lists of them that come one after another are one page.  The
 * value is taken over; false: it is neither. */
static bool add_to_page(json_object **page, json_object *value)
{
	bool is_list = json_object_is_type(value, json_type_array);
	bool is_result = study_of_result(value) != NULL;
	if (!*page && is_list) {
		*page = value;
		return true;
	}
	if (!*page)
		*page = json_new_array();
	for (size_t i = 0; i < json_count(value); i++)
		json_append(*page, json_copy(json_at(value, i)));
	if (is_result)
		json_append(*page, json_copy(value));
	json_object_put(value);
	return is_list || is_result;
}

/* false: it is not JSON as QIDO has it. */
static bool read_result_page(struct pages *pages, json_object **page)
{
	struct json_source source = json_source_of(
		(const char *)pages->text.bytes, pages->text.length, DEPTH_MAX);
	json_object *value = NULL;
	bool good = true;
	int got;
	while (good && (got = json_read(&source, &value)) > 0)
		good = add_to_page(page, value);
	if (!good || got < 0) {
		size_t line, column;
		json_where(&source, &line, &column);
		snprintf(pages->fault, sizeof pages->fault,
			 "the answer to the query is no list of results in "
			 "JSON: %zu:%zu: %s",
			 line, column,
			 good ? source.fault : "is neither list nor result");
	}
	json_source_free(&source);
	return good && got == 0;
}

/* How many results it has; -1: it is none. */
static int take_page(struct pages *pages)
{
	json_object *page = NULL;
	int count = -1;
	pages->fresh = 0;
	pages->answered = true;
	if (read_result_page(pages, &page)) {
		take_results(pages, page);
		count = (int)json_count(page);
	}
	json_object_put(page);
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

static int keep_page_text(const void *bytes, size_t length, void *context)
{
	buffer_add(context, bytes, length);
	return 0;
}

static void drop_page_text(void *context)
{
	struct buffer *text = context;
	text->length = 0;
}

static void ask_for_results(struct pages *pages, const char *url,
			    struct http_answer *answer)
{
	const struct dicomweb_content to = {keep_page_text, drop_page_text,
					    &pages->text};
	dicomweb_ask_json(pages->web, url, &to, dicomweb_limit(pages->web),
			  answer);
}

/* Some say 404 where there is nothing, and so do servers without the service:
 * it has answered before, or answers a query that finds something. */
static bool has_service(struct pages *pages)
{
	struct http_answer answer;
	if (pages->answered || !*pages->query)
		return pages->answered;
	char *url = page_address_of(pages, "limit=1", false);
	ask_for_results(pages, url, &answer);
	bool has = answer.outcome == HTTP_ANSWERED;
	http_answer_free(&answer);
	free(url);
	return has;
}

static int refuse_page(struct pages *pages, const struct http_answer *answer,
		       int *status)
{
	char text[600];
	snprintf(text, sizeof text, "%s%s%s",
		 *pages->fault ? pages->fault : "the query has no answer",
		 *answer->fault ? ": " : "", answer->fault);
	dicomweb_say(pages->web, true, pages->studies, text);
	*status = answer->outcome == HTTP_PUT_OFF && !answer->status
			  ? DFH_IO
			  : DFH_REFUSED;
	return -1;
}

static void ask_at_offset(struct pages *pages, const char *query, bool in_pages,
			  struct http_answer *answer)
{
	char *url = page_address_of(pages, query, in_pages);
	ask_for_results(pages, url, answer);
	free(url);
}

/* How many results it has; -1: none, and *status says why.  A server that
 * refuses limit and offset is asked without them. */
static int ask_page(struct pages *pages, const char *query, bool *in_pages,
		    int *status)
{
	struct http_answer answer;
	int count = -1;
	ask_at_offset(pages, query, *in_pages, &answer);
	if (answer.status == 400 && *in_pages && !pages->answered &&
	    !pages->window) {
		http_answer_free(&answer);
		*in_pages = false;
		ask_at_offset(pages, query, false, &answer);
		pages->is_whole = answer.outcome == HTTP_ANSWERED;
	}
	if (pages->window)
		pages->window->answered = (struct dicomweb_answered){
			answer.outcome, answer.status, answer.retry_after};
	if (answer.outcome == HTTP_ANSWERED)
		count = take_page(pages);
	else if (answer.status == 404 && has_service(pages))
		count = 0;
	if (count < 0)
		count = refuse_page(pages, &answer, status);
	http_answer_free(&answer);
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

/* What has no UID cannot be asked for. */
static int refuse_results(const struct pages *pages, int status)
{
	char text[128];
	snprintf(text, sizeof text,
		 "result %zu of the query has no Study Instance UID, or "
		 "several",
		 pages->bad);
	dicomweb_say(pages->web, true, pages->studies, text);
	return status == DFH_OK ? DFH_REFUSED : status;
}

static const char same_again[] =
	"the server gives the same results again: it does not divide them into "
	"pages, and more may be hidden; ask in parts, as by StudyDate";
static const char no_pages[] = "the server takes neither limit nor offset, and "
			       "more may be hidden; ask "
			       "in parts, as by StudyDate";

/* A page with nothing new is the last, whatever the server does with limit and
 * offset. */
static int ask_all(struct pages *pages, const char *query)
{
	bool in_pages = !has_pages(query);
	int status = DFH_OK, count;
	do {
		count = ask_page(pages, query, &in_pages, &status);
	} while (count > 0 && pages->fresh && in_pages && !has_more(pages) &&
		 !cli_interrupted());
	bool is_same = count > 0 && in_pages && !pages->fresh &&
		       !pages->window && !pages->bad;
	if (is_same || pages->is_whole)
		dicomweb_say(pages->web, false, pages->studies,
			     is_same ? same_again : no_pages);
	if (pages->others)
		dicomweb_say(pages->web, false, pages->studies,
			     "the server gives studies that the query does not "
			     "ask for; they are left out");
	return pages->bad ? refuse_results(pages, status) : status;
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
	buffer_free(&pages.text);
	return status;
}

/* GET ImagingStudy?...: which studies can be meant; each is looked at as FHIR
 * has it, page by page. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "serve_page.h"

enum {
	COUNT = 20,
	COUNT_MOST = 100,
	FOUND_MOST = 1000 /* where several questions are asked */
};

/* ---- what is found ---- */

struct finds {
	struct dicomweb_window window;
	char (*uids)[SERVE_UID];
	size_t *results;
	size_t count;
};

static void add_find(struct finds *finds, const char *uid)
{
	if (!serve_is_uid(uid))
		return;
	array_room(finds->uids, finds->count);
	array_room(finds->results, finds->count);
	strcpy(finds->uids[finds->count], uid);
	finds->results[finds->count++] = finds->window.at;
}

static void take_page_find(const char *url, void *context)
{
	struct finds *finds = context;
	const char *slash = strrchr(url, '/');
	if (slash)
		add_find(finds, slash + 1);
}

static void free_finds(struct finds *finds)
{
	free(finds->uids);
	free(finds->results);
	finds->uids = NULL;
	finds->results = NULL;
	finds->count = 0;
}

/* -1: the reply says why there is no answer. */
static int ask_question(struct page *page,
			const struct serve_question *question,
			struct finds *finds)
{
	const struct serve_source *source = &page->serve->source;
	char *url = dicomweb_all_of(source->options->dicomweb.base,
				    (enum dicomweb_level)question->level);
	int status = dicomweb_pages(source->web, url, question->terms,
				    &finds->window, take_page_find, finds);
	const struct dicomweb_answered *answered = &finds->window.answered;
	if (status != DFH_OK && (answered->outcome == HTTP_PUT_OFF ||
				 answered->outcome == HTTP_STOPPED))
		serve_put_off(page->reply, answered->retry_after, "the PACS");
	else if (status != DFH_OK)
		serve_fail(page->reply, 502, "exception",
			   "the PACS does not answer as DICOMweb does");
	free(url);
	return status == DFH_OK ? 0 : -1;
}

/* A question of which results are numbered by the server of DICOMweb. */
static int search_by_one(struct page *page,
			 const struct serve_question *question, size_t first)
{
	bool goes_on = true;
	int result = 0;
	while (goes_on && result == 0) {
		struct finds finds = {
			.window = {.first = first,
				   .most = page->wanted - page->count + 1}};
		result = ask_question(page, question, &finds);
		for (size_t i = 0; goes_on && result == 0 && i < finds.count;
		     i++)
			goes_on = page_add_study(page, finds.uids[i],
						 finds.results[i]);
		goes_on = goes_on && finds.window.has_more;
		first = finds.window.first;
		free_finds(&finds);
	}
	return result;
}

static int compare_uids(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All that were gathered, numbered in their order. */
static void look_through(struct page *page, struct finds *finds, size_t first)
{
	bool goes_on = true;
	if (finds->count)
		qsort(finds->uids, finds->count, sizeof *finds->uids,
		      compare_uids);
	for (size_t i = first; goes_on && i < finds->count; i++)
		if (!i || strcmp(finds->uids[i], finds->uids[i - 1]) != 0)
			goes_on = page_add_study(page, finds->uids[i], i);
}

/* Several, or one whose results come at once. */
static int search_by_several(struct page *page,
			     const struct serve_questions *questions,
			     size_t first)
{
	struct finds finds = {0};
	int result = 0;
	for (size_t i = 0; result == 0 && i < questions->count; i++) {
		finds.window = (struct dicomweb_window){.most = FOUND_MOST + 1};
		result = ask_question(page, &questions->at[i], &finds);
		if (result == 0 && finds.count > FOUND_MOST) {
			serve_fail(page->reply, 400, "too-costly",
				   "too many studies could be meant: ask by "
				   "less at once");
			result = -1;
		}
	}
	if (result == 0)
		look_through(page, &finds, first);
	free_finds(&finds);
	return result;
}

static void take_spooled(const char *uid, void *finds)
{
	add_find(finds, uid);
}

/* Of what is here: the studies that the questions name, or else all. */
static void search_spool(struct page *page,
			 const struct serve_questions *questions, size_t first)
{
	const struct serve_spool *spool = page->serve->options.spool;
	struct finds finds = {0};
	char uid[SERVE_UID];
	bool names_all = true;
	for (size_t i = 0; names_all && i < questions->count; i++) {
		names_all = serve_question_study(&questions->at[i], uid);
		if (names_all)
			add_find(&finds, uid);
	}
	if (!names_all) {
		free_finds(&finds);
		spool->visit(spool->context, take_spooled, &finds);
	}
	look_through(page, &finds, first);
	free_finds(&finds);
}

/* ---- how it is asked for ---- */

static bool take_number(struct page *page, const char *name, size_t most,
			size_t *number)
{
	const char *text = serve_query_value(&page->request->query, name);
	if (!text)
		return true;
	size_t length = strlen(text);
	if (!length || length > 9 || strspn(text, "0123456789") != length) {
		serve_fail(page->reply, 400, "value", "'%s' takes a number",
			   name);
		return false;
	}
	*number = (size_t)strtoul(text, NULL, 10);
	if (*number > most)
		*number = most;
	return true;
}

/* What is looked at as FHIR has it is to be read for it: there is a most. */
static bool take_page_size(struct page *page)
{
	struct serve_query *query = &page->request->query;
	page->wanted = COUNT;
	if (!take_number(page, "_count", COUNT_MOST, &page->wanted))
		return false;
	page->counts = !page->wanted;
	for (size_t i = 0; i < query->count; i++)
		if (strcmp(query->at[i].name, "_summary") == 0 &&
		    strcmp(query->at[i].value, "count") == 0) {
			query->at[i].is_used = true;
			page->counts = true;
		}
	if (page->counts)
		page->wanted = FOUND_MOST;
	return true;
}

/* "ImagingStudy:endpoint": the element of that reference. */
static void take_include(struct page *page, struct serve_parameter *given)
{
	static const char *const names[][2] = {
		{"ImagingStudy:endpoint", "endpoint"},
		{"ImagingStudy:subject", "subject"},
		{"ImagingStudy:patient", "subject"},
		{"ImagingStudy:basedon", "basedOn"},
		{"ImagingStudy:based-on", "basedOn"}};
	if (strcmp(given->name, "_include") != 0)
		return;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(given->value, names[i][0]) == 0 &&
		    page->include_count < INCLUDES_MOST) {
			page->includes[page->include_count++] = names[i][1];
			given->is_used = true;
		}
}

/* Parameters that nothing is made of: a fault for who wants to be told. */
static bool check_unused(struct page *page)
{
	const struct serve_query *query = &page->request->query;
	for (size_t i = 0; page->request->is_strict && i < query->count; i++)
		if (!query->at[i].is_used) {
			serve_fail(page->reply, 400, "not-supported",
				   "parameter %zu is not known here", i + 1);
			return false;
		}
	return true;
}

static void search_page(struct page *page,
			const struct serve_questions *questions, size_t first)
{
	int result = 0;
	if (questions->are_too_many) {
		serve_fail(page->reply, 400, "too-costly",
			   "too many values at once");
		return;
	}
	if (page->wanted && page->serve->options.spool)
		search_spool(page, questions, first);
	else if (page->wanted && questions->count == 1 && !questions->are_whole)
		result = search_by_one(page, &questions->at[0], first);
	else if (page->wanted && questions->count)
		result = search_by_several(page, questions, first);
	if (result == 0)
		page_print(page);
}

void serve_search(struct serve *serve, struct serve_request *request,
		  struct serve_reply *reply)
{
	struct serve_criteria criteria;
	struct serve_questions questions;
	struct page page = {.serve = serve,
			    .request = request,
			    .criteria = &criteria,
			    .reply = reply,
			    .began = http_seconds()};
	size_t first = 0;
	if (!take_page_size(&page) ||
	    !take_number(&page, "_page", INT_MAX, &first) ||
	    serve_criteria_of(serve, request, &criteria, reply) < 0)
		return;
	if (page.counts)
		first = 0;
	for (size_t i = 0; i < request->query.count; i++)
		take_include(&page, &request->query.at[i]);
	if (check_unused(&page)) {
		page.included = lh_by_text(32, lh_free_key);
		serve_questions_of(&criteria, &questions);
		search_page(&page, &questions, first);
		serve_questions_free(&questions);
		lh_table_free(page.included);
	}
	buffer_free(&page.entries);
	serve_criteria_free(&criteria);
}

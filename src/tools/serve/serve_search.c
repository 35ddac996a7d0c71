/* GET ImagingStudy?...: studies that a server of DICOMweb finds, each looked at
 * as FHIR has it, page by page. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "serve_criteria.h"
#include "uuid.h"

enum {
	COUNT = 20,
	COUNT_MOST = 100,
	FOUND_MOST = 1000,   /* where several questions are asked */
	BODY_MOST = 4 << 20, /* a page that is larger ends */
	PAGE_SECONDS = 20,   /* one that takes longer, too */
	INCLUDES_MOST = 8
};

struct page {
	struct serve *serve;
	struct serve_request *request;
	const struct serve_criteria *criteria;
	struct serve_reply *reply;
	struct buffer entries;
	size_t wanted, count; /* studies */
	bool counts;	      /* their number alone is wanted */
	const char *includes[INCLUDES_MOST];
	size_t include_count;
	struct lh_table *included; /* "Type/ID" */
	bool is_withheld;	   /* something that the token does not open */
	double began;
	size_t tried; /* studies that were read, or could not be */
	bool ends;    /* before the results do */
	size_t next;  /* the result that the next page begins with */
};

/* ---- what is on a page ---- */

/* Of what has no address: no other entry has it; to be freed. */
static char *name_on_page(const struct page *page)
{
	char uuid[UUID_TEXT], number[32];
	snprintf(number, sizeof number, "%zu", page->entries.length);
	uuid_from_name(number, uuid);
	return xprintf("urn:uuid:%s", uuid);
}

/* A resource as an entry; mode is "match", "include" or "outcome". */
static void add_page_entry(struct page *page, json_object *resource,
			   const char *mode)
{
	const char *id = json_text(resource, "id");
	json_object *entry = json_new_object(), *search = json_new_object();
	char *url = id ? xprintf("%s/fhir/%s/%s/%s", page->serve->options.base,
				 dfh_release_name(page->request->release),
				 json_text(resource, "resourceType"), id)
		       : name_on_page(page);
	json_add_text(entry, "fullUrl", url);
	free(url);
	json_add(entry, "resource", json_object_get(resource));
	json_add_text(search, "mode", mode);
	json_add(entry, "search", search);
	if (page->entries.length)
		buffer_add(&page->entries, ",", 1);
	serve_print(entry, &page->entries);
	json_object_put(entry);
}

static void include_reference(struct page *page,
			      const struct serve_study *study,
			      json_object *reference)
{
	const char *leads = json_text(reference, "reference");
	json_object *other = leads ? serve_study_other(study, leads) : NULL;
	if (!other || lh_table_lookup_entry(page->included, leads))
		return;
	if (!serve_lets_read(page->request, json_text(other, "resourceType"))) {
		page->is_withheld = true;
		return;
	}
	lh_add(page->included, xstrdup(leads), NULL);
	add_page_entry(page, other, "include");
}

static void include_others(struct page *page, const struct serve_study *study)
{
	for (size_t i = 0; i < page->include_count; i++) {
		json_object *value =
			json_member(study->study, page->includes[i]);
		include_reference(page, study, value);
		for (size_t j = 0; j < json_count(value); j++)
			include_reference(page, study, json_at(value, j));
	}
}

static void add_page_outcome(struct page *page, const char *code,
			     const char *text)
{
	json_object *outcome = serve_outcome("warning", code, text);
	add_page_entry(page, outcome, "outcome");
	json_object_put(outcome);
}

/* The next page begins with that result.  false, for this one is over. */
static bool end_page_before(struct page *page, size_t result)
{
	page->ends = true;
	page->next = result;
	return false;
}

/* One that cannot be read is told, and the others are given; but where the PACS
 * does not answer, the page ends before it.  In a number of studies, what is
 * found and then is not there does not count, and all else is to be known.
 * false: it is over. */
static bool tell_unread(struct page *page, size_t result)
{
	struct serve_reply *reply = page->reply;
	if (reply->status == 503 || (page->counts && reply->status != 404))
		return end_page_before(page, result);
	if (!page->counts)
		add_page_outcome(page, "incomplete",
				 "a study that was found cannot be read, and "
				 "is left out");
	page->tried++;
	return true;
}

/* false: the page is over. */
static bool add_page_study(struct page *page, const char *uid, size_t result)
{
	struct serve_study study;
	if (page->entries.length >= BODY_MOST || page->count == page->wanted ||
	    (page->tried && http_seconds() - page->began > PAGE_SECONDS))
		return end_page_before(page, result);
	if (serve_study_read(&page->serve->source, uid, page->request->release,
			     &study, page->reply) < 0)
		return tell_unread(page, result);
	page->tried++;
	if (serve_criteria_fit(page->criteria, &study)) {
		if (!page->counts) {
			add_page_entry(page, study.study, "match");
			include_others(page, &study);
		}
		page->count++;
	}
	serve_study_free(&study);
	return true;
}

/* ---- what is found ---- */

struct finds {
	struct dicomweb_window window;
	char (*uids)[SERVE_UID];
	size_t *results;
	size_t count;
};

static void take_page_find(const char *url, void *context)
{
	struct finds *finds = context;
	const char *slash = strrchr(url, '/');
	if (!slash || !serve_is_uid(slash + 1))
		return;
	array_room(finds->uids, finds->count);
	array_room(finds->results, finds->count);
	strcpy(finds->uids[finds->count], slash + 1);
	finds->results[finds->count++] = finds->window.at;
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
			goes_on = add_page_study(page, finds.uids[i],
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

/* Several, or one whose results come at once: all are gathered, and numbered in
 * their order. */
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
	if (result == 0 && finds.count)
		qsort(finds.uids, finds.count, sizeof *finds.uids,
		      compare_uids);
	bool goes_on = true;
	for (size_t i = first; goes_on && result == 0 && i < finds.count; i++)
		if (!i || strcmp(finds.uids[i], finds.uids[i - 1]) != 0)
			goes_on = add_page_study(page, finds.uids[i], i);
	free_finds(&finds);
	return result;
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

/* ---- the Bundle ---- */

/* What the answer went by, and on the next page goes on by. */
static char *link_to(const struct page *page, bool is_next)
{
	const struct serve_query *query = &page->request->query;
	struct buffer url = {0};
	char *base =
		xprintf("%s/fhir/%s/ImagingStudy", page->serve->options.base,
			dfh_release_name(page->request->release));
	char sign = '?';
	buffer_add(&url, base, strlen(base));
	for (size_t i = 0; i < query->count; i++) {
		const struct serve_parameter *at = &query->at[i];
		if (!at->is_used || (is_next && strcmp(at->name, "_page") == 0))
			continue;
		char *name = http_encoded(at->name);
		char *value = http_encoded(at->value);
		char *part = xprintf("%c%s=%s", sign, name, value);
		buffer_add(&url, part, strlen(part));
		sign = '&';
		free(name);
		free(value);
		free(part);
	}
	if (is_next) {
		char *part = xprintf("%c_page=%zu", sign, page->next);
		buffer_add(&url, part, strlen(part));
		free(part);
	}
	buffer_add(&url, "", 1);
	free(base);
	return (char *)url.bytes;
}

static json_object *links_of(const struct page *page)
{
	json_object *links = json_new_array();
	for (int is_next = 0; is_next <= page->ends; is_next++) {
		json_object *link = json_new_object();
		char *url = link_to(page, is_next);
		json_add_text(link, "relation", is_next ? "next" : "self");
		json_add_text(link, "url", url);
		json_append(links, link);
		free(url);
	}
	return links;
}

static void print_bundle(struct page *page)
{
	static const char begin[] =
		"{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":";
	struct buffer *body = &page->reply->body;
	json_object *links = links_of(page);
	page->reply->status = 200;
	body->length = 0;
	buffer_add(body, begin, sizeof begin - 1);
	serve_print(links, body);
	if (page->counts) {
		char total[64];
		snprintf(total, sizeof total, ",\"total\":%zu", page->count);
		buffer_add(body, total, strlen(total));
	}
	if (page->entries.length) {
		buffer_add(body, ",\"entry\":[", 10);
		buffer_add(body, page->entries.bytes, page->entries.length);
		buffer_add(body, "]", 1);
	}
	buffer_add(body, "}", 1);
	json_object_put(links);
}

/* Is it a page of nothing, which would be asked for again and again, or a
 * number of some?  Then the reply says why. */
static bool is_cut_short(struct page *page)
{
	if (page->ends && page->counts && page->reply->status < 400)
		serve_fail(page->reply, 400, "too-costly",
			   "there are too many studies to be counted");
	return page->ends && (!page->tried || page->counts);
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
	if (page->wanted && questions->count == 1 && !questions->are_whole)
		result = search_by_one(page, &questions->at[0], first);
	else if (page->wanted && questions->count)
		result = search_by_several(page, questions, first);
	if (result == 0 && page->is_withheld)
		add_page_outcome(page, "forbidden",
				 "what the token does not open is not "
				 "included");
	if (result == 0 && !is_cut_short(page))
		print_bundle(page);
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

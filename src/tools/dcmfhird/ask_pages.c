#include "ask_pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "memory.h"
#include "server.h"

/* An answer, as far as it has come. */
struct gathered {
	struct http *http;
	const struct paged_search *search;
	dfh_import *im;
	struct ask_fault *fault;
	char *target; /* of the next page; NULL: it was the last one */
	long long matches;
	long long total; /* as the server says; negative: it does not */
};

bool ask_finds_nobody(const struct ask_fault *fault)
{
	switch (fault->status) {
	case 0:
		return fault->outcome != HTTP_REFUSED;
	case 401:
	case 403:
	case 429:
	case 503:
		return true;
	default:
		return fault->outcome == HTTP_STOPPED;
	}
}

static int fail_answer(struct ask_fault *fault, const char *text)
{
	fault->outcome = HTTP_REFUSED;
	snprintf(fault->text, sizeof fault->text, "%s", text);
	return -1;
}

/* ---- one answer ---- */

int ask_fhir(struct http *http, const char *target,
	     bool (*accepts)(struct http_answer *answer, void *context),
	     void *context, struct ask_fault *fault)
{
	const char *const headers[] = {fhir_accept, NULL};
	const struct http_request request = {.method = "GET",
					     .target = target,
					     .headers = headers,
					     .accepts = accepts,
					     .context = context};
	struct http_answer answer;
	http_ask(http, &request, &answer);
	fault->outcome = answer.outcome;
	fault->status = answer.status;
	snprintf(fault->text, sizeof fault->text, "%s", answer.fault);
	http_answer_free(&answer);
	return fault->outcome == HTTP_ANSWERED ? 0 : -1;
}

/* What the text of the error quotes could be a patient's. */
int import_answer(dfh_import *im, const char *base, json_object *bundle)
{
	dfh_error *error = NULL;
	char *text = json_to_line(json_object_get(bundle));
	int result = dfh_import_add_json(im, base, text, strlen(text), &error);
	dfh_error_free(error);
	free(text);
	return result;
}

/* ---- is it a page? ---- */

/* http://hl7.org/fhir/issue-type: what was found is not all, or not had. */
static bool is_cut_by(json_object *issue)
{
	const char *severity = json_text(issue, "severity");
	const char *code = json_text(issue, "code");
	return (severity && has_word("fatal error", severity)) ||
	       (code &&
		has_word("incomplete timeout throttled too-costly", code));
}

static bool says_it_is_cut(json_object *resource)
{
	json_object *issues = json_member(resource, "issue");
	if (!same_text(json_text(resource, "resourceType"), "OperationOutcome"))
		return false;
	for (size_t i = 0; i < json_count(issues); i++)
		if (is_cut_by(json_at(issues, i)))
			return true;
	return false;
}

/* NULL: they are resources. */
static const char *fault_of_entries(json_object *entries)
{
	if (entries && !json_object_is_type(entries, json_type_array))
		return "the answer is none: its entries are no list";
	for (size_t i = 0; i < json_count(entries); i++) {
		json_object *resource =
			json_member(json_at(entries, i), "resource");
		if (!json_text(resource, "resourceType"))
			return "the answer is none: an entry has no resource";
		if (says_it_is_cut(resource))
			return "the answer is none: an OperationOutcome in it "
			       "says that it failed, or is not whole";
	}
	return NULL;
}

/* One without an address hides what is on the pages behind it. */
static const char *fault_of_links(json_object *links)
{
	if (links && !json_object_is_type(links, json_type_array))
		return "the answer is none: its links are no list";
	for (size_t i = 0; i < json_count(links); i++) {
		json_object *link = json_at(links, i);
		const char *url = json_text(link, "url");
		if (same_text(json_text(link, "relation"), "next") &&
		    (!url || !*url))
			return "the answer is none: its next page has no "
			       "address";
	}
	return NULL;
}

/* One that is no list of resources would say that there are none. */
static bool is_search_page(struct http_answer *answer, void *context)
{
	json_object **bundle = context;
	if (!server_gives_bundle(answer, bundle))
		return false;
	const char *fault = fault_of_entries(json_member(*bundle, "entry"));
	if (!fault)
		fault = fault_of_links(json_member(*bundle, "link"));
	if (!fault && !same_text(json_text(*bundle, "type"), "searchset"))
		fault = "the answer is none: its Bundle is no searchset";
	snprintf(answer->fault, sizeof answer->fault, "%s", fault ? fault : "");
	return !fault;
}

/* ---- what is on it ---- */

static const char *mode_of_entry(json_object *entry)
{
	return json_text(json_member(entry, "search"), "mode");
}

/* Of a server that tells no modes, what is of the type that was searched. */
static bool is_match_of(const char *search, json_object *entry)
{
	const char *mode = mode_of_entry(entry);
	const char *type =
		json_text(json_member(entry, "resource"), "resourceType");
	size_t length = strcspn(search, "?");
	if (mode)
		return strcmp(mode, "match") == 0;
	return strlen(type) == length && strncmp(type, search, length) == 0;
}

/* Outcomes are about the search, and not what it found. */
static void take_entries(struct gathered *gathered, json_object *bundle)
{
	const struct paged_search *search = gathered->search;
	json_object *entries = json_member(bundle, "entry");
	json_object *found = json_new_array();
	for (size_t i = 0; i < json_count(entries); i++) {
		json_object *entry = json_at(entries, i);
		bool is_match = is_match_of(search->text, entry);
		if (same_text(mode_of_entry(entry), "outcome"))
			continue;
		/* who tells no modes may have counted what is included */
		gathered->matches += is_match || !mode_of_entry(entry);
		if (search->visit)
			search->visit(entry, is_match, search->context);
		json_append(found, json_object_get(entry));
	}
	json_add(bundle, "entry", found);
}

static void take_total(struct gathered *gathered, json_object *bundle)
{
	char room[JSON_SCALAR_ROOM];
	const char *total = json_scalar(json_member(bundle, "total"), room);
	if (*total)
		gathered->total = strtoll(total, NULL, 10);
}

static int take_next(struct gathered *gathered, json_object *bundle)
{
	json_object *links = json_member(bundle, "link");
	free(gathered->target);
	gathered->target = NULL;
	for (size_t i = 0; i < json_count(links) && !gathered->target; i++) {
		json_object *link = json_at(links, i);
		if (same_text(json_text(link, "relation"), "next"))
			gathered->target = xstrdup(json_text(link, "url"));
	}
	if (gathered->target && http_is_url(gathered->target) &&
	    !http_same_origin(gathered->target, gathered->search->base))
		return fail_answer(gathered->fault,
				   "its next page is of another server");
	return 0;
}

/* ---- the pages ---- */

static int take_search_page(struct gathered *gathered)
{
	json_object *bundle = NULL;
	int result = ask_fhir(gathered->http, gathered->target, is_search_page,
			      &bundle, gathered->fault);
	if (result == 0) {
		take_total(gathered, bundle);
		take_entries(gathered, bundle);
		if (import_answer(gathered->im, gathered->search->base,
				  bundle) < 0)
			result = fail_answer(
				gathered->fault,
				"its answer cannot be read as FHIR");
	}
	if (result == 0)
		result = take_next(gathered, bundle);
	json_object_put(bundle);
	return result;
}

/* All pages or nothing: what one of them says is over or replaced matters for
 * the others. */
int ask_pages(struct http *http, const struct paged_search *search,
	      dfh_import *im, struct ask_fault *fault)
{
	struct gathered gathered = {.http = http,
				    .search = search,
				    .im = im,
				    .fault = fault,
				    .target = xstrdup(search->text),
				    .total = -1};
	int result = 0;
	*fault = (struct ask_fault){.outcome = HTTP_ANSWERED};
	for (int page = 0; gathered.target && result == 0; page++)
		result = page < search->pages
				 ? take_search_page(&gathered)
				 : fail_answer(fault, "its answer has too many "
						      "pages");
	if (result == 0 && gathered.total > gathered.matches)
		result = fail_answer(fault,
				     "its answer is not whole: it says that "
				     "there are more than came");
	free(gathered.target);
	return result;
}

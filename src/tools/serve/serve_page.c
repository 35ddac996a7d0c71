#include "serve_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "uuid.h"

enum {
	BODY_MOST = 4 << 20, /* a page that is larger ends */
	PAGE_SECONDS = 10,   /* one that takes longer, too */
	COUNT_SECONDS = 20,  /* there is no other page of a number */
	LOOKED_MOST = 200,   /* or for which so many were read of the PACS */
	SILENT_MOST = 2	     /* in a row: the PACS is away */
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

static void add_page_outcome(struct page *page, const char *severity,
			     const char *code, const char *text)
{
	json_object *outcome = serve_outcome(severity, code, text);
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

/* A study that the PACS did not give, while it gave others: the page goes on
 * without it, and tells so. */
static void settle_silent(struct page *page)
{
	if (page->silent)
		add_page_outcome(page, "warning", "transient",
				 "a study that was found does not come now, "
				 "and is left out");
	page->silent = 0;
}

/* Only the next study tells whether the PACS is away, or this one alone does
 * not come.  false: it is away, and the page ends before those that it did not
 * give. */
static bool note_silent(struct page *page, size_t result)
{
	if (!page->silent++)
		page->silent_from = result;
	return page->silent < SILENT_MOST ||
	       end_page_before(page, page->silent_from);
}

/* One that cannot be read is told, and the others are given.  In a number of
 * studies, what is found and then is not there does not count, and all else is
 * to be known.  false: the page is over. */
static bool tell_unread(struct page *page, size_t result)
{
	unsigned int status = page->reply->status;
	bool is_here = page->serve->options.spool != NULL;
	if (page->counts && status != 404)
		return end_page_before(page, result);
	if (status == 503 && !is_here)
		return note_silent(page, result);
	settle_silent(page);
	/* of what is here, nobody found that it is what was asked for */
	if (is_here)
		page->is_partial = page->is_partial || status != 404;
	else if (!page->counts)
		add_page_outcome(page, "warning", "incomplete",
				 "a study that was found cannot be read, and "
				 "is left out");
	page->tried++;
	return true;
}

/* Was so much done for this page that others are to have their turn?  Not while
 * one more study is to tell whether the PACS is away. */
static bool is_costly(const struct page *page)
{
	bool is_long = http_seconds() - page->began >
		       (page->counts ? COUNT_SECONDS : PAGE_SECONDS);
	bool are_many = page->tried == LOOKED_MOST && !page->counts &&
			!page->serve->options.spool;
	return page->tried && !page->silent && (is_long || are_many);
}

static bool is_page_full(struct page *page)
{
	bool is_full = page->entries.length >= BODY_MOST ||
		       page->count == page->wanted;
	page->is_costly = !is_full && is_costly(page);
	return is_full || page->is_costly;
}

bool page_add_study(struct page *page, const char *uid, size_t result)
{
	struct serve_study study;
	if (is_page_full(page))
		return end_page_before(page, page->silent ? page->silent_from
							  : result);
	if (serve_study_read(&page->serve->source, uid, page->request->release,
			     &study, page->reply) < 0)
		return tell_unread(page, result);
	settle_silent(page);
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

static void tell_of_page(struct page *page)
{
	if (!page->ends)
		settle_silent(page);
	if (page->is_withheld)
		add_page_outcome(page, "warning", "forbidden",
				 "what the token does not open is not "
				 "included");
	if (page->is_partial && !page->counts)
		add_page_outcome(page, "warning", "incomplete",
				 "a study that is changing, or cannot be read, "
				 "is left out");
	if (page->is_costly)
		add_page_outcome(page, "information", "informational",
				 "for this page as many studies were looked at "
				 "as for any: others that can fit follow");
}

void page_print(struct page *page)
{
	/* the PACS gave none: the reply says so */
	if (page->silent && !page->tried)
		return;
	tell_of_page(page);
	if (!is_cut_short(page))
		print_bundle(page);
}

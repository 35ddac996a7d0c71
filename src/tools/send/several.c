/* A condition that more than one resource answers: which of them is meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "deliver.h"
#include "memory.h"

/* ---- the identifier that was asked for ---- */

struct asked {
	char *system; /* NULL: any */
	char *value;
};

/* Percent-encoded, and before that with backslashes (FHIR search, Escaping
 * Search Parameters). */
static char *search_decoded(const char *text, size_t length)
{
	char *out = xmalloc(length + 1), *end = out, *from, *to;
	for (size_t i = 0; i < length; i++) {
		unsigned int byte;
		bool is_byte = text[i] == '%' && i + 2 < length &&
			       sscanf(text + i + 1, "%2x", &byte) == 1;
		*end++ = is_byte ? (char)byte : text[i];
		i += is_byte ? 2 : 0;
	}
	*end = '\0';
	for (from = to = out; *from; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return out;
}

/* The first "identifier=SYSTEM|VALUE" of a condition. */
static struct asked asked_of(const char *condition)
{
	static const char name[] = "identifier=";
	struct asked asked = {0};
	if (strncmp(condition, name, sizeof name - 1) != 0)
		return asked;
	const char *text = condition + sizeof name - 1;
	size_t length = strcspn(text, "&");
	const char *bar = memchr(text, '|', length);
	if (bar)
		asked.system = search_decoded(text, (size_t)(bar - text));
	const char *value = bar ? bar + 1 : text;
	asked.value = search_decoded(value, (size_t)(text + length - value));
	return asked;
}

static void asked_free(struct asked *asked)
{
	free(asked->system);
	free(asked->value);
}

static bool is_asked_identifier(json_object *identifier,
				const struct asked *asked)
{
	return same_text(json_text(identifier, "value"), asked->value) &&
	       (!asked->system ||
		same_text(json_text(identifier, "system"), asked->system));
}

/* ---- is it the main one? ---- */

static bool is_medical_record(json_object *identifier)
{
	json_object *codings =
		json_member(json_member(identifier, "type"), "coding");
	for (size_t i = 0; i < json_count(codings); i++)
		if (same_text(json_text(json_at(codings, i), "code"), "MR"))
			return true;
	return false;
}

static bool has_ended(json_object *identifier)
{
	const char *end = json_text(json_member(identifier, "period"), "end");
	char today[16];
	time_t now = time(NULL);
	struct tm utc;
	strftime(today, sizeof today, "%Y-%m-%d", gmtime_r(&now, &utc));
	return end &&
	       strncmp(end, today, strlen(end) < 10 ? strlen(end) : 10) < 0;
}

static bool is_current(json_object *identifier)
{
	return !same_text(json_text(identifier, "use"), "old") &&
	       !has_ended(identifier);
}

/* Current, and official, usual, the only one, or the first of type MR. */
static bool is_main(json_object *resource, const struct asked *asked)
{
	json_object *list = json_member(resource, "identifier");
	bool has_record = false;
	for (size_t i = 0; i < json_count(list); i++) {
		json_object *identifier = json_at(list, i);
		const char *use = json_text(identifier, "use");
		bool is_record = is_medical_record(identifier);
		bool leads = same_text(use, "official") ||
			     same_text(use, "usual") || json_count(list) == 1 ||
			     (is_record && !has_record);
		if (leads && is_asked_identifier(identifier, asked) &&
		    is_current(identifier))
			return true;
		has_record = has_record || is_record;
	}
	return false;
}

/* ---- what the server has ---- */

enum { PAGE = 200 };

/* NULL: there is no answer, as result says. */
static json_object *search_entry(struct server *server,
				 const struct bundle_entry *entry,
				 struct result *result)
{
	json_object *page = NULL;
	const char *const headers[] = {fhir_accept, NULL};
	size_t size = strlen(entry->type) + strlen(entry->condition) + 32;
	char *target = xmalloc(size);
	struct http_answer answer;
	struct result asked = {0};
	snprintf(target, size, "%s?%s&_count=%d", entry->type, entry->condition,
		 PAGE);
	http_ask(server->http,
		 &(struct http_request){.method = "GET",
					.target = target,
					.headers = headers,
					.accepts = server_gives_bundle,
					.context = &page},
		 &answer);
	free(target);
	result->tries += answer.tries;
	if (answer.outcome == HTTP_ANSWERED) {
		http_answer_free(&answer);
		return page;
	}
	json_object_put(page);
	result_take(&asked, &answer);
	/* That several are there is what the server said last of the study. */
	if (asked.fate != REFUSED)
		result->fate = asked.fate;
	result_free(&asked);
	return NULL;
}

static bool is_match(json_object *entry, const char *type)
{
	const char *mode = json_text(json_member(entry, "search"), "mode");
	return same_text(json_text(json_member(entry, "resource"),
				   "resourceType"),
			 type) &&
	       (!mode || strcmp(mode, "match") == 0);
}

/* How many match, and the only one of them that is the main one. */
static size_t look_at_page(json_object *page, const struct bundle_entry *entry,
			   const struct asked *asked, json_object **out)
{
	json_object *entries = json_member(page, "entry");
	size_t matches = 0, mains = 0;
	for (size_t i = 0; i < json_count(entries); i++) {
		json_object *resource =
			json_member(json_at(entries, i), "resource");
		if (!is_match(json_at(entries, i), entry->type))
			continue;
		matches++;
		if (!json_text(resource, "id") || !is_main(resource, asked))
			continue;
		mains++;
		*out = resource;
	}
	if (mains != 1 || json_count(entries) >= PAGE)
		*out = NULL;
	return matches;
}

/* ---- what is done about it ---- */

/* {type, identifier}, as the entry itself has the identifier. */
static json_object *by_identifier(const struct bundle_entry *entry,
				  const struct asked *asked)
{
	json_object *list = json_member(entry->resource, "identifier");
	for (size_t i = 0; i < json_count(list); i++) {
		if (!is_asked_identifier(json_at(list, i), asked))
			continue;
		json_object *whole = json_new_object();
		json_add_text(whole, "type", entry->type);
		json_add(whole, "identifier", json_copy(json_at(list, i)));
		return whole;
	}
	return NULL;
}

static enum several use_main(struct bundle *bundle,
			     const struct bundle_entry *entry,
			     json_object *found)
{
	const char *id = json_text(found, "id");
	char *reference = xmalloc(strlen(entry->type) + strlen(id) + 2);
	sprintf(reference, "%s/%s", entry->type, id);
	replace_references(bundle->json, entry->full_url, reference, NULL);
	cli_say("%s: the server has several %s of one identifier; %s, of which "
		"it is the main one, is taken",
		bundle->study, entry->type, reference);
	free(reference);
	return SEVERAL_MAIN;
}

static enum several leave_several(struct bundle *bundle,
				  const struct bundle_entry *entry,
				  const struct asked *asked,
				  struct result *result)
{
	json_object *whole = NULL;
	if (kinds_are_left(bundle->kinds, entry->type))
		whole = by_identifier(entry, asked);
	if (!whole) {
		snprintf(result->fault, sizeof result->fault,
			 "status 412: the server has several %s of one "
			 "identifier, and of none alone it is the main one",
			 entry->type);
		return SEVERAL_ASIDE;
	}
	replace_references(bundle->json, entry->full_url, NULL, whole);
	json_object_put(whole);
	cli_say("%s: the server has several %s of one identifier: the study "
		"names it by the identifier alone",
		bundle->study, entry->type);
	return SEVERAL_LEFT;
}

enum several several_settle(struct server *server, struct bundle *bundle,
			    const struct bundle_entry *entry,
			    struct result *result)
{
	json_object *found = NULL;
	if (!entry->condition)
		return ONE_AT_MOST;
	json_object *page = search_entry(server, entry, result);
	if (!page)
		return NOT_KNOWN;
	struct asked asked = asked_of(entry->condition);
	size_t matches = look_at_page(page, entry, &asked, &found);
	enum several several = ONE_AT_MOST;
	if (matches > 1 && found && !entry->updates)
		several = use_main(bundle, entry, found);
	else if (matches > 1)
		several = leave_several(bundle, entry, &asked, result);
	json_object_put(page);
	asked_free(&asked);
	return several;
}

bool several_are_there(struct server *server, const struct bundle_entry *entry)
{
	struct result result = {0};
	json_object *found, *page = search_entry(server, entry, &result);
	struct asked asked = asked_of(entry->condition);
	size_t matches = look_at_page(page, entry, &asked, &found);
	json_object_put(page);
	asked_free(&asked);
	return matches > 1;
}

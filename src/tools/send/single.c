/* Entry by entry, where a server takes no transaction, or none so large: what
 * others refer to comes first, and they learn the id that it was given. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver.h"
#include "json_print.h"
#include "memory.h"

/* ---- where it is ---- */

/* "Type/id" of a URL or path that ends with it, or with its version; to be
 * freed, or NULL. */
static char *reference_of(const char *location, const char *type)
{
	size_t length = strlen(type);
	const char *found = NULL;
	for (const char *at = location; (at = strstr(at, type)); at++)
		if ((at == location || at[-1] == '/') && at[length] == '/')
			found = at;
	if (!found)
		return NULL;
	size_t id = strcspn(found + length + 1, "/?#");
	return id ? memory_of(strndup(found, length + 1 + id)) : NULL;
}

struct single {
	const struct bundle_entry *entry;
	char *reference; /* "Type/id"; NULL: not told */
	bool is_new;	 /* the server answered that it made it */
};

static char *reference_text_to(json_object *resource, const char *type)
{
	const char *id = json_text(resource, "id");
	if (!same_text(json_text(resource, "resourceType"), type) || !id)
		return NULL;
	char *text = xmalloc(strlen(type) + strlen(id) + 2);
	sprintf(text, "%s/%s", type, id);
	return text;
}

/* A resource, or where it is; a page of a proxy is neither. */
static bool is_single(struct http_answer *answer, void *context)
{
	struct single *single = context;
	json_object *json = json_of_text((const char *)answer->body.bytes,
					 answer->body.length);
	free(single->reference);
	single->reference = reference_text_to(json, single->entry->type);
	if (!single->reference && answer->location)
		single->reference =
			reference_of(answer->location, single->entry->type);
	bool is_empty = answer->body.length == 0;
	bool is_fhir = json_text(json, "resourceType") != NULL;
	json_object_put(json);
	return single->reference ? is_empty || is_fhir : is_empty;
}

/* ---- one ---- */

static void ask_single_entry(struct server *server,
			     const struct bundle_entry *entry,
			     struct single *single, struct result *result)
{
	char *text = json_printed(entry->resource,
				  JSON_C_TO_STRING_PLAIN |
					  JSON_C_TO_STRING_NOSLASHESCAPE);
	const char *condition = entry->condition ? entry->condition : "";
	size_t size = strlen(condition) + strlen(entry->type) + 32;
	char *line = xmalloc(size);
	bool creates = !entry->updates && entry->condition;
	snprintf(line, size, creates ? "If-None-Exist: %s" : "%s", condition);
	char *target = xmalloc(size);
	snprintf(target, size, "%s%s%s", entry->type, entry->updates ? "?" : "",
		 entry->updates ? condition : "");
	const char *const headers[] = {fhir_json, fhir_accept,
				       "Prefer: return=representation",
				       creates ? line : NULL, NULL};
	struct http_answer answer;
	http_ask(server->http,
		 &(struct http_request){.method =
						entry->updates ? "PUT" : "POST",
					.target = target,
					.headers = headers,
					.body = text,
					.length = strlen(text),
					.accepts = is_single,
					.context = single},
		 &answer);
	single->is_new = answer.status == 201;
	result_take(result, &answer);
	free(target);
	free(line);
	free(text);
}

/* The one that the condition finds, where the answer did not say. */
static bool is_found_by_condition(struct http_answer *answer, void *context)
{
	struct single *single = context;
	json_object *json = json_of_text((const char *)answer->body.bytes,
					 answer->body.length);
	json_object *entries = json_member(json, "entry");
	if (json_count(entries) == 1)
		single->reference = reference_text_to(
			json_member(json_at(entries, 0), "resource"),
			single->entry->type);
	json_object_put(json);
	return single->reference != NULL;
}

static void find_by_condition(struct server *server, struct single *single,
			      struct result *result)
{
	const struct bundle_entry *entry = single->entry;
	const char *const headers[] = {fhir_accept, NULL};
	size_t size = strlen(entry->type) + 2 +
		      (entry->condition ? strlen(entry->condition) : 0);
	char *target = xmalloc(size);
	struct http_answer answer;
	snprintf(target, size, "%s?%s", entry->type,
		 entry->condition ? entry->condition : "");
	http_ask(server->http,
		 &(struct http_request){.method = "GET",
					.target = target,
					.headers = headers,
					.accepts = is_found_by_condition,
					.context = single},
		 &answer);
	result_take(result, &answer);
	free(target);
}

/* The reference is known to all others then. */
static void deliver_entry(struct server *server, struct bundle *bundle,
			  struct bundle_entry *entry, struct result *result)
{
	struct single single = {.entry = entry};
	ask_single_entry(server, entry, &single, result);
	entry->is_new = single.is_new;
	if (result->fate == REFUSED && result->status == 412) {
		enum several several =
			several_settle(server, bundle, entry, result);
		if (several == SEVERAL_MAIN || several == SEVERAL_LEFT)
			result->fate = DELIVERED;
		return;
	}
	if (result->fate == DELIVERED && !single.reference)
		find_by_condition(server, &single, result);
	if (result->fate == DELIVERED)
		replace_references(bundle->json, entry->full_url,
				   single.reference, NULL);
	free(single.reference);
}

/* ---- all ---- */

static bool can_go(const struct bundle *bundle, const bool *done, size_t which)
{
	json_object *resource = bundle->entries[which].resource;
	for (size_t i = 0; i < bundle->count; i++)
		if (i != which && !done[i] &&
		    refers_to(resource, bundle->entries[i].full_url))
			return false;
	return true;
}

void deliver_singly(struct server *server, struct bundle *bundle,
		    struct result *result)
{
	bool *done = xmalloc((bundle->count + 1) * sizeof *done);
	size_t left = bundle->count;
	memset(done, 0, bundle->count + 1);
	result->fate = DELIVERED;
	result->fault[0] = '\0';
	while (left && result->fate == DELIVERED) {
		size_t before = left;
		for (size_t i = 0; i < bundle->count; i++) {
			if (done[i] || !can_go(bundle, done, i))
				continue;
			deliver_entry(server, bundle, &bundle->entries[i],
				      result);
			if (result->fate != DELIVERED)
				break;
			done[i] = true;
			left--;
		}
		if (left == before && result->fate == DELIVERED)
			result_refuse(result,
				      "its entries refer to one another in a "
				      "circle, which takes a transaction");
	}
	free(done);
}

#include "deliver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json_print.h"
#include "memory.h"

/* ---- results ---- */

/* A code of an OperationOutcome holds no patient data, its text may. */
static const char *outcome_code_of(json_object *outcome)
{
	const char *code =
		json_text(json_at(json_member(outcome, "issue"), 0), "code");
	bool good = code && *code && strlen(code) < 32 &&
		    strspn(code, "abcdefghijklmnopqrstuvwxyz-") == strlen(code);
	return good ? code : NULL;
}

void result_take(struct result *result, struct http_answer *answer)
{
	static const enum fate fates[] = {[HTTP_ANSWERED] = DELIVERED,
					  [HTTP_REFUSED] = REFUSED,
					  [HTTP_PUT_OFF] = PUT_OFF,
					  [HTTP_IMPOSSIBLE] = REFUSED,
					  [HTTP_STOPPED] = STOPPED};
	json_object_put(result->answer);
	result->answer = json_of_text((const char *)answer->body.bytes,
				      answer->body.length);
	result->fate = fates[answer->outcome];
	result->status = answer->status;
	result->tries += answer->tries;
	const char *code = outcome_code_of(result->answer);
	snprintf(result->fault, sizeof result->fault, "%s%s%s", answer->fault,
		 code ? ", " : "", code ? code : "");
	http_answer_free(answer);
}

void result_refuse(struct result *result, const char *fault)
{
	result->fate = REFUSED;
	snprintf(result->fault, sizeof result->fault, "%s", fault);
}

void result_free(struct result *result)
{
	json_object_put(result->answer);
	*result = (struct result){0};
}

/* ---- what the server answers to a transaction ---- */

struct transaction {
	const struct bundle *bundle;
	bool has_several; /* an entry is answered with 412 */
};

/* The number that a status ("201 Created") begins with; some have the number
 * alone. */
static long status_of_entry(json_object *entry)
{
	char room[JSON_SCALAR_ROOM];
	json_object *response = json_member(entry, "response");
	return strtol(json_scalar(json_member(response, "status"), room), NULL,
		      10);
}

static bool all_are_done(struct transaction *transaction, json_object *entries,
			 struct http_answer *answer)
{
	for (size_t i = 0; i < json_count(entries); i++) {
		long status = status_of_entry(json_at(entries, i));
		transaction->bundle->entries[i].is_new = status == 201;
		if (status >= 200 && status < 300)
			continue;
		transaction->has_several = status == 412;
		snprintf(answer->fault, sizeof answer->fault,
			 "entry %zu (%s) was answered with %ld", i + 1,
			 transaction->bundle->entries[i].type, status);
		return false;
	}
	return true;
}

/* Is it a Bundle that has a response for each entry, all of them 2xx? */
static bool is_response(struct http_answer *answer, void *context)
{
	struct transaction *transaction = context;
	json_object *json = json_of_text((const char *)answer->body.bytes,
					 answer->body.length);
	json_object *entries = json_member(json, "entry");
	bool good = same_text(json_text(json, "resourceType"), "Bundle");
	if (!good)
		snprintf(answer->fault, sizeof answer->fault,
			 "status %ld without a Bundle", answer->status);
	if (good && json_count(entries) != transaction->bundle->count) {
		good = false;
		snprintf(answer->fault, sizeof answer->fault,
			 "%zu entries were answered, of %zu",
			 json_count(entries), transaction->bundle->count);
	}
	good = good && all_are_done(transaction, entries, answer);
	json_object_put(json);
	return good || transaction->has_several;
}

static void post_bundle(struct server *server, struct bundle *bundle,
			struct result *result)
{
	struct transaction transaction = {.bundle = bundle};
	const char *const headers[] = {fhir_json, fhir_accept,
				       "Prefer: return=minimal",
				       "X-Retry-On-Version-Conflict: retry; "
				       "max-retries=3",
				       NULL};
	char *text = json_printed(bundle->json,
				  JSON_C_TO_STRING_PLAIN |
					  JSON_C_TO_STRING_NOSLASHESCAPE);
	struct http_answer answer;
	http_ask(server->http,
		 &(struct http_request){.method = "POST",
					.target = "",
					.headers = headers,
					.body = text,
					.length = strlen(text),
					.accepts = is_response,
					.context = &transaction},
		 &answer);
	if (transaction.has_several && answer.outcome == HTTP_ANSWERED) {
		answer.outcome = HTTP_REFUSED;
		answer.status = 412;
	}
	result_take(result, &answer);
	free(text);
}

/* ---- which way ---- */

/* How servers say that there are too many entries (there is no code for it). */
static bool tells_of_limit(json_object *outcome)
{
	static const char *const words[] = {"too many", "too large", "limit",
					    "at most",	"more than", "exceed",
					    "maximum",	"max "};
	json_object *issue = json_at(json_member(outcome, "issue"), 0);
	const char *code = json_text(issue, "code");
	const char *texts[] = {
		json_text(issue, "diagnostics"),
		json_text(json_member(issue, "details"), "text")};
	if (same_text(code, "too-costly") || same_text(code, "too-long"))
		return true;
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			if (texts[t] && strcasestr(texts[t], words[i]))
				return true;
	return false;
}

/* Is it the Bundle that is refused, and not what is in it? */
static bool is_bundle_too_much(const struct server *server,
			       const struct bundle *bundle,
			       const struct result *result)
{
	long status = result->status;
	if (result->fate != REFUSED || bundle->count < 2)
		return false;
	if (!json_member(server->statement, "rest") &&
	    (status == 404 || status == 405))
		return true; /* nobody said that it takes Bundles */
	return status == 413 || ((status == 422 || status == 400) &&
				 tells_of_limit(result->answer));
}

/* The next Bundle of that many entries is not tried whole. */
static void learn_limit(struct server *server, size_t refused)
{
	size_t now = server->entries_max;
	while (refused - 1 < now &&
	       !atomic_compare_exchange_weak(&server->entries_max, &now,
					     refused - 1))
		;
}

static void deliver_once(struct server *server, struct bundle *bundle,
			 struct result *result)
{
	if (!server->has_transactions || bundle->count > server->entries_max) {
		deliver_singly(server, bundle, result);
		return;
	}
	post_bundle(server, bundle, result);
	if (!is_bundle_too_much(server, bundle, result))
		return;
	size_t count = bundle->count;
	deliver_singly(server, bundle, result);
	if (result->fate == DELIVERED)
		learn_limit(server, count);
}

/* What the server has several of leaves the Bundle; false: nothing can be done
 * about the refusal. */
static bool settle_several(struct server *server, struct bundle *bundle,
			   struct result *result)
{
	json_object *entries = json_member(bundle->json, "entry");
	size_t kept = 0;
	for (size_t i = 0; i < bundle->count; i++) {
		const struct bundle_entry entry = bundle->entries[i];
		enum several several =
			several_settle(server, bundle, &entry, result);
		if (several == SEVERAL_ASIDE || several == NOT_KNOWN)
			return false;
		if (several == ONE_AT_MOST)
			bundle->entries[kept++] = entry;
		else
			json_object_array_del_idx(entries, kept, 1);
	}
	bundle->count = kept;
	return true;
}

void deliver(struct server *server, struct bundle *bundle,
	     struct result *result)
{
	*result = (struct result){0};
	const char *denied = server_denies(server, bundle);
	if (denied) {
		snprintf(result->fault, sizeof result->fault,
			 "the server denies %s of what it holds", denied);
		result->fate = REFUSED;
		return;
	}
	deliver_once(server, bundle, result);
	if (result->fate == REFUSED && result->status == 412 &&
	    settle_several(server, bundle, result))
		deliver_once(server, bundle, result);
}

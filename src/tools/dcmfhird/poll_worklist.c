#include "poll_worklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bundle.h"
#include "cli.h"
#include "hash.h"
#include "http.h"
#include "journal.h"
#include "memory.h"
#include "server.h"

/* A server that leads from page to page without an end is left. */
enum { PAGES_MOST = 1000, DAY_SECONDS = 24 * 3600 };

struct poll {
	struct turn *turn;
	struct http *http;
	size_t written, removed;
	uint64_t told; /* what was wrong the last time */
};

bool poll_is_on(const struct configuration *configuration)
{
	return configuration->worklist.is_on;
}

int poll_begin(struct turn *turn)
{
	return cli_make_folders(turn->daemon->configuration->worklist.folder);
}

/* ---- what is asked ---- */

/* The search of the rules, in which {since} stands for a time; to be freed. */
static char *search_of(const struct daemon *daemon)
{
	static const char mark[] = "{since}";
	const char *search = dfh_rules_worklist_search(daemon->rules);
	const char *at = search ? strstr(search, mark) : NULL;
	time_t since =
		time(NULL) - daemon->configuration->worklist.days * DAY_SECONDS;
	char text[32];
	struct tm utc;
	if (!at)
		return search ? xstrdup(search) : NULL;
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ",
		 gmtime_r(&since, &utc));
	return xprintf("%.*s%s%s", (int)(at - search), search, text,
		       at + sizeof mark - 1);
}

static const char *next_of(json_object *bundle)
{
	json_object *links = json_member(bundle, "link");
	for (size_t i = 0; i < json_count(links); i++)
		if (same_text(json_text(json_at(links, i), "relation"), "next"))
			return json_text(json_at(links, i), "url");
	return NULL;
}

/* A page, into the import; *target is that of the next one, or NULL.  -1: it
 * was not had, which is said. */
static int take_search_page(struct poll *poll, dfh_import *im, char **target)
{
	const char *const headers[] = {fhir_accept, NULL};
	const char *base = poll->turn->daemon->configuration->worklist.from;
	json_object *bundle = NULL;
	dfh_error *error = NULL;
	struct http_answer answer;
	const struct http_request request = {.method = "GET",
					     .target = *target,
					     .headers = headers,
					     .accepts = server_gives_bundle,
					     .context = &bundle};
	http_ask(poll->http, &request, &answer);
	int result = answer.outcome == HTTP_ANSWERED ? 0 : -1;
	if (result < 0 && answer.outcome != HTTP_STOPPED)
		cli_say("worklist: %s: %s", base, answer.fault);
	else if (result == 0)
		result = dfh_import_add_json(im, base,
					     (const char *)answer.body.bytes,
					     answer.body.length, &error);
	if (error)
		cli_fail(error);
	const char *next = next_of(bundle);
	free(*target);
	*target = next ? xstrdup(next) : NULL;
	json_object_put(bundle);
	http_answer_free(&answer);
	return result;
}

/* All pages or nothing: what one of them says is over or replaced matters for
 * the others. */
static int take_pages(struct poll *poll, dfh_import *im)
{
	char *target = search_of(poll->turn->daemon);
	int result = target ? 0 : -1;
	if (!target)
		cli_say("worklist: the rules have no search for orders");
	for (int page = 0; target && result == 0; page++) {
		result = page < PAGES_MOST ? take_search_page(poll, im, &target)
					   : -1;
		if (page == PAGES_MOST)
			cli_say("worklist: there are more than %d pages",
				PAGES_MOST);
	}
	free(target);
	return result;
}

/* ---- what is made of it ---- */

static void count_entry(const char *path, int written, void *context)
{
	struct poll *poll = context;
	(void)path;
	poll->written += written != 0;
	poll->removed += written == 0;
}

/* Orders lack today what they lacked a minute ago: it is told once. */
static void tell_lacking(struct poll *poll, dfh_error *error)
{
	uint64_t hash = HASH_START;
	for (const dfh_error *at = error; at; at = dfh_error_next(at))
		hash = hash_bytes(hash, dfh_error_text(at),
				  strlen(dfh_error_text(at)));
	bool is_known = hash == poll->told;
	poll->told = hash;
	if (error && !is_known)
		cli_fail(error);
	else
		dfh_error_free(error);
}

static void make_entries(struct poll *poll, dfh_import *im)
{
	const struct polling *worklist =
		&poll->turn->daemon->configuration->worklist;
	const dfh_worklist_options how = {.size = sizeof how,
					  .folder = worklist->folder,
					  .aet = worklist->aet,
					  .done = count_entry,
					  .context = poll};
	dfh_error *error = NULL;
	poll->written = poll->removed = 0;
	dfh_import_worklist(im, &how, &error);
	tell_lacking(poll, error);
	if (poll->written || poll->removed)
		journal("worklist", "written=%zu removed=%zu", poll->written,
			poll->removed);
}

static void poll_once(struct poll *poll)
{
	dfh_error *error = NULL;
	dfh_import *im =
		dfh_import_new(poll->turn->daemon->rules, NULL, &error);
	if (!im)
		cli_fail(error);
	else if (take_pages(poll, im) == 0)
		make_entries(poll, im);
	dfh_import_free(im);
}

void poll_run(struct turn *turn)
{
	const struct polling *worklist = &turn->daemon->configuration->worklist;
	const struct http_options how = {
		.base = worklist->from,
		.cacert = worklist->cacert,
		.headers = worklist->headers,
		.token_file = worklist->token_file,
		.client_file = worklist->client,
		.timeout = HTTP_TIMEOUT,
		.retry_for = worklist->every < HTTP_RETRY_FOR
				     ? (unsigned int)worklist->every
				     : HTTP_RETRY_FOR,
		.stops = cli_interrupted};
	struct poll poll = {.turn = turn};
	if (http_new(&how, &poll.http) != DFH_OK)
		return;
	while (turn_goes_on(turn)) {
		poll_once(&poll);
		turn_pause(turn, (double)worklist->every);
	}
	http_free(poll.http);
}

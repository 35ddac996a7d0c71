#include "poll_worklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask_pages.h"
#include "cli.h"
#include "hash.h"
#include "http.h"
#include "cli_journal.h"
#include "memory.h"

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

/* All of what the search finds.  -1: it was not had, which is said. */
static int take_pages(struct poll *poll, dfh_import *im)
{
	const char *base = poll->turn->daemon->configuration->worklist.from;
	char *search = search_of(poll->turn->daemon);
	struct ask_fault fault;
	const struct paged_search all = {
		.base = base, .text = search, .pages = PAGES_MOST};
	if (!search) {
		cli_say("worklist: the rules have no search for orders");
		return -1;
	}
	int result = ask_pages(poll->http, &all, im, &fault);
	if (result < 0 && fault.outcome != HTTP_STOPPED)
		cli_say("worklist: %s: %s", base, fault.text);
	free(search);
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
		cli_journal("worklist", "written=%zu removed=%zu",
			    poll->written, poll->removed);
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

#include "dicomweb.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "json_text.h"
#include "memory.h"
#include "spool.h"

static const unsigned long long limit = 1ULL << 32;

const char dicomweb_json[] = "Accept: application/dicom+json, "
			     "application/json;q=0.9";

struct dicomweb_server {
	struct http *http;
	char *base; /* which http borrows */
	struct dicomweb_server *next;
};

struct dicomweb {
	struct dicomweb_options options;
	struct dicomweb_server *servers;
	struct spools *spools; /* for metadata */
	struct lh_table *seen; /* addresses of studies: each is visited once */
	pthread_mutex_t lock;  /* of next */
	double next;	       /* when the next request may go */
};

struct dicomweb *dicomweb_new(const struct dicomweb_options *options)
{
	struct dicomweb *web = xmalloc(sizeof *web);
	*web = (struct dicomweb){.options = *options};
	if (!web->options.limit)
		web->options.limit = limit;
	web->seen = lh_by_text(256, lh_free_key);
	pthread_mutex_init(&web->lock, NULL);
	if (options->jobs)
		web->spools = spools_new(options->jobs, options->folder);
	if (web->spools || !options->jobs)
		return web;
	dicomweb_free(web);
	return NULL;
}

void dicomweb_free(struct dicomweb *web)
{
	struct dicomweb_server *next;
	if (!web)
		return;
	for (struct dicomweb_server *at = web->servers; at; at = next) {
		next = at->next;
		http_free(at->http);
		free(at->base);
		free(at);
	}
	spools_free(web->spools);
	lh_table_free(web->seen);
	pthread_mutex_destroy(&web->lock);
	free(web);
}

/* ---- servers ---- */

struct http *dicomweb_server(struct dicomweb *web, const char *url)
{
	for (struct dicomweb_server *at = web->servers; at; at = at->next)
		if (http_same_origin(at->base, url))
			return at->http;
	return NULL;
}

/* A token is for one server; that of several URLs would go to all. */
static const char *wrong_server(const struct dicomweb *web)
{
	const struct http_options *http = &web->options.http;
	bool has_secret =
		http->token_file || http->client_file || http->headers;
	return web->servers && has_secret
		       ? "what says who asks is for one server: name the "
			 "others in another run, or use --netrc"
		       : NULL;
}

static int add_server(struct dicomweb *web, const char *base)
{
	struct http_options options = web->options.http;
	const char *wrong = wrong_server(web);
	if (wrong) {
		cli_say("%s", wrong);
		return DFH_USAGE;
	}
	struct dicomweb_server *server = xmalloc(sizeof *server);
	*server = (struct dicomweb_server){.base = xstrdup(base)};
	options.base = server->base;
	int status = http_new(&options, &server->http);
	if (status != DFH_OK) {
		free(server->base);
		free(server);
		return status;
	}
	server->next = web->servers;
	web->servers = server;
	return DFH_OK;
}

/* ---- asking ---- */

/* Each thread takes the next moment that is free. */
static void wait_for_turn(struct dicomweb *web)
{
	if (!web->options.gentle)
		return;
	pthread_mutex_lock(&web->lock);
	double now = http_seconds();
	double turn = web->next > now ? web->next : now;
	web->next = turn + 1.0 / web->options.gentle;
	pthread_mutex_unlock(&web->lock);
	while (!cli_interrupted() && (now = http_seconds()) < turn) {
		double rest = turn - now < 0.1 ? turn - now : 0.1;
		struct timespec time = {0, (long)(rest * 1e9)};
		nanosleep(&time, NULL);
	}
}

unsigned long long dicomweb_limit(const struct dicomweb *web)
{
	return web->options.limit;
}

void dicomweb_request(struct dicomweb *web, const struct http_request *request,
		      struct http_answer *answer)
{
	wait_for_turn(web);
	http_ask(dicomweb_server(web, request->target), request, answer);
}

void dicomweb_refuse_part(struct http_answer *answer)
{
	if (answer->outcome != HTTP_ANSWERED || answer->status != 206)
		return;
	answer->outcome = HTTP_REFUSED;
	snprintf(answer->fault, sizeof answer->fault,
		 "status 206: the server does not give all of it");
}

void dicomweb_ask(struct dicomweb *web, const char *url, const char *accept,
		  struct http_answer *answer)
{
	const char *const headers[] = {accept, NULL};
	const struct http_request request = {
		.method = "GET",
		.target = url,
		.headers = headers,
		.limit = (size_t)web->options.limit};
	dicomweb_request(web, &request, answer);
}

char *dicomweb_fault(const struct http_answer *answer)
{
	return xstrdup(answer->status == 404 ? "is not there (status 404)"
		       : *answer->fault	     ? answer->fault
					     : "no answer");
}

void dicomweb_say(struct dicomweb *web, bool is_refused, const char *url,
		  const char *text)
{
	char *shown = xstrdup(url);
	shown[strcspn(shown, "?#")] = '\0';
	if (is_refused || !web->options.quiet)
		cli_say("%s: %s", shown, text);
	dfh_report_add_input(web->options.report, is_refused, shown, text);
	free(shown);
}

/* ---- addresses ---- */

/* Where "/studies" is the last segment but those behind it; NULL: it is an
 * address of a service. */
static char *studies_in(char *path)
{
	char *found = NULL;
	for (char *at = path; (at = strstr(at, "/studies")); at += 8)
		if (!at[8] || at[8] == '/')
			found = at;
	return found;
}

/* A URL without slashes at its end and what is behind its path, to be freed. */
static char *url_path_of(const char *url)
{
	char *path = memory_of(strndup(url, strcspn(url, "?#")));
	http_drop_slashes(path);
	return path;
}

char *dicomweb_studies(const char *url)
{
	char *path = url_path_of(url), *end = studies_in(path);
	if (end) {
		end[strlen("/studies")] = '\0';
		return path;
	}
	char *studies = xmalloc(strlen(path) + sizeof "/studies");
	sprintf(studies, "%s/studies", path);
	free(path);
	return studies;
}

int dicomweb_know(struct dicomweb *web, const char *url)
{
	char *path = url_path_of(url);
	int status =
		dicomweb_server(web, path) ? DFH_OK : add_server(web, path);
	free(path);
	return status;
}

struct visit {
	struct dicomweb *web;
	void (*found)(const char *study, void *context);
	void *context;
};

static void visit_study(const char *study, void *context)
{
	const struct visit *to = context;
	if (lh_table_lookup_entry(to->web->seen, study))
		return;
	lh_add(to->web->seen, xstrdup(study), NULL);
	to->found(study, to->context);
}

int dicomweb_find(struct dicomweb *web, const char *url,
		  void (*found)(const char *study, void *context),
		  void *context)
{
	static const char metadata[] = "/metadata";
	struct visit to = {web, found, context};
	size_t length = strcspn(url, "?#");
	const char *query = url[length] == '?' ? url + length + 1 : "";
	int status = dicomweb_know(web, url);
	char *path = url_path_of(url), *end = studies_in(path);
	if (status == DFH_OK && end && end[8]) {
		size_t n = strlen(path);
		if (n > strlen(metadata) &&
		    strcmp(path + n - strlen(metadata), metadata) == 0)
			path[n - strlen(metadata)] = '\0';
		visit_study(path, &to);
	} else if (status == DFH_OK) {
		char *studies = dicomweb_studies(url);
		status = dicomweb_pages(web, studies, query, NULL, visit_study,
					&to);
		free(studies);
	}
	free(path);
	return status;
}

/* ---- a study ---- */

struct study {
	struct dicomweb *web;
	const char *metadata; /* its address */
	bool tired;	      /* what stands elsewhere is not to be had */
	const struct dicomweb_taking *taking;
};

static int take_study_record(dfh_record *record, void *context)
{
	const struct study *study = context;
	return study->taking->take(record, study->taking->context);
}

static int fetch_bulk_data(const char *uri, void **bytes, size_t *length,
			   void *context)
{
	struct study *study = context;
	return dicomweb_bulk(study->web, study->metadata, uri, &study->tired,
			     bytes, length);
}

static int fail_study(struct dicomweb *web, const char *url,
		      const struct http_answer *answer, char **fault)
{
	*fault = dicomweb_fault(answer);
	dfh_report_add_input(web->options.report, 1, url, *fault);
	return -1;
}

static int read_spool_at(unsigned long long offset, void *to, size_t length,
			 void *context)
{
	return spool_read(context, offset, to, length);
}

/* The UID in the address of a study, or of what is below it; to be freed. */
static char *uid_in(const char *url)
{
	char *path = xstrdup(url), *end = studies_in(path), *uid = NULL;
	if (end && end[8])
		uid = memory_of(strndup(end + 9, strcspn(end + 9, "/")));
	free(path);
	return uid;
}

static int read_metadata(struct study *study, const char *url, dfh_export *ex,
			 struct spool *spool, dfh_error **error)
{
	char *uid = uid_in(url);
	const dfh_source source = {.size = sizeof source,
				   .name = url,
				   .read_at = read_spool_at,
				   .context = spool,
				   .length = spool->length};
	const dfh_input input = {.size = sizeof input,
				 .source = &source,
				 .whole = 1,
				 .take = take_study_record,
				 .fetch = fetch_bulk_data,
				 .context = study,
				 .origin = study->taking->origin,
				 .study = uid};
	int result = dfh_export_read_each(ex, &input, error);
	free(uid);
	return result;
}

static int keep_in_spool(const void *bytes, size_t length, void *context)
{
	return spool_write(context, bytes, length);
}

static void keep_again(void *context)
{
	spool_cut(context, 0);
}

/* Fetch the metadata into the spool: they can be large, and only all of them
 * are any good. */
static void ask_metadata(struct dicomweb *web, const char *metadata,
			 struct spool *spool, struct http_answer *answer)
{
	const struct dicomweb_content to = {keep_in_spool, keep_again, spool};
	dicomweb_ask_json(web, metadata, &to, web->options.limit, answer);
	dicomweb_refuse_part(answer);
	if (answer->outcome == HTTP_ANSWERED && !spool->length) {
		snprintf(answer->fault, sizeof answer->fault,
			 "is not there (an empty answer)");
		answer->outcome = HTTP_REFUSED;
	}
}

int dicomweb_read(struct dicomweb *web, const char *url, dfh_export *ex,
		  const struct dicomweb_taking *taking, char **fault,
		  dfh_error **error)
{
	char *metadata = xmalloc(strlen(url) + sizeof "/metadata");
	struct spool *spool = spools_take(web->spools);
	struct http_answer answer;
	int result;
	sprintf(metadata, "%s/metadata", url);
	struct study study = {web, metadata, false, taking};
	ask_metadata(web, metadata, spool, &answer);
	if (taking->answered)
		*taking->answered = (struct dicomweb_answered){
			answer.outcome, answer.status, answer.retry_after};
	result = answer.outcome == HTTP_ANSWERED
			 ? read_metadata(&study, url, ex, spool, error)
			 : fail_study(web, url, &answer, fault);
	http_answer_free(&answer);
	spools_give(web->spools, spool);
	free(metadata);
	return result;
}

/* A server, and how patiently it is asked. */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "credentials.h"
#include "http_inner.h"
#include "json_read.h"
#include "memory.h"

/* ---- time ---- */

double http_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool http_stops(const struct http *http)
{
	return http->ends || (http->options.stops && http->options.stops());
}

void http_end(struct http *http)
{
	http->ends = true;
}

double http_seconds_without_answer(const struct http *http)
{
	return http_seconds() - http->answered;
}

/* In slices, so that an interruption is seen. */
static void pause_for(const struct http *http, double seconds)
{
	double until = http_seconds() + seconds, rest;
	while (!http_stops(http) && (rest = until - http_seconds()) > 0) {
		double slice = rest < 0.1 ? rest : 0.1;
		struct timespec time = {0, (long)(slice * 1e9)};
		nanosleep(&time, NULL);
	}
}

/* ---- a server ---- */

/* Two ways to say who asks cannot both be meant. */
static const char *http_contradiction(const struct http *http)
{
	const struct http_options *options = &http->options;
	int ways = (options->token_file != NULL) +
		   (options->client_file != NULL) + (options->netrc != NULL) +
		   headers_have(http->headers, "Authorization");
	return ways > 1 ? "only one of --token-file, --client, --netrc and a "
			  "header Authorization can say who asks"
			: NULL;
}

static int check_http_options(const struct http *http)
{
	const char *fault = url_fault(http->options.base);
	if (fault) {
		cli_say("the server's address %s", fault);
		return DFH_USAGE;
	}
	fault = http_contradiction(http);
	if (fault)
		cli_say("%s", fault);
	return fault ? DFH_USAGE : DFH_OK;
}

/* What cannot be read would look like a fault of the server. */
static int check_file(const char *path)
{
	FILE *file = path && *path ? fopen(path, "re") : NULL;
	if (path && *path && !file) {
		cli_say("%s: %m", path);
		return DFH_IO;
	}
	if (file)
		fclose(file);
	return DFH_OK;
}

int http_new(const struct http_options *options, struct http **out)
{
	struct http *http = xmalloc(sizeof *http);
	int status;
	*http = (struct http){.options = *options,
			      .base = xstrdup(options->base)};
	http_drop_slashes(http->base);
	*out = NULL;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	pthread_mutex_init(&http->lock, NULL);
	http->answered = http_seconds();
	status = options->headers
			 ? headers_read(options->headers, &http->headers)
			 : DFH_OK;
	if (status == DFH_OK)
		status = check_http_options(http);
	if (status == DFH_OK)
		status = check_file(options->cacert);
	if (status == DFH_OK)
		status = check_file(options->netrc);
	if (status == DFH_OK)
		status = credentials_new(&http->options, &http->credentials);
	if (status != DFH_OK) {
		http_free(http);
		return status;
	}
	*out = http;
	return DFH_OK;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	for (size_t i = 0; i < http->idle_count; i++)
		curl_easy_cleanup(http->idle[i]);
	free(http->idle);
	curl_slist_free_all(http->headers);
	credentials_free(http->credentials);
	pthread_mutex_destroy(&http->lock);
	free(http->base);
	free(http);
}

/* ---- patience ---- */

static bool may_pass(const struct http_request *request, long status)
{
	return status == 408 || (status == 409 && !request->conflict_lasts) ||
	       status == 425 || status == 429 || status >= 500;
}

/* What an exchange means; -1: another try may help. */
static int outcome_of(struct http *http, const struct http_request *request,
		      enum exchange exchange, struct http_answer *answer)
{
	if (exchange == EXCHANGE_STOPPED)
		return HTTP_STOPPED;
	if (exchange == EXCHANGE_UNAUTHORIZED)
		return HTTP_PUT_OFF;
	if (exchange == EXCHANGE_IMPOSSIBLE)
		return HTTP_IMPOSSIBLE;
	if (exchange == EXCHANGE_BROKEN)
		return -1;
	if (answer->status < 200 || answer->status >= 300) {
		snprintf(answer->fault, sizeof answer->fault, "status %ld",
			 answer->status);
		return may_pass(request, answer->status) ? -1 : HTTP_REFUSED;
	}
	if (!request->accepts || request->accepts(answer, request->context)) {
		http->answered = http_seconds();
		return HTTP_ANSWERED;
	}
	if (!*answer->fault)
		snprintf(answer->fault, sizeof answer->fault,
			 "status %ld, but the answer is none", answer->status);
	return -1;
}

enum { FIRST_PAUSE_MS = 500, LONGEST_PAUSE_MS = 10000 };

/* Growing, and not the same for all who wait. */
static double pause_before(unsigned int tries, double retry_after)
{
	double ms = FIRST_PAUSE_MS;
	for (unsigned int i = 1; i < tries && ms < LONGEST_PAUSE_MS; i++)
		ms *= 2;
	if (ms > LONGEST_PAUSE_MS)
		ms = LONGEST_PAUSE_MS;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms *= 0.8 + 0.4 * (double)(now.tv_nsec / 1000 % 1000) / 1000;
	double pause = ms / 1000;
	return retry_after > pause ? retry_after : pause;
}

/* Wait for another try; false: there is to be none. */
static bool wait_for_try(const struct http *http, double until,
			 const struct http_answer *answer)
{
	double rest = until - http_seconds();
	if (rest <= 0 || answer->retry_after > rest)
		return false;
	double pause = pause_before(answer->tries, answer->retry_after);
	pause_for(http, pause < rest ? pause : rest);
	return true;
}

void http_ask(struct http *http, const struct http_request *request,
	      struct http_answer *answer)
{
	double until = 0;
	int outcome = -1;
	*answer = (struct http_answer){.retry_after = -1};
	while (outcome < 0) {
		if (http_stops(http)) {
			outcome = HTTP_STOPPED;
			break;
		}
		enum exchange exchange = http_exchange(http, request, answer);
		answer->tries++;
		outcome = outcome_of(http, request, exchange, answer);
		if (answer->tries == 1)
			until = http_seconds() + http->options.retry_for;
		if (outcome < 0 && !wait_for_try(http, until, answer))
			outcome = HTTP_PUT_OFF;
	}
	answer->outcome = (enum http_outcome)outcome;
}

json_object *http_answer_json(const struct http_answer *answer, int depth_max)
{
	json_object *value = NULL;
	struct json_source source =
		json_source_of((const char *)answer->body.bytes,
			       answer->body.length, depth_max);
	if (json_read(&source, &value) != 1)
		value = NULL;
	json_source_free(&source);
	return value;
}

void http_answer_free(struct http_answer *answer)
{
	free(answer->body.bytes);
	free(answer->type);
	free(answer->location);
	*answer = (struct http_answer){0};
}

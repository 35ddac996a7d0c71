/* One request, and what libcurl brings back. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "array.h"
#include "credentials.h"
#include "http_inner.h"
#include "memory.h"

enum {
	REDIRECTS = 5,
	LIMIT = 64 << 20,
	/* An exchange may take this much longer after an interruption. */
	GRACE = 6,
	/* After so many times the silence that is borne, an answer must have
	 * come with so many bytes a second: drops are silence, too. */
	PATIENCE = 5,
	SLOWEST = 256
};

struct transfer {
	struct http *http;
	const struct http_request *request;
	struct http_answer *answer;
	CURL *curl;
	size_t received;
	double begin, heard; /* when it began, and something moved last */
	curl_off_t moved;
	double stopped; /* when the run was interrupted; 0: it is not */
	char *date;
	enum { NO_END, TOO_LARGE, NOT_TAKEN, SILENT, INTERRUPTED } end;
};

/* ---- what comes ---- */

static bool is_success(long status)
{
	return status >= 200 && status < 300;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	const struct http_request *request = transfer->request;
	size_t length = size * count;
	size_t limit = request->limit ? request->limit : LIMIT;
	long status = 0;
	transfer->heard = http_seconds();
	transfer->received += length;
	if (transfer->received > limit) {
		transfer->end = TOO_LARGE;
		return 0;
	}
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
	if (!request->take || !is_success(status)) {
		buffer_add(&transfer->answer->body, bytes, length);
	} else if (request->take(bytes, length, request->context) != 0) {
		transfer->end = NOT_TAKEN;
		return 0;
	}
	return length;
}

/* The value of a header line that has the name; to be freed, or NULL. */
static char *header_value_of(const char *line, size_t length, const char *name)
{
	size_t skip = strlen(name);
	if (length <= skip || strncasecmp(line, name, skip) != 0 ||
	    line[skip] != ':')
		return NULL;
	const char *from = line + skip + 1, *to = line + length;
	while (from < to && strchr(" \t", *from))
		from++;
	while (to > from && strchr(" \t\r\n", to[-1]))
		to--;
	return memory_of(strndup(from, (size_t)(to - from)));
}

static void replace_text(char **text, char *by)
{
	if (!by)
		return;
	free(*text);
	*text = by;
}

/* Delay as seconds or a date (RFC 9110 10.2.3), by the server's own clock if it
 * told its time. */
static double delay_of(const char *text, const char *date)
{
	if (*text && strspn(text, "0123456789") == strlen(text))
		return strtod(text, NULL);
	time_t until = curl_getdate(text, NULL);
	time_t now = date ? curl_getdate(date, NULL) : -1;
	if (until == -1)
		return -1;
	if (now == -1)
		now = time(NULL);
	return until > now ? (double)(until - now) : 0;
}

static void begin_answer(struct transfer *transfer)
{
	struct http_answer *answer = transfer->answer;
	free(answer->type);
	free(answer->location);
	answer->type = answer->location = NULL;
	answer->retry_after = -1;
	answer->body.length = 0;
	transfer->received = 0;
	free(transfer->date);
	transfer->date = NULL;
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct http_answer *answer = transfer->answer;
	size_t length = size * count;
	transfer->heard = http_seconds();
	if (length > 5 && strncmp(line, "HTTP/", 5) == 0)
		begin_answer(transfer);
	replace_text(&transfer->date, header_value_of(line, length, "Date"));
	replace_text(&answer->type,
		     header_value_of(line, length, "Content-Type"));
	replace_text(&answer->location,
		     header_value_of(line, length, "Location"));
	if (!answer->location)
		answer->location =
			header_value_of(line, length, "Content-Location");
	char *delay = header_value_of(line, length, "Retry-After");
	if (delay)
		answer->retry_after = delay_of(delay, transfer->date);
	free(delay);
	return length;
}

/* ---- silence, and interruptions ---- */

static bool is_transfer_silent(const struct transfer *transfer, double now)
{
	double bears = transfer->http->options.timeout;
	double passed = now - transfer->begin;
	if (now - transfer->heard > bears)
		return true;
	return passed > PATIENCE * bears &&
	       (double)transfer->moved < SLOWEST * (passed - PATIENCE * bears);
}

static int watch_transfer(void *context, curl_off_t all, curl_off_t down,
			  curl_off_t rest, curl_off_t up)
{
	struct transfer *transfer = context;
	double now = http_seconds();
	(void)all;
	(void)rest;
	if (down + up != transfer->moved)
		transfer->heard = now;
	transfer->moved = down + up;
	if (transfer->stopped == 0 && http_stops(transfer->http))
		transfer->stopped = now;
	if (transfer->stopped > 0 && now - transfer->stopped > GRACE)
		transfer->end = INTERRUPTED;
	else if (is_transfer_silent(transfer, now))
		transfer->end = SILENT;
	return transfer->end == SILENT || transfer->end == INTERRUPTED;
}

/* ---- what goes ---- */

/* A handle whose connection may still be open. */
static CURL *take_handle(struct http *http)
{
	CURL *curl = NULL;
	pthread_mutex_lock(&http->lock);
	if (http->idle_count)
		curl = http->idle[--http->idle_count];
	pthread_mutex_unlock(&http->lock);
	return curl ? curl : memory_of(curl_easy_init());
}

static void give_handle(struct http *http, CURL *curl)
{
	curl_easy_reset(curl); /* which leaves its connections */
	pthread_mutex_lock(&http->lock);
	array_room(http->idle, http->idle_count);
	http->idle[http->idle_count++] = curl;
	pthread_mutex_unlock(&http->lock);
}

static size_t give_body(char *to, size_t size, size_t count, void *context)
{
	const struct transfer *transfer = context;
	const struct http_request *request = transfer->request;
	long given = request->give(to, size * count, request->context);
	return given < 0 ? CURL_READFUNC_ABORT : (size_t)given;
}

/* For a connection that proved to be closed already. */
static int give_again(void *context, curl_off_t offset, int origin)
{
	const struct transfer *transfer = context;
	const struct http_request *request = transfer->request;
	if (offset != 0 || origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	request->restart(request->context);
	return CURL_SEEKFUNC_OK;
}

static void set_giving(struct transfer *transfer)
{
	CURL *curl = transfer->curl;
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)transfer->request->length);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, give_again);
	curl_easy_setopt(curl, CURLOPT_SEEKDATA, transfer);
}

static void set_method(CURL *curl, const struct http_request *request)
{
	bool has_body = request->body || request->give;
	if (request->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)request->length);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	}
	if (strcmp(request->method, has_body ? "POST" : "GET") != 0)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_trust(CURL *curl, const struct http_options *options)
{
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (options->cacert)
		curl_easy_setopt(curl, CURLOPT_CAINFO, options->cacert);
	if (options->netrc)
		curl_easy_setopt(curl, CURLOPT_NETRC, CURL_NETRC_REQUIRED);
	if (options->netrc && *options->netrc)
		curl_easy_setopt(curl, CURLOPT_NETRC_FILE, options->netrc);
}

static void set_options(struct transfer *transfer, const char *url, char *fault)
{
	CURL *curl = transfer->curl;
	const struct http_options *options = &transfer->http->options;
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "dcmfhir");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)options->timeout);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fault);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_transfer);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
	if (transfer->request->give)
		set_giving(transfer);
	set_method(curl, transfer->request);
	set_trust(curl, options);
}

static struct curl_slist *headers_of(const struct http *http,
				     const struct http_request *request,
				     const char *authorization)
{
	struct curl_slist *headers = NULL;
	const char *const *own = request->headers;
	for (; own && *own; own++)
		headers_add(&headers, *own);
	for (struct curl_slist *at = http->headers; at; at = at->next)
		headers_add(&headers, at->data);
	if (authorization)
		headers_add(&headers, authorization);
	return headers;
}

/* ---- what became of it ---- */

/* What a second try would find just so. */
static bool is_lasting(CURLcode code)
{
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_URL_MALFORMAT:
		return true;
	default:
		return false;
	}
}

/* These of libcurl's own words name hosts and certificates alone. */
static const char *words_of_curl_code(CURLcode code, const char *fault)
{
	bool names_host = code == CURLE_COULDNT_CONNECT ||
			  code == CURLE_COULDNT_RESOLVE_HOST ||
			  code == CURLE_PEER_FAILED_VERIFICATION ||
			  code == CURLE_SSL_CACERT_BADFILE ||
			  code == CURLE_SSL_CONNECT_ERROR;
	/* The scheme of the address is known to be one. */
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return "the answer is not HTTP";
	return names_host && *fault ? fault : curl_easy_strerror(code);
}

static enum exchange judge_transfer(struct transfer *transfer, CURLcode code,
				    const char *fault)
{
	struct http_answer *answer = transfer->answer;
	size_t size = sizeof answer->fault;
	curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE,
			  &answer->status);
	if (transfer->end == INTERRUPTED) {
		snprintf(answer->fault, size, "interrupted");
		return EXCHANGE_STOPPED;
	}
	/* What was refused may be refused before all of it has gone. */
	if (code == CURLE_OK || (answer->status >= 300 && !transfer->end))
		return EXCHANGE_DONE;
	answer->status = 0;
	if (transfer->end == SILENT || code == CURLE_OPERATION_TIMEDOUT)
		snprintf(answer->fault, size, "silence for %u s",
			 transfer->http->options.timeout);
	else if (transfer->end == TOO_LARGE)
		snprintf(answer->fault, size, "the answer is too large");
	else if (transfer->end == NOT_TAKEN)
		snprintf(answer->fault, size, "the answer was not taken");
	else
		snprintf(answer->fault, size, "%s",
			 words_of_curl_code(code, fault));
	return transfer->end == TOO_LARGE || transfer->end == NOT_TAKEN ||
			       is_lasting(code)
		       ? EXCHANGE_IMPOSSIBLE
		       : EXCHANGE_BROKEN;
}

/* Who hangs up on TLS would end the process (CURLOPT_NOSIGNAL(3)), and no
 * signal of ours is to be lost. */
static CURLcode perform_transfer(CURL *curl)
{
	const struct timespec none = {0};
	sigset_t pipe, before;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	CURLcode code = curl_easy_perform(curl);
	while (sigtimedwait(&pipe, NULL, &none) > 0)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return code;
}

static enum exchange ask_at(struct http *http,
			    const struct http_request *request, const char *url,
			    const char *authorization,
			    struct http_answer *answer)
{
	char fault[CURL_ERROR_SIZE] = "";
	double now = http_seconds();
	struct transfer transfer = {.http = http,
				    .request = request,
				    .answer = answer,
				    .curl = take_handle(http),
				    .begin = now,
				    .heard = now};
	struct curl_slist *headers = headers_of(http, request, authorization);
	answer->status = 0;
	answer->fault[0] = '\0';
	begin_answer(&transfer);
	if (request->restart)
		request->restart(request->context);
	set_options(&transfer, url, fault);
	curl_easy_setopt(transfer.curl, CURLOPT_HTTPHEADER, headers);
	CURLcode code = perform_transfer(transfer.curl);
	enum exchange result = judge_transfer(&transfer, code, fault);
	buffer_add(&answer->body, "", 1);
	answer->body.length--;
	give_handle(http, transfer.curl);
	curl_slist_free_all(headers);
	free(transfer.date);
	return result;
}

/* ---- redirects ---- */

/* Where to go on, to be freed; NULL: the answer is none, or it leads away. */
static char *redirected_url(const char *url, struct http_answer *answer,
			    enum exchange *result)
{
	if (*result != EXCHANGE_DONE || answer->status < 300 ||
	    answer->status >= 400)
		return NULL;
	char *to =
		answer->location ? http_resolve(url, answer->location) : NULL;
	if ((answer->status == 307 || answer->status == 308) && to &&
	    http_same_origin(url, to))
		return to;
	char *shown = to ? url_to_show(to) : xstrdup("nowhere");
	snprintf(answer->fault, sizeof answer->fault,
		 "status %ld leads to %.160s, where nothing is sent",
		 answer->status, shown);
	free(shown);
	free(to);
	*result = EXCHANGE_IMPOSSIBLE;
	return NULL;
}

static enum exchange follow_redirects(struct http *http,
				      const struct http_request *request,
				      char *url, const char *authorization,
				      struct http_answer *answer)
{
	enum exchange result = EXCHANGE_DONE;
	for (int i = 0; url; i++) {
		if (i > REDIRECTS) {
			free(url);
			snprintf(answer->fault, sizeof answer->fault,
				 "more than %d redirects", REDIRECTS);
			return EXCHANGE_IMPOSSIBLE;
		}
		result = ask_at(http, request, url, authorization, answer);
		char *to = redirected_url(url, answer, &result);
		free(url);
		url = to;
	}
	return result;
}

/* ---- all of it ---- */

/* To be freed; NULL: it is of another origin. */
static char *request_url_of(const struct http *http, const char *target)
{
	if (http_is_url(target))
		return http_same_origin(http->base, target) ? xstrdup(target)
							    : NULL;
	char *url = xmalloc(strlen(http->base) + strlen(target) + 2);
	sprintf(url, "%s%s%s", http->base, *target ? "/" : "", target);
	return url;
}

static enum exchange ask_authorized(struct http *http,
				    const struct http_request *request,
				    struct http_answer *answer)
{
	char *url = request_url_of(http, request->target), *again;
	char *header = credentials_header(http->credentials, answer->fault);
	if (!header) {
		free(url);
		return EXCHANGE_UNAUTHORIZED;
	}
	again = xstrdup(url);
	enum exchange result =
		follow_redirects(http, request, url, header, answer);
	if (result == EXCHANGE_DONE && answer->status == 401 &&
	    credentials_renew(http->credentials, header)) {
		explicit_bzero(header, strlen(header));
		free(header);
		header = credentials_header(http->credentials, answer->fault);
		if (header)
			result = follow_redirects(http, request, xstrdup(again),
						  header, answer);
	}
	if (header)
		explicit_bzero(header, strlen(header));
	free(header);
	free(again);
	return result;
}

enum exchange http_exchange(struct http *http,
			    const struct http_request *request,
			    struct http_answer *answer)
{
	char *url = request_url_of(http, request->target);
	if (!url) {
		snprintf(answer->fault, sizeof answer->fault,
			 "is at another server, which is not asked");
		return EXCHANGE_IMPOSSIBLE;
	}
	if (!http->credentials)
		return follow_redirects(http, request, url, NULL, answer);
	free(url);
	return ask_authorized(http, request, answer);
}

/* What the files of the HTTP client share; for others, see http.h. */
#ifndef HTTP_INNER_H
#define HTTP_INNER_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "http.h"

struct credentials;

struct http {
	struct http_options options;
	char *base; /* without a slash at its end */
	struct curl_slist *headers;
	struct credentials *credentials; /* NULL: none that change */
	pthread_mutex_t lock;
	CURL **idle; /* with their connections; under the lock */
	size_t idle_count;
	_Atomic double answered; /* when the last 2xx came */
	atomic_bool ends;
};

/* ---- http_exchange.c ---- */

/* What became of one exchange. */
enum exchange {
	EXCHANGE_DONE,	 /* there is a status */
	EXCHANGE_BROKEN, /* another one may do better */
	EXCHANGE_IMPOSSIBLE,
	EXCHANGE_UNAUTHORIZED, /* no token was given, however often asked for */
	EXCHANGE_STOPPED
};

/* One request and its answer, redirects and a renewed token included. */
enum exchange http_exchange(struct http *http,
			    const struct http_request *request,
			    struct http_answer *answer);

/* Is the run to end? */
bool http_stops(const struct http *http);

/* ---- http_url.c ---- */

/* What is wrong with the address of a server; NULL: nothing. */
const char *url_fault(const char *base);

/* Scheme, host, port and path of a URL, for messages; to be freed. */
char *url_to_show(const char *url);

/* Is a secret safe there: https, or this machine? */
bool url_keeps_secrets(const char *url);

/* ---- http_headers.c ---- */

/* Is it "Name: value", and nothing that could be two headers? */
bool header_is_good(const char *line);

/* The headers of a file; an exit status. */
int headers_read(const char *path, struct curl_slist **out);

/* ... have one of that name? */
bool headers_have(const struct curl_slist *headers, const char *name);

/* Add one; what fails for want of memory ends the process. */
void headers_add(struct curl_slist **headers, const char *line);

#endif

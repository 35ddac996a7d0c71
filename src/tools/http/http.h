/*
 * HTTP as a careful client speaks it, on libcurl; of the tools, not of the
 * library.  One server is asked, whose credentials go nowhere else: a redirect
 * is followed only if it is 307 or 308 and stays on the same scheme, host and
 * port.  TLS is checked.  What fails for the moment is tried again in bounds.
 * No secret, and nothing of a URL behind its path, is in any text that comes
 * out of here.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

/* ---- a server ---- */

struct http;

/* All of it is borrowed, and must stay as long as what is made of it. */
struct http_options {
	const char *base; /* http://HOST[:PORT][/PATH], or https: */
	/* Files, or NULL. */
	const char *cacert;  /* who is trusted; NULL: whom the system trusts */
	const char *netrc;   /* "": ~/.netrc */
	const char *headers; /* lines "Name: value", for each request */
	const char *token_file;	 /* a bearer token; read again on 401 */
	const char *client_file; /* who asks for one: client.h */
	/* Seconds. */
	unsigned int timeout;	/* of silence, until an exchange is given up */
	unsigned int retry_for; /* after the first try; 0: no other one */
	/* No try is begun, and none runs for long, once it is true; may be
	 * NULL. */
	bool (*stops)(void);
};

enum { HTTP_TIMEOUT = 60, HTTP_RETRY_FOR = 60 };

/* An exit status; what is wrong is said.  Before the first thread is started:
 * it starts libcurl.  Nothing is sent. */
int http_new(const struct http_options *options, struct http **out);

/* NULL is none. */
void http_free(struct http *http);

/* Since the last answer of status 2xx, or http_new() if there was none. */
double http_seconds_without_answer(const struct http *http);

/* No other try is begun, and none runs for long, as if it were to stop. */
void http_end(struct http *http);

/* Of a clock that nobody sets. */
double http_seconds(void);

/* ---- a request ---- */

struct http_answer;

struct http_request {
	const char *method; /* "GET", "POST", "PUT" */
	/* Behind the base, as in "metadata" or "Patient?name=x",
	 * percent-encoded
	 * ("": the base itself); or a whole URL of the same origin. */
	const char *target;
	/* "Name: value", NULL behind the last; NULL: none but the server's. */
	const char *const *headers;
	const char *body; /* of POST and PUT */
	size_t length;
	/* Gives the `length` bytes of the body instead: at the most `size` that
	 * follow; how many, or -1.  Needs restart. */
	long (*give)(void *to, size_t size, void *context);
	bool conflict_lasts; /* 409 is an answer: it is not tried again */
	size_t limit;	     /* bytes of an answer, inflated; 0: 64 MiB */
	/* Takes the body of a 2xx as it comes, and returns 0 to go on; NULL: it
	 * is gathered in the answer.  restart: the body comes, or goes, from
	 * its beginning, for another try; needed with take and give. */
	int (*take)(const void *bytes, size_t length, void *context);
	void (*restart)(void *context);
	/* Is a 2xx what was asked for?  If not, it is no answer and tried
	 * again; it may set fault.  NULL: any is. */
	bool (*accepts)(struct http_answer *answer, void *context);
	void *context;
};

enum http_outcome {
	HTTP_ANSWERED,	 /* 2xx, and accepted */
	HTTP_REFUSED,	 /* a status that would be the same again */
	HTTP_PUT_OFF,	 /* tried in vain, or the server wants to be left alone
			    for longer: another time */
	HTTP_IMPOSSIBLE, /* by fault, and so again: a redirect, a certificate */
	HTTP_STOPPED
};

struct http_answer {
	enum http_outcome outcome;
	long status;	    /* the last one; 0: there was none */
	struct buffer body; /* the last one, with a NUL that is not counted */
	char *type;	    /* Content-Type, or NULL */
	char *location;	    /* Location, else Content-Location, or NULL */
	double retry_after; /* seconds; negative: not said */
	unsigned int tries;
	char fault[256]; /* why it was not taken, in words; "" if it was */
};

/*
 * Ask, and ask again where that may help: after a broken connection, silence,
 * 408, 409, 425, 429, 5xx and what is not accepted, with growing pauses or as
 * Retry-After says, as long as the options allow.  From several threads at
 * once.  *answer is to be freed.
 */
void http_ask(struct http *http, const struct http_request *request,
	      struct http_answer *answer);

/* The JSON of its body, to be put back to json-c; NULL: it is none, or nested
 * more deeply than that. */
struct json_object *http_answer_json(const struct http_answer *answer,
				     int depth_max);

void http_answer_free(struct http_answer *answer);

/* ---- addresses ---- */

/* Have two URLs the same scheme, host and port?  Of relative ones, no. */
bool http_same_origin(const char *a, const char *b);

/* Is it http:// or https://? */
bool http_is_url(const char *text);

/* A URI reference of a resource at `base`, as a URL to be freed; NULL: it is
 * none. */
char *http_resolve(const char *base, const char *reference);

/* Without slashes at its end, in place. */
void http_drop_slashes(char *url);

/* A value for a URL: all but unreserved characters as %XX; to be freed. */
char *http_encoded(const char *text);

#endif

/* What a client is answered: a status, and a resource. */
#ifndef SERVE_REPLY_H
#define SERVE_REPLY_H

#include <time.h>

#include "buffer.h"
#include "json_text.h"

struct serve_reply {
	unsigned int status;
	struct buffer body;   /* FHIR JSON */
	char etag[24];	      /* "": none */
	long retry_after;     /* seconds; 0: not said */
	time_t modified;      /* Last-Modified; 0: not said */
	bool asks_for_token;  /* of 401 */
	bool ends_connection; /* what else comes on it is not read */
};

/* An OperationOutcome; code is of FHIR's issue-type.  No patient data is in the
 * text. */
void serve_fail(struct serve_reply *reply, unsigned int status,
		const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same to all, whether a resource is not there or is not theirs. */
void serve_tell_absent(struct serve_reply *reply);

/* Somebody who is asked for it does not answer now. */
void serve_put_off(struct serve_reply *reply, double retry_after,
		   const char *who);

/* What changes with the text: 16 hexadecimal digits. */
enum { SERVE_DIGEST = 17 };
void serve_digest(const struct buffer *text, char digest[SERVE_DIGEST]);

/* FHIR's instant, in UTC. */
enum { SERVE_INSTANT = 32 };
void serve_instant(time_t at, char instant[SERVE_INSTANT]);

/* A resource, which stays the caller's, and by whose text its ETag is. */
void serve_give(struct serve_reply *reply, json_object *resource);

/* Does a list of entity tags, or "*", name the one of the reply?  They are
 * compared weakly (RFC 9110 13.1.2). */
bool serve_has_version(const struct serve_reply *reply, const char *list);

/* The issue of an OperationOutcome, as a resource of its own. */
json_object *serve_outcome(const char *severity, const char *code,
			   const char *text);

/* Add a resource as text. */
void serve_print(json_object *resource, struct buffer *out);

void serve_reply_free(struct serve_reply *reply);

#endif

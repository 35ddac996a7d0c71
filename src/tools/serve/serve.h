/*
 * FHIR R4 and R5, read-only, over a server of DICOMweb: what QIDO-RS finds and
 * the metadata of WADO-RS say, mapped by the rules; or over studies that are
 * here.  Of the tools, not of the library.
 */
#ifndef SERVE_H
#define SERVE_H

#include <stdatomic.h>

#include "dcmfhir.h"
#include "http.h"
#include "serve_spool.h"

/* All of it is borrowed, and must stay as long as what is made of it. */
struct serve_options {
	const dfh_rules *rules;
	const char *timezone; /* or NULL */
	const char *base; /* what clients call it, without /fhir; no slash */
	const struct serve_spool *spool; /* NULL: they are at `dicomweb` */
	/* Each base is that of a server, with what says who asks it. */
	struct http_options dicomweb;
	struct http_options patients; /* base NULL: there is no EHR */
	struct http_options
		introspect;   /* base NULL: tokens are not asked for */
	const char *endpoint; /* of DICOMweb, for clients, or NULL */
	const char *tokens;   /* a file of those that are let in, or NULL */
	const char *folder;   /* of the state, for what is known */
	size_t jobs;	      /* studies that are read at once */
	size_t clients;	      /* connections at once */
	unsigned int timeout; /* seconds until a client that is silent
				 is left */
	atomic_ulong *answered, *failed; /* are counted up; failed: 5xx */
};

struct serve;

/* A server; NULL: it cannot be made, which is said. */
struct serve *serve_new(const struct serve_options *options);

/* Answer whoever connects, on threads of its own, until it is freed.  -1: that
 * is said. */
int serve_listen(struct serve *serve, int listener);

/* Called now and then while it listens: who is slow is left. */
void serve_look_after(struct serve *serve);

void serve_free(struct serve *serve);

#endif

/* The FHIR server that gets the studies, and what it says of itself. */
#ifndef SERVER_H
#define SERVER_H

#include <stdatomic.h>

#include "bundle.h"
#include "dcmfhir.h"
#include "http.h"

struct server {
	struct kinds kinds; /* what is sent */
	struct http *http;
	json_object *statement; /* its CapabilityStatement */
	bool has_transactions;
	bool is_silent; /* it did not answer */
	/* A Bundle of so many entries is sent entry by entry. */
	atomic_size_t entries_max;
};

/* Ask for /metadata.  An exit status; a server of another release, or one that
 * cannot do what is needed, is refused by name, which is said. */
int server_ask(struct server *server, const char *base, dfh_release release);

/* NULL, or why these entries cannot be sent there. */
const char *server_denies(const struct server *server,
			  const struct bundle *bundle);

void server_free(struct server *server);

/* Is an answer to a search the Bundle that it should be?  bundle: where it
 * goes, in the place of what is there (a json_object **, owned). */
bool server_gives_bundle(struct http_answer *answer, void *bundle);

/* Of all that is asked. */
extern const char fhir_json[], fhir_accept[];

#endif

/* What a client says on a connection of libmicrohttpd, as what it asks for. */
#ifndef SERVE_EXCHANGE_H
#define SERVE_EXCHANGE_H

#include "serve_inner.h"

struct MHD_Connection;

/* One request, from its first line to its answer. */
struct serve_exchange {
	char *uri;
	struct buffer form;
	bool is_begun, is_too_large;
	bool is_ambiguous; /* where it ends, or whose it is */
};

/* What a proxy before it may read otherwise: a header twice that is to be there
 * once, or two that say where the body ends (RFC 9112 6.3). */
bool serve_headers_are_ambiguous(struct MHD_Connection *connection);

/* is_form: it was sent to be searched by. */
void serve_exchange_answer(struct serve *serve, struct serve_exchange *exchange,
			   struct MHD_Connection *connection, bool is_form,
			   struct serve_reply *reply);

#endif

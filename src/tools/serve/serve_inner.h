/* What the files of the server share. */
#ifndef SERVE_INNER_H
#define SERVE_INNER_H

#include "serve_query.h"
#include "serve_study.h"

struct serve_gate;
struct serve_tokens;
struct serve_map;
struct serve_connections;
struct MHD_Daemon;

struct serve {
	struct serve_options options;
	struct serve_source source;
	struct http *patients; /* the EHR, or NULL */
	struct serve_map *map; /* what the rules say of searches */
	struct serve_tokens *tokens;
	struct serve_gate *gate;
	struct serve_connections *connections;
	struct MHD_Daemon *daemon;
	char started[SERVE_INSTANT];
};

/* What a client wants. */
struct serve_request {
	dfh_release release;
	char *type, *id; /* NULL: none was named */
	bool searches;	 /* by the query */
	bool has_form;	 /* the address is one that a form is sent to */
	struct serve_query query;
	bool is_strict;	    /* Prefer: handling=strict (FHIR R5 3.2.1.1.2) */
	const char *accept; /* or NULL */
	char *patient; /* whose data alone the token opens; NULL: anyone's */
	char *scopes;  /* of the token; NULL: it opens all */
};

void serve_request_free(struct serve_request *request);

/* serve_route.c: the parts of an address, without what is behind its path, and
 * of its query.  false: the reply says what is wrong. */
bool serve_route(struct serve_request *request, const char *uri,
		 struct serve_reply *reply);

/* serve_answer.c: what is asked for is answered, with the header Authorization,
 * or NULL. */
void serve_answer(struct serve *serve, struct serve_request *request,
		  const char *authorization, struct serve_reply *reply);

/* serve_read.c: one resource. */
void serve_read(struct serve *serve, struct serve_request *request,
		struct serve_reply *reply);

/* serve_capability.c: what is here, for everyone. */
void serve_capability(const struct serve *serve, dfh_release release,
		      struct serve_reply *reply);

/* serve_search.c: studies, page by page. */
void serve_search(struct serve *serve, struct serve_request *request,
		  struct serve_reply *reply);

/* serve_http.c: nobody connects any more, and whoever did has left. */
void serve_stop_listening(struct serve *serve);

/* ---- serve_tokens.c: who is let in ---- */

/* An exit status; what is wrong is said.  *out is NULL where everyone is. */
int serve_tokens_new(const struct serve_options *options,
		     struct serve_tokens **out);
void serve_tokens_free(struct serve_tokens *tokens);

/* Does the header Authorization, or NULL, open what is asked for?  It may set
 * request->patient and request->scopes.  false: the reply says that it does
 * not. */
bool serve_lets_in(struct serve_tokens *tokens, const char *authorization,
		   struct serve_request *request, struct serve_reply *reply);

/* Does it open a resource of another type, too, which comes with a study that
 * it opens? */
bool serve_lets_read(const struct serve_request *request, const char *type);

/* ---- serve_connections.c: who is slow ---- */

struct serve_connection;

struct serve_connections *serve_connections_new(void);
void serve_connections_free(struct serve_connections *connections);

struct serve_connection *
serve_connection_begin(struct serve_connections *connections, int socket);
void serve_connection_end(struct serve_connections *connections,
			  struct serve_connection *connection);

/* What a connection waits for: its client, who sends or takes something, or
 * us. */
enum serve_waits { SERVE_RECEIVES, SERVE_WORKS, SERVE_SENDS };

void serve_connection_waits(struct serve_connections *connections,
			    struct serve_connection *connection,
			    enum serve_waits waits);

/* End those whose clients take longer than so many seconds for a request, or
 * ten times as many for an answer. */
void serve_connections_look(struct serve_connections *connections,
			    double seconds);

/* ---- serve_gate.c: so many at once ---- */

struct serve_gate *serve_gate_new(size_t count);
void serve_gate_free(struct serve_gate *gate);

/* Who stays for long leaves one place to others, if there are several.  false:
 * nobody left in so many seconds. */
bool serve_gate_enter(struct serve_gate *gate, bool leaves_one,
		      unsigned int seconds);
void serve_gate_leave(struct serve_gate *gate);

#endif

#include "serve_exchange.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

/* ---- its headers ---- */

static const char *header_of(struct MHD_Connection *connection,
			     const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Headers that are to be there once. */
enum { LENGTHS, CODINGS, TOKENS, HOSTS, TYPES, COUNTED };

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind,
				    const char *name, const char *value)
{
	static const char *const names[COUNTED] = {
		[LENGTHS] = MHD_HTTP_HEADER_CONTENT_LENGTH,
		[CODINGS] = MHD_HTTP_HEADER_TRANSFER_ENCODING,
		[TOKENS] = MHD_HTTP_HEADER_AUTHORIZATION,
		[HOSTS] = MHD_HTTP_HEADER_HOST,
		[TYPES] = MHD_HTTP_HEADER_CONTENT_TYPE};
	unsigned int *counts = context;
	(void)kind, (void)value;
	for (size_t i = 0; i < COUNTED; i++)
		counts[i] += strcasecmp(name, names[i]) == 0;
	return MHD_YES;
}

bool serve_headers_are_ambiguous(struct MHD_Connection *connection)
{
	unsigned int counts[COUNTED] = {0};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header,
				  counts);
	for (size_t i = 0; i < COUNTED; i++)
		if (counts[i] > 1)
			return true;
	return counts[LENGTHS] && counts[CODINGS];
}

static void take_headers(struct serve_request *request,
			 struct MHD_Connection *connection)
{
	const char *prefer = header_of(connection, "Prefer");
	request->accept = header_of(connection, MHD_HTTP_HEADER_ACCEPT);
	request->is_strict = prefer && strstr(prefer, "handling=strict");
}

struct version_look {
	const struct serve_reply *reply;
	bool is_there;
};

static enum MHD_Result look_for_version(void *context, enum MHD_ValueKind kind,
					const char *name, const char *value)
{
	struct version_look *look = context;
	(void)kind;
	if (strcasecmp(name, MHD_HTTP_HEADER_IF_NONE_MATCH) == 0 && value)
		look->is_there =
			look->is_there || serve_has_version(look->reply, value);
	return MHD_YES;
}

/* Does the client have it?  The list can stand in several headers. */
static bool client_has(struct MHD_Connection *connection,
		       const struct serve_reply *reply)
{
	struct version_look look = {.reply = reply};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, look_for_version,
				  &look);
	return look.is_there;
}

/* ---- its form ---- */

/* What has no body need not say what it is. */
static bool says_form(struct MHD_Connection *connection,
		      const struct serve_exchange *exchange)
{
	static const char form[] = MHD_HTTP_POST_ENCODING_FORM_URLENCODED;
	const char *type = header_of(connection, MHD_HTTP_HEADER_CONTENT_TYPE);
	if (!type)
		return !exchange->form.length;
	return strncasecmp(type, form, sizeof form - 1) == 0 &&
	       strchr("; \t", type[sizeof form - 1]);
}

static bool take_form(struct serve_request *request,
		      struct MHD_Connection *connection,
		      const struct serve_exchange *exchange,
		      struct serve_reply *reply)
{
	const struct buffer *form = &exchange->form;
	if (!request->has_form)
		serve_fail(reply, 405, "not-supported",
			   "nothing can be changed here");
	else if (!says_form(connection, exchange))
		serve_fail(reply, 415, "not-supported",
			   "a search takes a "
			   "form: " MHD_HTTP_POST_ENCODING_FORM_URLENCODED);
	else if (!serve_query_read(&request->query, (const char *)form->bytes,
				   form->length))
		serve_fail(reply, 400, "invalid", "the form cannot be read");
	else
		return true;
	return false;
}

/* ---- all of it ---- */

void serve_exchange_answer(struct serve *serve, struct serve_exchange *exchange,
			   struct MHD_Connection *connection, bool is_form,
			   struct serve_reply *reply)
{
	struct serve_request request = {0};
	take_headers(&request, connection);
	bool good =
		serve_route(&request, exchange->uri, reply) &&
		(!is_form || take_form(&request, connection, exchange, reply));
	if (good)
		serve_answer(
			serve, &request,
			header_of(connection, MHD_HTTP_HEADER_AUTHORIZATION),
			reply);
	if (good && reply->status == 200 && *reply->etag &&
	    client_has(connection, reply)) {
		reply->status = 304;
		reply->body.length = 0;
	}
	serve_request_free(&request);
}

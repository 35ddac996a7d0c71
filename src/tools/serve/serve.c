#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "memory.h"
#include "serve_inner.h"
#include "serve_parameters.h"

/* Of a request: its first line and headers, and its form. */
enum { REQUEST_MOST = 32 * 1024, FORM_MOST = 64 * 1024, STACK = 2 << 20 };

/* ---- what it stands on ---- */

static int open_known(struct serve *serve)
{
	const char *path = serve->options.folder;
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		serve->source.known =
			open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (serve->source.known >= 0)
		return DFH_OK;
	cli_say("%s: %s", path, strerror(errno));
	return DFH_IO;
}

static int open_pacs(struct serve *serve)
{
	const struct dicomweb_options how = {.http = serve->options.dicomweb,
					     .jobs = serve->options.jobs,
					     .folder = serve->options.folder,
					     .quiet = true};
	serve->source.web = dicomweb_new(&how);
	return serve->source.web ? dicomweb_know(serve->source.web,
						 serve->options.dicomweb.base)
				 : DFH_IO;
}

static int open_others(struct serve *serve)
{
	int status = serve_tokens_new(&serve->options, &serve->tokens);
	if (status == DFH_OK && serve->options.patients.base)
		status = http_new(&serve->options.patients, &serve->patients);
	return status;
}

struct serve *serve_new(const struct serve_options *options)
{
	struct serve *serve = xmalloc(sizeof *serve);
	*serve = (struct serve){.options = *options,
				.source.known = -1,
				.gate = serve_gate_new(options->jobs),
				.connections = serve_connections_new()};
	serve->source.options = &serve->options;
	serve_instant(time(NULL), serve->started);
	int status = open_known(serve);
	if (status == DFH_OK)
		status = open_pacs(serve);
	if (status == DFH_OK)
		status = open_others(serve);
	serve->map = status == DFH_OK ? serve_map_new(options->rules) : NULL;
	if (serve->map)
		return serve;
	serve_free(serve);
	return NULL;
}

void serve_free(struct serve *serve)
{
	if (!serve)
		return;
	if (serve->daemon) {
		/* who is waited for is waited for no more */
		http_end(dicomweb_server(serve->source.web,
					 serve->options.dicomweb.base));
		if (serve->patients)
			http_end(serve->patients);
		MHD_stop_daemon(serve->daemon);
	}
	dicomweb_free(serve->source.web);
	http_free(serve->patients);
	serve_tokens_free(serve->tokens);
	serve_map_free(serve->map);
	serve_gate_free(serve->gate);
	serve_connections_free(serve->connections);
	if (serve->source.known >= 0)
		close(serve->source.known);
	free(serve);
}

/* ---- a request ---- */

/* From its first line to its answer. */
struct client_exchange {
	char *uri;
	struct buffer form;
	bool is_begun, is_too_large;
	bool is_ambiguous; /* where it ends, or whose it is */
};

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

/* What a proxy before it may read otherwise: a header twice that is to be there
 * once, or two that say where the body ends (RFC 9112 6.3). */
static bool has_ambiguous_headers(struct MHD_Connection *connection)
{
	unsigned int counts[COUNTED] = {0};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, count_header,
				  counts);
	for (size_t i = 0; i < COUNTED; i++)
		if (counts[i] > 1)
			return true;
	return counts[LENGTHS] && counts[CODINGS];
}

/* Is JSON what the client takes? */
static bool takes_json(const struct serve_request *request)
{
	const char *accept = request->accept, *format = NULL;
	for (size_t i = 0; i < request->query.count; i++)
		if (strcmp(request->query.at[i].name, "_format") == 0) {
			request->query.at[i].is_used = true;
			format = request->query.at[i].value;
		}
	if (format)
		return strstr(format, "json") != NULL;
	return !accept || strstr(accept, "json") || strstr(accept, "*/*") ||
	       strstr(accept, "application/*") || !strstr(accept, "xml");
}

static void answer_by_pacs(struct serve *serve, struct serve_request *request,
			   struct serve_reply *reply)
{
	if (!serve_gate_enter(serve->gate, request->searches,
			      serve->options.timeout)) {
		serve_put_off(reply, -1, "the server, which is busy,");
		return;
	}
	if (request->id)
		serve_read(serve, request, reply);
	else
		serve_search(serve, request, reply);
	serve_gate_leave(serve->gate);
	/* who may see one patient's data is not told what else is there */
	if (request->patient && request->id && reply->status != 200 &&
	    reply->status != 503)
		serve_tell_absent(reply);
}

static void answer_request(struct serve *serve, struct serve_request *request,
			   const char *authorization, struct serve_reply *reply)
{
	if (!request->type)
		serve_fail(reply, 404, "not-found",
			   "name a type of resource, or metadata");
	else if (!takes_json(request))
		serve_fail(reply, 406, "not-supported",
			   "only JSON is given here");
	else if (strcmp(request->type, "metadata") == 0 && !request->id)
		serve_capability(serve, request->release, reply);
	else if (!serve_lets_in(serve->tokens, authorization, request, reply))
		return;
	else if (request->searches &&
		 strcmp(request->type, "ImagingStudy") != 0)
		serve_fail(reply, 404, "not-supported",
			   "only studies can be searched for");
	else
		answer_by_pacs(serve, request, reply);
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

/* What has no body need not say what it is. */
static bool says_form(struct MHD_Connection *connection,
		      const struct client_exchange *exchange)
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
		      const struct client_exchange *exchange,
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

static void answer_exchange(struct serve *serve,
			    struct client_exchange *exchange,
			    struct MHD_Connection *connection, bool is_form,
			    struct serve_reply *reply)
{
	struct serve_request request = {0};
	take_headers(&request, connection);
	bool good =
		serve_route(&request, exchange->uri, reply) &&
		(!is_form || take_form(&request, connection, exchange, reply));
	if (good)
		answer_request(
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

/* ---- HTTP ---- */

static void add_number(struct MHD_Response *response, const char *name,
		       long number)
{
	char text[32];
	snprintf(text, sizeof text, "%ld", number);
	MHD_add_response_header(response, name, text);
}

static void add_headers(struct MHD_Response *response,
			const struct serve_reply *reply)
{
	char text[64];
	struct tm utc;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				"private, no-cache");
	if (reply->body.length)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
					"application/fhir+json");
	if (*reply->etag)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG,
					reply->etag);
	if (reply->modified &&
	    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT",
		     gmtime_r(&reply->modified, &utc)))
		MHD_add_response_header(response, MHD_HTTP_HEADER_LAST_MODIFIED,
					text);
	if (reply->retry_after)
		add_number(response, MHD_HTTP_HEADER_RETRY_AFTER,
			   reply->retry_after);
	if (reply->asks_for_token)
		MHD_add_response_header(
			response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
	if (reply->ends_connection)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION,
					"close");
	if (reply->status == 405)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD, POST");
}

/* The body is taken over. */
static enum MHD_Result queue_reply(struct MHD_Connection *connection,
				   struct serve_reply *reply)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
		reply->body.length, reply->body.bytes, MHD_RESPMEM_MUST_FREE);
	if (!response) {
		serve_reply_free(reply);
		return MHD_NO;
	}
	add_headers(response, reply);
	enum MHD_Result result =
		MHD_queue_response(connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static struct serve_connection *connection_of(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

static enum MHD_Result reply_to(struct serve *serve,
				struct MHD_Connection *connection,
				struct client_exchange *exchange,
				const char *method)
{
	struct serve_reply reply = {0};
	bool is_form = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
	bool is_read = strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
		       strcmp(method, MHD_HTTP_METHOD_HEAD) == 0;
	serve_connection_waits(serve->connections, connection_of(connection),
			       SERVE_WORKS);
	if (!is_form && !is_read)
		serve_fail(&reply, 405, "not-supported",
			   "nothing can be changed here");
	else if (exchange->is_ambiguous)
		serve_fail(&reply, 400, "invalid",
			   "headers are there twice, or contradict each other");
	else if (exchange->is_too_large)
		serve_fail(&reply, 413, "too-long", "the form is too large");
	else
		answer_exchange(serve, exchange, connection, is_form, &reply);
	++*serve->options.answered;
	reply.ends_connection = exchange->is_ambiguous;
	if (reply.status >= 500)
		++*serve->options.failed;
	serve_connection_waits(serve->connections, connection_of(connection),
			       SERVE_SENDS);
	return queue_reply(connection, &reply);
}

/* libmicrohttpd calls it with the headers, with each part of the body, and at
 * its end. */
static enum MHD_Result answer_client(void *context,
				     struct MHD_Connection *connection,
				     const char *url, const char *method,
				     const char *version, const char *upload,
				     size_t *upload_size, void **request)
{
	struct client_exchange *exchange = *request;
	(void)url, (void)version;
	bool has_form = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
	bool begins = !exchange->is_begun;
	exchange->is_begun = true;
	if (begins)
		exchange->is_ambiguous = has_ambiguous_headers(connection);
	if (begins && has_form && !exchange->is_ambiguous)
		return MHD_YES;
	if (*upload_size) {
		exchange->is_too_large =
			exchange->is_too_large ||
			exchange->form.length + *upload_size > FORM_MOST;
		if (has_form && !exchange->is_too_large)
			buffer_add(&exchange->form, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	return reply_to(context, connection, exchange, method);
}

static void *begin_exchange(void *context, const char *uri,
			    struct MHD_Connection *connection)
{
	struct client_exchange *exchange = xmalloc(sizeof *exchange);
	(void)context, (void)connection;
	*exchange = (struct client_exchange){.uri = xstrdup(uri)};
	return exchange;
}

static void end_exchange(void *context, struct MHD_Connection *connection,
			 void **request, enum MHD_RequestTerminationCode code)
{
	struct serve *serve = context;
	struct client_exchange *exchange = *request;
	(void)code;
	if (connection_of(connection))
		serve_connection_waits(serve->connections,
				       connection_of(connection),
				       SERVE_RECEIVES);
	if (!exchange)
		return;
	free(exchange->uri);
	buffer_free(&exchange->form);
	free(exchange);
	*request = NULL;
}

static void note_connection(void *context, struct MHD_Connection *connection,
			    void **socket_context,
			    enum MHD_ConnectionNotificationCode code)
{
	struct serve *serve = context;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*socket_context = serve_connection_begin(serve->connections,
							 info->connect_fd);
	else
		serve_connection_end(serve->connections, *socket_context);
}

/* What a client does wrong is not told: it could fill the log. */
static void say_nothing_of_clients(void *context, const char *format,
				   va_list arguments)
{
	(void)context, (void)format, (void)arguments;
}

int serve_listen(struct serve *serve, int listener)
{
	serve->daemon = MHD_start_daemon(
		MHD_USE_THREAD_PER_CONNECTION |
			MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ERROR_LOG,
		0, NULL, NULL, answer_client, serve, MHD_OPTION_EXTERNAL_LOGGER,
		say_nothing_of_clients, NULL, MHD_OPTION_LISTEN_SOCKET,
		listener, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)serve->options.clients,
		MHD_OPTION_CONNECTION_TIMEOUT, serve->options.timeout,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MOST,
		MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK,
		MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, NULL,
		MHD_OPTION_NOTIFY_COMPLETED, end_exchange, serve,
		MHD_OPTION_NOTIFY_CONNECTION, note_connection, serve,
		MHD_OPTION_END);
	if (serve->daemon)
		return 0;
	cli_say("serve: no server for it");
	close(listener);
	return -1;
}

void serve_look_after(struct serve *serve)
{
	serve_connections_look(serve->connections, serve->options.timeout);
}

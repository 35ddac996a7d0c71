/* libmicrohttpd, which has a thread for each connection. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "memory.h"
#include "serve_exchange.h"

/* Of a request: its first line and headers, and its form. */
enum { REQUEST_MOST = 32 * 1024, FORM_MOST = 64 * 1024, STACK = 2 << 20 };

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
				struct serve_exchange *exchange,
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
		serve_exchange_answer(serve, exchange, connection, is_form,
				      &reply);
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
	struct serve_exchange *exchange = *request;
	(void)url, (void)version;
	bool has_form = strcmp(method, MHD_HTTP_METHOD_POST) == 0;
	bool begins = !exchange->is_begun;
	exchange->is_begun = true;
	if (begins)
		exchange->is_ambiguous =
			serve_headers_are_ambiguous(connection);
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
	struct serve_exchange *exchange = xmalloc(sizeof *exchange);
	(void)context, (void)connection;
	*exchange = (struct serve_exchange){.uri = xstrdup(uri)};
	return exchange;
}

static void end_exchange(void *context, struct MHD_Connection *connection,
			 void **request, enum MHD_RequestTerminationCode code)
{
	struct serve *serve = context;
	struct serve_exchange *exchange = *request;
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

void serve_stop_listening(struct serve *serve)
{
	MHD_stop_daemon(serve->daemon);
}

#include "metrics.h"

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "listen.h"
#include "memory.h"
#include "waiting.h"

/* Of whoever asks: so many at once, so long, so many bytes of a request. */
enum { CONNECTIONS = 16, SECONDS = 10, REQUEST_MOST = 16 * 1024 };

/* Between two looks whether it is to end. */
static const double LOOK_SECONDS = 60;

bool metrics_is_on(const struct configuration *configuration)
{
	return configuration->metrics.is_on;
}

/* ---- the text ---- */

static void print_counter(FILE *out, const char *name, const char *help,
			  unsigned long value)
{
	fprintf(out,
		"# HELP dcmfhird_%s_total %s\n"
		"# TYPE dcmfhird_%s_total counter\n"
		"dcmfhird_%s_total %lu\n",
		name, help, name, name, value);
}

static void print_counters(FILE *out, const struct tally *tally)
{
	print_counter(out, "associations", "Associations that were answered.",
		      tally->associations);
	print_counter(out, "associations_refused",
		      "Connections of addresses that are no peer's.",
		      tally->associations_refused);
	print_counter(out, "instances", "Instances that were stored.",
		      tally->instances);
	print_counter(out, "instances_refused",
		      "Instances that were not stored.",
		      tally->instances_refused);
	print_counter(out, "instances_forwarded",
		      "Instances that a destination took.",
		      tally->instances_forwarded);
	print_counter(out, "forwards_refused",
		      "Instances that a destination would not take.",
		      tally->forwards_refused);
	print_counter(out, "instances_stamped",
		      "Instances that were stamped, or found to be as the EHR "
		      "says.",
		      tally->instances_stamped);
	print_counter(out, "instances_passed",
		      "Instances that were passed on unstamped.",
		      tally->instances_passed);
	print_counter(out, "instances_quarantined",
		      "Instances that were put into the quarantine.",
		      tally->instances_quarantined);
	print_counter(out, "studies_exported",
		      "Studies that went to the outbox.",
		      tally->studies_exported);
	print_counter(out, "studies_held",
		      "Studies that could not be exported.",
		      tally->studies_held);
	print_counter(out, "studies_delivered",
		      "Studies that the FHIR server took.",
		      tally->studies_delivered);
	print_counter(out, "requests_answered",
		      "Requests that the role serve answered.",
		      tally->requests_answered);
	print_counter(out, "requests_failed",
		      "Of these, those that a server did not let it answer.",
		      tally->requests_failed);
}

static void print_length(const struct waiting *waiting, void *context)
{
	fprintf(context, "dcmfhird_queue_length{queue=\"%s\"} %zu\n",
		waiting->name, waiting->count);
}

static void print_oldest(const struct waiting *waiting, void *context)
{
	fprintf(context, "dcmfhird_queue_oldest_seconds{queue=\"%s\"} %.0f\n",
		waiting->name, waiting->oldest);
}

static char *metrics_text(const struct daemon *daemon, size_t *length)
{
	char *text = NULL;
	FILE *out = memory_of(open_memstream(&text, length));
	print_counters(out, daemon->tally);
	fputs("# HELP dcmfhird_queue_length How many wait there.\n"
	      "# TYPE dcmfhird_queue_length gauge\n",
	      out);
	queues_visit(daemon->state->folder, print_length, out);
	fputs("# HELP dcmfhird_queue_oldest_seconds The age of the oldest.\n"
	      "# TYPE dcmfhird_queue_oldest_seconds gauge\n",
	      out);
	queues_visit(daemon->state->folder, print_oldest, out);
	if (fclose(out) != 0)
		out_of_memory();
	return text;
}

/* ---- HTTP ---- */

static enum MHD_Result respond(struct MHD_Connection *connection,
			       unsigned int status, char *text, size_t length,
			       enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(length, text, mode);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"text/plain; version=0.0.4");
	enum MHD_Result result =
		MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	static char not_found[] = "only /metrics is here\n",
		    not_allowed[] = "only GET is answered\n";
	(void)version, (void)upload, (void)upload_size, (void)request;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		return respond(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			       not_allowed, sizeof not_allowed - 1,
			       MHD_RESPMEM_PERSISTENT);
	if (strcmp(url, "/metrics") != 0)
		return respond(connection, MHD_HTTP_NOT_FOUND, not_found,
			       sizeof not_found - 1, MHD_RESPMEM_PERSISTENT);
	size_t length;
	char *text = metrics_text(context, &length);
	return respond(connection, MHD_HTTP_OK, text, length,
		       MHD_RESPMEM_MUST_FREE);
}

/* What a client does wrong is not told: it could fill the log. */
static void say_nothing(void *context, const char *format, va_list arguments)
{
	(void)context, (void)format, (void)arguments;
}

int metrics_begin(struct turn *turn)
{
	const struct metering *metrics = &turn->daemon->configuration->metrics;
	turn->listener = listen_at("metrics", metrics->address, metrics->port);
	return turn->listener < 0 ? -1 : 0;
}

void metrics_run(struct turn *turn)
{
	/* It listens at a socket of ours, and only reads from the context. */
	struct MHD_Daemon *server = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ERROR_LOG, 0, NULL,
		NULL, answer, (void *)(uintptr_t)turn->daemon,
		MHD_OPTION_EXTERNAL_LOGGER, say_nothing, NULL,
		MHD_OPTION_LISTEN_SOCKET, turn->listener,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MOST,
		MHD_OPTION_END);
	if (!server) {
		cli_say("metrics: no server for it");
		close(turn->listener);
		return;
	}
	while (turn_goes_on(turn))
		turn_pause(turn, LOOK_SECONDS);
	MHD_stop_daemon(server);
}

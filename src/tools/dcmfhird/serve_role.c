#include "serve_role.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"
#include "listen.h"
#include "memory.h"
#include "serve.h"
#include "served_studies.h"

/* Between two looks at who is slow. */
static const double LOOK_SECONDS = 1;

bool serve_is_on(const struct configuration *configuration)
{
	return configuration->serve.is_on;
}

int serve_begin(struct turn *turn)
{
	const struct serving *serve = &turn->daemon->configuration->serve;
	turn->listener = listen_at("serve", serve->address, serve->port);
	return turn->listener < 0 ? -1 : 0;
}

/* What clients call it: as its file says, or as it listens; to be freed. */
static char *base_of(const struct serving *serve, int listener)
{
	struct sockaddr_storage at;
	socklen_t length = sizeof at;
	char port[16] = "";
	if (serve->base) {
		char *base = xstrdup(serve->base);
		http_drop_slashes(base);
		return base;
	}
	if (getsockname(listener, (struct sockaddr *)&at, &length) == 0)
		getnameinfo((struct sockaddr *)&at, length, NULL, 0, port,
			    sizeof port, NI_NUMERICSERV);
	bool is_v6 = strchr(serve->address, ':') != NULL;
	return xprintf("http://%s%s%s:%s", is_v6 ? "[" : "", serve->address,
		       is_v6 ? "]" : "", port);
}

/* Who asks here is not kept waiting by other tries: he tries again himself. */
static struct http_options options_of(const struct serving *serve,
				      const char *base,
				      const struct serving_access *access)
{
	return (struct http_options){.base = base,
				     .cacert = serve->cacert,
				     .headers = access->headers,
				     .token_file = access->token_file,
				     .client_file = access->client,
				     .timeout = (unsigned int)serve->timeout,
				     .stops = cli_interrupted};
}

static void run_server(struct turn *turn, struct serve *serve)
{
	if (serve_listen(serve, turn->listener) < 0)
		return;
	while (turn_goes_on(turn)) {
		turn_pause(turn, LOOK_SECONDS);
		serve_look_after(serve);
	}
}

void serve_run(struct turn *turn)
{
	const struct daemon *daemon = turn->daemon;
	const struct serving *serving = &daemon->configuration->serve;
	char *base = base_of(serving, turn->listener);
	char *folder = xprintf("%s/served", daemon->state->path);
	const struct serve_spool spool = served_studies(daemon);
	const struct serve_options options = {
		.spool = serving->dicomweb ? NULL : &spool,
		.rules = daemon->rules,
		.timezone = daemon->configuration->timezone,
		.base = base,
		.dicomweb =
			options_of(serving, serving->dicomweb, &serving->pacs),
		.patients =
			options_of(serving, serving->patients, &serving->ehr),
		.introspect = options_of(serving, serving->introspect,
					 &serving->authority),
		.endpoint = serving->endpoint ? serving->endpoint
					      : serving->dicomweb,
		.tokens = serving->tokens,
		.folder = folder,
		.jobs = (size_t)serving->jobs,
		.clients = (size_t)serving->clients,
		.timeout = (unsigned int)serving->timeout,
		.answered = &daemon->tally->requests_answered,
		.failed = &daemon->tally->requests_failed};
	struct serve *serve = serve_new(&options);
	if (serve)
		run_server(turn, serve);
	else
		close(turn->listener);
	serve_free(serve);
	free(folder);
	free(base);
}

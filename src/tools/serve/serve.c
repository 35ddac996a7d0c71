#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "memory.h"
#include "serve_inner.h"
#include "serve_parameters.h"

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
	if (status == DFH_OK && !options->spool)
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
		if (serve->source.web)
			http_end(dicomweb_server(serve->source.web,
						 serve->options.dicomweb.base));
		if (serve->patients)
			http_end(serve->patients);
		serve_stop_listening(serve);
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

void serve_look_after(struct serve *serve)
{
	serve_connections_look(serve->connections, serve->options.timeout);
}

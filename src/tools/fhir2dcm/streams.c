#include "streams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "fhir2dcm_files.h"
#include "memory.h"

struct streams {
	bool reads;
	struct spool in, out;
};

bool is_stream(const char *name)
{
	return name && strcmp(name, "-") == 0;
}

int streams_check(const struct work *work, char **paths)
{
	const struct fhir2dcm_options *options = work->options;
	bool is_out = is_stream(options->output) && !options->dry_run;
	if (is_out && work->files.count > 1)
		cli_say("-o - takes one file to stamp, and not %zu",
			work->files.count);
	else if (is_out && isatty(STDOUT_FILENO))
		cli_say("a DICOM file is nothing for a terminal; say where it "
			"goes: -o FILE");
	else if (is_stream(*paths) && work->targets.into_folder)
		cli_say("%s: is a folder; name the file that is to be there",
			options->output);
	else
		return DFH_OK;
	return DFH_USAGE;
}

/* 0, or errno. */
static int take_rest(int fd, struct spool *spool)
{
	enum { SIZE = 65536 };
	char *bytes = xmalloc(SIZE);
	ssize_t got = 1;
	int fault = 0;
	while (!fault && got) {
		got = cli_read_some(fd, bytes, SIZE);
		fault = got < 0 ? errno
				: spool_write(spool, bytes, (size_t)got);
	}
	free(bytes);
	return fault;
}

static int take_standard_input(struct spool *spool)
{
	int fd = cli_open_input("-");
	int fault = fd < 0 ? 0 : take_rest(fd, spool);
	if (fault && !cli_interrupted())
		cli_say("%s: %s", cli_input_name("-"), strerror(fault));
	return fd < 0 || fault ? DFH_IO : DFH_OK;
}

static int fill_streams(struct streams *streams)
{
	if (spool_open(&streams->out) < 0 ||
	    (streams->reads && spool_open(&streams->in) < 0))
		return DFH_IO;
	return streams->reads ? take_standard_input(&streams->in) : DFH_OK;
}

int streams_new(const struct fhir2dcm_options *options, char **paths,
		struct streams **out)
{
	struct streams streams = {.in.fd = -1, .out.fd = -1};
	*out = NULL;
	for (; *paths; paths++)
		streams.reads = streams.reads || is_stream(*paths);
	if (!streams.reads && !is_stream(options->output))
		return DFH_OK;
	*out = xmalloc(sizeof **out);
	**out = streams;
	return fill_streams(*out);
}

void streams_free(struct streams *streams)
{
	if (!streams)
		return;
	spool_close(&streams->in);
	spool_close(&streams->out);
	free(streams);
}

bool streams_open(const struct streams *streams, const char *path,
		  struct opened *opened)
{
	if (!streams || !streams->reads || !is_stream(path))
		return false;
	source_open_part(opened, streams->in.fd, 0, streams->in.length,
			 cli_input_name(path));
	return true;
}

int streams_copy(struct streams *streams, struct opened *opened,
		 const struct copy_stamp *stamp, const char *path,
		 dfh_error **error)
{
	if (copy_into(&streams->out, opened, stamp, error) < 0)
		return DFH_REFUSED;
	if (!copy_may_go(stamp))
		return DFH_IO;
	return copy_out(&streams->out, is_stream(path) ? NULL : path);
}

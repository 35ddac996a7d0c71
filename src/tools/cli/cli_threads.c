/* Threads of the tools: they stop when the tool is interrupted. */
#include <stdlib.h>

#include "cli.h"
#include "each.h"

/* Of files, which are small. */
enum { AHEAD = 4096 };

static bool stops_when_interrupted(void *context)
{
	(void)context;
	return cli_interrupted();
}

size_t cli_each(const struct cli_each *each, size_t count, int jobs)
{
	const struct each_work run = {each->work, each->settle,
				      stops_when_interrupted, each->context,
				      AHEAD};
	return each_run(&run, count, jobs);
}

int cli_jobs(const char *text)
{
	char *end;
	long jobs = strtol(text, &end, 10);

	return end == text || *end || jobs < 1 || jobs > CLI_JOBS_MAX
		       ? 0
		       : (int)jobs;
}

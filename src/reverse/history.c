#include "history.h"

#include <stdio.h>

#include "cli.h"

static const char *known(const char *text)
{
	return *text ? text : "?";
}

static int tell(const dfh_change *change, void *context)
{
	const char *path = context;
	printf("%s: %s %s %s", path, known(change->time), known(change->system),
	       known(change->reason));
	if (*change->source)
		printf(" from %s", change->source);
	putchar(':');
	for (size_t i = 0; i < change->attribute_count; i++)
		printf(" %s", change->attributes[i]);
	putchar('\n');
	return 0;
}

int history_tell(const char *path)
{
	dfh_error *error = NULL;
	if (dfh_history(path, tell, (void *)path, &error) < 0)
		return cli_fail(error);
	return DFH_OK;
}

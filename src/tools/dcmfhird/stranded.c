#include "stranded.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "forward.h"
#include "stamp.h"
#include "waiting.h"

static bool is_below(const char *queue, const char *folder)
{
	size_t length = strlen(folder);
	return strncmp(queue, folder, length) == 0 &&
	       (queue[length] == '\0' || queue[length] == '/');
}

static bool is_destination(const struct configuration *configuration,
			   const char *queue)
{
	char folder[PATH_MAX];
	for (size_t i = 0; i < configuration->forward_count; i++) {
		forward_folder(&configuration->forward[i], folder);
		if (is_below(queue, folder))
			return true;
	}
	return false;
}

static void tell_stranded(const struct waiting *waiting, void *context)
{
	const struct configuration *configuration = context;
	const char *wants = NULL;
	if (!waiting->count)
		return;
	if (is_below(waiting->name, stamp_folder) &&
	    !stamp_is_on(configuration))
		wants = "stamp";
	if (is_below(waiting->name, "forward") &&
	    !is_destination(configuration, waiting->name))
		wants = "its destination in forward";
	if (wants)
		cli_say("%s/%s: %zu wait there, and go nowhere: configure %s "
			"again until they are gone, or move them away",
			configuration->state, waiting->name, waiting->count,
			wants);
}

void stranded_tell(const struct configuration *configuration)
{
	int state =
		open(configuration->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state < 0)
		return;
	queues_visit(state, tell_stranded, (void *)(uintptr_t)configuration);
	close(state);
}

#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli.h"
#include "waiting.h"

static void print_queue(const struct waiting *waiting, void *context)
{
	unsigned long age = (unsigned long)waiting->oldest;
	(void)context;
	printf("%-40s %8zu", waiting->name, waiting->count);
	if (waiting->count)
		printf("  %lu:%02lu:%02lu", age / 3600, age / 60 % 60,
		       age % 60);
	putchar('\n');
}

/* Whoever has the state has its lock. */
static bool is_running(int state)
{
	int lock = openat(state, "lock", O_RDONLY | O_CLOEXEC);
	bool runs = lock >= 0 && flock(lock, LOCK_SH | LOCK_NB) < 0 &&
		    errno == EWOULDBLOCK;
	if (lock >= 0)
		close(lock);
	return runs;
}

int status_print(const struct configuration *configuration)
{
	int state =
		open(configuration->state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state < 0) {
		cli_say("%s: %s", configuration->state, strerror(errno));
		return DFH_IO;
	}
	printf("dcmfhird is %s\n\n%-40s %8s  %s\n",
	       is_running(state) ? "running" : "not running", "QUEUE", "COUNT",
	       "OLDEST");
	queues_visit(state, print_queue, NULL);
	close(state);
	return DFH_OK;
}

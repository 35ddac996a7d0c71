#include "roles.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "cli.h"
#include "forget.h"
#include "forward.h"
#include "memory.h"
#include "metrics.h"
#include "poll_worklist.h"
#include "send.h"
#include "serve_role.h"
#include "stamp.h"
#include "watch.h"

struct daemon_role {
	const char *name;
	bool (*is_on)(const struct configuration *configuration);
	/* Before it runs; -1: it cannot, which is said.  May be NULL. */
	int (*begin)(struct turn *turn);
	void (*run)(struct turn *turn);
};

static const struct daemon_role all[] = {
	{"watch", watch_is_on, NULL, watch_run},
	{"send", send_is_on, NULL, send_run},
	{"stamp", stamp_is_on, NULL, stamp_run},
	{"forward", forward_is_on, NULL, forward_run},
	{"worklist", poll_is_on, poll_begin, poll_run},
	{"serve", serve_is_on, serve_begin, serve_run},
	{"forget", forget_is_on, NULL, forget_run},
	{"metrics", metrics_is_on, metrics_begin, metrics_run},
};

enum { COUNT = sizeof all / sizeof *all };

struct roles {
	struct turn turns[COUNT];
	pthread_t threads[COUNT];
	bool runs[COUNT];
};

bool turn_goes_on(const struct turn *turn)
{
	return !turn->ends && !cli_interrupted();
}

void turn_pause(const struct turn *turn, double seconds)
{
	static const struct timespec nap = {.tv_nsec = 100 * 1000 * 1000};
	for (double passed = 0; passed < seconds && turn_goes_on(turn);
	     passed += 0.1)
		nanosleep(&nap, NULL);
}

struct thread {
	const struct daemon_role *role;
	struct turn *turn;
};

static void *role_run(void *context)
{
	struct thread thread = *(struct thread *)context;
	free(context);
	thread.role->run(thread.turn);
	return NULL;
}

static int role_begin(struct roles *roles, int index)
{
	const struct daemon_role *role = &all[index];
	struct turn *turn = &roles->turns[index];
	if (role->begin && role->begin(turn) < 0)
		return -1;
	struct thread *thread = xmalloc(sizeof *thread);
	*thread = (struct thread){role, turn};
	roles->runs[index] = pthread_create(&roles->threads[index], NULL,
					    role_run, thread) == 0;
	if (roles->runs[index])
		return 0;
	cli_say("%s: no thread for it", role->name);
	free(thread);
	return -1;
}

struct roles *roles_begin(const struct daemon *daemon)
{
	struct roles *roles = xmalloc(sizeof *roles);
	*roles = (struct roles){0};
	for (int i = 0; i < COUNT; i++) {
		roles->turns[i].daemon = daemon;
		if (!all[i].is_on(daemon->configuration) ||
		    role_begin(roles, i) == 0)
			continue;
		roles_end(roles);
		return NULL;
	}
	return roles;
}

void roles_end(struct roles *roles)
{
	for (int i = COUNT; i-- > 0;) {
		roles->turns[i].ends = true;
		if (roles->runs[i])
			pthread_join(roles->threads[i], NULL);
	}
	free(roles);
}

#include "roles.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "cli.h"
#include "memory.h"
#include "send.h"

struct role {
	const char *name;
	bool (*is_on)(const struct configuration *configuration);
	void (*run)(struct turn *turn);
};

static const struct role all[] = {
	{"send", send_is_on, send_run},
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
	const struct role *role;
	struct turn *turn;
};

static void *run(void *context)
{
	struct thread thread = *(struct thread *)context;
	free(context);
	thread.role->run(thread.turn);
	return NULL;
}

struct roles *roles_begin(const struct daemon *daemon)
{
	struct roles *roles = xmalloc(sizeof *roles);
	*roles = (struct roles){0};
	for (int i = 0; i < COUNT; i++) {
		if (!all[i].is_on(daemon->configuration))
			continue;
		struct thread *thread = xmalloc(sizeof *thread);
		*thread = (struct thread){&all[i], &roles->turns[i]};
		roles->turns[i].daemon = daemon;
		roles->runs[i] = pthread_create(&roles->threads[i], NULL, run,
						thread) == 0;
		if (roles->runs[i])
			continue;
		cli_say("%s: no thread for it", all[i].name);
		free(thread);
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

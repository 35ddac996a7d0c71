#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "memory.h"
#include "serve_inner.h"

struct serve_gate {
	pthread_mutex_t lock;
	pthread_cond_t left;
	size_t count, free;
};

struct serve_gate *serve_gate_new(size_t count)
{
	struct serve_gate *gate = xmalloc(sizeof *gate);
	pthread_condattr_t clock;
	*gate = (struct serve_gate){.count = count, .free = count};
	pthread_mutex_init(&gate->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&gate->left, &clock);
	pthread_condattr_destroy(&clock);
	return gate;
}

void serve_gate_free(struct serve_gate *gate)
{
	if (!gate)
		return;
	pthread_cond_destroy(&gate->left);
	pthread_mutex_destroy(&gate->lock);
	free(gate);
}

bool serve_gate_enter(struct serve_gate *gate, bool leaves_one,
		      unsigned int seconds)
{
	size_t kept = leaves_one && gate->count > 1;
	struct timespec until;
	int late = 0;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)seconds;
	pthread_mutex_lock(&gate->lock);
	while (gate->free <= kept && !late)
		late = pthread_cond_timedwait(&gate->left, &gate->lock, &until);
	bool enters = gate->free > kept;
	gate->free -= enters;
	pthread_mutex_unlock(&gate->lock);
	return enters;
}

void serve_gate_leave(struct serve_gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->free++;
	/* not all who wait may enter now */
	pthread_cond_broadcast(&gate->left);
	pthread_mutex_unlock(&gate->lock);
}

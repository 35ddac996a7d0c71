#include "each.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"

enum { JOBS_MAX = 256 };

struct slot {
	void *result;
	bool done;
};

struct work_run {
	const struct each_work *each;
	size_t count, next, settled;
	bool is_settling;
	struct slot *slots;
	pthread_mutex_t lock;
	pthread_cond_t moved;
};

static bool run_stops(const struct work_run *run)
{
	return run->each->stops && run->each->stops(run->each->context);
}

/* With the lock held: all results that are next in order.  One thread does it
 * for all, without the lock, so that the others can work. */
static void settle_in_order(struct work_run *run)
{
	struct slot *slot = &run->slots[run->settled % run->each->ahead];

	if (run->is_settling)
		return;
	run->is_settling = true;
	while (slot->done) {
		pthread_mutex_unlock(&run->lock);
		run->each->settle(run->each->context, run->settled,
				  slot->result);
		pthread_mutex_lock(&run->lock);
		slot->done = false;
		slot = &run->slots[++run->settled % run->each->ahead];
	}
	run->is_settling = false;
	pthread_cond_broadcast(&run->moved);
}

static void *work_on_run(void *context)
{
	struct work_run *run = context;

	pthread_mutex_lock(&run->lock);
	while (run->next < run->count && !run_stops(run)) {
		size_t index = run->next;
		void *result;

		if (index - run->settled >= run->each->ahead) {
			pthread_cond_wait(&run->moved, &run->lock);
			continue;
		}
		run->next++;
		pthread_mutex_unlock(&run->lock);
		result = run->each->work(run->each->context, index);
		pthread_mutex_lock(&run->lock);
		run->slots[index % run->each->ahead] =
			(struct slot){result, true};
		settle_in_order(run);
	}
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

size_t each_run(const struct each_work *each, size_t count, int jobs)
{
	struct work_run *run = memory_of(calloc(1, sizeof *run));
	pthread_t threads[JOBS_MAX];
	size_t settled;
	int started = 0;

	run->slots = memory_of(calloc(each->ahead, sizeof *run->slots));
	run->each = each;
	run->count = count;
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->moved, NULL);
	while (started < jobs - 1 && started < JOBS_MAX &&
	       (size_t)started + 1 < count &&
	       pthread_create(&threads[started], NULL, work_on_run, run) == 0)
		started++;
	work_on_run(run);
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	settled = run->settled;
	pthread_cond_destroy(&run->moved);
	pthread_mutex_destroy(&run->lock);
	free(run->slots);
	free(run);
	return settled;
}

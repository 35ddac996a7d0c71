#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* ---- tasks ---- */

void task_free(struct task *task)
{
	if (!task)
		return;
	free(task->name);
	free(task->study);
	free(task->text);
	free(task->claims);
	free(task);
}

void queue_init(struct queue *queue)
{
	*queue = (struct queue){.last = &queue->first,
				.names = lh_by_text(256, NULL)};
}

void queue_free(struct queue *queue)
{
	for (struct task *next; queue->first; queue->first = next) {
		next = queue->first->next;
		task_free(queue->first);
	}
	free(queue->held.at);
	free(queue->known.at);
	lh_table_free(queue->names);
}

void queue_add(struct queue *queue, struct task *task)
{
	task->next = NULL;
	*queue->last = task;
	queue->last = &task->next;
	queue->count++;
	lh_add(queue->names, task->name, task);
}

static struct task *unlink_at(struct queue *queue, struct task **at)
{
	struct task *task = *at;
	*at = task->next;
	if (!*at)
		queue->last = at;
	queue->count--;
	return task;
}

/* ---- who may go ---- */

static bool claim_counts(const struct queue *queue, const struct claim *claim)
{
	return claim->always || !hashes_have(&queue->known, claim->hash);
}

static bool may_go(const struct queue *queue, const struct task *task)
{
	if (task->is_replaced)
		return false;
	for (size_t i = 0; i < task->claim_count; i++)
		if (claim_counts(queue, &task->claims[i]) &&
		    hashes_have(&queue->held, task->claims[i].hash))
			return false;
	return true;
}

struct task *queue_take(struct queue *queue)
{
	struct task **at = &queue->first;
	while (*at && !may_go(queue, *at)) {
		if ((*at)->is_replaced)
			task_free(unlink_at(queue, at));
		else
			at = &(*at)->next;
	}
	if (!*at)
		return NULL;
	struct task *task = unlink_at(queue, at);
	lh_table_delete(queue->names, task->name);
	for (size_t i = 0; i < task->claim_count; i++)
		if (claim_counts(queue, &task->claims[i]))
			hashes_add(&queue->held, task->claims[i].hash);
	return task;
}

void queue_release(struct queue *queue, const struct task *task, bool delivered)
{
	if (delivered)
		hashes_add(&queue->known, task->digest);
	for (size_t i = 0; i < task->claim_count; i++) {
		/* What several know is held by none. */
		if (claim_counts(queue, &task->claims[i]))
			hashes_take_out(&queue->held, task->claims[i].hash);
		if (delivered)
			hashes_add(&queue->known, task->claims[i].hash);
	}
}

bool queue_knows(const struct queue *queue, const struct task *task)
{
	return hashes_have(&queue->known, task->digest);
}

static struct task *find_last_task(const struct queue *queue, const char *name)
{
	void *found = NULL;
	lh_table_lookup_ex(queue->names, name, &found);
	return found;
}

void queue_replace(struct queue *queue, const char *name)
{
	struct task *task = find_last_task(queue, name);
	if (!task)
		return;
	task->is_replaced = true;
	lh_table_delete(queue->names, name);
}

bool queue_has(const struct queue *queue, const char *name)
{
	return find_last_task(queue, name) != NULL;
}

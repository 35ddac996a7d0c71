#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* ---- sets ---- */

static size_t slot_of(const struct hashes *set, uint64_t hash)
{
	size_t at = (size_t)hash & (set->size - 1);
	while (set->at[at] && set->at[at] != hash)
		at = (at + 1) & (set->size - 1);
	return at;
}

/* 0 is an empty slot. */
static uint64_t key_of(uint64_t hash)
{
	return hash ? hash : 1;
}

static bool has(const struct hashes *set, uint64_t hash)
{
	return set->count && set->at[slot_of(set, key_of(hash))];
}

static void grow(struct hashes *set)
{
	struct hashes old = *set;
	set->size = old.size ? 2 * old.size : 64;
	set->at = xmalloc(set->size * sizeof *set->at);
	memset(set->at, 0, set->size * sizeof *set->at);
	for (size_t i = 0; i < old.size; i++)
		if (old.at[i])
			set->at[slot_of(set, old.at[i])] = old.at[i];
	free(old.at);
}

static void add(struct hashes *set, uint64_t hash)
{
	if (2 * (set->count + 1) > set->size)
		grow(set);
	size_t slot = slot_of(set, key_of(hash));
	set->count += !set->at[slot];
	set->at[slot] = key_of(hash);
}

/* What lies behind it may have been pushed there by it. */
static void take_out(struct hashes *set, uint64_t hash)
{
	if (!has(set, hash))
		return;
	size_t slot = slot_of(set, key_of(hash));
	set->at[slot] = 0;
	set->count--;
	for (;;) {
		slot = (slot + 1) & (set->size - 1);
		uint64_t moved = set->at[slot];
		if (!moved)
			return;
		set->at[slot] = 0;
		set->at[slot_of(set, moved)] = moved;
	}
}

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

static bool counts(const struct queue *queue, const struct claim *claim)
{
	return claim->always || !has(&queue->known, claim->hash);
}

static bool may_go(const struct queue *queue, const struct task *task)
{
	if (task->is_replaced)
		return false;
	for (size_t i = 0; i < task->claim_count; i++)
		if (counts(queue, &task->claims[i]) &&
		    has(&queue->held, task->claims[i].hash))
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
		if (counts(queue, &task->claims[i]))
			add(&queue->held, task->claims[i].hash);
	return task;
}

void queue_release(struct queue *queue, const struct task *task, bool delivered)
{
	if (delivered)
		add(&queue->known, task->digest);
	for (size_t i = 0; i < task->claim_count; i++) {
		/* What several know is held by none. */
		if (counts(queue, &task->claims[i]))
			take_out(&queue->held, task->claims[i].hash);
		if (delivered)
			add(&queue->known, task->claims[i].hash);
	}
}

bool queue_knows(const struct queue *queue, const struct task *task)
{
	return has(&queue->known, task->digest);
}

static struct task *find(const struct queue *queue, const char *name)
{
	void *found = NULL;
	lh_table_lookup_ex(queue->names, name, &found);
	return found;
}

void queue_replace(struct queue *queue, const char *name)
{
	struct task *task = find(queue, name);
	if (!task)
		return;
	task->is_replaced = true;
	lh_table_delete(queue->names, name);
}

bool queue_has(const struct queue *queue, const char *name)
{
	return find(queue, name) != NULL;
}

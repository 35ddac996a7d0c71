#include "delivery.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cli.h"
#include "cli_journal.h"
#include "deliver.h"
#include "fates.h"
#include "hash.h"
#include "memory.h"
#include "outbox.h"
#include "queue.h"
#include "server.h"

/* Without an outbox, studies wait in memory: so many for each thread. */
enum { AHEAD = 4 };

struct delivery {
	const struct delivery_options *options;
	struct server server;
	struct outbox *outbox; /* NULL: none */
	pthread_t *threads;
	int thread_count;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct queue queue;
	bool is_closed; /* nothing more comes */
	bool is_dead;	/* nothing more can be sent */
	const char *dead_reason;
	bool is_full; /* the outbox cannot be written */
	bool told_of_keys;
	bool *has; /* by number */
	size_t taken;
	size_t fates[STOPPED + 1];
	size_t of_other_release;
	int status;
};

/* Under the lock, as all that begins with a delivery below. */
static void delivery_worst(struct delivery *delivery, int status)
{
	if (status > delivery->status)
		delivery->status = status;
}

static bool delivery_ends(const struct delivery *delivery)
{
	return delivery->is_dead || cli_interrupted();
}

/* ---- what is said ---- */

/* Once a run. */
static void say_keys(struct delivery *delivery)
{
	if (delivery->told_of_keys)
		return;
	delivery->told_of_keys = true;
	cli_say("some patients or orders have an identifier without issuer: "
		"they get a key of our own, and those that the server has from "
		"others are not found by them; write into the rules: home: "
		"{patient: URI, accession: URI, placer: URI, filler: URI}");
}

/* ---- one study ---- */

/* A newer state that came meanwhile stays. */
static void settle_entry(struct delivery *delivery, const struct task *task,
			 struct result *result)
{
	if (!delivery->outbox || queue_has(&delivery->queue, task->name))
		return;
	if (result->fate == DELIVERED) {
		if (outbox_drop(delivery->outbox, task->name) < 0)
			delivery_worst(delivery, DFH_IO);
	} else if (result->fate != STOPPED) {
		outbox_answer(delivery->outbox, task->name,
			      fate_answer(result));
	}
}

/* What waited, and then came anew as it was. */
static bool is_task_delivered(struct delivery *delivery,
			      const struct task *task)
{
	struct result result = {.fate = DELIVERED};
	pthread_mutex_lock(&delivery->lock);
	bool known = queue_knows(&delivery->queue, task);
	if (known) {
		queue_release(&delivery->queue, task, true);
		settle_entry(delivery, task, &result);
		if (task->number != NO_NUMBER)
			delivery->has[task->number] = true;
		pthread_cond_broadcast(&delivery->changed);
	}
	pthread_mutex_unlock(&delivery->lock);
	return known;
}

static void end_delivery(struct delivery *delivery, const char *reason)
{
	delivery->is_dead = true;
	delivery->dead_reason = reason;
	http_end(delivery->server.http);
}

static void settle_task(struct delivery *delivery, const struct task *task,
			struct result *result)
{
	const struct http_options *http = &delivery->options->http;
	bool is_delivered = result->fate == DELIVERED;
	queue_release(&delivery->queue, task, is_delivered);
	settle_entry(delivery, task, result);
	delivery->fates[result->fate]++;
	if (delivery->options->delivered && is_delivered)
		++*delivery->options->delivered;
	if (task->number != NO_NUMBER)
		delivery->has[task->number] = is_delivered;
	if (result->fate == REFUSED || result->fate == PUT_OFF)
		delivery_worst(delivery, DFH_REFUSED);
	if (result->fate == PUT_OFF && http->retry_for &&
	    http_seconds_without_answer(delivery->server.http) >=
		    http->retry_for) {
		end_delivery(delivery, "the server does not answer");
	}
	pthread_cond_broadcast(&delivery->changed);
}

/* The text is in the task, or in the outbox; -1: it is not whole. */
static int read_task(struct delivery *delivery, const struct task *task,
		     struct bundle *bundle)
{
	dfh_release release;
	size_t length = task->length;
	char *text = task->text;
	if (!text)
		text = outbox_get(delivery->outbox, task->name, &release,
				  &length);
	int result = text ? bundle_read(bundle, &delivery->server.kinds, text,
					length)
			  : -1;
	if (text != task->text)
		free(text);
	return result;
}

/* ---- servers that make all of it twice ---- */

/* What the server made, though it had it by now; NULL: nothing. */
static const struct bundle_entry *made_again(struct delivery *delivery,
					     const struct bundle *bundle)
{
	const struct bundle_entry *found = NULL;
	pthread_mutex_lock(&delivery->lock);
	for (size_t i = 0; i < bundle->count && !found; i++) {
		const struct bundle_entry *entry = &bundle->entries[i];
		if (entry->is_new && entry->condition && !entry->updates &&
		    hashes_have(&delivery->queue.known,
				bundle_entry_hash(entry)))
			found = entry;
	}
	pthread_mutex_unlock(&delivery->lock);
	return found;
}

/* Nobody can tell before that a server does not look for what it is to make. */
static void check_conditions(struct delivery *delivery,
			     const struct bundle *bundle)
{
	const struct bundle_entry *entry = made_again(delivery, bundle);
	if (!entry || !several_are_there(&delivery->server, entry))
		return;
	cli_say("%s: made a second %s of one condition: it passes over "
		"ifNoneExist, and all would be there twice: nothing more is "
		"sent",
		delivery->options->http.base, entry->type);
	pthread_mutex_lock(&delivery->lock);
	delivery_worst(delivery, DFH_IO);
	end_delivery(delivery, "the server makes everything twice");
	pthread_mutex_unlock(&delivery->lock);
}

/* Without the lock. */
static void work_on(struct delivery *delivery, const struct task *task)
{
	struct result result = {.fate = REFUSED};
	struct bundle bundle = {0};
	double begin = http_seconds();
	size_t entries = 0;
	if (read_task(delivery, task, &bundle) == 0) {
		entries = bundle.count;
		deliver(&delivery->server, &bundle, &result);
	} else {
		snprintf(result.fault, sizeof result.fault,
			 "its Bundle cannot be read");
	}
	if (result.fate != DELIVERED || !delivery->options->quiet)
		journal_fate(task, &result, entries, http_seconds() - begin);
	if (result.fate == DELIVERED)
		check_conditions(delivery, &bundle);
	pthread_mutex_lock(&delivery->lock);
	settle_task(delivery, task, &result);
	pthread_mutex_unlock(&delivery->lock);
	result_free(&result);
	bundle_free(&bundle);
}

/* NULL: there is nothing more to do. */
static struct task *wait_for_task(struct delivery *delivery)
{
	struct task *task = NULL;
	pthread_mutex_lock(&delivery->lock);
	while (!delivery_ends(delivery) &&
	       !(task = queue_take(&delivery->queue))) {
		struct timespec until;
		if (delivery->is_closed && !delivery->queue.count)
			break;
		/* A signal wakes nobody up. */
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&delivery->changed, &delivery->lock,
				       &until);
	}
	pthread_mutex_unlock(&delivery->lock);
	return task;
}

static void *work_on_tasks(void *context)
{
	struct delivery *delivery = context;
	struct task *task;
	while ((task = wait_for_task(delivery))) {
		if (!is_task_delivered(delivery, task))
			work_on(delivery, task);
		task_free(task);
	}
	return NULL;
}

/* ---- what waits ---- */

static struct task *task_new(const struct bundle *bundle, const char *text,
			     size_t length)
{
	struct task *task = xmalloc(sizeof *task);
	*task = (struct task){.name = xstrdup(bundle->name),
			      .study = xstrdup(bundle->study),
			      .number = NO_NUMBER};
	task->digest =
		hash_bytes(HASH_START, task->name, strlen(task->name) + 1);
	task->digest = hash_bytes(task->digest, text, length);
	task->claims = bundle_claims(bundle, &task->claim_count);
	return task;
}

/* What is of another release stays until a run for that. */
static void add_waiting(struct delivery *delivery, const char *name)
{
	dfh_release release;
	size_t length;
	struct bundle bundle;
	char *text = outbox_get(delivery->outbox, name, &release, &length);
	if (!text) {
		delivery_worst(delivery, DFH_REFUSED);
	} else if (bundle_read(&bundle, &delivery->server.kinds, text, length) <
		   0) {
		outbox_set_aside(delivery->outbox, name);
		delivery_worst(delivery, DFH_REFUSED);
	} else if (release != delivery->options->release) {
		cli_journal("waits", "study=%s release=R%d", bundle.study,
			    (int)release);
		delivery->of_other_release++;
		delivery_worst(delivery, DFH_REFUSED);
		bundle_free(&bundle);
	} else {
		queue_add(&delivery->queue, task_new(&bundle, text, length));
		bundle_free(&bundle);
	}
	free(text);
}

static void add_all_waiting(struct delivery *delivery)
{
	char *name;
	while (delivery->outbox && !cli_interrupted() &&
	       (name = outbox_next(delivery->outbox))) {
		add_waiting(delivery, name);
		free(name);
	}
}

/* ---- begin ---- */

static int begin_delivery(struct delivery *delivery)
{
	const struct delivery_options *options = delivery->options;
	int status = http_new(&options->http, &delivery->server.http);
	if (status == DFH_OK && options->outbox)
		status = outbox_open(options->outbox, &delivery->outbox);
	if (status == DFH_OK)
		status = server_ask(&delivery->server, options->http.base,
				    options->release);
	delivery->server.entries_max =
		options->entries_max ? options->entries_max : SIZE_MAX;
	return status;
}

int delivery_begin(const struct delivery_options *options,
		   struct delivery **out)
{
	struct delivery *delivery = xmalloc(sizeof *delivery);
	*delivery = (struct delivery){.options = options};
	pthread_mutex_init(&delivery->lock, NULL);
	pthread_cond_init(&delivery->changed, NULL);
	queue_init(&delivery->queue);
	kinds_read(&delivery->server.kinds, options->rules);
	int status = begin_delivery(delivery);
	/* A server that is not there now may be later: the outbox holds what is
	 * to come. */
	delivery->is_dead = status == DFH_IO && delivery->outbox &&
			    delivery->server.is_silent;
	delivery->dead_reason = "the server does not answer";
	if (status != DFH_OK && !delivery->is_dead) {
		delivery_free(delivery);
		return status;
	}
	delivery_worst(delivery, status);
	if (!options->leaves_waiting)
		add_all_waiting(delivery);
	size_t jobs = (size_t)options->jobs;
	delivery->threads = xmalloc(jobs * sizeof *delivery->threads);
	for (; delivery->thread_count < options->jobs; delivery->thread_count++)
		if (pthread_create(&delivery->threads[delivery->thread_count],
				   NULL, work_on_tasks, delivery) != 0)
			break;
	*out = delivery;
	return DFH_OK;
}

/* ---- take ---- */

static size_t next_number(struct delivery *delivery)
{
	array_room(delivery->has, delivery->taken);
	delivery->has[delivery->taken] = false;
	return delivery->taken++;
}

/* Rules of a site can make what no server could be asked for. */
static void refuse_unnamed(struct delivery *delivery)
{
	pthread_mutex_lock(&delivery->lock);
	cli_journal("refused",
		    "number=%zu reason=\"its rules give it no condition by "
		    "which a server would find it again\"",
		    next_number(delivery) + 1);
	delivery->fates[REFUSED]++;
	delivery_worst(delivery, DFH_REFUSED);
	pthread_mutex_unlock(&delivery->lock);
}

/* Into the outbox, where there is one; else there must be room in memory. */
static bool store_task(struct delivery *delivery, struct task *task, char *text,
		       size_t length)
{
	if (delivery->outbox) {
		int result =
			outbox_put(delivery->outbox, task->name,
				   delivery->options->release, text, length);
		free(text);
		if (result < 0)
			delivery_worst(delivery, DFH_IO);
		delivery->is_full = delivery->is_full || result < 0;
		return result == 0;
	}
	task->text = text;
	task->length = length;
	size_t most = (size_t)(AHEAD * delivery->options->jobs);
	while (delivery->queue.count >= most && !delivery_ends(delivery)) {
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_cond_timedwait(&delivery->changed, &delivery->lock,
				       &until);
	}
	return true;
}

bool delivery_take(struct delivery *delivery, char *text)
{
	struct bundle bundle;
	size_t length = strlen(text);
	if (bundle_read(&bundle, &delivery->server.kinds, text, length) < 0) {
		free(text);
		refuse_unnamed(delivery);
		return true;
	}
	struct task *task = task_new(&bundle, text, length);
	pthread_mutex_lock(&delivery->lock);
	if (bundle_has_own_key(&bundle))
		say_keys(delivery);
	task->number = next_number(delivery);
	if (store_task(delivery, task, text, length)) {
		queue_replace(&delivery->queue, task->name);
		queue_add(&delivery->queue, task);
		pthread_cond_broadcast(&delivery->changed);
	} else {
		task_free(task);
	}
	bool goes_on = !delivery->is_full && !cli_interrupted() &&
		       (!delivery->is_dead || delivery->outbox);
	pthread_mutex_unlock(&delivery->lock);
	bundle_free(&bundle);
	return goes_on;
}

/* ---- end ---- */

/* What was not tried, because the run ended before. */
static size_t say_left(struct delivery *delivery)
{
	size_t left = 0;
	for (struct task *task = delivery->queue.first; task;
	     task = task->next) {
		if (task->is_replaced)
			continue;
		left++;
		if (delivery->is_dead)
			cli_journal("put-off",
				    "study=%s requests=0 status=0 "
				    "reason=\"%s\"",
				    task->study, delivery->dead_reason);
	}
	return left;
}

static void say_delivery_summary(struct delivery *delivery, size_t left)
{
	const size_t *fates = delivery->fates;
	size_t waiting = left + fates[PUT_OFF] + fates[STOPPED] +
			 delivery->of_other_release;
	if (delivery->options->quiet && !waiting && !fates[REFUSED])
		return;
	cli_say("%zu stud%s delivered, %zu refused, %zu put off%s",
		fates[DELIVERED], fates[DELIVERED] == 1 ? "y" : "ies",
		fates[REFUSED], waiting,
		!waiting && !fates[REFUSED] ? ""
		: delivery->outbox	    ? ": they wait in the outbox"
				   : ": without --outbox they are not kept");
}

int delivery_end(struct delivery *delivery)
{
	pthread_mutex_lock(&delivery->lock);
	delivery->is_closed = true;
	pthread_cond_broadcast(&delivery->changed);
	pthread_mutex_unlock(&delivery->lock);
	for (int i = 0; i < delivery->thread_count; i++)
		pthread_join(delivery->threads[i], NULL);
	delivery->thread_count = 0;
	size_t left = say_left(delivery);
	say_delivery_summary(delivery, left);
	if (left || delivery->fates[STOPPED])
		delivery_worst(delivery,
			       delivery->is_dead ? DFH_IO : DFH_REFUSED);
	return delivery->status;
}

bool delivery_has(const struct delivery *delivery, size_t which)
{
	return which < delivery->taken && delivery->has[which];
}

void delivery_free(struct delivery *delivery)
{
	if (!delivery)
		return;
	server_free(&delivery->server);
	outbox_close(delivery->outbox);
	queue_free(&delivery->queue);
	pthread_mutex_destroy(&delivery->lock);
	pthread_cond_destroy(&delivery->changed);
	free(delivery->threads);
	free(delivery->has);
	free(delivery);
}

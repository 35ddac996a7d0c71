/* Studies that wait for their turn. */
#ifndef QUEUE_H
#define QUEUE_H

#include "bundle.h"
#include "hashes.h"

/* Of what has no number. */
#define NO_NUMBER SIZE_MAX

struct task {
	char *name, *study; /* as in struct bundle */
	char *text;	    /* NULL: it is in the outbox */
	size_t length;
	size_t number;
	uint64_t digest; /* of name and text */
	struct claim *claims;
	size_t claim_count;
	bool is_replaced; /* by a later state of its study */
	struct task *next;
};

struct queue {
	struct task *first, **last;
	size_t count;
	struct lh_table *names; /* the last task of each name in it */
	struct hashes held;	/* by what is under way */
	struct hashes known;	/* what the server has for sure */
};

void queue_init(struct queue *queue);
void queue_free(struct queue *queue);

void queue_add(struct queue *queue, struct task *task);

/* The first one that may go with those that are under way; NULL: none may. */
struct task *queue_take(struct queue *queue);

/* It is no longer under way. */
void queue_release(struct queue *queue, const struct task *task,
		   bool delivered);

/* The one of that name is not to go any more. */
void queue_replace(struct queue *queue, const char *name);
bool queue_has(const struct queue *queue, const char *name);

/* Was just this delivered in this run? */
bool queue_knows(const struct queue *queue, const struct task *task);

void task_free(struct task *task);

#endif

/*
 * The delivery of a run: what waits in the outbox, then what is made of the
 * files.  Each study is a Bundle of its own; those of a patient go one after
 * another, those of several at once.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "dcmfhir.h"
#include "http.h"

struct delivery_options {
	struct http_options http;
	const dfh_rules *rules; /* whose Bundles they are */
	dfh_release release;
	const char *outbox; /* NULL: none */
	size_t entries_max; /* of a transaction; 0: what the server takes */
	int jobs;
	bool leaves_waiting; /* what waits in the outbox is not offered */
	bool quiet;
	atomic_size_t *delivered; /* is counted up; may be NULL */
};

struct delivery;

/* Open the outbox, ask the server what it is, and begin with what waits.  An
 * exit status; what is wrong is said.  The options are borrowed. */
int delivery_begin(const struct delivery_options *options,
		   struct delivery **out);

/* The next study, which is numbered from 0; its text is taken over.  false: no
 * other one is to come. */
bool delivery_take(struct delivery *delivery, char *bundle);

/* Wait for all, and say what became of it; the exit status. */
int delivery_end(struct delivery *delivery);

/* After delivery_end(): does the server have the study of that number? */
bool delivery_has(const struct delivery *delivery, size_t number);

void delivery_free(struct delivery *delivery);

#endif

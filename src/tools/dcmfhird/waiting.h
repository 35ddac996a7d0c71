/* How much waits where in the state, and since when: for whoever asks, from
 * within the daemon or from outside. */
#ifndef WAITING_H
#define WAITING_H

#include <stddef.h>

struct waiting {
	const char *name; /* of the queue */
	size_t count;
	double oldest; /* seconds; 0 if it is empty */
};

/* Call visit for each queue of the state, whose folder is open. */
void queues_visit(int state,
		  void (*visit)(const struct waiting *waiting, void *context),
		  void *context);

#endif

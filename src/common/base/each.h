/* Work on several threads, whose results come in the order of the work. */
#ifndef EACH_H
#define EACH_H

#include <stdbool.h>
#include <stddef.h>

struct each_work {
	/* In any thread, several at once. */
	void *(*work)(void *context, size_t index);
	/* What became of it: in the order of indexes, one at a time. */
	void (*settle)(void *context, size_t index, void *result);
	/* Is nothing else to be begun?  NULL: never. */
	bool (*stops)(void *context);
	void *context;
	/* How far the threads may be ahead of what is settled: one piece may
	 * take as long as thousands of others. */
	size_t ahead;
};

/* Work on 0 .. count - 1 with so many threads, until all is done or it stops.
 * How many were done: these are the first ones. */
size_t each_run(const struct each_work *each, size_t count, int jobs);

#endif

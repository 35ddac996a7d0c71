/* What became of a study: how it is told, and what is kept of it. */
#ifndef FATES_H
#define FATES_H

#include "deliver.h"
#include "queue.h"

/* A line of the log; nothing of what was stopped. */
void journal_fate(const struct task *task, const struct result *result,
		  size_t entries, double seconds);

/* What is kept beside a study that the server did not take: its last answer,
 * which is taken out of the result.  To be put back to json-c. */
json_object *fate_answer(struct result *result);

#endif

/*
 * A folder in which studies wait until the server has them: NAME.bundle, and
 * NAME.answer.json, what the server said last.  An entry is there whole or not
 * at all, whenever the power fails.  One run has it at a time.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include "dcmfhir.h"
#include "json_text.h"

struct outbox;

/* Made if it is not there.  An exit status; what fails, or who has it, is said.
 */
int outbox_open(const char *path, struct outbox **out);
void outbox_close(struct outbox *outbox);

/* What waited when it was opened: the next name, to be freed, or NULL. */
char *outbox_next(struct outbox *outbox);

/* An entry, in the place of one of that name; -1: it could not be written,
 * which is said. */
int outbox_put(struct outbox *outbox, const char *name, dfh_release release,
	       const char *text, size_t length);

/* Its text, to be freed, and its release; NULL: it is damaged, and then moved
 * aside, or cannot be read, which is said. */
char *outbox_get(struct outbox *outbox, const char *name, dfh_release *release,
		 size_t *length);

/* It is not what it says it is. */
void outbox_set_aside(struct outbox *outbox, const char *name);

/* The server has it: nothing of it stays.  -1: it does, which is said. */
int outbox_drop(struct outbox *outbox, const char *name);

/* What the server said; the answer is given back to json-c. */
void outbox_answer(struct outbox *outbox, const char *name,
		   json_object *answer);

#endif

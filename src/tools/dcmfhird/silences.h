/*
 * Questions that a server did not answer, while it answers others: each is left
 * alone for a while, which becomes longer from time to time.  They are as many
 * as what waits asks: whoever asks for all of it says when that is done, and
 * what nobody asked meanwhile is forgotten.
 */
#ifndef SILENCES_H
#define SILENCES_H

#include <stdbool.h>
#include <stddef.h>

struct silence {
	char *question;
	double pause, until; /* seconds; until when it is not to be asked */
	char fault[256];
	bool is_wanted; /* since the last silences_end_round() */
};

/* {0} is empty. */
struct silences {
	struct silence **at; /* sorted by question */
	size_t count;
};

/* NULL: it was answered, or was never asked. */
const struct silence *silences_find(struct silences *silences,
				    const char *question);

/* It was not answered (once more). */
const struct silence *silences_add(struct silences *silences,
				   const char *question, const char *fault);

/* It was. */
void silences_remove(struct silences *silences, const char *question);

/* All that waits has asked. */
void silences_end_round(struct silences *silences);

void silences_clear(struct silences *silences);

#endif

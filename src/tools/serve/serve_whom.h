/* A patient, as others name them: by an id of the EHR, which says their
 * numbers, or by one of this server. */
#ifndef SERVE_WHOM_H
#define SERVE_WHOM_H

#include "serve_inner.h"
#include "serve_value.h"

struct serve_whom {
	char *own;		    /* "Patient/ID" of this server, or NULL */
	struct serve_token *tokens; /* numbers with their systems */
	size_t count;
};

/* -1: the EHR does not answer, or their record is withdrawn there, and the
 * reply says so.  A patient whom it does not know has no numbers. */
int serve_whom_of(struct serve *serve, dfh_release release, const char *patient,
		  struct serve_whom *whom, struct serve_reply *reply);
void serve_whom_free(struct serve_whom *whom);

/* Is the study theirs? */
bool serve_is_of(const struct serve_study *study,
		 const struct serve_whom *whom);

#endif

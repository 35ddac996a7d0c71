/* One study to the server. */
#ifndef DELIVER_H
#define DELIVER_H

#include "server.h"

enum fate {
	DELIVERED, /* every entry was answered with 2xx */
	REFUSED,   /* it would be again */
	PUT_OFF,   /* another time it may be taken */
	STOPPED	   /* by an interruption */
};

struct result {
	enum fate fate;
	long status;	    /* of the last answer; 0: none */
	unsigned int tries; /* requests in all */
	char fault[300]; /* in words, without patient data; "" if delivered */
	json_object *answer; /* the last one if it was JSON, as it came: it may
				hold patient data; NULL: it was none */
};

/* As a transaction, or entry by entry.  What the server has several of is said.
 * The Bundle may be changed.  From several threads at once. */
void deliver(struct server *server, struct bundle *bundle,
	     struct result *result);

/* ---- what the ways have in common ---- */

/* The fate and the fault that an answer, which is freed, means. */
void result_take(struct result *result, struct http_answer *answer);
void result_refuse(struct result *result, const char *fault);
void result_free(struct result *result);

/* single.c: each entry by a conditional request, in the order of dependency. */
void deliver_singly(struct server *server, struct bundle *bundle,
		    struct result *result);

/* ---- several.c ---- */

enum several {
	ONE_AT_MOST,  /* none, or one, answers the condition */
	SEVERAL_MAIN, /* the one that is meant is known */
	SEVERAL_LEFT, /* it is referred to by its identifier alone */
	SEVERAL_ASIDE,
	NOT_KNOWN /* the server did not answer: see result */
};

/*
 * What the server has of what an entry asks for.  Where there are several, all
 * references of the Bundle to the entry are changed to the one that is meant,
 * or to its identifier, and that is said.
 */
enum several several_settle(struct server *server, struct bundle *bundle,
			    const struct bundle_entry *entry,
			    struct result *result);

/* Has the server several of what an entry asks for?  If it does not answer, it
 * has not. */
bool several_are_there(struct server *server, const struct bundle_entry *entry);

#endif

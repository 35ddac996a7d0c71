/*
 * The role receive: a storage SCP.  A process listens, and each association is
 * a process of its own: what hostile data could break is one association, and
 * what it took of memory ends with it.
 */
#ifndef RECEIVE_H
#define RECEIVE_H

#include <sys/types.h>

#include "daemon.h"

/* While no other thread runs.  An exit status; what is wrong is said.  *out: 0:
 * the role is off. */
int receive_begin(const struct daemon *daemon, pid_t *out);

/* Did it end by itself?  Then it is not to be ended. */
bool receive_is_dead(pid_t receiver);

/* No other association is let in; those that there are end with the instance
 * that they are at. */
void receive_end(pid_t receiver);

#endif

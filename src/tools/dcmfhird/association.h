/* A process that answers one association. */
#ifndef ASSOCIATION_H
#define ASSOCIATION_H

#include <sys/types.h>

#include "daemon.h"

/* Before the first of them.  -1: its TLS cannot be had, which is said. */
int association_prepare(const struct receiving *receive);

/* The file that the association of a process receives into; what is there when
 * it has ended is to be removed. */
void association_file(const struct daemon *daemon, pid_t process, char *path);

/* Answer it, and end the process. */
void association_answer(const struct daemon *daemon, int connection,
			const char *address) __attribute__((noreturn));

#endif

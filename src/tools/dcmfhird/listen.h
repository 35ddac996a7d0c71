/* Sockets that others connect to. */
#ifndef LISTEN_H
#define LISTEN_H

#include <stddef.h>

/* address: a number, as 127.0.0.1, 0.0.0.0 or ::1; port 0: any that is free.
 * Where it listens is logged.  -1: it cannot, which is said. */
int listen_at(const char *role, const char *address, long port);

/* The next connection, and the address of who made it; -1: none. */
int listen_accept(int listener, char *address, size_t size);

#endif

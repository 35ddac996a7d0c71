/* What a file that is locked says of who holds it. */
#ifndef CLI_LOCK_H
#define CLI_LOCK_H

enum { LOCK_HOLDER = 256 };

/* A line that another one wrote; "" if he did not yet. */
void cli_lock_holder(int lock, char holder[LOCK_HOLDER]);

/* Write such a line, with its end.  -1: errno; the lock holds all the same. */
int cli_lock_name(int lock, const char *line);

#endif

/* Which files the role watch has taken in, over a restart. */
#ifndef SEEN_H
#define SEEN_H

#include "hashes.h"
#include "state_folder.h"

/* What was never written, or is damaged, is empty. */
void seen_read(const struct state_folder *state, struct hashes *seen);

/* What fails is said. */
void seen_write(const struct state_folder *state, const struct hashes *seen);

#endif

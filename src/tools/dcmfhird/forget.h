/*
 * Studies that were sent and forwarded long ago leave the state, so that it
 *does not grow without an end:
 *
 *	forgetting/STUDY	is being removed
 *	forgotten/STUDY		was removed
 *
 * What comes of a study after that is not all of it, and the server's is not
 * replaced by a part: see export_study.
 */
#ifndef FORGET_H
#define FORGET_H

#include "roles.h"

bool forget_is_on(const struct configuration *configuration);
void forget_run(struct turn *turn);

/* Was something of the study removed? */
bool was_forgotten(const struct state_folder *state, const char *study);

#endif

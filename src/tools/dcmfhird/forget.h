/*
 * Studies that were sent and forwarded long ago leave the state, so that it
 * does not grow without an end: forgetting/STUDY is being removed, and what was
 * is in forgotten/ (forgotten.h).  What comes of a study after that is not all
 * of it, and the server's is not replaced by a part: see export_study.
 */
#ifndef FORGET_H
#define FORGET_H

#include "roles.h"

bool forget_is_on(const struct configuration *configuration);
void forget_run(struct turn *turn);

#endif

/* The role watch: files that others write into a folder, or below it. */
#ifndef WATCH_H
#define WATCH_H

#include "roles.h"

bool watch_is_on(const struct configuration *configuration);
void watch_run(struct turn *turn);

#endif

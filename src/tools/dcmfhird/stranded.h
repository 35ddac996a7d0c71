/* Queues of the state that nobody serves, since the configuration changed. */
#ifndef STRANDED_H
#define STRANDED_H

#include "configuration.h"

/* Say which they are, and what to do.  A state that is not there has none. */
void stranded_tell(const struct configuration *configuration);

#endif

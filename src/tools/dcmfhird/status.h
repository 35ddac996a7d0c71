/* dcmfhird status: what waits in the state of a configuration. */
#ifndef STATUS_H
#define STATUS_H

#include "configuration.h"

/* Onto standard output; an exit status. */
int status_print(const struct configuration *configuration);

#endif

/* What the roles share while the daemon runs by one configuration. */
#ifndef DAEMON_H
#define DAEMON_H

#include "configuration.h"
#include "state_folder.h"
#include "tally.h"

struct daemon {
	struct configuration *configuration;
	dfh_rules *rules;
	struct state_folder *state;
	struct tally *tally;
};

#endif

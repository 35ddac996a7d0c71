/* dcmfhird list, release, drop: what to do with the quarantine, whether the
 * daemon runs or not. */
#ifndef QUARANTINE_COMMANDS_H
#define QUARANTINE_COMMANDS_H

#include "configuration.h"

enum quarantine_command {
	QUARANTINE_LIST,
	QUARANTINE_RELEASE,
	QUARANTINE_DROP
};

struct quarantine_request {
	enum quarantine_command command;
	bool unstamped; /* release: to go as it is, not to be asked about */
	bool all;
	char *const *names; /* of studies or instances */
	int count;
};

/* An exit status; what is wrong is said. */
int quarantine_command(const struct configuration *configuration,
		       const struct quarantine_request *request);

#endif

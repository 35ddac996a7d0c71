/* The role send: studies that are due go to the outbox of the state, and from
 * there to the FHIR server, as dcm2fhir --send does it. */
#ifndef SEND_H
#define SEND_H

#include "roles.h"

bool send_is_on(const struct configuration *configuration);
void send_run(struct turn *turn);

#endif

/* The role worklist: orders of a FHIR server become the entries of a worklist
 * server, as fhir2dcm --worklist makes them. */
#ifndef POLL_WORKLIST_H
#define POLL_WORKLIST_H

#include "roles.h"

bool poll_is_on(const struct configuration *configuration);
int poll_begin(struct turn *turn);
void poll_run(struct turn *turn);

#endif

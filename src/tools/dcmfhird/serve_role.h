/* The role serve: FHIR, read-only, over a server of DICOMweb. */
#ifndef SERVE_ROLE_H
#define SERVE_ROLE_H

#include "roles.h"

bool serve_is_on(const struct configuration *configuration);
int serve_begin(struct turn *turn);
void serve_run(struct turn *turn);

#endif

/* The role metrics: what is counted, and what waits, as the text of Prometheus
 * at /metrics. */
#ifndef METRICS_H
#define METRICS_H

#include "roles.h"

bool metrics_is_on(const struct configuration *configuration);
int metrics_begin(struct turn *turn);
void metrics_run(struct turn *turn);

#endif

/* What a stamp did besides what it was asked for. */
#ifndef TOLD_H
#define TOLD_H

#include <stdbool.h>

#include "dcmfhir.h"

/* On standard error, unless quiet. */
void told(const char *path, const dfh_stamped *stamped, bool quiet);

#endif

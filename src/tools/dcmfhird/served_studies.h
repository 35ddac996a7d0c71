/*
 * The studies of the state, for those whom they are served to: each as it was
 * when no instance had come for long enough, so that a study that is arriving
 * is what it was before, or is not there yet, and never half of it.
 */
#ifndef SERVED_STUDIES_H
#define SERVED_STUDIES_H

#include "daemon.h"
#include "serve_spool.h"

/* The daemon is borrowed. */
struct serve_spool served_studies(const struct daemon *daemon);

#endif

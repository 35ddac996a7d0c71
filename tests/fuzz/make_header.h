/* Headers made at random, and then damaged. */
#ifndef MAKE_HEADER_H
#define MAKE_HEADER_H

#include "dcm.h"
#include "dcm_build.h"
#include "random.h"

/* A whole file in one of the forms, with many of the wanted attributes and
 * others between them. */
struct bytes make_header(struct random *random, const struct dcm_wants *wants);

/* Change it in one place: a bit, a length, a VR, an element too many or too
 * few, a cut. */
void damage_header(struct random *random, struct bytes *file);

#endif

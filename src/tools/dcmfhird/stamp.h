/*
 * The role stamp: before it is passed on, an instance is matched to what the
 * EHR's FHIR server says, and stamped by the rules as fhir2dcm does.  What does
 * not fit goes into the quarantine; nothing goes out by itself but what was
 * stamped, or what the configuration lets pass:
 *
 *	stamp/TIME-INSTANCE.dcm	as it came
 *	stamp/again/		the same, released: to be asked about anew
 *	stamp/unstamped/	released, to go as it is
 *	stamp/ready/		as it goes to all destinations
 *
 * What goes is whole in ready/ before anything else is done with the instance:
 * whoever is killed stamps once, and sends what was stamped.
 */
#ifndef STAMP_H
#define STAMP_H

#include "roles.h"

/* Below the state. */
extern const char stamp_folder[], stamp_again_folder[],
	stamp_unstamped_folder[];

bool stamp_is_on(const struct configuration *configuration);

/* Make the folders.  -1: that fails, which is said. */
int stamp_make(const struct daemon *daemon);
void stamp_run(struct turn *turn);

#endif

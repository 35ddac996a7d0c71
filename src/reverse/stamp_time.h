/* Whose stamps are ours, and when they were. */
#ifndef STAMP_TIME_H
#define STAMP_TIME_H

#include <stdbool.h>

/* Modifying System, unless a site names its own. */
#define STAMP_SYSTEM "dcmfhir"

/* Now, as a DT with the offset of local time (PS3.5 6.2). */
const char *stamp_time(char out[32]);

/* Seconds since 1970 of a DT or a FHIR dateTime; without an offset it is in
 * local time.  false: it is neither. */
bool stamp_instant(const char *text, double *seconds);

#endif

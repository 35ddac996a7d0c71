/* Whose stamps are ours, and when they were. */
#ifndef STAMP_TIME_H
#define STAMP_TIME_H

#include <stdbool.h>

#include "dcmfhir.h"

/* Modifying System, unless a site names its own. */
#define STAMP_SYSTEM "dcmfhir"

/* DFH_USAGE: the time of a change is no DT with an offset.  NULL is none. */
int stamp_check_time(const char *time, dfh_error **error);

/* Its day as "2024-02-29"; that of now for NULL. */
void stamp_day(const char *time_of_change, char out[11]);

/* Now, as a DT with the offset of local time (PS3.5 6.2). */
const char *stamp_time(char out[32]);

/* Seconds since 1970 of a DT or a FHIR dateTime; without an offset it is in
 * local time.  false: it is neither. */
bool stamp_instant(const char *text, double *seconds);

#endif

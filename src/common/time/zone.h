/* A time zone: which offset from UTC was in force at a local time. */
#ifndef ZONE_H
#define ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "dcmfhir.h"

struct zone;

/* "+HHMM" or "-HHMM" as in PS3.3 C.12.1.1.8, or an IANA name such as
 * Europe/Berlin, which is read from $TZDIR or /usr/share/zoneinfo. */
struct zone *zone_open(const char *name, dfh_error **error);
void zone_close(struct zone *zone);

/*
 * The offset in force at a local wall-clock time, as "+HHMM".  date is a DA
 * "YYYYMMDD", time a TM "HH[MM[SS[.F]]]", both without padding; a short TM
 * stands for all the times that begin with it.
 *
 * false if they are not valid, if the wall time does not exist (the clocks
 * went forward) or occurs twice (they went back), or if the offset is not
 * known or cannot be written in that form (local mean time).
 */
bool zone_offset(const struct zone *zone, const char *date, const char *time,
		 char out[6]);

/* The offset in force at an instant, in minutes; utc is in seconds since
 * 1970-01-01.  false where it is not known. */
bool zone_offset_at(const struct zone *zone, int64_t utc, int *minutes);

#endif

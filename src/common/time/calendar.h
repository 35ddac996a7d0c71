/* The proleptic Gregorian calendar, which DICOM, FHIR and time zones share. */
#ifndef CALENDAR_H
#define CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

bool calendar_is_leap(int64_t year);

/* Days of a month, from 1; 0: there is no such month. */
int calendar_month_days(int64_t year, int month);

/* Days from 1970-01-01 to that one, which must be one of the month. */
int64_t calendar_days(int64_t year, int month, int day);

#endif

/* A date, perhaps with a time and an offset from UTC, in its two spellings:
 * DA, TM and +HHMM (PS3.5 6.2, PS3.3 C.12.1), and FHIR's dateTime. */
#ifndef MOMENT_H
#define MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

struct moment {
	int year, month, day; /* month, day 0: not told */
	bool has_time;
	int hour, minute, second;
	const char *fraction; /* digits, borrowed from the text */
	size_t fraction_length;
	bool has_zone;
	int offset; /* in minutes */
};

/* Each reads its part of a trimmed text into out; false: it is not that, and
 * out is not to be used. */
bool moment_read_date(const char *text, struct moment *out);
bool moment_read_time(const char *text, struct moment *out);
bool moment_read_zone(const char *text, struct moment *out);
bool moment_read_fhir(const char *text, struct moment *out);

const char *moment_date(const struct moment *moment, struct arena *arena);
const char *moment_time(const struct moment *moment, struct arena *arena);
const char *moment_zone(const struct moment *moment, struct arena *arena);
/* With the time if there is one, which must then have a zone. */
const char *moment_fhir(const struct moment *moment, struct arena *arena);

bool moment_same_date(const struct moment *a, const struct moment *b);
bool moment_same_time(const struct moment *a, const struct moment *b);
/* Of two with time and zone. */
bool moment_same_instant(const struct moment *a, const struct moment *b);

/* Seconds since 1970-01-01 in UTC, of one with time and zone. */
int64_t moment_utc(const struct moment *moment);
/* The same instant by the clock of another offset, in minutes.  false: its year
 * would not be one of four digits. */
bool moment_at_offset(const struct moment *moment, int offset,
		      struct moment *out);

/* Below zero: a is earlier, as far as both tell; 0: neither is. */
int moment_compare(const struct moment *a, const struct moment *b);

/* Days since 1970-01-01, proleptic Gregorian. */
long moment_days(const struct moment *moment);

#endif

/*
 * The rule of a time zone for all years: a TZ string of POSIX with the
 * extensions of RFC 8536 3.3.1.
 */
#ifndef ZONE_RULE_H
#define ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum { DAY = 86400 };

struct local_type {
	int32_t utoff;	     /* seconds east of UTC */
	bool is_unspecified; /* "-00": no offset is known, RFC 8536 3.2 */
};

/* When daylight saving begins or ends. */
struct rule_date {
	enum { MONTH_WEEK_DAY, JULIAN, DAY_OF_YEAR } kind;
	int month, week, day;
	int32_t time; /* seconds after local midnight */
};

struct zone_rule {
	struct local_type standard, daylight;
	bool has_daylight;
	struct rule_date start, end;
};

bool rule_parse(const char *text, struct zone_rule *rule);
const struct local_type *rule_type_at(const struct zone_rule *rule, int64_t utc);

#endif

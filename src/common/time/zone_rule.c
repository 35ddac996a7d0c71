#include "zone_rule.h"

#include <string.h>

#include "calendar.h"

enum { YEAR = 31556952 }; /* seconds, the mean of the calendar */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* 0 for the first of January. */
static int day_in_year(const struct rule_date *date, int64_t year)
{
	int64_t first;
	int weekday, day, length;

	if (date->kind == DAY_OF_YEAR)
		return date->day;
	if (date->kind == JULIAN) /* never counts 29 February */
		return date->day -
		       (calendar_is_leap(year) && date->day >= 60 ? 0 : 1);
	/* 1970-01-01 was a Thursday. */
	first = calendar_days(year, date->month, 1);
	weekday = (int)(first + 4 - floor_div(first + 4, 7) * 7);
	day = (date->day - weekday + 7) % 7 + 7 * (date->week - 1);
	length = calendar_month_days(year, date->month);
	if (day >= length) /* week 5 is the last one */
		day -= 7;
	return (int)(first - calendar_days(year, 1, 1)) + day;
}

/* In local time, as seconds from 1970-01-01 00:00. */
static int64_t rule_date_in(const struct rule_date *date, int64_t year)
{
	return (calendar_days(year, 1, 1) + day_in_year(date, year)) * DAY +
	       date->time;
}

const struct local_type *rule_type_at(const struct zone_rule *rule, int64_t utc)
{
	int64_t near = 1970 + floor_div(utc, YEAR);

	if (!rule->has_daylight)
		return &rule->standard;
	/* Times of -167 to 167 hours reach into the years beside. */
	for (int64_t year = near - 2; year <= near + 1; year++) {
		int64_t start =
			rule_date_in(&rule->start, year) - rule->standard.utoff;
		int64_t end =
			rule_date_in(&rule->end, year) - rule->daylight.utoff;

		if (end <= start)
			end = rule_date_in(&rule->end, year + 1) -
			      rule->daylight.utoff;
		if (start <= utc && utc < end)
			return &rule->daylight;
	}
	return &rule->standard;
}

static bool skip_character(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	++*at;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool parse_number(const char **at, int min, int max, int *out)
{
	int number = 0;

	if (!is_digit(**at))
		return false;
	while (is_digit(**at)) {
		number = number * 10 + (*(*at)++ - '0');
		if (number > max)
			return false;
	}
	*out = number;
	return number >= min;
}

/* [+-]h[h[h]][:mm[:ss]]; more than 24 hours: RFC 8536 3.3.1. */
static bool parse_hours(const char **at, int max, int32_t *out)
{
	bool is_negative = skip_character(at, '-');
	int hours, minutes = 0, seconds = 0;

	if (!is_negative)
		skip_character(at, '+');
	if (!parse_number(at, 0, max, &hours))
		return false;
	if (skip_character(at, ':')) {
		if (!parse_number(at, 0, 59, &minutes))
			return false;
		if (skip_character(at, ':') &&
		    !parse_number(at, 0, 59, &seconds))
			return false;
	}
	*out = (hours * 60 + minutes) * 60 + seconds;
	if (is_negative)
		*out = -*out;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* CET or <+03>, at least three characters. */
static bool parse_name(const char **at, struct local_type *type)
{
	bool is_quoted = skip_character(at, '<');
	const char *name = *at;
	size_t length;

	while (is_letter(**at) ||
	       (is_quoted && (is_digit(**at) || **at == '+' || **at == '-')))
		++*at;
	length = (size_t)(*at - name);
	type->is_unspecified = length == 3 && memcmp(name, "-00", 3) == 0;
	return length >= 3 && (!is_quoted || skip_character(at, '>'));
}

static bool parse_rule_date(const char **at, struct rule_date *date)
{
	bool ok;

	date->time = 2 * 60 * 60;
	if (!skip_character(at, ','))
		return false;
	if (skip_character(at, 'M')) {
		date->kind = MONTH_WEEK_DAY;
		ok = parse_number(at, 1, 12, &date->month) &&
		     skip_character(at, '.') &&
		     parse_number(at, 1, 5, &date->week) &&
		     skip_character(at, '.') &&
		     parse_number(at, 0, 6, &date->day);
	} else if (skip_character(at, 'J')) {
		date->kind = JULIAN;
		ok = parse_number(at, 1, 365, &date->day);
	} else {
		date->kind = DAY_OF_YEAR;
		ok = parse_number(at, 0, 365, &date->day);
	}
	return ok &&
	       (!skip_character(at, '/') || parse_hours(at, 167, &date->time));
}

/* POSIX counts offsets west of Greenwich, we count east. */
bool rule_parse(const char *at, struct zone_rule *rule)
{
	int32_t west;

	*rule = (struct zone_rule){0};
	if (!parse_name(&at, &rule->standard) || !parse_hours(&at, 24, &west))
		return false;
	rule->standard.utoff = -west;
	if (*at == '\0')
		return true;
	rule->has_daylight = true;
	if (!parse_name(&at, &rule->daylight))
		return false;
	rule->daylight.utoff = rule->standard.utoff + 60 * 60;
	if (*at != ',') {
		if (!parse_hours(&at, 24, &west))
			return false;
		rule->daylight.utoff = -west;
	}
	return parse_rule_date(&at, &rule->start) &&
	       parse_rule_date(&at, &rule->end) && *at == '\0';
}

#include "moment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"

/* Exactly count digits; false: they are not there. */
static bool read_exact_digits(const char **at, int count, int *out)
{
	*out = 0;
	for (int i = 0; i < count; i++) {
		if (!isdigit((unsigned char)**at))
			return false;
		*out = *out * 10 + (*(*at)++ - '0');
	}
	return true;
}

static bool read_letter(const char **at, char letter)
{
	if (**at != letter)
		return false;
	(*at)++;
	return true;
}

static bool is_day(const struct moment *moment)
{
	return moment->year >= 1 && moment->day >= 1 &&
	       moment->day <= calendar_month_days(moment->year, moment->month);
}

/* YYYYMMDD, or YYYY.MM.DD as ACR-NEMA had it (PS3.5 6.2, note to DA) */
bool moment_read_date(const char *text, struct moment *out)
{
	if (!read_exact_digits(&text, 4, &out->year))
		return false;
	bool dotted = read_letter(&text, '.');
	if (!read_exact_digits(&text, 2, &out->month) ||
	    (dotted && !read_letter(&text, '.')) ||
	    !read_exact_digits(&text, 2, &out->day))
		return false;
	return !*text && is_day(out);
}

static bool read_fraction(const char **at, struct moment *out)
{
	out->fraction = *at;
	out->fraction_length = strspn(*at, "0123456789");
	*at += out->fraction_length;
	return out->fraction_length > 0;
}

static bool is_time_of_day(const struct moment *moment)
{
	return moment->hour <= 23 && moment->minute <= 59 &&
	       moment->second <= 60;
}

/* HH[MM[SS[.F{1,6}]]], or HH:MM:SS as ACR-NEMA had it */
bool moment_read_time(const char *text, struct moment *out)
{
	bool colons = strlen(text) > 2 && text[2] == ':';
	out->minute = out->second = 0;
	out->fraction_length = 0;
	if (!read_exact_digits(&text, 2, &out->hour))
		return false;
	if (!*text)
		return is_time_of_day(out);
	if ((colons && !read_letter(&text, ':')) ||
	    !read_exact_digits(&text, 2, &out->minute))
		return false;
	if (!*text)
		return is_time_of_day(out);
	if ((colons && !read_letter(&text, ':')) ||
	    !read_exact_digits(&text, 2, &out->second))
		return false;
	if (read_letter(&text, '.') &&
	    (!read_fraction(&text, out) || out->fraction_length > 6))
		return false;
	return !*text && is_time_of_day(out);
}

/* From a sign; false also beyond what PS3.3 C.12.1 allows, which FHIR does
 * too. */
static bool read_offset(const char **at, bool colon, struct moment *out)
{
	int hours, minutes;
	bool west = **at == '-';
	if (!read_letter(at, '+') && !read_letter(at, '-'))
		return false;
	if (!read_exact_digits(at, 2, &hours) ||
	    (colon && !read_letter(at, ':')) ||
	    !read_exact_digits(at, 2, &minutes) || minutes > 59)
		return false;
	out->offset = hours * 60 + minutes;
	if (west)
		out->offset = -out->offset;
	return out->offset >= -12 * 60 && out->offset <= 14 * 60;
}

bool moment_read_zone(const char *text, struct moment *out)
{
	/* "-0000 shall not be used" */
	return strcmp(text, "-0000") != 0 && read_offset(&text, false, out) &&
	       !*text;
}

static bool read_fhir_time(const char **at, struct moment *out)
{
	if (!read_exact_digits(at, 2, &out->hour) || !read_letter(at, ':') ||
	    !read_exact_digits(at, 2, &out->minute) || !read_letter(at, ':') ||
	    !read_exact_digits(at, 2, &out->second) || !is_time_of_day(out))
		return false;
	if (read_letter(at, '.') && !read_fraction(at, out))
		return false;
	out->has_time = true;
	if (!**at)
		return true;
	out->has_zone = true;
	return read_letter(at, 'Z') || read_offset(at, true, out);
}

bool moment_read_fhir(const char *text, struct moment *out)
{
	*out = (struct moment){0};
	if (!read_exact_digits(&text, 4, &out->year) || out->year < 1)
		return false;
	if (!*text)
		return true;
	if (!read_letter(&text, '-') ||
	    !read_exact_digits(&text, 2, &out->month) ||
	    !calendar_month_days(out->year, out->month))
		return false;
	if (!*text)
		return true;
	if (!read_letter(&text, '-') ||
	    !read_exact_digits(&text, 2, &out->day) || !is_day(out))
		return false;
	if (read_letter(&text, 'T') && !read_fhir_time(&text, out))
		return false;
	return !*text;
}

/* ---- writing ---- */

const char *moment_date(const struct moment *moment, struct arena *arena)
{
	return arena_printf(arena, "%04d%02d%02d", moment->year, moment->month,
			    moment->day);
}

static const char *fraction_text(const struct moment *moment,
				 struct arena *arena)
{
	return moment->fraction_length
		       ? arena_printf(arena, ".%.*s",
				      (int)moment->fraction_length,
				      moment->fraction)
		       : "";
}

const char *moment_time(const struct moment *moment, struct arena *arena)
{
	return arena_printf(arena, "%02d%02d%02d%s", moment->hour,
			    moment->minute, moment->second,
			    fraction_text(moment, arena));
}

const char *moment_zone(const struct moment *moment, struct arena *arena)
{
	int minutes = abs(moment->offset);
	return arena_printf(arena, "%c%02d%02d", moment->offset < 0 ? '-' : '+',
			    minutes / 60, minutes % 60);
}

const char *moment_fhir(const struct moment *moment, struct arena *arena)
{
	int minutes = abs(moment->offset);
	const char *date = arena_printf(arena, "%04d-%02d-%02d", moment->year,
					moment->month, moment->day);
	if (!moment->has_time)
		return date;
	return arena_printf(
		arena, "%sT%02d:%02d:%02d%s%c%02d:%02d", date, moment->hour,
		moment->minute, moment->second, fraction_text(moment, arena),
		moment->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* ---- comparing ---- */

bool moment_same_date(const struct moment *a, const struct moment *b)
{
	return a->year == b->year && a->month == b->month && a->day == b->day;
}

static bool same_fraction(const struct moment *a, const struct moment *b)
{
	return a->fraction_length == b->fraction_length &&
	       (!a->fraction_length ||
		memcmp(a->fraction, b->fraction, a->fraction_length) == 0);
}

bool moment_same_time(const struct moment *a, const struct moment *b)
{
	return a->hour == b->hour && a->minute == b->minute &&
	       a->second == b->second && same_fraction(a, b);
}

long moment_days(const struct moment *moment)
{
	return (long)calendar_days(moment->year, moment->month, moment->day);
}

static long minutes_of(const struct moment *moment)
{
	return moment_days(moment) * 1440 + moment->hour * 60 + moment->minute -
	       (moment->has_zone ? moment->offset : 0);
}

int64_t moment_utc(const struct moment *moment)
{
	return (int64_t)minutes_of(moment) * 60 + moment->second;
}

static void step_day(struct moment *moment, int step)
{
	moment->day += step;
	if (moment->day >= 1 &&
	    moment->day <= calendar_month_days(moment->year, moment->month))
		return;
	moment->month += step;
	if (moment->month < 1 || moment->month > 12) {
		moment->year += step;
		moment->month = step > 0 ? 1 : 12;
	}
	moment->day =
		step > 0 ? 1 : calendar_month_days(moment->year, moment->month);
}

bool moment_at_offset(const struct moment *moment, int offset,
		      struct moment *out)
{
	int minutes =
		moment->hour * 60 + moment->minute + offset - moment->offset;
	*out = *moment;
	out->offset = offset;
	for (; minutes < 0; minutes += 1440)
		step_day(out, -1);
	for (; minutes >= 1440; minutes -= 1440)
		step_day(out, 1);
	out->hour = minutes / 60;
	out->minute = minutes % 60;
	return out->year >= 1 && out->year <= 9999;
}

int moment_compare(const struct moment *a, const struct moment *b)
{
	bool timed = a->has_time && b->has_time;
	long x = timed ? minutes_of(a) * 60 + a->second : 0;
	long y = timed ? minutes_of(b) * 60 + b->second : 0;
	if (!timed || a->has_zone != b->has_zone) {
		x = (a->year * 12L + a->month) * 31 + a->day;
		y = (b->year * 12L + b->month) * 31 + b->day;
	}
	return x < y ? -1 : x > y;
}

bool moment_same_instant(const struct moment *a, const struct moment *b)
{
	const struct moment *both[] = {a, b};
	long minutes[2];
	for (int i = 0; i < 2; i++) {
		const struct moment *m = both[i];
		if (!m->has_time || !m->has_zone)
			return false;
		minutes[i] = moment_days(m) * 1440 + m->hour * 60 + m->minute -
			     m->offset;
	}
	return minutes[0] == minutes[1] && a->second == b->second &&
	       same_fraction(a, b);
}

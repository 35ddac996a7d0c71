#include "stamp_time.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "error.h"
#include "vr.h"

const char *stamp_time(char out[32])
{
	struct timeval now;
	struct tm local;
	char zone[8];
	gettimeofday(&now, NULL);
	localtime_r(&now.tv_sec, &local);
	strftime(out, 32, "%Y%m%d%H%M%S", &local);
	strftime(zone, sizeof zone, "%z", &local);
	snprintf(out + strlen(out), 32 - strlen(out), ".%06ld%s",
		 (long)now.tv_usec, zone);
	return out;
}

/* An offset: without, nobody knows when it was (PS3.3 C.12.1.1.9). */
int stamp_check_time(const char *time, dfh_error **error)
{
	size_t length = time ? strlen(time) : 0;
	if (!time)
		return 0;
	if (length > 5 && strspn(time, "0123456789.") == length - 5 &&
	    strchr("+-", time[length - 5]) && !vr_fault("DT", 1, time))
		return 0;
	return error_set(error, DFH_USAGE,
			 "'%s' is no time with an offset; write it as "
			 "20240229134501+0100",
			 time);
}

/* Of its own zone, and today in UTC: who wants another gives a time. */
void stamp_day(const char *time_of_change, char out[11])
{
	time_t now = time(NULL);
	struct tm tm;
	if (time_of_change) {
		snprintf(out, 11, "%.4s-%.2s-%.2s", time_of_change,
			 time_of_change + 4, time_of_change + 6);
		return;
	}
	gmtime_r(&now, &tm);
	strftime(out, 11, "%Y-%m-%d", &tm);
}

/* As many digits, after one of the separators if there is one; less is left
 * out at the end of a time, and stands for its first moment. */
static bool take_time_digits(const char **at, const char *separators,
			     int digits, int *out)
{
	const char *text = *at;
	if (*text && strchr(separators, *text))
		text++;
	*out = 0;
	for (int i = 0; i < digits; i++, text++) {
		if (!isdigit((unsigned char)*text))
			return false;
		*out = 10 * *out + (*text - '0');
	}
	*at = text;
	return true;
}

static bool take_zone(const char *at, bool *has_zone, int *minutes)
{
	int hour = 0, minute = 0;
	*has_zone = *at;
	*minutes = 0;
	if (!*at || strcmp(at, "Z") == 0)
		return true;
	int sign = *at == '-' ? -1 : 1;
	if (*at != '+' && *at != '-')
		return false;
	at++;
	if (!take_time_digits(&at, "", 2, &hour) ||
	    !take_time_digits(&at, ":", 2, &minute) || *at)
		return false;
	*minutes = sign * (60 * hour + minute);
	return true;
}

/* timegm() and mktime() would take the 45th for a day of the next month. */
static bool is_real(const struct tm *tm)
{
	struct tm day = {.tm_year = tm->tm_year,
			 .tm_mon = tm->tm_mon,
			 .tm_mday = tm->tm_mday};
	timegm(&day);
	return day.tm_mon == tm->tm_mon && day.tm_mday == tm->tm_mday &&
	       tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

bool stamp_instant(const char *text, double *seconds)
{
	struct tm tm = {.tm_mday = 1, .tm_isdst = -1};
	int month = 1, minutes;
	bool has_zone;
	double fraction = 0;
	char *end;
	if (!take_time_digits(&text, "", 4, &tm.tm_year))
		return false;
	if (take_time_digits(&text, "-", 2, &month) &&
	    take_time_digits(&text, "-", 2, &tm.tm_mday) &&
	    take_time_digits(&text, "T ", 2, &tm.tm_hour) &&
	    take_time_digits(&text, ":", 2, &tm.tm_min) &&
	    take_time_digits(&text, ":", 2, &tm.tm_sec) && *text == '.') {
		fraction = strtod(text, &end);
		text = end;
	}
	if (!take_zone(text, &has_zone, &minutes))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon = month - 1;
	if (!is_real(&tm))
		return false;
	time_t whole = has_zone ? timegm(&tm) - 60 * minutes : mktime(&tm);
	*seconds = (double)whole + fraction;
	return true;
}

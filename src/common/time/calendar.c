#include "calendar.h"

enum { EPOCH = 719162 }; /* days from 0001-01-01 to 1970-01-01 */

bool calendar_is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int calendar_month_days(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};

	if (month < 1 || month > 12)
		return 0;
	return month == 2 && calendar_is_leap(year) ? 29 : days[month - 1];
}

static int64_t floor_of(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t calendar_days(int64_t year, int month, int day)
{
	static const int before[] = {0,	  31,  59,  90,	 120, 151,
				     181, 212, 243, 273, 304, 334};
	int64_t past = year - 1;

	return past * 365 + floor_of(past, 4) - floor_of(past, 100) +
	       floor_of(past, 400) - EPOCH + before[month - 1] +
	       (month > 2 && calendar_is_leap(year)) + day - 1;
}

#include "zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arena.h"
#include "calendar.h"
#include "error.h"
#include "zone_tzif.h"

enum {
	FILE_SIZE_MAX = 1 << 16, /* ten times the largest there is */
	/* PS3.3 C.12.1.1.8, in minutes */
	OFFSET_MIN = -12 * 60,
	OFFSET_MAX = 14 * 60
};

struct zone {
	struct tzif tzif;
};

static bool parse_digits(const char **at, int count, int min, int max, int *out)
{
	int number = 0;

	for (int i = 0; i < count; i++, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		number = number * 10 + (**at - '0');
	}
	*out = number;
	return number >= min && number <= max;
}

/* ---- opening --------------------------------------------------------- */

static int parse_offset(const char *name, int32_t *utoff, dfh_error **error)
{
	const char *at = name + 1;
	int hours, minutes, offset;

	if (parse_digits(&at, 2, 0, 14, &hours) &&
	    parse_digits(&at, 2, 0, 59, &minutes) && *at == '\0') {
		offset = hours * 60 + minutes;
		if (*name == '-')
			offset = -offset;
		if (offset >= OFFSET_MIN && offset <= OFFSET_MAX &&
		    (offset != 0 || *name == '+')) {
			*utoff = offset * 60;
			return 0;
		}
	}
	return error_set(error, DFH_USAGE,
			 "'%s' is not an offset from UTC: give +HHMM or "
			 "-HHMM, from -1200 to +1400, and +0000 for UTC",
			 name);
}

/* A path that stays within its folder; no name has a dot in it. */
static bool is_zone_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+-/";
	size_t length = strlen(name);

	return length > 0 && length == strspn(name, allowed) &&
	       name[0] != '/' && name[length - 1] != '/' && !strstr(name, "//");
}

static int unknown_zone(const char *name, const char *folder, dfh_error **error)
{
	struct stat status;

	if (stat(folder, &status) != 0)
		return error_set(error, DFH_USAGE,
				 "unknown time zone '%s': there is no %s; "
				 "install tzdata, set TZDIR, or give +HHMM or "
				 "-HHMM",
				 name, folder);
	return error_set(error, DFH_USAGE,
			 "unknown time zone '%s': give +HHMM, -HHMM or an "
			 "IANA name such as Europe/Berlin",
			 name);
}

static int read_zone_file(struct tzif *tzif, const char *name, const char *path,
			  dfh_error **error)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	size_t length;
	bool is_read, is_good;

	if (!file)
		return error_set(error, DFH_IO, "%s: %s", path,
				 strerror(errno));
	bytes = xmalloc(FILE_SIZE_MAX);
	length = fread(bytes, 1, FILE_SIZE_MAX, file);
	is_read = !ferror(file);
	fclose(file);
	is_good = is_read && length < FILE_SIZE_MAX &&
		  tzif_read(tzif, bytes, length);
	free(bytes);
	if (!is_read)
		return error_set(error, DFH_IO, "%s: cannot be read", path);
	if (!is_good)
		return error_set(error, DFH_USAGE,
				 "time zone '%s': %s is damaged, is not a time "
				 "zone, or counts leap seconds",
				 name, path);
	return 0;
}

static int read_named(struct tzif *tzif, const char *name, dfh_error **error)
{
	const char *folder = getenv("TZDIR");
	struct stat status;
	size_t size;
	char *path;
	int result;

	if (!folder || !*folder)
		folder = "/usr/share/zoneinfo";
	if (!is_zone_name(name))
		return unknown_zone(name, folder, error);
	size = strlen(folder) + strlen(name) + 2;
	path = xmalloc(size);
	snprintf(path, size, "%s/%s", folder, name);
	/* Not a folder such as Europe, and nothing that would block. */
	if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
		result = unknown_zone(name, folder, error);
	else
		result = read_zone_file(tzif, name, path, error);
	free(path);
	return result;
}

struct zone *zone_open(const char *name, dfh_error **error)
{
	struct zone *zone = xmalloc(sizeof *zone);
	int result;

	*zone = (struct zone){0};
	if (*name == '+' || *name == '-') {
		zone->tzif.type_count = 1;
		result = parse_offset(name, &zone->tzif.types[0].utoff, error);
	} else {
		result = read_named(&zone->tzif, name, error);
	}
	if (result == 0)
		return zone;
	free(zone);
	return NULL;
}

void zone_close(struct zone *zone)
{
	if (!zone)
		return;
	tzif_free(&zone->tzif);
	free(zone);
}

/* ---- asking ---------------------------------------------------------- */

/* PS3.5 6.2, as seconds from 1970-01-01 00:00 local time. */
static bool parse_date(const char *date, int64_t *out)
{
	int year, month, day;

	if (!parse_digits(&date, 4, 1, 9999, &year) ||
	    !parse_digits(&date, 2, 1, 12, &month) ||
	    !parse_digits(&date, 2, 1, calendar_month_days(year, month),
			  &day) ||
	    *date)
		return false;
	*out = calendar_days(year, month, day) * DAY;
	return true;
}

/* PS3.5 6.2: the first and the last second that a TM stands for. */
static bool parse_time(const char *time, int *first, int *last)
{
	int hours, minutes, seconds, fraction;
	size_t digits;

	if (!parse_digits(&time, 2, 0, 23, &hours))
		return false;
	*first = hours * 3600;
	*last = *first + 3599;
	if (!*time)
		return true;
	if (!parse_digits(&time, 2, 0, 59, &minutes))
		return false;
	*first += minutes * 60;
	*last = *first + 59;
	if (!*time)
		return true;
	if (!parse_digits(&time, 2, 0, 60, &seconds))
		return false;
	/* A leap second has the offset of the second before it. */
	*first += seconds < 60 ? seconds : 59;
	*last = *first;
	if (!*time)
		return true;
	if (*time++ != '.')
		return false;
	digits = strlen(time);
	return digits >= 1 && digits <= 6 &&
	       parse_digits(&time, (int)digits, 0, 999999, &fraction);
}

/* The one offset that leads from a moment to this local time. */
static bool offset_at_local(const struct tzif *tzif, int64_t local,
			    int32_t *offset)
{
	bool is_found = false;

	for (size_t i = 0; i < tzif->type_count; i++) {
		int32_t utoff = tzif->types[i].utoff;
		const struct local_type *type =
			tzif_type_at(tzif, local - utoff);

		if (!type)
			return false;
		if (type->utoff != utoff)
			continue;
		if (type->is_unspecified || (is_found && *offset != utoff))
			return false;
		*offset = utoff;
		is_found = true;
	}
	return is_found;
}

bool zone_offset(const struct zone *zone, const char *date, const char *time,
		 char out[6])
{
	int64_t day;
	int first, last, minutes;
	int32_t offset, offset_last;

	/* No zone changes twice within an hour: where the first and the last
	 * second have the same offset, so do all between them. */
	if (!parse_date(date, &day) || !parse_time(time, &first, &last) ||
	    !offset_at_local(&zone->tzif, day + first, &offset) ||
	    !offset_at_local(&zone->tzif, day + last, &offset_last) ||
	    offset != offset_last || offset % 60 != 0)
		return false;
	minutes = offset / 60;
	if (minutes < OFFSET_MIN || minutes > OFFSET_MAX)
		return false;
	snprintf(out, 6, "%c%02d%02d", minutes < 0 ? '-' : '+',
		 abs(minutes) / 60, abs(minutes) % 60);
	return true;
}

bool zone_offset_at(const struct zone *zone, int64_t utc, int *minutes)
{
	const struct local_type *type = tzif_type_at(&zone->tzif, utc);

	if (!type || type->is_unspecified || type->utoff % 60 != 0)
		return false;
	*minutes = type->utoff / 60;
	return *minutes >= OFFSET_MIN && *minutes <= OFFSET_MAX;
}

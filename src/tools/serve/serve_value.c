#include "serve_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "array.h"
#include "serve_known.h"

/* ---- lists, and escapes ---- */

/* How long a text is before a separator that is not escaped. */
static size_t length_before(const char *text, char separator)
{
	size_t i = 0;
	for (; text[i] && text[i] != separator; i++)
		i += text[i] == '\\' && text[i + 1];
	return i;
}

static char *unescaped(const char *text, size_t length)
{
	char *out = xmalloc(length + 1), *end = out;
	for (size_t i = 0; i < length; i++) {
		i += text[i] == '\\' && i + 1 < length;
		*end++ = text[i];
	}
	*end = '\0';
	return out;
}

char **serve_values(const char *text, size_t *count)
{
	char **values = NULL;
	*count = 0;
	for (;;) {
		size_t length = length_before(text, ',');
		if (length) {
			array_room(values, *count);
			values[(*count)++] = memory_of(strndup(text, length));
		}
		if (!text[length])
			return values;
		text += length + 1;
	}
}

void serve_values_free(char **values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(values[i]);
	free(values);
}

/* ---- tokens ---- */

struct serve_token serve_token_of(const char *value)
{
	size_t length = length_before(value, '|');
	if (!value[length])
		return (struct serve_token){.code = unescaped(value, length)};
	const char *code = value + length + 1;
	return (struct serve_token){.system = unescaped(value, length),
				    .code = unescaped(code, strlen(code))};
}

void serve_token_free(struct serve_token *token)
{
	free(token->system);
	free(token->code);
}

const char *serve_bare_uid(const char *text)
{
	static const char urn[] = "urn:oid:";
	const char *bare = text + sizeof urn - 1;
	return strncmp(text, urn, sizeof urn - 1) == 0 && serve_is_uid(bare)
		       ? bare
		       : text;
}

static bool has_code(const struct serve_token *token, const char *code)
{
	return !*token->code ||
	       (code &&
		strcmp(serve_bare_uid(code), serve_bare_uid(token->code)) == 0);
}

static bool has_system(const struct serve_token *token, const char *system)
{
	if (!token->system)
		return true;
	return *token->system ? same_text(system, token->system) : !system;
}

bool serve_token_matches(const struct serve_token *token, json_object *value)
{
	json_object *codings = json_member(value, "coding");
	json_object *concept = json_member(value, "concept");
	if (json_string(value))
		return has_code(token, json_string(value));
	if (concept)
		return serve_token_matches(token, concept);
	for (size_t i = 0; i < json_count(codings); i++)
		if (serve_token_matches(token, json_at(codings, i)))
			return true;
	if (codings)
		return false;
	const char *code = json_text(value, "value");
	return has_system(token, json_text(value, "system")) &&
	       has_code(token, code ? code : json_text(value, "code"));
}

/* ---- dates ---- */

/* So many digits, as a number; -1: they are none. */
static int date_digits(const char **text, int count)
{
	int value = 0;
	for (int i = 0; i < count; i++) {
		char c = (*text)[i];
		if (c < '0' || c > '9')
			return -1;
		value = value * 10 + (c - '0');
	}
	*text += count;
	return value;
}

/* Two digits behind a sign that must be there; -1: they are not, or are more
 * than that. */
static int date_part(const char **text, char sign, int most)
{
	if (**text != sign)
		return -1;
	++*text;
	int value = date_digits(text, 2);
	return value <= most ? value : -1;
}

/* When a day begins; days and months go on behind their last one. */
static double day_begin(int year, int month, int day)
{
	struct tm time = {
		.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
	return (double)timegm(&time);
}

static bool date_zone(const char *text, struct serve_period *period)
{
	period->has_zone = *text != '\0';
	if (!*text || strcmp(text, "Z") == 0)
		return true;
	/* a plus sign that was not escaped in a URL is a blank */
	double sign = *text == '-' ? -1 : 1;
	if (!strchr("+- ", *text))
		return false;
	text++;
	int hours = date_digits(&text, 2);
	int minutes = hours < 0 ? -1 : date_part(&text, ':', 59);
	period->zone = sign * (hours * 3600 + minutes * 60);
	return hours >= 0 && hours <= 14 && minutes >= 0 && !*text;
}

/* Behind a day, which begins then: "T" and the time. */
static bool date_clock(const char *text, double day,
		       struct serve_period *period)
{
	double step = 60, fraction = 0;
	int hour = date_part(&text, 'T', 23), second = 0;
	int minute = hour < 0 ? -1 : date_part(&text, ':', 59);
	if (minute < 0)
		return false;
	if (*text == ':') {
		step = 1;
		second = date_part(&text, ':', 60);
		if (second < 0)
			return false;
		if (*text == '.')
			for (text++; *text >= '0' && *text <= '9'; text++) {
				step /= 10;
				fraction += step * (*text - '0');
			}
	}
	period->begin = day + (hour * 60 + minute) * 60 + second + fraction;
	period->end = period->begin + step;
	return date_zone(text, period);
}

bool serve_period_of(const char *text, struct serve_period *period)
{
	int year = date_digits(&text, 4), month = 1, day = 1;
	*period = (struct serve_period){0};
	if (year < 1)
		return false;
	period->end = day_begin(year + 1, 1, 1);
	if (*text == '-') {
		month = date_part(&text, '-', 12);
		if (month < 1)
			return false;
		period->end = day_begin(year, month + 1, 1);
	}
	if (*text == '-') {
		day = date_part(&text, '-', 31);
		if (day < 1 || day_begin(year, month, day) >= period->end)
			return false;
		period->end = day_begin(year, month, day + 1);
	}
	period->begin = day_begin(year, month, day);
	if (*text == 'T')
		return date_clock(text, period->begin, period);
	return !*text;
}

bool serve_date_of(const char *value, struct serve_date *date)
{
	static const char prefixes[] = "eq ne gt lt ge le sa eb ap";
	snprintf(date->prefix, sizeof date->prefix, "eq");
	if (*value >= 'a' && *value <= 'z') {
		snprintf(date->prefix, sizeof date->prefix, "%s", value);
		if (!has_word(prefixes, date->prefix))
			return false;
		value += 2;
	}
	return serve_period_of(value, &date->period);
}

static bool period_matches(const char *prefix,
			   const struct serve_period *wanted,
			   const struct serve_period *has)
{
	bool within = wanted->begin <= has->begin && has->end <= wanted->end;
	if (strcmp(prefix, "eq") == 0)
		return within;
	if (strcmp(prefix, "ne") == 0)
		return !within;
	if (strcmp(prefix, "gt") == 0)
		return has->end > wanted->end;
	if (strcmp(prefix, "lt") == 0)
		return has->begin < wanted->begin;
	if (strcmp(prefix, "ge") == 0)
		return within || has->end > wanted->end;
	if (strcmp(prefix, "le") == 0)
		return within || has->begin < wanted->begin;
	if (strcmp(prefix, "sa") == 0)
		return has->begin >= wanted->end;
	if (strcmp(prefix, "eb") == 0)
		return has->end <= wanted->begin;
	return has->begin < wanted->end && wanted->begin < has->end;
}

/* Where one of both has no zone, the clock of the place is meant. */
bool serve_date_matches(const struct serve_date *date, json_object *value)
{
	struct serve_period has, wanted = date->period;
	const char *text = json_string(value);
	if (!text || !serve_period_of(text, &has))
		return false;
	if (has.has_zone && wanted.has_zone) {
		has.begin -= has.zone;
		has.end -= has.zone;
		wanted.begin -= wanted.zone;
		wanted.end -= wanted.zone;
	}
	return period_matches(date->prefix, &wanted, &has);
}

/* ---- paths ---- */

static bool any_below(json_object *value, const char *path,
		      bool (*is_it)(json_object *value, const void *context),
		      const void *context)
{
	char name[64];
	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_count(value); i++)
			if (any_below(json_at(value, i), path, is_it, context))
				return true;
		return false;
	}
	if (!value || !*path)
		return value && is_it(value, context);
	size_t length = strcspn(path, ".");
	snprintf(name, sizeof name, "%.*s", (int)length, path);
	return any_below(json_member(value, name),
			 path + length + (path[length] == '.'), is_it, context);
}

bool serve_any(json_object *resource, const char *path,
	       bool (*is_it)(json_object *value, const void *context),
	       const void *context)
{
	size_t length = strcspn(path, ".");
	const char *type = json_text(resource, "resourceType");
	return type && strlen(type) == length &&
	       strncmp(type, path, length) == 0 && path[length] &&
	       any_below(resource, path + length + 1, is_it, context);
}

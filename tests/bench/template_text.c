#include "template_text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const level_names[LEVELS] = {"patient", "study", "series",
						"instance", "frame"};
static const char *const families[] = {
	"Adler", "Birnbaum", "Carvalho", "Dubois",  "Eriksen", "Fontana",
	"Grau",	 "Hansen",   "Ivanova",	 "Jimenez", "Kowalski"};
static const char *const given_names[] = {"Ada",    "Bruno", "Clara", "Dario",
					  "Elena",  "Felix", "Greta", "Hugo",
					  "Ingrid", "Jonas"};

/* splitmix64 */
static uint64_t mix(uint64_t value)
{
	value += 0x9e3779b97f4a7c15;
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
	value = (value ^ value >> 27) * 0x94d049bb133111eb;
	return value ^ value >> 31;
}

unsigned long template_number(const struct variant *variant, enum level level,
			      unsigned long line)
{
	uint64_t sum = mix(variant->seed ^ line << 32);
	/* a series is not the same as that of another study */
	for (int i = 0; i <= (int)level; i++)
		sum = mix(sum ^ variant->number[i]);
	return sum >> 1;
}

static unsigned long below(const struct variant *variant, enum level level,
			   unsigned long line, unsigned long limit)
{
	return template_number(variant, level, line) % limit;
}

static int put_date(char *out, size_t size, const struct variant *variant,
		    enum level level, unsigned long year, unsigned long years)
{
	return snprintf(out, size, "%04lu%02lu%02lu",
			year + below(variant, level, 1001, years),
			1 + below(variant, level, 1002, 12),
			1 + below(variant, level, 1003, 28));
}

static int put_time(char *out, size_t size, const struct variant *variant)
{
	return snprintf(out, size, "%02lu%02lu%02lu",
			below(variant, STUDY, 1004, 24),
			below(variant, SERIES, 1005, 60),
			below(variant, SERIES, 1006, 60));
}

static int put_name(char *out, size_t size, const struct variant *variant,
		    const char *const *names, size_t count)
{
	unsigned long which = below(variant, PATIENT, count, count);
	return snprintf(out, size, "%s", names[which]);
}

/* What stands between the braces, without them; it must be known. */
static int put_level(char *out, size_t size, const char *place,
		     const struct variant *variant, unsigned long line)
{
	for (int i = 0; i < LEVELS; i++) {
		size_t length = strlen(level_names[i]);
		if (strncmp(place, level_names[i], length) != 0)
			continue;
		const char *rest = place + length;
		unsigned long number = strtoul(rest + (*rest != 0), NULL, 10);
		if (*rest == ' ' && number)
			return snprintf(
				out, size, "%lu",
				below(variant, (enum level)i, line, number));
		return snprintf(out, size, "%0*lu",
				*rest == ':' ? (int)number : 0,
				variant->number[i]);
	}
	fprintf(stderr, "{%s}: no such place in a template\n", place);
	exit(2);
}

static int put_place(char *out, size_t size, const char *place,
		     const struct variant *variant, unsigned long line)
{
	if (strcmp(place, "family") == 0)
		return put_name(out, size, variant, families,
				sizeof families / sizeof *families);
	if (strcmp(place, "given") == 0)
		return put_name(out, size, variant, given_names,
				sizeof given_names / sizeof *given_names);
	if (strcmp(place, "birth") == 0)
		return put_date(out, size, variant, PATIENT, 1930, 85);
	if (strcmp(place, "date") == 0)
		return put_date(out, size, variant, STUDY, 2016, 9);
	if (strcmp(place, "time") == 0)
		return put_time(out, size, variant);
	if (strcmp(place, "frames") == 0)
		return snprintf(out, size, "%lu", variant->frames);
	return put_level(out, size, place, variant, line);
}

void template_text(const char *value, const struct variant *variant,
		   unsigned long line, char out[TEXT_MAX])
{
	size_t length = 0;
	/* no place fills more than 64 bytes */
	while (*value && length < TEXT_MAX - 64) {
		const char *end = *value == '{' ? strchr(value, '}') : NULL;
		char place[32];
		if (!end) {
			out[length++] = *value++;
			continue;
		}
		snprintf(place, sizeof place, "%.*s", (int)(end - value - 1),
			 value + 1);
		int used = put_place(out + length, TEXT_MAX - length, place,
				     variant, line);
		length += (size_t)used;
		value = end + 1;
	}
	out[length] = '\0';
}

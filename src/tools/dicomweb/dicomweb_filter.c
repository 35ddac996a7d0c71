/* Some servers pass over what they do not filter by, and give studies of other
 * patients: a result that contradicts its query was not asked for. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dcm.h"
#include "dicomweb_filter.h"
#include "memory.h"

/* One name or value of a query, to be freed. */
static char *form_decoded(const char *text, size_t length)
{
	char *out = xmalloc(length + 1), *end = out;
	for (size_t i = 0; i < length; i++) {
		char digits[3] = "";
		if (text[i] == '%' && i + 2 < length &&
		    isxdigit((unsigned char)text[i + 1]) &&
		    isxdigit((unsigned char)text[i + 2])) {
			memcpy(digits, text + i + 1, 2);
			*end++ = (char)strtoul(digits, NULL, 16);
			i += 2;
		} else {
			*end++ = text[i] == '+' ? ' ' : text[i];
		}
	}
	*end = '\0';
	return out;
}

/* The attribute of a key, by keyword or by tag; false: it is none. */
static bool entry_of_key(const char *key, struct dcm_entry *out)
{
	char tag[16];
	if (strlen(key) == 8 && strspn(key, "0123456789abcdefABCDEF") == 8) {
		snprintf(tag, sizeof tag, "(%.4s,%.4s)", key, key + 4);
		key = tag;
	}
	return *key && dcm_entry_find(key, NULL, out);
}

/* Of what a result says of it; NULL: nothing. */
static json_object *result_values_of(json_object *result,
				     const struct dcm_entry *entry)
{
	char tag[16];
	snprintf(tag, sizeof tag, "%04X%04X", entry->tag.group,
		 entry->tag.element);
	json_foreach (result, name, attribute)
		if (strcasecmp(name, tag) == 0 ||
		    strcmp(name, entry->keyword) == 0)
			return json_member(attribute, "Value");
	return NULL;
}

/* Names, lists and wildcards match in ways of their own (PS3.4 C.2.2.2), and
 * times in zones; "-" is a range. */
static bool can_be_judged(const struct dcm_entry *entry, const char *wanted)
{
	static const char vrs[] = "AE AS CS DA IS LO SH UI";
	return strstr(vrs, entry->vr) && *wanted && !strpbrk(wanted, "*?\\,\"");
}

static bool is_in_wanted_range(const char *vr, const char *wanted,
			       const char *value)
{
	const char *dash = strcmp(vr, "DA") == 0 ? strchr(wanted, '-') : NULL;
	size_t length = strlen(value);
	while (length && value[length - 1] == ' ')
		length--;
	if (!dash)
		return strlen(wanted) == length &&
		       strncasecmp(wanted, value, length) == 0;
	return (dash == wanted ||
		strncmp(value, wanted, (size_t)(dash - wanted)) >= 0) &&
	       (!dash[1] || strcmp(value, dash + 1) <= 0);
}

/* Does any of the values fit?  Of a result that says nothing, nobody knows. */
static bool result_fits(json_object *result, const char *key,
			const char *wanted)
{
	char room[JSON_SCALAR_ROOM];
	struct dcm_entry entry;
	if (!entry_of_key(key, &entry) || !can_be_judged(&entry, wanted))
		return true;
	json_object *values = result_values_of(result, &entry);
	if (!json_count(values))
		return true;
	for (size_t i = 0; i < json_count(values); i++)
		if (is_in_wanted_range(entry.vr, wanted,
				       json_scalar(json_at(values, i), room)))
			return true;
	return false;
}

bool dicomweb_fits(json_object *result, const char *query)
{
	bool good = true;
	while (good && *query) {
		size_t length = strcspn(query, "&");
		size_t name = strcspn(query, "=&");
		if (name < length) {
			char *key = form_decoded(query, name);
			char *wanted = form_decoded(query + name + 1,
						    length - name - 1);
			good = result_fits(result, key, wanted);
			free(key);
			free(wanted);
		}
		query += length + (query[length] == '&');
	}
	return good;
}

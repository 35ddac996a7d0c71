/*
 * Legal FHIR, by the regular expressions of its primitive types
 * (hl7.org/fhir/datatypes.html) and the rules of its JSON.  The codecs have
 * checks of their own; this one is to find their faults, so it shares nothing
 * with them.
 */
#include <string.h>

#include "codec.h"
#include "fhir_schema.h"
#include "laws.h"

/* Codes: [^\s]+( [^\s]+)*; of R4 any one white space between. */
static bool is_fhir_code(const char *text)
{
	bool was_blank = true;
	for (; *text; text++) {
		bool blank = strchr(" \t\r\n\f\v", *text) != NULL;
		if (blank && (was_blank || *text != ' '))
			return false;
		was_blank = blank;
	}
	return !was_blank;
}

static bool has_blank(const char *text)
{
	return text[strcspn(text, " \t\r\n\f\v")] != '\0';
}

static bool is_id(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-.");
	return length && length <= 64 && !text[length];
}

static bool is_oid(const char *text)
{
	if (strncmp(text, "urn:oid:", 8) != 0 || !strchr("012", text[8]) ||
	    !text[8] || text[9] != '.')
		return false;
	for (const char *p = text + 9; *p;) {
		size_t digits = strspn(p + 1, "0123456789");
		if (*p != '.' || !digits || (p[1] == '0' && digits > 1))
			return false;
		p += 1 + digits;
	}
	return true;
}

/* Does text look like form, in which 0 stands for a digit? */
static bool looks_like(const char *text, const char *form)
{
	for (; *form; form++, text++)
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	return true;
}

static bool is_number_between(const char *two, int least, int most)
{
	int number = (two[0] - '0') * 10 + two[1] - '0';
	return number >= least && number <= most;
}

static bool is_clock(const char *text)
{
	if (!looks_like(text, "00:00:00") || !is_number_between(text, 0, 23) ||
	    !is_number_between(text + 3, 0, 59) ||
	    !is_number_between(text + 6, 0, 60))
		return false;
	text += 8;
	if (*text == '.') {
		size_t digits = strspn(text + 1, "0123456789");
		if (!digits)
			return false;
		text += 1 + digits;
	}
	if (strcmp(text, "Z") == 0)
		return true;
	return (*text == '+' || *text == '-') &&
	       looks_like(text + 1, "00:00") && strlen(text) == 6 &&
	       (is_number_between(text + 1, 0, 13) ||
		strcmp(text + 1, "14:00") == 0) &&
	       is_number_between(text + 4, 0, 59);
}

/* The regular expression knows no calendar: it takes 30 February. */
static bool is_fhir_moment(const char *type, const char *text)
{
	size_t length = strlen(text);
	bool instant = strcmp(type, "instant") == 0;
	if (!looks_like(text, "0000") || strncmp(text, "0000", 4) == 0)
		return false;
	if (length == 4)
		return !instant;
	if (!looks_like(text + 4, "-00") || !is_number_between(text + 5, 1, 12))
		return false;
	if (length == 7)
		return !instant;
	if (!looks_like(text + 7, "-00") || !is_number_between(text + 8, 1, 31))
		return false;
	if (length == 10)
		return !instant;
	return strcmp(type, "date") != 0 && text[10] == 'T' &&
	       is_clock(text + 11);
}

/* [ \r\n\t\S]+, and no string that is all blank */
static bool is_string(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 32 && !strchr("\t\r\n", *p))
			return false;
	return text[strspn(text, " \t\r\n")] != '\0';
}

static bool is_uuid_urn(const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t parts[] = {8, 4, 4, 4, 12};
	if (strncmp(text, "urn:uuid:", 9) != 0)
		return false;
	text += 9;
	for (size_t i = 0; i < 5; i++) {
		if (strspn(text, hex) != parts[i])
			return false;
		text += parts[i];
		if (*text++ != (i < 4 ? '-' : '\0'))
			return false;
	}
	return true;
}

/* What says to be an OID or a UUID is one. */
static bool is_fhir_uri(const char *text)
{
	if (strncmp(text, "urn:oid:", 8) == 0)
		return is_oid(text);
	if (strncmp(text, "urn:uuid:", 9) == 0)
		return is_uuid_urn(text);
	return !has_blank(text);
}

static bool is_text_of(const char *type, const char *text)
{
	if (!is_string(text))
		return false;
	if (strcmp(type, "code") == 0)
		return is_fhir_code(text);
	if (strcmp(type, "id") == 0)
		return is_id(text);
	if (strcmp(type, "oid") == 0)
		return is_oid(text);
	if (strcmp(type, "uuid") == 0)
		return is_uuid_urn(text);
	if (strstr("uri url canonical", type))
		return is_fhir_uri(text);
	if (strstr("date dateTime instant", type))
		return is_fhir_moment(type, text);
	return true;
}

static bool is_number_of(const char *type, json_object *value)
{
	if (strcmp(type, "decimal") == 0)
		return json_object_is_type(value, json_type_int) ||
		       json_object_is_type(value, json_type_double);
	int64_t number = json_object_get_int64(value);
	int64_t least = strcmp(type, "unsignedInt") == 0   ? 0
			: strcmp(type, "positiveInt") == 0 ? 1
							   : INT32_MIN;
	return json_object_is_type(value, json_type_int) && number >= least &&
	       number <= INT32_MAX;
}

static bool is_primitive_of(const char *type, json_object *value)
{
	if (strcmp(type, "boolean") == 0)
		return json_object_is_type(value, json_type_boolean);
	if (strcmp(type, "decimal") == 0 || strcmp(type, "integer") == 0 ||
	    strcmp(type, "unsignedInt") == 0 ||
	    strcmp(type, "positiveInt") == 0)
		return is_number_of(type, value);
	if (!json_object_is_type(value, json_type_string))
		return false;
	const char *text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) &&
	       *text && is_text_of(type, text);
}

static bool is_element(enum fhir_release release, const char *type,
		       const char *name, json_object *value)
{
	/* What stands beside a primitive: id and extensions. */
	const struct fhir_element *element =
		fhir_element_find(release, type, name + (*name == '_'));
	if (!element || !value)
		return false;
	const char *of = *name == '_' ? "Element" : element->type;
	if (*name == '_' && !fhir_type_is_primitive(element->type))
		return false;
	if (!element->many)
		return fhir_is_legal(release, of, value);
	size_t count = json_count(value);
	json_object *last = NULL;
	for (size_t i = 0; i < count; i++) {
		last = json_at(value, i);
		if (last ? !fhir_is_legal(release, of, last) : *name != '_')
			return false;
	}
	return last != NULL;
}

/* An extension has one value or others in it (ext-1). */
static bool has_one_value(json_object *extension)
{
	int values = 0;
	json_foreach (extension, name, value) {
		(void)value;
		values += strncmp(name, "value", 5) == 0 ||
			  strcmp(name, "extension") == 0;
	}
	return values == 1 && json_member(extension, "url");
}

bool fhir_is_legal(enum fhir_release release, const char *type,
		   json_object *value)
{
	if (fhir_type_is_primitive(type))
		return is_primitive_of(type, value);
	if (!json_object_is_type(value, json_type_object) ||
	    !json_member_count(value))
		return false;
	if (strcmp(type, "Extension") == 0 && !has_one_value(value))
		return false;
	json_foreach (value, name, member) {
		if (!is_element(release, type, name, member))
			return false;
	}
	return true;
}

#include "json_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static inline void print_text(const char *text, struct buffer *out)
{
	buffer_add(out, text, strlen(text));
}

/* ---- strings ---- */

/* What stands for a character that RFC 8259, 7, wants escaped; "": it stands
 * for itself. */
static void escape_of(unsigned char c, int flags, char out[8])
{
	static const char letters[] = "\"\\\b\f\n\r\t";
	static const char escapes[] = "\"\\bfnrt";
	const char *letter = c ? strchr(letters, c) : NULL;

	if (letter)
		snprintf(out, 8, "\\%c", escapes[letter - letters]);
	else if (c < 0x20)
		snprintf(out, 8, "\\u%04x", c);
	else if (c == '/' && !(flags & JSON_C_TO_STRING_NOSLASHESCAPE))
		strcpy(out, "\\/");
	else
		*out = '\0';
}

static bool may_be_escaped(unsigned char c)
{
	static const bool may_be[256] = {
		[0 ... 0x1f] = true, ['"'] = true, ['\\'] = true, ['/'] = true};

	return may_be[c];
}

void json_print_string(const char *bytes, size_t length, int flags,
		       struct buffer *out)
{
	size_t printed = 0;
	char escape[8];

	print_text("\"", out);
	for (size_t i = 0; i < length; i++) {
		if (!may_be_escaped((unsigned char)bytes[i]))
			continue;
		escape_of((unsigned char)bytes[i], flags, escape);
		if (!*escape)
			continue;
		buffer_add(out, bytes + printed, i - printed);
		print_text(escape, out);
		printed = i + 1;
	}
	buffer_add(out, bytes + printed, length - printed);
	print_text("\"", out);
}

/* ---- numbers ---- */

static void print_integer(json_object *value, struct buffer *out)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, json_object_get_int64(value));
	print_text(text, out);
}

/* As json_new_number() keeps it. */
static void print_number(json_object *value, struct buffer *out)
{
	const char *written = json_object_get_userdata(value);
	char text[64];

	if (!written) {
		snprintf(text, sizeof text, "%.17g",
			 json_object_get_double(value));
		written = text;
	}
	print_text(written, out);
}

/* ---- what holds others ---- */

static void print_value(json_object *value, int flags, int level,
			struct buffer *out);

static void print_indent(int level, struct buffer *out)
{
	static const char line[] = "\n                                ";
	const int most = (int)(sizeof line - 2) / 2;

	buffer_add(out, line, 1 + 2 * (size_t)(level < most ? level : most));
	for (int i = most; i < level; i++)
		print_text("  ", out);
}

/* Before a member, and before the end. */
static void print_gap(bool first, int flags, int level, struct buffer *out)
{
	if (!first)
		print_text(",", out);
	if (flags & JSON_C_TO_STRING_PRETTY)
		print_indent(level, out);
	else if (flags & JSON_C_TO_STRING_SPACED)
		print_text(" ", out);
}

static void print_object(json_object *object, int flags, int level,
			 struct buffer *out)
{
	bool first = true;

	print_text("{", out);
	json_foreach (object, name, value) {
		print_gap(first, flags, level + 1, out);
		json_print_string(name, strlen(name), flags, out);
		print_text(flags & JSON_C_TO_STRING_SPACED ? ": " : ":", out);
		print_value(value, flags, level + 1, out);
		first = false;
	}
	print_gap(true, flags, level, out);
	print_text("}", out);
}

static void print_array(json_object *array, int flags, int level,
			struct buffer *out)
{
	size_t count = json_count(array);

	print_text("[", out);
	for (size_t i = 0; i < count; i++) {
		print_gap(i == 0, flags, level + 1, out);
		print_value(json_at(array, i), flags, level + 1, out);
	}
	print_gap(true, flags, level, out);
	print_text("]", out);
}

static void print_value(json_object *value, int flags, int level,
			struct buffer *out)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return print_text("null", out);
	case json_type_boolean:
		return print_text(
			json_object_get_boolean(value) ? "true" : "false", out);
	case json_type_int:
		return print_integer(value, out);
	case json_type_double:
		return print_number(value, out);
	case json_type_string:
		return json_print_string(
			json_object_get_string(value),
			(size_t)json_object_get_string_len(value), flags, out);
	case json_type_array:
		return print_array(value, flags, level, out);
	case json_type_object:
		return print_object(value, flags, level, out);
	}
}

void json_print(json_object *value, int flags, struct buffer *out)
{
	print_value(value, flags, 0, out);
}

char *json_printed(json_object *value, int flags)
{
	struct buffer text = {0};

	json_print(value, flags, &text);
	buffer_add(&text, "", 1);
	return (char *)text.bytes;
}

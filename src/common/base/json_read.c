#include "json_read.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

static bool read_value(struct json_source *source, int depth,
		       json_object **out);

static bool fail_at(struct json_source *source, size_t at, const char *fault)
{
	source->at = at;
	source->fault = fault;
	return false;
}

/* The next byte; -1: there is none. */
static int next_byte(const struct json_source *source)
{
	return source->at < source->length
		       ? (unsigned char)source->bytes[source->at]
		       : -1;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_blanks(struct json_source *source)
{
	while (is_blank(next_byte(source)))
		source->at++;
}

static bool take_byte(struct json_source *source, char byte)
{
	bool taken = next_byte(source) == (unsigned char)byte;

	source->at += taken;
	return taken;
}

static bool fail_early(struct json_source *source)
{
	size_t at = source->length;

	while (at > 0 && is_blank(source->bytes[at - 1]))
		at--;
	return fail_at(source, at, "it ends too early");
}

/* What was wanted is not there. */
static bool fail_here(struct json_source *source, const char *fault)
{
	return source->at < source->length ? fail_at(source, source->at, fault)
					   : fail_early(source);
}

/* ---- texts: a stack, for a name is kept while its value is read ---- */

static const char *texts_from(const struct json_source *source, size_t from)
{
	return (const char *)source->texts.bytes + from;
}

/* ---- strings ---- */

/* Of "\uXXXX"; -1: it is none. */
static long escaped_unit(const struct json_source *source, size_t at)
{
	char digits[5] = "";

	if (source->length < 6 || at > source->length - 6 ||
	    source->bytes[at] != '\\' || source->bytes[at + 1] != 'u')
		return -1;
	memcpy(digits, source->bytes + at + 2, 4);
	return strspn(digits, "0123456789abcdefABCDEF") == 4
		       ? strtol(digits, NULL, 16)
		       : -1;
}

static bool is_high(long unit)
{
	return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(long unit)
{
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool scan_escape(struct json_source *source)
{
	size_t at = source->at;
	long unit;

	if (at + 1 == source->length)
		return fail_early(source);
	if (source->bytes[at + 1] != 'u') {
		source->at += 2;
		return (source->bytes[at + 1] &&
			strchr("\"\\/bfnrt", source->bytes[at + 1])) ||
		       fail_at(source, at, "an escape that JSON has not");
	}
	unit = escaped_unit(source, at);
	if (unit < 0)
		return fail_at(source, at, "\\u without four digits");
	source->at += 6;
	if (is_high(unit) && is_low(escaped_unit(source, at + 6)))
		source->at += 6;
	else if (is_high(unit) || is_low(unit))
		return fail_at(source, at, "half of a surrogate pair");
	return true;
}

/* To the end of a string whose first quote is taken; between them it is `from`
 * to `at` - 1. */
static bool scan_string(struct json_source *source, bool *has_escapes)
{
	size_t length;

	*has_escapes = false;
	for (;;) {
		int c = next_byte(source);

		if (c == '"') {
			source->at++;
			return true;
		}
		if (c < 0)
			return fail_early(source);
		if (c < 0x20)
			return fail_here(source, "a control character that is "
						 "not escaped");
		if (c == '\\') {
			*has_escapes = true;
			if (!scan_escape(source))
				return false;
			continue;
		}
		length = c < 0x80 ? 1
				  : utf8_character(source->bytes + source->at,
						   source->length - source->at);
		if (!length)
			return fail_here(source, "not UTF-8");
		source->at += length;
	}
}

static void add_character(struct buffer *out, unsigned long code)
{
	char bytes[4];

	buffer_add(out, bytes, utf8_encode(code, bytes));
}

/* What is escaped at `at`, and the length of that; it was scanned. */
static size_t add_escaped(struct json_source *source, size_t at)
{
	static const char letters[] = "bfnrt";
	static const char controls[] = "\b\f\n\r\t";
	char letter = source->bytes[at + 1];
	const char *control = strchr(letters, letter);
	long unit = escaped_unit(source, at);

	if (unit >= 0 && is_high(unit)) {
		long low = escaped_unit(source, at + 6);

		add_character(&source->texts,
			      0x10000UL +
				      ((unsigned long)unit - 0xd800) * 1024 +
				      ((unsigned long)low - 0xdc00));
		return 12;
	}
	if (unit >= 0) {
		add_character(&source->texts, (unsigned long)unit);
		return 6;
	}
	buffer_add(&source->texts,
		   control ? &controls[control - letters] : &letter, 1);
	return 2;
}

static void add_unescaped(struct json_source *source, size_t from, size_t to)
{
	while (from < to) {
		const char *start = source->bytes + from;
		const char *escape = memchr(start, '\\', to - from);
		size_t length = escape ? (size_t)(escape - start) : to - from;

		buffer_add(&source->texts, start, length);
		from += length;
		if (escape)
			from += add_escaped(source, from);
	}
}

static bool read_string(struct json_source *source, json_object **out)
{
	size_t from = ++source->at, stack = source->texts.length;
	bool has_escapes;

	if (!scan_string(source, &has_escapes))
		return false;
	if (has_escapes) {
		add_unescaped(source, from, source->at - 1);
		*out = json_new_string_of(texts_from(source, stack),
					  source->texts.length - stack);
		source->texts.length = stack;
	} else {
		*out = json_new_string_of(source->bytes + from,
					  source->at - 1 - from);
	}
	return true;
}

/* ---- numbers ---- */

static bool skip_digits(struct json_source *source)
{
	size_t from = source->at;

	while (next_byte(source) >= '0' && next_byte(source) <= '9')
		source->at++;
	return source->at > from;
}

static bool scan_integer(struct json_source *source)
{
	size_t first;

	take_byte(source, '-');
	first = source->at;
	if (!skip_digits(source))
		return fail_here(source, "a number without digits");
	if (source->bytes[first] == '0' && source->at > first + 1)
		return fail_at(source, first, "a number with leading zeros");
	return true;
}

static bool scan_fraction(struct json_source *source)
{
	if (take_byte(source, '.') && !skip_digits(source))
		return fail_here(source, "a decimal point without digits");
	if (take_byte(source, 'e') || take_byte(source, 'E')) {
		if (!take_byte(source, '-'))
			take_byte(source, '+');
		if (!skip_digits(source))
			return fail_here(source, "an exponent without digits");
	}
	return true;
}

/* With the point of JSON, whatever the locale of the process has. */
static double double_of(const char *text)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	double value;

	if (!c)
		return strtod(text, NULL);
	value = strtod_l(text, NULL, c);
	freelocale(c);
	return value;
}

/* What is no int64_t, -0 among them, stays as it is written. */
static json_object *number_of(const char *text, bool is_integer)
{
	long long integer;

	errno = 0;
	integer = strtoll(text, NULL, 10);
	if (is_integer && !errno && strcmp(text, "-0") != 0)
		return json_new_integer(integer);
	return json_new_number(double_of(text), text);
}

static bool read_number(struct json_source *source, json_object **out)
{
	size_t from = source->at, stack = source->texts.length, end;

	if (!scan_integer(source))
		return false;
	end = source->at;
	if (!scan_fraction(source))
		return false;
	buffer_add(&source->texts, source->bytes + from, source->at - from);
	buffer_add(&source->texts, "", 1);
	*out = number_of(texts_from(source, stack), end == source->at);
	source->texts.length = stack;
	return true;
}

/* ---- what holds others ---- */

/* The name of a member onto the stack of texts. */
static bool read_name(struct json_source *source)
{
	size_t from = source->at + 1, stack = source->texts.length;
	bool has_escapes;

	if (!take_byte(source, '"'))
		return fail_here(source, "no name in quotes");
	if (!scan_string(source, &has_escapes))
		return false;
	add_unescaped(source, from, source->at - 1);
	buffer_add(&source->texts, "", 1);
	if (strlen(texts_from(source, stack)) + 1 !=
	    source->texts.length - stack)
		return fail_at(source, from, "U+0000 in a name");
	skip_blanks(source);
	return take_byte(source, ':') || fail_here(source, "no : after a name");
}

static bool read_member(struct json_source *source, int depth,
			json_object *object)
{
	size_t from = source->at, stack = source->texts.length;
	size_t count = json_member_count(object);
	json_object *value = NULL;

	if (!read_name(source) || !read_value(source, depth, &value)) {
		json_object_put(value);
		return false;
	}
	json_add(object, texts_from(source, stack), value);
	source->texts.length = stack;
	return json_member_count(object) > count ||
	       fail_at(source, from, "a name that the object has already");
}

static bool read_element(struct json_source *source, int depth,
			 json_object *array)
{
	json_object *value = NULL;
	bool read = read_value(source, depth, &value);

	if (read)
		json_append(array, value);
	else
		json_object_put(value);
	return read;
}

/* From the bracket on: what is read is added to `into`. */
static bool
read_all(struct json_source *source, int depth, char end, const char *fault,
	 bool (*read)(struct json_source *source, int depth, json_object *into),
	 json_object *into)
{
	if (depth > source->depth_max)
		return fail_here(source, "too deeply nested");
	source->at++;
	skip_blanks(source);
	if (take_byte(source, end))
		return true;
	do {
		skip_blanks(source);
		if (!read(source, depth + 1, into))
			return false;
		skip_blanks(source);
	} while (take_byte(source, ','));
	return take_byte(source, end) || fail_here(source, fault);
}

static bool read_word(struct json_source *source, const char *word)
{
	size_t length = strlen(word);

	if (source->length - source->at < length ||
	    memcmp(source->bytes + source->at, word, length) != 0)
		return fail_here(source, "no value of JSON");
	source->at += length;
	return true;
}

static bool read_boolean(struct json_source *source, const char *word,
			 bool value, json_object **out)
{
	if (!read_word(source, word))
		return false;
	*out = json_new_boolean(value);
	return true;
}

/* What json-c takes for a value, at least. */
static unsigned int cost_of(int c)
{
	return c == '{' ? 768 : c == '[' ? 384 : 64;
}

/* On failure, too, *out is to be put. */
static bool read_value(struct json_source *source, int depth, json_object **out)
{
	skip_blanks(source);
	source->cost += cost_of(next_byte(source));
	if (source->limit && source->cost > source->limit)
		return fail_here(source, JSON_TOO_LARGE);
	switch (next_byte(source)) {
	case '{':
		*out = json_new_object();
		return read_all(source, depth, '}',
				"neither , nor } after a member", read_member,
				*out);
	case '[':
		*out = json_new_array();
		return read_all(source, depth, ']',
				"neither , nor ] after a value", read_element,
				*out);
	case '"':
		return read_string(source, out);
	case 't':
		return read_boolean(source, "true", true, out);
	case 'f':
		return read_boolean(source, "false", false, out);
	case 'n':
		return read_word(source, "null");
	case '-':
	case '0' ... '9':
		return read_number(source, out);
	default:
		return fail_here(source, "no value of JSON");
	}
}

/* ---- all ---- */

static const char mark[] = "\xef\xbb\xbf";

static bool begins_with_mark(const char *bytes, size_t length)
{
	return length >= strlen(mark) && memcmp(bytes, mark, strlen(mark)) == 0;
}

struct json_source json_source_of(const char *bytes, size_t length,
				  int depth_max)
{
	struct json_source source = {
		.bytes = bytes,
		.length = length,
		.depth_max = depth_max,
	};

	if (begins_with_mark(bytes, length))
		source.at = strlen(mark);
	return source;
}

void json_source_free(struct json_source *source)
{
	buffer_free(&source->texts);
}

int json_read(struct json_source *source, json_object **out)
{
	*out = NULL;
	skip_blanks(source);
	if (source->at == source->length)
		return 0;
	if (read_value(source, 1, out) &&
	    (source->at == source->length || is_blank(next_byte(source)) ||
	     fail_here(source, "something after its end")))
		return 1;
	json_object_put(*out);
	*out = NULL;
	return -1;
}

void json_where(const struct json_source *source, size_t *line, size_t *column)
{
	bool marked = begins_with_mark(source->bytes, source->length);

	*line = *column = 1;
	/* a byte that goes on with a character is no column */
	for (size_t i = marked ? strlen(mark) : 0; i < source->at; i++) {
		unsigned char c = (unsigned char)source->bytes[i];

		*line += c == '\n';
		*column = c == '\n' ? 1 : *column + ((c & 0xc0) != 0x80);
	}
}

#include "json_pull.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "utf8.h"

enum { WINDOW_SIZE = 64 * 1024 };

static const char mark[] = "\xef\xbb\xbf";

struct json_pull json_pull_of(const char *bytes, size_t length, int depth_max)
{
	struct json_pull pull = {
		.bytes = bytes,
		.length = length,
		.depth_max = depth_max,
		.has_ended = true,
		.line = 1,
		.column = 1,
	};

	if (length >= strlen(mark) && memcmp(bytes, mark, strlen(mark)) == 0) {
		pull.bytes += strlen(mark);
		pull.length -= strlen(mark);
	}
	return pull;
}

struct json_pull json_pull_from(int (*more)(void *context, char *to,
					    size_t size, size_t *got),
				void *context, int depth_max)
{
	struct json_pull pull = {
		.more = more,
		.context = context,
		.depth_max = depth_max,
		.window = xmalloc(WINDOW_SIZE),
		.line = 1,
	};

	pull.bytes = pull.window;
	return pull;
}

void json_pull_free(struct json_pull *pull)
{
	free(pull->window);
	pull->window = NULL;
	buffer_free(&pull->text);
	buffer_free(&pull->open);
}

/* ---- faults ---- */

static bool fail_at(struct json_pull *pull, size_t at, const char *fault)
{
	pull->at = at;
	pull->fault = fault;
	return false;
}

static bool is_json_blank(int c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool fail_at_end(struct json_pull *pull, size_t at)
{
	return fail_at(pull, at, "it ends too early");
}

/* Blanks behind the last token are not where something is missing. */
static bool fail_early(struct json_pull *pull)
{
	size_t at = pull->length;

	while (at > 0 && is_json_blank(pull->bytes[at - 1]))
		at--;
	return fail_at_end(pull, at);
}

/* What was wanted is not there. */
static bool fail_here(struct json_pull *pull, const char *fault)
{
	return pull->at < pull->length ? fail_at(pull, pull->at, fault)
				       : fail_early(pull);
}

enum json_token json_reject(struct json_pull *pull, const char *fault)
{
	if (!pull->fault)
		fail_at(pull, pull->token, fault);
	return JSON_FAULT;
}

/* ---- the window ---- */

/* A byte that goes on with a character is no column. */
static void advance_position(const char *bytes, size_t length, size_t *line,
			     size_t *column)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		*line += c == '\n';
		*column = c == '\n' ? 1 : *column + ((c & 0xc0) != 0x80);
	}
}

void json_pull_where(const struct json_pull *pull, size_t *line, size_t *column)
{
	*line = pull->line;
	*column = pull->column;
	advance_position(pull->bytes, pull->at, line, column);
}

/* What is behind `at` moves to the front. */
static void move_window(struct json_pull *pull)
{
	advance_position(pull->bytes, pull->at, &pull->line, &pull->column);
	pull->length -= pull->at;
	memmove(pull->window, pull->window + pull->at, pull->length);
	pull->token = pull->token > pull->at ? pull->token - pull->at : 0;
	pull->at = 0;
}

static void pass_mark(struct json_pull *pull)
{
	pull->column = 1;
	if (pull->length >= strlen(mark) &&
	    memcmp(pull->bytes, mark, strlen(mark)) == 0) {
		pull->length -= strlen(mark);
		memmove(pull->window, pull->window + strlen(mark),
			pull->length);
	}
}

/* So many bytes from `at` on are in the window, unless the text ends before. */
static void fill_window(struct json_pull *pull, size_t wanted)
{
	bool begins = !pull->column;
	size_t got;

	if (pull->length - pull->at >= wanted || pull->has_ended)
		return;
	move_window(pull);
	if (begins)
		wanted = strlen(mark);
	while (pull->length < wanted && !pull->has_ended) {
		got = 0;
		pull->failed =
			pull->more(pull->context, pull->window + pull->length,
				   WINDOW_SIZE - pull->length, &got);
		pull->length += pull->failed ? 0 : got;
		pull->has_ended = pull->failed || !got;
	}
	if (begins)
		pass_mark(pull);
}

/* The byte at `at`; -1: there is none. */
static int next_byte(struct json_pull *pull)
{
	if (pull->at == pull->length)
		fill_window(pull, 1);
	return pull->at < pull->length ? (unsigned char)pull->bytes[pull->at]
				       : -1;
}

static void skip_blanks(struct json_pull *pull)
{
	while (is_json_blank(next_byte(pull)))
		pull->at++;
}

static bool take_byte(struct json_pull *pull, char byte)
{
	bool taken = next_byte(pull) == (unsigned char)byte;

	pull->at += taken;
	return taken;
}

/* ---- the text of a token ---- */

static void pull_add_text(struct json_pull *pull, const char *bytes,
			  size_t length)
{
	if (!pull->skips)
		buffer_add(&pull->text, bytes, length);
}

static void end_text(struct json_pull *pull)
{
	pull->text_length = pull->text.length;
	buffer_add(&pull->text, "", 1);
}

static void add_character(struct json_pull *pull, unsigned long code)
{
	char bytes[4];

	pull_add_text(pull, bytes, utf8_encode(code, bytes));
}

/* ---- strings ---- */

/* Of "\uXXXX"; -1: it is none. */
static long escaped_unit(const struct json_pull *pull, size_t at)
{
	char digits[5] = "";

	if (pull->length < 6 || at > pull->length - 6 ||
	    pull->bytes[at] != '\\' || pull->bytes[at + 1] != 'u')
		return -1;
	memcpy(digits, pull->bytes + at + 2, 4);
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

static bool take_unit(struct json_pull *pull)
{
	size_t at = pull->at;
	long unit = escaped_unit(pull, at), low = -1;

	if (unit < 0)
		return fail_at(pull, at, "\\u without four digits");
	pull->at += 6;
	if (is_high(unit))
		low = escaped_unit(pull, at + 6);
	if (is_low(low)) {
		pull->at += 6;
		add_character(pull,
			      0x10000UL +
				      ((unsigned long)unit - 0xd800) * 1024 +
				      ((unsigned long)low - 0xdc00));
	} else if (is_high(unit) || is_low(unit)) {
		pull->is_half = true;
		return pull->is_loose ||
		       fail_at(pull, at, "half of a surrogate pair");
	} else {
		add_character(pull, (unsigned long)unit);
	}
	return true;
}

static bool take_escape(struct json_pull *pull)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	char c;

	fill_window(pull, 12);
	if (pull->length - pull->at < 2)
		return fail_at_end(pull, pull->length);
	c = pull->bytes[pull->at + 1];
	if (c == 'u')
		return take_unit(pull);
	letter = c ? strchr(letters, c) : NULL;
	if (!letter)
		return fail_here(pull, "an escape that JSON has not");
	pull_add_text(pull, &means[letter - letters], 1);
	pull->at += 2;
	return true;
}

/* Characters of ASCII that mean themselves. */
static void take_plain_text(struct json_pull *pull)
{
	size_t from = pull->at;
	const unsigned char *bytes = (const unsigned char *)pull->bytes;

	while (pull->at < pull->length && bytes[pull->at] >= 0x20 &&
	       bytes[pull->at] < 0x80 && bytes[pull->at] != '"' &&
	       bytes[pull->at] != '\\')
		pull->at++;
	pull_add_text(pull, pull->bytes + from, pull->at - from);
}

static bool take_character(struct json_pull *pull)
{
	size_t length;

	fill_window(pull, 4);
	length =
		utf8_character(pull->bytes + pull->at, pull->length - pull->at);
	if (!length)
		return fail_here(pull, "not UTF-8");
	pull_add_text(pull, pull->bytes + pull->at, length);
	pull->at += length;
	return true;
}

/* From the first quote on. */
static bool take_string(struct json_pull *pull)
{
	pull->at++;
	for (;;) {
		int c = next_byte(pull);

		if (c < 0)
			return fail_at_end(pull, pull->length);
		if (c == '"') {
			pull->at++;
			end_text(pull);
			return true;
		}
		if (c < 0x20)
			return fail_here(pull, "a control character that is "
					       "not escaped");
		if (c == '\\') {
			if (!take_escape(pull))
				return false;
		} else if (c < 0x80) {
			take_plain_text(pull);
			if (pull->text_max &&
			    pull->text.length > pull->text_max)
				return fail_at(pull, pull->at, JSON_TOO_LONG);
		} else if (!take_character(pull)) {
			return false;
		}
	}
}

/* ---- numbers ---- */

static bool take_digits(struct json_pull *pull)
{
	bool any = false;

	while (next_byte(pull) >= '0' && next_byte(pull) <= '9') {
		pull_add_text(pull, &pull->bytes[pull->at++], 1);
		any = true;
	}
	return any;
}

static bool take_sign(struct json_pull *pull, char byte)
{
	if (!take_byte(pull, byte))
		return false;
	pull_add_text(pull, &byte, 1);
	return true;
}

static bool take_integer(struct json_pull *pull)
{
	bool is_zero;

	take_sign(pull, '-');
	is_zero = next_byte(pull) == '0';
	if (is_zero) {
		take_sign(pull, '0');
		if (next_byte(pull) >= '0' && next_byte(pull) <= '9')
			return fail_at(pull, pull->at - 1,
				       "a number with leading zeros");
		return true;
	}
	return take_digits(pull) || fail_here(pull, "a number without digits");
}

static bool take_fraction(struct json_pull *pull)
{
	if (take_sign(pull, '.') && !take_digits(pull))
		return fail_here(pull, "a decimal point without digits");
	if (take_sign(pull, 'e') || take_sign(pull, 'E')) {
		if (!take_sign(pull, '-'))
			take_sign(pull, '+');
		if (!take_digits(pull))
			return fail_here(pull, "an exponent without digits");
	}
	return true;
}

static bool next_is_word(struct json_pull *pull, const char *word)
{
	size_t length = strlen(word);

	fill_window(pull, length);
	return pull->length - pull->at >= length &&
	       memcmp(pull->bytes + pull->at, word, length) == 0;
}

/* NaN and the infinities as Python and DCMTK write them, in one spelling. */
static bool take_non_finite(struct json_pull *pull)
{
	static const char *const words[][2] = {
		{"NaN", "NaN"},
		{"nan", "NaN"},
		{"-nan", "NaN"},
		{"-NaN", "NaN"},
		{"Infinity", "Infinity"},
		{"inf", "Infinity"},
		{"-Infinity", "-Infinity"},
		{"-inf", "-Infinity"},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!next_is_word(pull, words[i][0]))
			continue;
		pull->at += strlen(words[i][0]);
		pull_add_text(pull, words[i][1], strlen(words[i][1]));
		return true;
	}
	return false;
}

static bool take_json_number(struct json_pull *pull)
{
	if (!(pull->is_loose && take_non_finite(pull)) &&
	    !(take_integer(pull) && take_fraction(pull)))
		return false;
	end_text(pull);
	return true;
}

/* ---- what holds others ---- */

static enum json_token open_level(struct json_pull *pull, char bracket)
{
	if (pull->depth >= pull->depth_max) {
		fail_here(pull, "too deeply nested");
		return JSON_FAULT;
	}
	pull->open.length = (size_t)pull->depth;
	buffer_add(&pull->open, &bracket, 1);
	pull->depth++;
	pull->at++;
	pull->expects = JSON_FIRST;
	return bracket == '{' ? JSON_OBJECT : JSON_ARRAY;
}

static bool is_in_object(const struct json_pull *pull)
{
	return pull->depth && pull->open.bytes[pull->depth - 1] == '{';
}

static enum json_token close_level(struct json_pull *pull)
{
	enum json_token token =
		is_in_object(pull) ? JSON_OBJECT_END : JSON_ARRAY_END;

	pull->at++;
	pull->depth--;
	pull->expects = JSON_AFTER;
	return token;
}

static enum json_token take_member_name(struct json_pull *pull)
{
	bool skips = pull->skips;
	bool taken;

	if (next_byte(pull) != '"') {
		fail_here(pull, "no name in quotes");
		return JSON_FAULT;
	}
	pull->skips = false;
	taken = take_string(pull);
	pull->skips = skips;
	if (!taken)
		return JSON_FAULT;
	if (strlen(json_token_text(pull)) != pull->text_length) {
		fail_at(pull, pull->token + 1, "U+0000 in a name");
		return JSON_FAULT;
	}
	skip_blanks(pull);
	if (!take_byte(pull, ':')) {
		fail_here(pull, "no : after a name");
		return JSON_FAULT;
	}
	pull->expects = JSON_VALUE;
	return JSON_NAME;
}

static enum json_token take_word(struct json_pull *pull)
{
	static const struct {
		const char *word;
		enum json_token token;
	} words[] = {{"true", JSON_TRUE},
		     {"false", JSON_FALSE},
		     {"null", JSON_NULL}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!next_is_word(pull, words[i].word))
			continue;
		pull->at += strlen(words[i].word);
		return words[i].token;
	}
	if (pull->is_loose && take_non_finite(pull)) {
		end_text(pull);
		return JSON_NUMBER;
	}
	fail_here(pull, "no value of JSON");
	return JSON_FAULT;
}

static enum json_token take_json_value(struct json_pull *pull)
{
	int c = next_byte(pull);

	pull->expects = JSON_AFTER;
	switch (c) {
	case '{':
	case '[':
		return open_level(pull, (char)c);
	case '"':
		return take_string(pull) ? JSON_STRING : JSON_FAULT;
	case '-':
	case '0' ... '9':
		return take_json_number(pull) ? JSON_NUMBER : JSON_FAULT;
	default:
		return take_word(pull);
	}
}

static enum json_token take_after(struct json_pull *pull)
{
	bool in_object = is_in_object(pull);

	if (next_byte(pull) == (in_object ? '}' : ']'))
		return close_level(pull);
	if (!take_byte(pull, ',')) {
		fail_here(pull, in_object ? "neither , nor } after a member"
					  : "neither , nor ] after a value");
		return JSON_FAULT;
	}
	skip_blanks(pull);
	pull->token = pull->at;
	return in_object ? take_member_name(pull) : take_json_value(pull);
}

static enum json_token take_first(struct json_pull *pull)
{
	bool in_object = is_in_object(pull);

	if (next_byte(pull) == (in_object ? '}' : ']'))
		return close_level(pull);
	return in_object ? take_member_name(pull) : take_json_value(pull);
}

static enum json_token take_token(struct json_pull *pull)
{
	if (!pull->depth)
		return next_byte(pull) < 0 ? JSON_END : take_json_value(pull);
	switch (pull->expects) {
	case JSON_FIRST:
		return take_first(pull);
	case JSON_AFTER:
		return take_after(pull);
	default:
		return take_json_value(pull);
	}
}

enum json_token json_next(struct json_pull *pull)
{
	enum json_token token;

	if (pull->fault)
		return JSON_FAULT;
	pull->text.length = 0;
	pull->is_half = false;
	skip_blanks(pull);
	pull->token = pull->at;
	token = take_token(pull);
	return pull->failed ? JSON_FAULT : token;
}

bool json_skip_rest(struct json_pull *pull, enum json_token token)
{
	int depth = pull->depth - 1;

	if (token != JSON_OBJECT && token != JSON_ARRAY)
		return token != JSON_FAULT;
	pull->skips = true;
	while (token != JSON_FAULT && pull->depth > depth)
		token = json_next(pull);
	pull->skips = false;
	return token != JSON_FAULT;
}

bool json_skip(struct json_pull *pull)
{
	enum json_token token;

	pull->skips = true;
	token = json_next(pull);
	pull->skips = false;
	return json_skip_rest(pull, token);
}

/* JSON as it is read and printed. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "case_files.h"
#include "json_pack.h"
#include "json_print.h"
#include "json_read.h"
#include "run_suite.h"

enum { DEPTH = 4 };

/* ---- what is refused, and where ---- */

#define TEXT(text) text, sizeof(text) - 1

static const struct {
	const char *text;
	size_t length;
	size_t line, column;
	const char *fault;
} refused[] = {
	{TEXT("{"), 1, 2, "it ends too early"},
	{TEXT("[1,\n \n"), 1, 4, "it ends too early"},
	{TEXT("\"a"), 1, 3, "it ends too early"},
	{TEXT("[\"a  "), 1, 6, "it ends too early"},
	{TEXT("\"\\"), 1, 3, "it ends too early"},
	{TEXT("\"\\u12"), 1, 2, "\\u without four digits"},
	{TEXT("tru"), 1, 1, "no value of JSON"},
	{TEXT("-"), 1, 2, "it ends too early"},
	{TEXT("\xef\xbb\xbf\xef\xbb\xbf{}"), 1, 1, "no value of JSON"},
	{TEXT("\xef\xbb"), 1, 1, "no value of JSON"},
	/* numbers */
	{TEXT("[01]"), 1, 2, "a number with leading zeros"},
	{TEXT("[-00]"), 1, 3, "a number with leading zeros"},
	{TEXT("[1.]"), 1, 4, "a decimal point without digits"},
	{TEXT("[1e]"), 1, 4, "an exponent without digits"},
	{TEXT("[1e+]"), 1, 5, "an exponent without digits"},
	{TEXT("[-]"), 1, 3, "a number without digits"},
	{TEXT("[-x]"), 1, 3, "a number without digits"},
	{TEXT("[.5]"), 1, 2, "no value of JSON"},
	{TEXT("[+1]"), 1, 2, "no value of JSON"},
	{TEXT("[0x1]"), 1, 3, "neither , nor ] after a value"},
	{TEXT("[1a]"), 1, 3, "neither , nor ] after a value"},
	{TEXT("[NaN]"), 1, 2, "no value of JSON"},
	{TEXT("[Infinity]"), 1, 2, "no value of JSON"},
	{TEXT("[-Infinity]"), 1, 3, "a number without digits"},
	/* words */
	{TEXT("[True]"), 1, 2, "no value of JSON"},
	{TEXT("[nul]"), 1, 2, "no value of JSON"},
	{TEXT("[nullx]"), 1, 6, "neither , nor ] after a value"},
	/* strings */
	{TEXT("['a']"), 1, 2, "no value of JSON"},
	{TEXT("{'a':1}"), 1, 2, "no name in quotes"},
	{TEXT("{a:1}"), 1, 2, "no name in quotes"},
	{TEXT("[\"\t\"]"), 1, 3, "a control character that is not escaped"},
	{TEXT("[\"\n\"]"), 1, 3, "a control character that is not escaped"},
	{TEXT("[\"\0\"]"), 1, 3, "a control character that is not escaped"},
	{TEXT("[\"\\a\"]"), 1, 3, "an escape that JSON has not"},
	{TEXT("[\"\\\0\"]"), 1, 3, "an escape that JSON has not"},
	{TEXT("[\"\\U0041\"]"), 1, 3, "an escape that JSON has not"},
	{TEXT("[\"\\u004\"]"), 1, 3, "\\u without four digits"},
	{TEXT("[\"\\u+041\"]"), 1, 3, "\\u without four digits"},
	{TEXT("[\"\\ud800\"]"), 1, 3, "half of a surrogate pair"},
	{TEXT("[\"\\ud800\\u0041\"]"), 1, 3, "half of a surrogate pair"},
	{TEXT("[\"\\udc00\\ud800\"]"), 1, 3, "half of a surrogate pair"},
	{TEXT("{\"\\udfff\":1}"), 1, 3, "half of a surrogate pair"},
	{TEXT("{\"a\\u0000b\":1}"), 1, 3, "U+0000 in a name"},
	/* UTF-8 */
	{TEXT("[\"\xff\"]"), 1, 3, "not UTF-8"},
	{TEXT("[\"\x80\"]"), 1, 3, "not UTF-8"},
	{TEXT("[\"\xc0\xaf\"]"), 1, 3, "not UTF-8"},
	{TEXT("[\"\xe0\x80\xaf\"]"), 1, 3, "not UTF-8"},
	{TEXT("[\"\xf0\x80\x80\xaf\"]"), 1, 3, "not UTF-8"},
	{TEXT("[\"\xed\xa0\x80\"]"), 1, 3, "not UTF-8"},
	{TEXT("[\"\xf4\x90\x80\x80\"]"), 1, 3, "not UTF-8"},
	{TEXT("[\"\xc3\xa4\xc3\"]"), 1, 4, "not UTF-8"},
	{TEXT("\"\xe2\x82"), 1, 2, "not UTF-8"},
	{TEXT("{\"\xc1\x81\":1}"), 1, 3, "not UTF-8"},
	{TEXT("\xff"), 1, 1, "no value of JSON"},
	/* what stands between */
	{TEXT("[1,]"), 1, 4, "no value of JSON"},
	{TEXT("[,1]"), 1, 2, "no value of JSON"},
	{TEXT("[1 2]"), 1, 4, "neither , nor ] after a value"},
	{TEXT("{\"a\":1,}"), 1, 8, "no name in quotes"},
	{TEXT("{\"a\" 1}"), 1, 6, "no : after a name"},
	{TEXT("{\"a\":}"), 1, 6, "no value of JSON"},
	{TEXT("{\"a\":1 \"b\":2}"), 1, 8, "neither , nor } after a member"},
	{TEXT("[1}"), 1, 3, "neither , nor ] after a value"},
	{TEXT("[1/* */]"), 1, 3, "neither , nor ] after a value"},
	{TEXT("// a\n1"), 1, 1, "no value of JSON"},
	{TEXT("#\n1"), 1, 1, "no value of JSON"},
	{TEXT("[\f1]"), 1, 2, "no value of JSON"},
	{TEXT("[\xc2\xa0"
	      "1]"),
	 1, 2, "no value of JSON"},
	{TEXT("]"), 1, 1, "no value of JSON"},
	{TEXT("{}{}"), 1, 3, "something after its end"},
	{TEXT("1,"), 1, 2, "something after its end"},
	{TEXT("{}\0"), 1, 3, "something after its end"},
	{TEXT("[[[[[1]]]]]"), 1, 5, "too deeply nested"},
	{TEXT("[{\"a\":[{\"b\":{}}]}]"), 1, 13, "too deeply nested"},
	/* of two values no program can tell which one another took */
	{TEXT("{\"a\":1,\"a\":1}"), 1, 8, "a name that the object has already"},
	{TEXT("{\"a\":1,\"b\":2,\"\\u0061\":3}"), 1, 14,
	 "a name that the object has already"},
	{TEXT("{\"a\":null,\"a\":null}"), 1, 11,
	 "a name that the object has already"},
	{TEXT("{\"\":1,\"\":1}"), 1, 7, "a name that the object has already"},
	/* lines and columns */
	{TEXT("{\n\"\xc3\xa4\": x}"), 2, 6, "no value of JSON"},
	{TEXT("\xef\xbb\xbf[\r\n  1,\r\n  x]"), 3, 3, "no value of JSON"},
	{TEXT("\xef\xbb\xbfx"), 1, 1, "no value of JSON"},
};

/* Copied to its length, so that a sanitizer sees a step beyond. */
static int read_once(const char *text, size_t length,
		     struct json_source *source, char **copy,
		     json_object **value)
{
	*copy = malloc(length ? length : 1);
	memcpy(*copy, text, length);
	*source = json_source_of(*copy, length, DEPTH);
	return json_read(source, value);
}

START_TEST(refuses)
{
	struct json_source source;
	json_object *value;
	char *copy;
	size_t line, column;
	int got = read_once(refused[_i].text, refused[_i].length, &source,
			    &copy, &value);

	ck_assert_msg(got == -1, "%d '%s' is read", _i, refused[_i].text);
	ck_assert_ptr_null(value);
	json_where(&source, &line, &column);
	ck_assert_msg(line == refused[_i].line && column == refused[_i].column,
		      "'%s': %zu:%zu", refused[_i].text, line, column);
	ck_assert_str_eq(source.fault, refused[_i].fault);
	json_source_free(&source);
	free(copy);
}
END_TEST

/* ---- what is read ---- */

static const struct {
	const char *text, *printed;
} taken[] = {
	{"null", "null"},
	{" true ", "true"},
	{"\r\n\t[ ]", "[]"},
	{"{ }", "{}"},
	{"\xef\xbb\xbf[false]", "[false]"},
	{"[0,-0,-1,1.50,1e5,1E-5,0.0]", "[0,-0,-1,1.50,1e5,1E-5,0.0]"},
	{"[9223372036854775807,-9223372036854775808]",
	 "[9223372036854775807,-9223372036854775808]"},
	{"123456789012345678901234567890", "123456789012345678901234567890"},
	{"[1e999]", "[1e999]"},
	{"{\"a\":{\"a\":[{\"a\":1}]}}", "{\"a\":{\"a\":[{\"a\":1}]}}"},
	{"{\"a\":1,\"A\":2,\"\":3}", "{\"a\":1,\"A\":2,\"\":3}"},
	{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
	{"\"\\u0041\\u00e4\\u20ac\\ud83d\\ude00\\uffff\"",
	 "\"A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf\""},
	{"\"\\u0000\\u001F\x7f\"", "\"\\u0000\\u001f\x7f\""},
	{"\"\\\\ud800\"", "\"\\\\ud800\""},
	{"\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\"",
	 "\"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf\""},
	{"{\"\\u00e4\\\"\":[[[1]]]}", "{\"\xc3\xa4\\\"\":[[[1]]]}"},
};

START_TEST(reads)
{
	struct json_source source;
	json_object *value, *none;
	char *copy, *printed;
	int got = read_once(taken[_i].text, strlen(taken[_i].text), &source,
			    &copy, &value);

	ck_assert_msg(got == 1, "'%s': %s", taken[_i].text, source.fault);
	printed = json_printed(value, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	ck_assert_str_eq(printed, taken[_i].printed);
	ck_assert_int_eq(json_read(&source, &none), 0);
	free(printed);
	json_object_put(value);
	json_source_free(&source);
	free(copy);
}
END_TEST

/* Each member of an object of so many is found by its name. */
START_TEST(finds_all)
{
	size_t count = 1 + (size_t)_i * (size_t)_i;
	struct buffer text = {0};
	json_object *value;
	char name[32];

	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%s\"%zu\":1", i ? "," : "{", i);
		buffer_add(&text, name, strlen(name));
	}
	buffer_add(&text, "}", 1);
	struct json_source source =
		json_source_of((char *)text.bytes, text.length, DEPTH);

	ck_assert_int_eq(json_read(&source, &value), 1);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%zu", i);
		ck_assert_msg(json_member(value, name), "%s of %zu", name,
			      count);
	}
	json_object_put(value);
	json_source_free(&source);
	free(text.bytes);
}
END_TEST

START_TEST(reads_one_after_the_other)
{
	static const char text[] = "{}\n[1] null\n\n\"a\"\n";
	struct json_source source =
		json_source_of(text, sizeof text - 1, DEPTH);
	json_object *value;
	int count = 0, got;

	while ((got = json_read(&source, &value)) > 0) {
		json_object_put(value);
		count++;
	}
	ck_assert_int_eq(got, 0);
	ck_assert_int_eq(count, 4);
	json_source_free(&source);
}
END_TEST

/* ---- what is printed: as json-c does ---- */

static const int all_flags[] = {
	JSON_C_TO_STRING_PLAIN,
	JSON_C_TO_STRING_SPACED,
	JSON_C_TO_STRING_PRETTY,
	JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED,
	JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
	JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
		JSON_C_TO_STRING_NOSLASHESCAPE,
};

static void compare(const char *name, const char *text, size_t length)
{
	struct json_source source = json_source_of(text, length, 128);
	json_object *value, *other = json_tokener_parse(text);

	ck_assert_msg(json_read(&source, &value) == 1, "%s: %s", name,
		      source.fault);
	ck_assert_msg(json_object_equal(value, other), "%s", name);
	for (size_t i = 0; i < sizeof all_flags / sizeof *all_flags; i++) {
		char *printed = json_printed(value, all_flags[i]);

		ck_assert_str_eq(printed, json_object_to_json_string_ext(
						  other, all_flags[i]));
		free(printed);
	}
	json_object_put(other);
	json_object_put(value);
	json_source_free(&source);
}

/* ---- what is packed comes back ---- */

static void check_packed(const char *name, json_object *value,
			 json_object *other, struct json_words *words)
{
	json_pack(value, words, "a label");
	ck_assert_str_eq(json_packed(value), "a label");
	ck_assert_uint_eq(json_member_count(value), 0);
	json_foreach (other, member, is) {
		json_object *peeked = json_peek(value, member);

		ck_assert_msg(json_object_equal(peeked, is), "%s: %s", name,
			      member);
		json_object_put(peeked);
	}
	ck_assert_ptr_null(json_peek(value, "no such member"));

	struct json_loan loan = json_lend(value);
	ck_assert_ptr_null(json_packed(value));
	ck_assert_msg(json_object_equal(value, other), "%s", name);
	json_give_back(&loan);
	ck_assert_str_eq(json_packed(value), "a label");
}

/* Once more to be freed as it is. */
static void compare_packed(const char *name, const char *text, size_t length)
{
	struct json_words *words = json_words_new();
	struct json_source source = json_source_of(text, length, 128);
	struct json_source again = json_source_of(text, length, 128);
	json_object *value, *other;

	source.names = words;
	ck_assert_int_eq(json_read(&source, &value), 1);
	ck_assert_int_eq(json_read(&again, &other), 1);
	for (int i = 0; i < 2; i++) {
		check_packed(name, value, other, words);
		json_unpack(value);
		char *printed = json_printed(value, JSON_C_TO_STRING_PLAIN);
		ck_assert_str_eq(printed,
				 json_object_to_json_string_ext(
					 other, JSON_C_TO_STRING_PLAIN));
		free(printed);
	}
	json_pack(value, words, "a label");
	json_object_put(other);
	json_object_put(value);
	json_source_free(&source);
	json_source_free(&again);
	json_words_free(words);
}

/* More texts than are kept as words, and one with U+0000. */
START_TEST(packs)
{
	struct buffer text = {0};
	char one[32];

	compare_packed("none", TEXT("{}"));
	compare_packed("all", TEXT("{\"\":\"\",\"a\":[],\"b\":{},\"c\":[1,-2,"
				   "3.250,-0,1e9,12345678901234567890,true,"
				   "false,null,{\"d\":[[\"a\\u0000b\"]]}],"
				   "\"e\":null,\"f\":\"\\ud83d\\ude00\"}"));
	buffer_add_text(&text, "{\"list\":[");
	for (int i = 0; i < 5000; i++) {
		text.length -= text.length && !text.bytes[text.length - 1];
		snprintf(one, sizeof one, "%s\"%d\"", i ? "," : "", i);
		buffer_add_text(&text, one);
	}
	text.length -= !text.bytes[text.length - 1];
	buffer_add_text(&text, "]}");
	compare_packed("many", (const char *)text.bytes,
		       strlen((const char *)text.bytes));
	buffer_free(&text);
}
END_TEST

START_TEST(prints_as_json_c)
{
	compare("all",
		TEXT("{\"a/b\":[],\"c\":{},\"d\":[1,-2,3.250,1e9,true,false,"
		     "null,{\"e\":[[\"\\u0001\\u001f\\\"/\\b\"]]}],\"f\":"
		     "\"\\ud83d\\ude00\\u007f\"}"));
}
END_TEST

/* Every Bundle of the cases. */
START_TEST(prints_cases_as_json_c)
{
	int count;
	struct case_folder *folders = case_folders("cases", &count);

	for (int i = 0; i < count; i++) {
		struct case_name path = case_path(&folders[i], "R4.json");
		size_t length;
		char *text = case_read(path.at, &length);

		if (text) {
			compare(path.at, text, length);
			compare_packed(path.at, text, length);
		}
		free(text);
	}
	free(folders);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("json");

	tcase_add_loop_test(tcase, refuses, 0,
			    sizeof refused / sizeof *refused);
	tcase_add_loop_test(tcase, reads, 0, sizeof taken / sizeof *taken);
	tcase_add_loop_test(tcase, finds_all, 0, 70);
	tcase_add_test(tcase, reads_one_after_the_other);
	tcase_add_test(tcase, packs);
	tcase_add_test(tcase, prints_as_json_c);
	tcase_add_test(tcase, prints_cases_as_json_c);
	suite_add_tcase(suite, tcase);
	return run_suite(suite) != 0;
}

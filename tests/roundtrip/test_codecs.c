/*
 * Every codec by the cases of codecs/NAME.json, each a list of groups
 * (codec_case.h) with
 *   both:    [ports, fhir]             get, put without a base, and the laws
 *   get:     [ports, fhir, note]       fhir null: nothing is said
 *   put:     [old ports, fhir, new ports, note]
 *   refused: [old ports, fhir]
 * where note is INVALID or LOST and nothing may be noted without it.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec_case.h"
#include "vr.h"
#include "run_suite.h"

enum { RANDOM_RUNS = 4000 };

static char folder[4096];
static struct dirent **files;
static int file_count;

static const char *as_text(json_object *json)
{
	return json ? json_object_to_json_string_ext(json,
						     JSON_C_TO_STRING_PLAIN)
		    : "null";
}

/* As json_object_equal, but numbers are equal only digit by digit. */
static bool is_same(json_object *a, json_object *b)
{
	if (!a || !b || json_object_get_type(a) != json_object_get_type(b))
		return a == b;
	if (json_object_is_type(a, json_type_object)) {
		if (json_member_count(a) != json_member_count(b))
			return false;
		json_foreach (a, name, value) {
			json_object *other;
			if (!json_object_object_get_ex(b, name, &other) ||
			    !is_same(value, other))
				return false;
		}
		return true;
	}
	if (json_object_is_type(a, json_type_array)) {
		size_t count = json_count(a);
		if (count != json_count(b))
			return false;
		for (size_t i = 0; i < count; i++)
			if (!is_same(json_at(a, i), json_at(b, i)))
				return false;
		return true;
	}
	return strcmp(as_text(a), as_text(b)) == 0;
}

/* ---- one case ---- */

static void check_notes(struct codec_case *it, const char *wanted,
			json_object *row)
{
	static const char *const names[NOTE_KINDS] = {
		"INVALID", "LOST",	  "REFUSED",
		"KEPT",	   "BOOKKEEPING", "SUPPLIED"};
	for (int i = 0; i < NOTE_KINDS; i++) {
		bool want = wanted && strstr(wanted, names[i]);
		ck_assert_msg(want == (it->notes[i] > 0), "%s %s: %s",
			      want ? "no note" : "a note", names[i],
			      as_text(row));
	}
}

static json_object *part(json_object *row, size_t index)
{
	return json_at(row, index);
}

static const char *text_part(json_object *row, size_t index)
{
	json_object *text = part(row, index);
	return text ? json_object_get_string(text) : NULL;
}

/* GetPut: put(get(d), d) = d. */
static void check_unchanged(struct codec_case *it,
			    const struct port_value *ports, json_object *value,
			    json_object *row)
{
	struct port_value copy[CODEC_PORTS_MAX];
	struct codec_call call = codec_case_call(it);
	memcpy(copy, ports, sizeof copy);
	ck_assert_msg(it->rule.codec->put(&call, value, copy) == 0,
		      "GetPut is refused: %s", as_text(row));
	const char *port = codec_case_differ(it, copy, ports);
	ck_assert_msg(!port, "GetPut changes '%s': %s", port, as_text(row));
	check_notes(it, NULL, row);
}

static void check_get(struct codec_case *it, json_object *row, const char *note)
{
	struct port_value ports[CODEC_PORTS_MAX];
	struct codec_call call = codec_case_call(it);
	codec_case_ports(it, part(row, 0), ports);
	json_object *value = it->rule.codec->get(&call, ports);
	ck_assert_msg(is_same(value, part(row, 1)), "get gives %s: %s",
		      as_text(value), as_text(row));
	check_notes(it, note, row);
	if (value)
		check_unchanged(it, ports, value, row);
	json_object_put(value);
}

static void run_get(struct codec_case *it, json_object *row)
{
	check_get(it, row, text_part(row, 2));
}

static void run_put(struct codec_case *it, json_object *row)
{
	struct port_value ports[CODEC_PORTS_MAX], wanted[CODEC_PORTS_MAX];
	struct codec_call call = codec_case_call(it);
	codec_case_ports(it, part(row, 0), ports);
	codec_case_ports(it, part(row, 2), wanted);
	ck_assert_msg(it->rule.codec->put(&call, part(row, 1), ports) == 0,
		      "put refuses: %s", as_text(row));
	const char *port = codec_case_differ(it, ports, wanted);
	ck_assert_msg(!port, "put gives another '%s': %s", port, as_text(row));
	check_notes(it, text_part(row, 3), row);
}

static void run_refused(struct codec_case *it, json_object *row)
{
	struct port_value ports[CODEC_PORTS_MAX];
	struct codec_call call = codec_case_call(it);
	codec_case_ports(it, part(row, 0), ports);
	int result = it->rule.codec->put(&call, part(row, 1), ports);
	const char *fault = NULL;
	/* The last word has the VR of each port, as in the engine. */
	for (size_t i = 0; result == 0 && i < it->port_count; i++)
		if (!fault && it->ports[i].port && ports[i].state == VALUE_TEXT)
			fault = vr_fault(it->ports[i].path.vr,
					 it->ports[i].path.vm_max,
					 ports[i].text);
	ck_assert_msg(result < 0 || fault, "is not refused: %s", as_text(row));
	ck_assert_msg(fault || it->notes[NOTE_REFUSED] > 0, "no note: %s",
		      as_text(row));
}

/* get, and put without a base: what a rule only reads is there. */
static void run_both(struct codec_case *it, json_object *row)
{
	struct port_value ports[CODEC_PORTS_MAX], wanted[CODEC_PORTS_MAX];
	check_get(it, row, NULL);
	codec_case_ports(it, part(row, 0), wanted);
	for (size_t i = 0; i < it->port_count; i++)
		ports[i] = it->ports[i].read_only
				   ? wanted[i]
				   : (struct port_value){VALUE_ABSENT, NULL};
	struct codec_call call = codec_case_call(it);
	ck_assert_msg(it->rule.codec->put(&call, part(row, 1), ports) == 0,
		      "put refuses: %s", as_text(row));
	const char *port = codec_case_differ(it, ports, wanted);
	ck_assert_msg(!port, "put gives '%s' otherwise: %s", port,
		      as_text(row));
	check_notes(it, NULL, row);
}

static int run_rows(struct codec_case *it, const char *name,
		    void (*run)(struct codec_case *it, json_object *row))
{
	json_object *rows = json_member(it->group, name);
	int count = rows ? (int)json_count(rows) : 0;
	for (int i = 0; i < count; i++)
		run(it, part(rows, (size_t)i));
	return count;
}

/* ---- random values ---- */

static unsigned random_number(unsigned below)
{
	static unsigned long long state = 20240229;
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % below;
}

static const char *const pieces_of_name[] = {"Adams",
					     "\xC3\x84rzte",
					     "\xE5\xB1\xB1\xE7\x94\xB0",
					     "^",
					     "^",
					     "=",
					     " ",
					     "O'Neil",
					     "^^",
					     "Dr.",
					     "\\"};
static const char *const pieces_of_text[] = {
	"a",	  "B",	  " ",	 "  ", "\xC3\xA9", "%",	   "/",
	":",	  "7",	  "_",	 "\\", "^",	   "urn:", "CHEST",
	"THORAX", "HOSP", "99X", "LN", "\t",	   "\n",   "\x0C"};
static const char *const pieces_of_code[] = {
	"CT",	"MR", "R", "F",	    "O",      "_",  " ",  "1", "ISO",
	"UUID", "X",  "Y", "CHEST", "THORAX", "ct", "PI", "\\"};
static const char *const pieces_of_number[] = {
	"0", "1", "7", "25", "00", ".", "-", "+", "E", "e", " ", "Y", "M", "D"};
static const char *const pieces_of_date[] = {
	"2024", "1999", "02", "29", "28", "13", "12", "30", ".", "0228"};
static const char *const pieces_of_time[] = {"07", "08", "59",	   "60", "23",
					     "24", ".5", "123456", ":"};
static const char *const pieces_of_zone[] = {"+0100", "-0500", "+0000", "-0000",
					     "+1400", "+1500", "Z"};

#define PIECES(list) list, sizeof(list) / sizeof(list)[0]

static const char *random_text(struct codec_case *it, size_t port)
{
	const char *vr = it->ports[port].path.vr;
	const char *name = it->rule.codec->ports[port].name;
	const struct kind {
		const char *vrs;
		const char *const *pieces;
		size_t count;
		unsigned length;
	} kinds[] = {
		{"PN", PIECES(pieces_of_name), 9},
		{"DA", PIECES(pieces_of_date), 3},
		{"TM", PIECES(pieces_of_time), 4},
		{"CS", PIECES(pieces_of_code), 2},
		{"DS IS AS UI", PIECES(pieces_of_number), 5},
		{"", PIECES(pieces_of_text), 6},
	};
	const struct kind zone = {"", PIECES(pieces_of_zone), 1};
	const struct kind *kind = kinds;
	while (*kind->vrs && !strstr(kind->vrs, vr))
		kind++;
	if (strcmp(name, "zone") == 0)
		kind = &zone;
	char *text = arena_alloc(it->arena, 512);
	for (unsigned n = random_number(kind->length) + 1; n; n--)
		strcat(text,
		       kind->pieces[random_number((unsigned)kind->count)]);
	/* No value has padding at its end (codec.h). */
	for (size_t n = strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	return text;
}

/* get(put(get(x))) = get(x), unless a note says why not. */
static bool run_random(struct codec_case *it)
{
	struct port_value ports[CODEC_PORTS_MAX] = {0}, made[CODEC_PORTS_MAX];
	for (size_t i = 0; i < it->port_count; i++)
		if (it->ports[i].port && random_number(8)) {
			ports[i].text = random_text(it, i);
			ports[i].state =
				*ports[i].text ? VALUE_TEXT : VALUE_EMPTY;
		}
	struct codec_call call = codec_case_call(it);
	json_object *first = it->rule.codec->get(&call, ports), *second;
	if (!first)
		return false;
	check_unchanged(it, ports, first, first);
	for (size_t i = 0; i < it->port_count; i++)
		made[i] = it->ports[i].read_only
				  ? ports[i]
				  : (struct port_value){VALUE_ABSENT, NULL};
	call = codec_case_call(it);
	bool done = it->rule.codec->put(&call, first, made) == 0;
	bool noted = it->notes[NOTE_LOST] || it->notes[NOTE_REFUSED] ||
		     it->notes[NOTE_BOOKKEEPING];
	if (done && !noted) {
		call.note = NULL;
		for (size_t i = 0; i < it->port_count; i++)
			if (!it->ports[i].port)
				made[i].state = VALUE_ABSENT;
		second = it->rule.codec->get(&call, made);
		ck_assert_msg(is_same(first, second), "%s: %s comes back as %s",
			      it->rule.codec->name, as_text(first),
			      as_text(second));
		json_object_put(second);
	} else {
		ck_assert_msg(noted, "no note: %s", as_text(first));
	}
	json_object_put(first);
	return done && !noted;
}

/* ---- values of no type that the codec has ---- */

static const char *const odd_values[] = {
	"null",
	"true",
	"[]",
	"{}",
	"[null]",
	"[[]]",
	"[{}, null, 7]",
	"\"\"",
	"-1e400",
	"{\"coding\": [null, 7, {\"code\": {}}, []], \"text\": []}",
	"{\"coding\": {\"code\": \"a\"}, \"concept\": [1]}",
	"{\"code\": \"\\u0000a\", \"value\": \"\\u0000\"}",
	"{\"text\": \"\\u0000\"}",
	"{\"value\": null, \"unit\": [], \"system\": {}, \"code\": 7}",
	"{\"value\": {}, \"assigner\": \"a\", \"type\": [{}]}",
	"{\"line\": [null, {}, 7], \"city\": {}}",
	"[{\"given\": \"a\", \"_given\": {}, \"prefix\": [null, {}]}]",
	"[{\"given\": [{}], \"_given\": [7], \"extension\": [null, {}]}]",
};

/* Whatever comes is refused with a note, or becomes ports. */
static int visit_odd(struct codec_case *it)
{
	size_t count = sizeof odd_values / sizeof odd_values[0];
	for (size_t i = 0; i < 2 * count; i++) {
		struct port_value ports[CODEC_PORTS_MAX] = {0};
		struct codec_call call = codec_case_call(it);
		json_object *value = json_tokener_parse(odd_values[i / 2]);
		if (i % 2)
			call.note = NULL;
		int result = it->rule.codec->put(&call, value, ports);
		ck_assert_msg(result == 0 || !call.note ||
				      it->notes[NOTE_REFUSED] > 0,
			      "no note: %s", odd_values[i / 2]);
		json_object_put(value);
	}
	return 1;
}

static int visit_random(struct codec_case *it)
{
	int good = 0;
	for (int i = 0; i < RANDOM_RUNS; i++)
		good += run_random(it);
	return good;
}

/* ---- the files ---- */

static void for_groups(int file, int least, int (*visit)(struct codec_case *it))
{
	char path[sizeof folder + 300];
	int count = 0;
	bool goes_both_ways = false;
	snprintf(path, sizeof path, "%s/%s", folder, files[file]->d_name);
	json_object *groups = json_object_from_file(path);
	ck_assert_msg(groups != NULL, "%s: %s", path, json_util_get_last_err());
	for (size_t i = 0; i < json_count(groups); i++) {
		struct codec_case it;
		codec_case_open(&it, json_at(groups, i));
		count += visit(&it);
		codec_case_close(&it);
		goes_both_ways = goes_both_ways ||
				 json_member(json_at(groups, i), "both");
	}
	/* What only reads has nothing that comes back. */
	if (!goes_both_ways && visit == visit_random)
		least = 0;
	/* Else all would be well for want of cases. */
	ck_assert_msg(count >= least, "%s: only %d cases", path, count);
	json_object_put(groups);
}

static int visit_cases(struct codec_case *it)
{
	return run_rows(it, "both", run_both) + run_rows(it, "get", run_get) +
	       run_rows(it, "put", run_put) +
	       run_rows(it, "refused", run_refused);
}

START_TEST(cases)
{
	for_groups(_i, 1, visit_cases);
}
END_TEST

START_TEST(random_values)
{
	for_groups(_i, RANDOM_RUNS / 100, visit_random);
}
END_TEST

START_TEST(odd)
{
	for_groups(_i, 1, visit_odd);
}
END_TEST

/* Every codec has a file of cases. */
START_TEST(all_codecs)
{
	size_t count;
	const struct codec *const *all = codec_all(&count);
	ck_assert_uint_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		char name[300];
		bool found = false;
		snprintf(name, sizeof name, "%s.json", all[i]->name);
		for (int k = 0; k < file_count; k++)
			found = found || strcmp(files[k]->d_name, name) == 0;
		ck_assert_msg(found, "no %s", name);
		ck_assert_ptr_eq(codec_find(all[i]->name), all[i]);
	}
	ck_assert_ptr_null(codec_find("codec"));
}
END_TEST

static int is_json(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);
	return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

int main(void)
{
	const char *srcdir = getenv("srcdir");
	snprintf(folder, sizeof folder, "%s/tests/roundtrip/codecs",
		 srcdir ? srcdir : ".");
	file_count = scandir(folder, &files, is_json, alphasort);
	if (file_count <= 0) {
		fprintf(stderr, "%s: no cases\n", folder);
		return 1;
	}
	Suite *suite = suite_create("codecs");
	TCase *tcase = tcase_create("codecs");
	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, all_codecs);
	tcase_add_loop_test(tcase, cases, 0, file_count);
	tcase_add_loop_test(tcase, random_values, 0, file_count);
	tcase_add_loop_test(tcase, odd, 0, file_count);
	suite_add_tcase(suite, tcase);
	int failed = run_suite(suite);
	for (int i = 0; i < file_count; i++)
		free(files[i]);
	free(files);
	return failed != 0;
}

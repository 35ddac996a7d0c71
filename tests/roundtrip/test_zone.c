#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zone.h"
#include "zone_questions.h"
#include "run_suite.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static void check_answer(const struct zone *zone, const struct question *q)
{
	char offset[6] = "none";
	bool is_known = zone_offset(zone, q->date, q->time, offset);

	ck_assert_msg(is_known == (q->offset != NULL) &&
			      (!is_known || strcmp(offset, q->offset) == 0),
		      "%s at %s %s: %s, not %s", q->zone, q->date, q->time,
		      is_known ? offset : "none",
		      q->offset ? q->offset : "none");
}

static void ask(const struct question *q)
{
	dfh_error *error = NULL;
	struct zone *zone = zone_open(q->zone, &error);

	ck_assert_msg(zone != NULL, "%s", dfh_error_text(error));
	check_answer(zone, q);
	zone_close(zone);
}

static void refuse(const char *name)
{
	dfh_error *error = NULL;

	ck_assert_msg(!zone_open(name, &error), "'%s' was taken", name);
	ck_assert_int_eq(dfh_error_code(error), DFH_USAGE);
	ck_assert_ptr_nonnull(strstr(dfh_error_text(error), name));
	dfh_error_free(error);
}

/* ---- files made here ------------------------------------------------- */

struct bytes {
	uint8_t at[70000];
	size_t length;
};

struct change {
	int64_t time;
	int type;
};

static char folder[] = "/tmp/test_zone.XXXXXX";
static char file_path[sizeof folder + 8];
static char *old_folder;

static void make_folder(void)
{
	const char *old = getenv("TZDIR");

	old_folder = old ? strdup(old) : NULL;
	memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(file_path, sizeof file_path, "%s/Made", folder);
	setenv("TZDIR", folder, 1);
}

static void remove_folder(void)
{
	unlink(file_path);
	rmdir(folder);
	if (old_folder)
		setenv("TZDIR", old_folder, 1);
	else
		unsetenv("TZDIR");
	free(old_folder);
}

static void put(struct bytes *out, const void *bytes, size_t length)
{
	memcpy(out->at + out->length, bytes, length);
	out->length += length;
}

static void put_number(struct bytes *out, int64_t number, int size)
{
	for (int i = size - 1; i >= 0; i--)
		out->at[out->length++] = (uint8_t)((uint64_t)number >> 8 * i);
}

/* Type 0 is local mean time, 1 is +0100, 2 is +0200, 3 is not specified. */
static void put_block(struct bytes *out, char version,
		      const struct change *changes, int count, int time_size)
{
	static const char names[] = "LMT\0CET\0CEST\0-00";
	static const int32_t types[4][3] = {
		{3208, 0, 0}, {3600, 0, 4}, {7200, 1, 8}, {0, 0, 13}};

	put(out, "TZif", 4);
	put(out, &version, 1);
	put(out, (char[15]){0}, 15);
	put_number(out, 4, 4); /* UT or local indicators */
	put_number(out, 4, 4); /* standard or wall indicators */
	put_number(out, 0, 4); /* leap seconds */
	put_number(out, count, 4);
	put_number(out, 4, 4);
	put_number(out, sizeof names, 4);
	for (int i = 0; i < count; i++)
		put_number(out, changes[i].time, time_size);
	for (int i = 0; i < count; i++)
		put_number(out, changes[i].type, 1);
	for (int i = 0; i < 4; i++) {
		put_number(out, types[i][0], 4);
		put_number(out, types[i][1], 1);
		put_number(out, types[i][2], 1);
	}
	put(out, names, sizeof names);
	put(out, (char[8]){0}, 8);
}

static void put_file(struct bytes *out, const struct change *changes, int count,
		     const char *rule)
{
	out->length = 0;
	put_block(out, '2', changes, count, 4);
	put_block(out, '2', changes, count, 8);
	put(out, "\n", 1);
	put(out, rule, strlen(rule));
	put(out, "\n", 1);
}

static void save(const struct bytes *bytes)
{
	FILE *file = fopen(file_path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes->at, 1, bytes->length, file),
			  bytes->length);
	ck_assert_int_eq(fclose(file), 0);
}

/* 1970-01-01 00:00:00, 1980-04-06 01:00:00 and 1980-09-28 01:00:00 UTC. */
static const struct change changes[] = {{0, 1}, {323830800, 2}, {338950800, 1}};

static const struct question before_rule[] = {
	{"Made", "19691231", "12", NULL}, /* +00:53:28 */
	{"Made", "19700101", "12", "+0100"},
	{"Made", "19800406", "0159", "+0100"},
	{"Made", "19800406", "0230", NULL},
	{"Made", "19800406", "0300", "+0200"},
	{"Made", "19800928", "0230", NULL},
	{"Made", "19800928", "0300", "+0100"},
};

/* ---- tests ----------------------------------------------------------- */

START_TEST(fixed_offset)
{
	ask(&fixed[_i]);
}
END_TEST

START_TEST(installed_zone)
{
	ask(&installed[_i]);
}
END_TEST

START_TEST(bad_name)
{
	refuse(bad_names[_i]);
}
END_TEST

START_TEST(no_error_wanted)
{
	ck_assert_ptr_null(zone_open("Nowhere/City", NULL));
	zone_close(NULL);
}
END_TEST

START_TEST(rule)
{
	static struct bytes bytes;
	struct question question = by_rule[_i];

	put_file(&bytes, NULL, 0, question.zone);
	save(&bytes);
	question.zone = "Made";
	ask(&question);
}
END_TEST

START_TEST(bad_rule)
{
	static struct bytes bytes;

	put_file(&bytes, NULL, 0, bad_rules[_i]);
	save(&bytes);
	refuse("Made");
}
END_TEST

START_TEST(transitions)
{
	static struct bytes bytes;

	put_file(&bytes, changes, 3, "CET-1");
	save(&bytes);
	for (size_t i = 0; i < LENGTH(before_rule); i++)
		ask(&before_rule[i]);
	ask(&(struct question){"Made", "20240715", "12", "+0100"});
}
END_TEST

/* Nothing is known after the last transition. */
START_TEST(no_rule)
{
	static struct bytes bytes;

	put_file(&bytes, changes, 3, "");
	save(&bytes);
	ask(&(struct question){"Made", "19800715", "12", "+0200"});
	ask(&(struct question){"Made", "20240715", "12", NULL});
	bytes.length = 0;
	put_block(&bytes, '\0', changes, 3, 4);
	save(&bytes);
	ask(&(struct question){"Made", "19691231", "12", NULL});
	ask(&(struct question){"Made", "19800715", "12", "+0200"});
	ask(&(struct question){"Made", "20240715", "12", NULL});
	put(&bytes, "\n", 1);
	save(&bytes);
	refuse("Made");
}
END_TEST

START_TEST(unspecified)
{
	static const struct change all[] = {{0, 3}, {323830800, 1}};
	static struct bytes bytes;

	put_file(&bytes, all, 2, "CET-1");
	save(&bytes);
	ask(&(struct question){"Made", "19750715", "12", NULL});
	ask(&(struct question){"Made", "20240715", "12", "+0100"});
}
END_TEST

START_TEST(odd_transitions)
{
	static const struct change not_rising[] = {{0, 1}, {0, 2}, {9, 1}},
				   no_such_type[] = {{0, 4}},
				   too_early[] = {{INT64_MIN, 1}},
				   too_late[] = {{INT64_MAX, 1}};
	static struct bytes bytes;

	put_file(&bytes, not_rising, 3, "CET-1");
	save(&bytes);
	refuse("Made");
	put_file(&bytes, no_such_type, 1, "CET-1");
	save(&bytes);
	refuse("Made");
	put_file(&bytes, too_early, 1, "CET-1");
	save(&bytes);
	refuse("Made");
	put_file(&bytes, too_late, 1, "CET-1CEST,M3.5.0,M10.5.0/3");
	save(&bytes);
	refuse("Made");
	/* The rule does not go on from the last transition. */
	put_file(&bytes, changes, 3, "EET-2");
	save(&bytes);
	refuse("Made");
}
END_TEST

/* Every beginning of a good file is a bad one, and so is anything after it. */
START_TEST(wrong_length)
{
	static struct bytes bytes;
	size_t whole;

	put_file(&bytes, changes, 3, "CET-1");
	whole = bytes.length;
	for (bytes.length = 0; bytes.length < whole; bytes.length++) {
		save(&bytes);
		refuse("Made");
	}
	bytes.at[bytes.length++] = '\n';
	save(&bytes);
	refuse("Made");
	memset(bytes.at + whole, '\n', sizeof bytes.at - whole);
	bytes.length = sizeof bytes.at;
	save(&bytes);
	refuse("Made");
}
END_TEST

/* As in right/Europe/Berlin: its times are not those of UTC. */
START_TEST(leap_seconds)
{
	enum { HEADER = 44, LEAP_COUNT = 31, LEAPS = HEADER + 6 + 4 };
	static const char types[] = "\0\0\0\0\0\0UTC";
	static struct bytes bytes;

	put(&bytes, "TZif", 4);
	put(&bytes, (char[32]){0}, 32);
	put_number(&bytes, 1, 4); /* types */
	put_number(&bytes, 4, 4); /* characters */
	put(&bytes, types, sizeof types);
	ck_assert_uint_eq(bytes.length, LEAPS);
	save(&bytes);
	ask(&(struct question){"Made", "20240715", "12", "+0000"});
	bytes.at[LEAP_COUNT] = 1;
	put_number(&bytes, 78796800, 4);
	put_number(&bytes, 1, 4);
	save(&bytes);
	refuse("Made");
}
END_TEST

/* Whatever a damaged file says, it must not lead us astray. */
START_TEST(damaged)
{
	static const uint8_t damages[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	static struct bytes bytes;
	size_t refused = 0, taken = 0;

	put_file(&bytes, changes, 3, "CET-1CEST,M3.5.0,M10.5.0/3");
	for (size_t i = 0; i < bytes.length * LENGTH(damages); i++) {
		uint8_t *byte = &bytes.at[i / LENGTH(damages)], old = *byte;
		dfh_error *error = NULL;
		struct zone *zone;
		char offset[6];

		*byte = damages[i % LENGTH(damages)];
		save(&bytes);
		*byte = old;
		zone = zone_open("Made", &error);
		ck_assert((zone == NULL) == (error != NULL));
		if (zone) {
			zone_offset(zone, "20240715", "12", offset);
			zone_offset(zone, "19690715", "12", offset);
		}
		zone_close(zone);
		dfh_error_free(error);
		*(zone ? &taken : &refused) += 1;
	}
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_gt(taken, 0);
}
END_TEST

static bool is_tzdata_installed(void)
{
	const char *at = getenv("TZDIR");
	char path[4096];
	struct stat status;

	snprintf(path, sizeof path, "%s/Europe/Berlin",
		 at && *at ? at : "/usr/share/zoneinfo");
	return stat(path, &status) == 0;
}

int main(void)
{
	Suite *suite = suite_create("zone");
	TCase *names = tcase_create("names"), *files = tcase_create("files");

	tcase_add_loop_test(names, fixed_offset, 0, (int)LENGTH(fixed));
	tcase_add_loop_test(names, bad_name, 0, (int)LENGTH(bad_names));
	tcase_add_test(names, no_error_wanted);
	if (is_tzdata_installed())
		tcase_add_loop_test(names, installed_zone, 0,
				    (int)LENGTH(installed));
	else
		puts("SKIP: installed zones: there is no tzdata");
	suite_add_tcase(suite, names);

	/* Thousands of small files, perhaps under valgrind. */
	tcase_set_timeout(files, 120);
	tcase_add_unchecked_fixture(files, make_folder, remove_folder);
	tcase_add_loop_test(files, rule, 0, (int)LENGTH(by_rule));
	tcase_add_loop_test(files, bad_rule, 0, (int)LENGTH(bad_rules));
	tcase_add_test(files, transitions);
	tcase_add_test(files, no_rule);
	tcase_add_test(files, unspecified);
	tcase_add_test(files, odd_transitions);
	tcase_add_test(files, wrong_length);
	tcase_add_test(files, leap_seconds);
	tcase_add_test(files, damaged);
	suite_add_tcase(suite, files);

	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/*
 * Instances that differ from the one before in nothing but their own are not
 * gone through in full: the Bundles and the reports must be as if they were,
 * and with several threads as with one.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "random.h"
#include "run_suite.h"

static dfh_rules *rules;

/* Good values, bad ones, and such that travel beside. */
static const char *value_of(struct random *random, const char *vr)
{
	static const char *const all[] = {
		"",	   "A",	       "Doe^Jane",     "20240131",
		"2024013", "120000.5", "1.2.840.99.1", "CT",
		"7",	   "007",      "a\\b",	       " lead",
		"+0100",   "M",	       "045Y",	       "CHEST"};
	if (strcmp(vr, "UI") == 0)
		return random_chance(random, 50) ? "1.2.840.99.1"
						 : "1.2.840.99.2";
	return all[random_below(random, sizeof all / sizeof *all)];
}

static void fill(struct random *random, struct dcm_item *item,
		 const struct dcm_want *wants, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct dcm_tag *tag = &wants[i].tag;
		struct dcm_entry entry;
		if (!random_chance(random, 50) || !dcm_entry_of(tag, &entry))
			continue;
		if (strcmp(entry.vr, "SQ") != 0) {
			dcm_item_set_text(item, tag, entry.vr,
					  value_of(random, entry.vr));
			continue;
		}
		dcm_item_need(item, tag, "SQ");
		for (size_t k = 0; random_chance(random, 60); k++)
			fill(random, dcm_item_need_item(item, tag, k),
			     wants[i].in_items, wants[i].in_items_count);
	}
}

static void set(struct dcm_item *item, uint16_t group, uint16_t element,
		const char *vr, const char *format, unsigned int number)
{
	const struct dcm_tag tag = {group, element, NULL};
	char text[64];
	snprintf(text, sizeof text, format, number);
	dcm_item_set_text(item, &tag, vr, text);
}

/* One attribute in another way, mostly one that is an instance's own. */
static void vary(struct random *random, const struct own *own,
		 struct dcm_item *item)
{
	const struct dcm_wants *wants = &rules->wants;
	const struct dcm_want *want =
		&wants->list[random_below(random, wants->count)];
	struct dcm_entry entry;
	const struct dcm_tag *tag = &want->tag;
	if (own->count && random_chance(random, 70))
		tag = &own->tags[random_below(random, own->count)];
	if (!dcm_entry_of(tag, &entry) || strcmp(entry.vr, "SQ") == 0)
		return;
	if (random_chance(random, 20))
		dcm_item_remove(item, tag);
	else
		dcm_item_set_text(item, tag, entry.vr,
				  value_of(random, entry.vr));
}

static void add_series(dfh_export *ex, struct random *random,
		       unsigned int study, unsigned int series)
{
	struct dataset *base = dataset_new();
	fill(random, &base->root, rules->wants.list, rules->wants.count);
	for (unsigned int i = 0; i < 12; i++) {
		struct dataset *one = dataset_copy(base);
		char file[64];
		set(&one->root, 0x0020, 0x000d, "UI", "1.2.%u", study);
		set(&one->root, 0x0020, 0x000e, "UI", "1.2.3.%u", series);
		set(&one->root, 0x0008, 0x0018, "UI", "1.2.3.4.%u",
		    100 * series + i);
		set(&one->root, 0x0020, 0x0013, "IS", "%u", i);
		if (random_chance(random, 40))
			vary(random, store_own(ex->store), &one->root);
		snprintf(file, sizeof file, "%u-%u-%u", study, series, i);
		dfh_export_add_record(ex, record_new(rules, one, file));
	}
	dataset_free(base);
}

struct way {
	dfh_release release;
	int jobs, plain;
	bool in_full;
};

/* The Bundles, one a line, and the report. */
static char *converted(const struct way *way, unsigned long seed)
{
	dfh_report *report = dfh_report_new();
	dfh_export_options options = {.size = sizeof options,
				      .release = way->release,
				      .report = report,
				      .plain = way->plain,
				      .jobs = way->jobs};
	dfh_export *ex = dfh_export_new(rules, &options, NULL);
	struct buffer out = {0};
	struct random random;
	char *text;
	random_seed(&random, seed, "instances");
	for (unsigned int i = 0; i < 6; i++)
		add_series(ex, &random, i / 2, i);
	/* Without a place of instances, nothing is known to be their own. */
	if (way->in_full)
		((struct own *)store_own(ex->store))->place = NULL;
	while ((text = dfh_export_next(ex, NULL))) {
		buffer_add(&out, text, strlen(text));
		buffer_add(&out, "\n", 1);
		free(text);
	}
	text = dfh_report_json(report);
	buffer_add_text(&out, text);
	free(text);
	dfh_export_free(ex);
	dfh_report_free(report);
	return (char *)out.bytes;
}

/* They are long: what is around the first difference is enough. */
static void assert_same(const char *text, const char *other)
{
	size_t i = 0, from;
	while (text[i] && text[i] == other[i])
		i++;
	from = i < 200 ? 0 : i - 200;
	ck_assert_msg(text[i] == other[i], "%.400s\nis in full\n%.400s",
		      text + from, other + from);
}

START_TEST(same_in_full)
{
	unsigned long seed = (unsigned long)_i;
	struct way way = {.release = _i & 1 ? DFH_R5 : DFH_R4,
			  .plain = _i % 5 == 4,
			  .in_full = true};
	char *full = converted(&way, seed), *quick, *threads;
	way.in_full = false;
	quick = converted(&way, seed);
	way.jobs = 3;
	threads = converted(&way, seed);
	assert_same(quick, full);
	assert_same(threads, full);
	free(full);
	free(quick);
	free(threads);
}
END_TEST

/* Of the shipped rules: the UID and what else only the rules of instances
 * look at; not the SOP Class, by which orders find their home. */
START_TEST(own_of_shipped)
{
	struct own *own = own_new(rules);
	ck_assert_ptr_nonnull(own->place);
	ck_assert(own_has(own, &(struct dcm_tag){0x0008, 0x0018, NULL}));
	ck_assert(own_has(own, &(struct dcm_tag){0x0020, 0x0013, NULL}));
	ck_assert(!own_has(own, &(struct dcm_tag){0x0008, 0x0016, NULL}));
	ck_assert(!own_has(own, &(struct dcm_tag){0x0020, 0x000e, NULL}));
	own_free(own);
}
END_TEST

/* Each image has another time of its acquisition: where the study has a time
 * of its own, that must not keep its images from being alike. */
START_TEST(stands_in_for_study_date)
{
	static const struct dcm_tag study_date = {0x0008, 0x0020, NULL};
	static const struct dcm_tag tags[] = {{0x0008, 0x0022, NULL},
					      {0x0008, 0x0023, NULL},
					      {0x0008, 0x002a, NULL},
					      {0x0008, 0x0032, NULL},
					      {0x0008, 0x0033, NULL}};
	size_t found = 0;
	for (size_t i = 0; i < rules->fallback_count; i++) {
		const struct fallback *fallback = &rules->fallbacks[i];
		if (dcm_tag_compare(fallback->unless->tags, &study_date))
			continue;
		for (size_t k = 0; k < fallback->tag_count; k++)
			for (size_t n = 0; n < sizeof tags / sizeof *tags; n++)
				found += !dcm_tag_compare(&fallback->tags[k],
							  &tags[n]);
	}
	ck_assert_uint_eq(found, sizeof tags / sizeof *tags);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("own");
	Suite *suite = suite_create("own");
	dfh_error *error = NULL;
	rules = dfh_rules_load(getenv("DCMFHIR_RULES"), &error);
	if (!rules) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		return 2;
	}
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, same_in_full, 0, 20);
	tcase_add_test(tests, own_of_shipped);
	tcase_add_test(tests, stands_in_for_study_date);
	suite_add_tcase(suite, tests);
	int failed = run_suite(suite);
	dfh_rules_free(rules);
	return failed ? 1 : 0;
}

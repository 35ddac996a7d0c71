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
#include "series.h"

static dfh_rules *rules;

static void add_series(dfh_export *ex, struct random *random,
		       unsigned int study, unsigned int series)
{
	struct dataset *base = dataset_new();
	series_fill(random, &base->root, rules->wants.list, rules->wants.count);
	for (unsigned int i = 0; i < 12; i++) {
		struct dataset *one = dataset_copy(base);
		char file[64];
		series_number(&one->root, study, series, i);
		if (random_chance(random, 40))
			series_vary(random, rules, store_own(ex->store),
				    &one->root);
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
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, same_in_full, 0, 20);
	tcase_add_test(tests, own_of_shipped);
	tcase_add_test(tests, stands_in_for_study_date);
	suite_add_tcase(suite, tests);
	return run_suite_with_rules(suite, &rules);
}

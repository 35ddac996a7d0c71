/*
 * The laws, for every shipped rule.  LAWS_SEED and LAWS_COUNT choose other
 * and more values.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs.h"
#include "laws.h"
#include "laws_check.h"
#include "run_suite.h"

/* Of a hundred values; fewer that the law has something to say of would mean
 * that hardly anything is tried. */
enum { LEAST_APPLIED = 8 };

static dfh_rules *rules;
static struct arena *arena;
static struct words *words;
static unsigned long seed = 1, count = 1000;

START_TEST(laws_of_rule)
{
	const struct rule *rule = &rules->rules[_i];
	size_t laws, failures = 0;
	const struct law *const *all = law_all(&laws);
	for (size_t k = 0; k < 2 * laws; k++) {
		const struct law *law = all[k / 2];
		struct law_result result;
		if (!law_try(law, rules, words, rule,
			     (enum fhir_release)(k % 2), seed, count, &result))
			continue;
		if (result.failure) {
			printf("%s\n", result.failure);
			failures++;
		} else if (!law->is_choosy &&
			   (result.tried - result.idle) * 100 <
				   LEAST_APPLIED * result.tried) {
			printf("rule '%s': %s says something of only %zu "
			       "of %zu values\n",
			       rule->id, law->name, result.tried - result.idle,
			       result.tried);
			failures++;
		}
		free(result.failure);
	}
	if (failures)
		printf("make laws SEED=%lu COUNT=%lu shows it again\n", seed,
		       count);
	fflush(stdout);
	ck_assert_msg(!failures, "rule '%s'", rule->id);
}
END_TEST

/* ---- would they find anything? ---- */

static const struct codec *sound; /* what the broken codecs fall back on */

/* Its last character is gone. */
static json_object *get_cut(const struct codec_call *call,
			    const struct port_value *in)
{
	json_object *value = sound->get(call, in);
	const char *text = value ? json_object_get_string(value) : "";
	size_t length = strlen(text);
	if (length < 4 || (unsigned char)text[length - 1] > 127 ||
	    text[length - 2] == ' ')
		return value;
	json_object *cut = json_new_string_of(text, length - 1);
	json_object_put(value);
	return cut;
}

/* Padding is not left alone. */
static int put_trimmed(const struct codec_call *call, json_object *value,
		       struct port_value *io)
{
	int result = sound->put(call, value, io);
	if (result == 0)
		io[0].text = port_trimmed(call, &io[0]);
	return result;
}

/* A part of it is lost, and nobody says so. */
static int put_silently(const struct codec_call *call, json_object *value,
			struct port_value *io)
{
	struct codec_call quiet = *call;
	quiet.note = NULL;
	return sound->put(&quiet, value, io);
}

/* No FHIR text is empty. */
static json_object *get_illegal(const struct codec_call *call,
				const struct port_value *in)
{
	(void)call;
	return in[0].text ? json_new_string("") : NULL;
}

/* Never twice the same: what travels beside cannot know it. */
static int put_by_turns(const struct codec_call *call, json_object *value,
			struct port_value *io)
{
	static int turn;
	(void)value;
	port_set(&io[0], arena_printf(call->arena, "%d", turn++));
	return 0;
}

static const struct fault {
	const struct law *law;
	json_object *(*get)(const struct codec_call *call,
			    const struct port_value *in);
	int (*put)(const struct codec_call *call, json_object *value,
		   struct port_value *io);
	const char *smallest; /* the test that is left is no longer */
} faults[] = {
	{&law_get_put, NULL, put_trimmed, "{'positions':[{'value':' a'}]}"},
	{&law_get_put, get_illegal, NULL, "{'positions':[{'value':'a'}]}"},
	{&law_put_get, get_cut, NULL, "{'values':['aaaa']}"},
	{&law_create_get, get_cut, NULL, "{'values':['aaaa']}"},
	{&law_put_get, NULL, put_silently, "{'values':[' a']}"},
	{&law_create_get, NULL, put_silently, "{'values':[' a']}"},
	{&law_exact, NULL, put_by_turns,
	 "{'dataset':{'StudyDescription':'a'}}"},
};

static struct rule *rule_named(const char *id)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (strcmp(rules->rules[i].id, id) == 0)
			return &rules->rules[i];
	ck_abort_msg("no rule '%s'", id);
	return NULL;
}

/* The counterexample is small, and comes again from the same seed. */
START_TEST(faults_are_found)
{
	const struct fault *fault = &faults[_i];
	struct rule *rule = rule_named("study-description");
	struct codec broken = *rule->codec;
	struct law_result result, again;
	sound = rule->codec;
	broken.get = fault->get ? fault->get : sound->get;
	broken.put = fault->put ? fault->put : sound->put;
	rule->codec = &broken;
	law_try(fault->law, rules, words, rule, FHIR_R5, 7, 20000, &result);
	ck_assert_msg(result.failure != NULL, "%s holds", fault->law->name);
	const char *test = strchr(result.failure, '{');
	ck_assert_msg(strcspn(test, ";") <= strlen(fault->smallest),
		      "not shrunk to %s: %s", fault->smallest, result.failure);
	if (fault->law != &law_exact) {
		law_try(fault->law, rules, words, rule, FHIR_R5, 7, 20000,
			&again);
		ck_assert_str_eq(result.failure, again.failure);
		free(again.failure);
	}
	free(result.failure);
	rule->codec = sound;
}
END_TEST

/* What dcm2fhir --check-rules calls. */
START_TEST(faults_are_told)
{
	struct rule *rule = rule_named("study-description");
	struct codec broken = *rule->codec;
	dfh_error *error = NULL;
	ck_assert_int_eq(laws_check(rules, 1, 400, &error), 0);
	sound = rule->codec;
	broken.get = get_cut;
	rule->codec = &broken;
	ck_assert_int_eq(laws_check(rules, 1, 400, &error), -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_USAGE);
	ck_assert_msg(strstr(dfh_error_text(error),
			     "error: rule 'study-description' breaks PutGet") !=
			      NULL,
		      "%s", dfh_error_text(error));
	dfh_error_free(error);
	rule->codec = sound;
}
END_TEST

/* A dataset may name an issuer of the table by another name, and its URI. */
START_TEST(issuers_of_a_site)
{
	const char *folder = getenv("srcdir");
	char path[4096];
	dfh_error *error = NULL;
	snprintf(path, sizeof path,
		 "%s/tests/roundtrip/site-rules/issuers.yaml",
		 folder ? folder : ".");
	dfh_rules *site = dfh_rules_load(path, &error);
	ck_assert_msg(site != NULL, "%s", dfh_error_text(error));
	ck_assert_msg(laws_check(site, 1, 100, &error) == 0, "%s",
		      dfh_error_text(error));
	dfh_rules_free(site);
}
END_TEST

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

int main(void)
{
	dfh_error *error = NULL;
	const char *file = getenv("DCMFHIR_RULES");
	seed = number("LAWS_SEED", seed);
	count = number("LAWS_COUNT", count);
	rules = dfh_rules_load(file ? file : "rules.yaml", &error);
	if (!rules) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		return 1;
	}
	arena = arena_new();
	words = laws_words(rules, arena);
	Suite *suite = suite_create("laws");
	TCase *tcase = tcase_create("laws");
	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, laws_of_rule, 0, (int)rules->rule_count);
	tcase_add_loop_test(tcase, faults_are_found, 0,
			    sizeof faults / sizeof faults[0]);
	tcase_add_test(tcase, faults_are_told);
	tcase_add_test(tcase, issuers_of_a_site);
	suite_add_tcase(suite, tcase);
	int failed = run_suite(suite);
	arena_free(arena);
	dfh_rules_free(rules);
	return failed != 0;
}

/* All laws, for all rules, in both releases. */
#include "laws.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "laws_check.h"
#include "rules_build.h"

static const struct law *const all[] = {&law_get_put, &law_get_create,
					&law_put_get, &law_create_get,
					&law_least,   &law_exact};

const struct law *const *law_all(size_t *count)
{
	*count = sizeof all / sizeof all[0];
	return all;
}

/* A rule that is only written is tried as if it were read too, and without
 * the items that other rules make for it. */
static struct rule both_ways(const struct rule *rule)
{
	struct rule copy = *rule;
	if (!copy.can_get) {
		copy.can_get = true;
		copy.each = (struct each){0};
	}
	return copy;
}

static struct trial trial_of(const dfh_rules *rules, const struct words *words,
			     const struct rule *rule, size_t index,
			     enum fhir_release release)
{
	json_object *empty = json_new_object();
	struct trial trial = {
		.rules = rules,
		.rule = rule,
		.release = release,
		.path = rule->fhir[release],
		.words = words,
		.own = &words[index],
	};
	trial.is = fhir_path_dressed(trial.path, empty);
	json_object_put(empty);
	return trial;
}

static void tell_failure(const struct law *law, const struct trial *trial,
			 unsigned long seed, unsigned long at,
			 json_object *test, struct law_result *out)
{
	size_t size;
	FILE *why = memory_of(open_memstream(&out->failure, &size));
	test = law_shrink(law, trial, test);
	if (why) {
		fprintf(why, "rule '%s' breaks %s in %s: %s", trial->rule->id,
			law->name, release_names[trial->release],
			law_text(test));
		law->check(trial, test, why);
		fprintf(why, " (seed %lu, value %lu)", seed, at);
		fclose(why);
	}
	json_object_put(test);
}

bool law_try(const struct law *law, const dfh_rules *rules,
	     const struct words *words, const struct rule *rule,
	     enum fhir_release release, unsigned long seed, unsigned long count,
	     struct law_result *out)
{
	*out = (struct law_result){0};
	if (!rule->fhir[release])
		return false;
	struct rule copy = both_ways(rule);
	struct trial trial = trial_of(rules, words, &copy,
				      (size_t)(rule - rules->rules), release);
	struct keywords keywords = {.arena = arena_new()};
	struct random random;
	char name[512];
	trial.keywords = &keywords;
	if (law == &law_exact)
		trial.returns = laws_returns(rules, keywords.arena);
	snprintf(name, sizeof name, "%s %s %s", rule->id, law->name,
		 release_names[release]);
	random_seed(&random, seed, name);
	bool concerned = law->concerns(&trial);
	unsigned long most = (count + law->share - 1) / law->share;
	for (unsigned long i = 0; concerned && i < most && !out->failure; i++) {
		struct arena *arena = arena_new();
		struct maker maker = {&random, arena, trial.own};
		json_object *test = law->make(&maker, &trial);
		enum verdict verdict = law->check(&trial, test, NULL);
		out->tried++;
		out->idle += verdict == LAW_IS_IDLE;
		if (verdict == LAW_FAILS)
			tell_failure(law, &trial, seed, i + 1, test, out);
		else
			json_object_put(test);
		arena_free(arena);
	}
	json_object_put(trial.is);
	free(keywords.at);
	arena_free(keywords.arena);
	return concerned;
}

/* The outermost file is what is checked: those that it includes, which have
 * been, get fewer values, and so do its rules if there are many. */
static unsigned long share_of_rule(const dfh_rules *rules,
				   const struct rule *rule, unsigned long count)
{
	enum { FEW_RULES = 12, OF_OTHERS = 10 };
	const char *file = rules->files[rules->file_count - 1];
	unsigned long own = 0, share = count / OF_OTHERS;
	for (size_t i = 0; i < rules->rule_count; i++)
		own += strcmp(rules->rules[i].mark.file, file) == 0;
	if (strcmp(rule->mark.file, file) == 0)
		share = own > FEW_RULES ? count * FEW_RULES / own : count;
	return share ? share : 1;
}

int laws_check(const dfh_rules *rules, unsigned long seed, unsigned long count,
	       dfh_error **error)
{
	struct arena *arena = arena_new();
	struct words *words = laws_words(rules, arena);
	struct diag *diag = diag_new();
	/* An identifier without a system comes back with the site's own, which
	 * is meant. */
	struct dfh_rules homeless = *rules;
	homeless.home_count = 0;
	for (size_t i = 0; i < rules->rule_count; i++)
		for (size_t k = 0; k < RELEASES * (sizeof all / sizeof all[0]);
		     k++) {
			const struct rule *rule = &rules->rules[i];
			struct law_result result;
			law_try(all[k / RELEASES], &homeless, words, rule,
				(enum fhir_release)(k % RELEASES), seed,
				share_of_rule(rules, rule, count), &result);
			if (result.failure)
				diag_fault(diag, &rule->mark, 1, "%s",
					   result.failure);
			free(result.failure);
		}
	int result = diag_finish(diag, error);
	diag_free(diag);
	arena_free(arena);
	return result;
}

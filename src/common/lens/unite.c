#include "unite.h"

#include <stdlib.h>
#include <string.h>

#include "lens_one.h"
#include "lens_policy.h"
#include "number.h"

/* So many issuers of one number are looked at: one more than is needed may be
 * added, but nobody can make this slow. */
enum { ISSUERS_MAX = 64 };

struct known_number {
	struct number number;
	struct known_number *next; /* of the same text */
};

struct known_numbers {
	struct lh_table *by_text;
	struct arena *arena;
};

static void add_known_number(struct known_numbers *known,
			     const struct number *number)
{
	struct known_number *one = arena_alloc(known->arena, sizeof *one);
	void *found = NULL;
	if (!number->text)
		return;
	*one = (struct known_number){*number, NULL};
	if (lh_table_lookup_ex(known->by_text, number->text, &found)) {
		struct known_number *first = found;
		one->next = first->next;
		first->next = one;
	} else {
		lh_add(known->by_text, xstrdup(number->text), one);
	}
}

static bool names_no_issuer(const struct number *number)
{
	for (size_t i = 0; i < number->issuer_count; i++)
		if (number->issuer[i])
			return false;
	return true;
}

/* One that names no issuer says nothing that the same with one does not. */
static bool is_known_number(const struct known_numbers *known,
			    const struct number *number)
{
	void *found = NULL;
	lh_table_lookup_ex(known->by_text, number->text, &found);
	const struct known_number *one = found;
	for (int i = 0; one && i < ISSUERS_MAX; i++, one = one->next) {
		enum number_agreement agrees =
			numbers_compare(number, &one->number);
		if (agrees == NUMBERS_AGREE ||
		    (agrees == NUMBERS_HALF && names_no_issuer(number)))
			return true;
	}
	return false;
}

/* What other rules of the place say, such as the number that comes first. */
static void add_others(struct known_numbers *known, const struct lens *lens,
		       const struct rule *rule, const struct scope *scope)
{
	const dfh_rules *rules = lens->rules;
	const struct fhir_path *path = rule->fhir[lens->release];
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *other = &rules->rules[i];
		const struct fhir_path *of_other = other->fhir[lens->release];
		if (!of_other || of_other->place != path->place ||
		    other->each.kind != EACH_NONE)
			continue;
		struct number number = number_read(lens, other, scope);
		add_known_number(known, &number);
	}
}

static struct scope scope_of(const struct scope *scope, struct dcm_item *item)
{
	return (struct scope){.root = scope->root, .item = item};
}

static void add_item_numbers(struct known_numbers *known,
			     const struct lens *lens, const struct rule *rule,
			     const struct scope *scope,
			     const struct dcm_element *sequence)
{
	for (size_t i = 0; sequence && i < sequence->item_count; i++) {
		struct scope inner = scope_of(scope, sequence->items[i]);
		struct number number = number_read(lens, rule, &inner);
		add_known_number(known, &number);
	}
}

bool unites(const struct lens *lens, const struct rule *rule)
{
	return rule->unites && lens->stamps &&
	       lens_policy(lens, rule) == DFH_MERGE;
}

void put_united(const struct lens *lens, const struct rule *rule,
		const struct scope *scope, const struct json_list *values)
{
	const struct dcm_path *path = &rule->each.paths[0];
	struct known_numbers known = {lh_by_text(16, lh_free_key),
				      scope->root->arena};
	const struct dcm_element *sequence = scope_element(scope, path);
	size_t count = sequence ? sequence->item_count : 0;
	add_others(&known, lens, rule, scope);
	add_item_numbers(&known, lens, rule, scope, sequence);
	for (size_t i = 0; i < values->count; i++) {
		struct number number = number_made(lens, rule, values->at[i]);
		if (number.text && is_known_number(&known, &number))
			continue;
		struct dcm_item *item =
			arena_alloc(scope->root->arena, sizeof *item);
		item->arena = scope->root->arena;
		struct scope inner = scope_of(scope, item);
		lens_put_one(lens, rule, &inner, values->at[i]);
		if (!item->count)
			continue;
		dcm_item_copy(dcm_item_need_item(scope->root, &path->tags[0],
						 count++),
			      item);
		add_known_number(&known, &number);
	}
	lh_table_free(known.by_text);
}

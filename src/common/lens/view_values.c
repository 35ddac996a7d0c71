/* The values that each rule owns in an object of a view. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "conditions.h"
#include "current.h"
#include "lens_policy.h"
#include "own_number.h"

/* Which rules have taken a slot element; lists that go from one to the next. */
struct slot_claim {
	const struct rule *rule;
	struct slot_claim *next;
};

static void free_claim_entry(struct lh_entry *entry)
{
	struct slot_claim *claim = (struct slot_claim *)lh_entry_v(entry);
	while (claim) {
		struct slot_claim *next = claim->next;
		free(claim);
		claim = next;
	}
}

/* By the slot element; many objects have none. */
struct claims {
	struct lh_table *table; /* or NULL */
};

static struct lh_entry *claim_on(const struct claims *claims, json_object *slot)
{
	return claims->table ? lh_table_lookup_entry(claims->table, slot)
			     : NULL;
}

static void add_claim(struct claims *claims, json_object *slot,
		      struct slot_claim *claim)
{
	if (!claims->table)
		claims->table = lh_by_address(16, free_claim_entry);
	lh_add(claims->table, slot, claim);
}

static void free_claims(struct claims *claims)
{
	if (claims->table)
		lh_table_free(claims->table);
}

/* A slot element belongs to one rule: rules with a pattern choose first; of
 * the others, those that want the same value. */
static bool is_slot_taken(const struct claims *claims, json_object *slot,
			  const struct rule *rule, enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];
	struct lh_entry *entry = claim_on(claims, slot);
	const struct slot_claim *claim =
		entry ? (const struct slot_claim *)lh_entry_v(entry) : NULL;
	for (; claim; claim = claim->next) {
		const struct rule *by = claim->rule;
		const struct fhir_path *other = by->fhir[release];
		if ((by->sources && by->sources == rule->sources) ||
		    rules_exclude_each_other(by, rule))
			continue;
		if (other->is || strcmp(other->text, path->text) == 0)
			return true;
	}
	return false;
}

static void claim(struct claims *claims, json_object *slot,
		  const struct rule *rule)
{
	struct lh_entry *entry = claim_on(claims, slot);
	struct slot_claim *one = xmalloc(sizeof *one);
	*one = (struct slot_claim){
		rule, entry ? (struct slot_claim *)lh_entry_v(entry) : NULL};
	if (entry)
		lh_entry_set_val(entry, one);
	else
		add_claim(claims, slot, one);
}

static bool slot_matches_any(json_object *slot, json_object *patterns)
{
	size_t count = json_count(patterns);
	for (size_t i = 0; i < count; i++)
		if (json_matches(slot, json_at(patterns, i)))
			return true;
	return false;
}

/* Of several candidates the one that an earlier pattern of `prefer` names. */
static size_t preferred_slot(const struct rule *rule,
			     const struct json_list *slots)
{
	size_t patterns = json_count(rule->prefer);
	for (size_t k = 0; k < patterns; k++)
		for (size_t i = 0; i < slots->count; i++)
			if (json_matches(slots->at[i],
					 json_at(rule->prefer, k)))
				return i;
	return 0;
}

/* Only an extension, such as data-absent-reason, or nothing of what the codec
 * makes a value of: there is no value. */
static bool says_nothing(const struct codec *codec, json_object *value)
{
	if (!json_object_is_type(value, json_type_object))
		return !value;
	return (codec->needs && !json_member(value, codec->needs)) ||
	       (json_member_count(value) == 1 &&
		json_member(value, "extension"));
}

/* A part of a value, or one that is not current any more, is better than
 * nothing, but no reason to change what a dataset has. */
static bool takes_any(const struct lens *lens, const struct rule *rule)
{
	return lens &&
	       (!lens->stamps || lens_policy(lens, rule) == DFH_OVERWRITE);
}

static void rule_values(const struct view *view, const struct lens *lens,
			const struct rule *rule, const struct fhir_path *path,
			json_object *object, struct claims *claims,
			struct json_list *out)
{
	enum fhir_release release = view->release;
	bool any = takes_any(lens, rule);
	struct json_list all = {0}, free_slots = {0};
	fhir_path_slots(object, path, &all);
	for (size_t i = 0; i < all.count; i++)
		if ((!path->is || json_matches(all.at[i], path->is)) &&
		    !says_nothing(rule->codec,
				  fhir_path_value(all.at[i], path)) &&
		    (path->slot < 0 || rule->codec->list ||
		     !is_slot_taken(claims, all.at[i], rule, release)) &&
		    !slot_matches_any(all.at[i], rule->avoid) &&
		    (any ||
		     !element_is_absent(
			     view->rules,
			     path->slot < 0 ? fhir_path_value(all.at[i], path)
					    : all.at[i])))
			json_list_add(&free_slots, all.at[i]);
	current_of(view->rules, path, view->today, any, &free_slots);
	bool takes_all = rule->codec->list || rule->each.kind != EACH_NONE;
	json_object *own =
		takes_all ? NULL
			  : own_number(lens, rule, path, &all, &free_slots);
	if (own) {
		free_slots.count = 0;
		json_list_add(&free_slots, own);
	}
	size_t first = takes_all ? 0 : preferred_slot(rule, &free_slots);
	for (size_t i = first; i < free_slots.count; i++) {
		json_list_add(out, fhir_path_value(free_slots.at[i], path));
		if (path->slot >= 0 && !rule->codec->list)
			claim(claims, free_slots.at[i], rule);
		if (!takes_all)
			break;
	}
	json_list_free(&all);
	json_list_free(&free_slots);
}

void view_else_values(const struct view *view, const struct lens *lens,
		      const struct rule *rule, json_object *object,
		      struct json_list *out)
{
	struct claims none = {0};
	/* What is written and recognised at the rule's own path says what to
	 * look for here. */
	struct fhir_path like = *rule->otherwise[view->release];
	const struct fhir_path *own = rule->fhir[view->release];
	json_object *empty = json_new_object(), *dressed = NULL;
	if (!like.is && own)
		like.is = dressed = fhir_path_dressed(own, empty);
	rule_values(view, lens, rule, &like, object, &none, out);
	json_object_put(dressed);
	json_object_put(empty);
	free_claims(&none);
}

/* `else`: the other place, if there is exactly one object of it. */
static void other_values(const struct view *view, const struct lens *lens,
			 const struct rule *rule, struct json_list *out)
{
	struct json_list objects = {0};
	view_objects(view, rule->otherwise[view->release]->place, &objects);
	if (objects.count == 1)
		view_else_values(view, lens, rule, objects.at[0], out);
	json_list_free(&objects);
}

void view_rule_values(const struct view *view, const struct lens *lens,
		      const struct rule *rule, struct json_list *out)
{
	const struct fhir_path *path = rule->fhir[view->release];
	struct claims none = {0};
	struct json_list objects = {0};
	view_objects(view, path->place, &objects);
	if (objects.count == 1)
		rule_values(view, lens, rule, path, objects.at[0], &none, out);
	json_list_free(&objects);
	free_claims(&none);
}

struct json_list *view_values(const struct view *view, const struct lens *lens,
			      const struct place *place, json_object *object)
{
	const dfh_rules *rules = view->rules;
	struct json_list *values = xmalloc(rules->rule_count * sizeof *values);
	struct claims claims = {0};
	memset(values, 0, rules->rule_count * sizeof *values);
	for (int pass = 0; pass < 2; pass++)
		for (size_t k = 0; k < place->rule_count[view->release]; k++) {
			size_t i = place->rules[view->release][k];
			const struct rule *rule = &rules->rules[i];
			const struct fhir_path *path =
				rule->fhir[view->release];
			if (!rule->can_put ||
			    (lens && lens->keys_alone && !rule->identifies) ||
			    (path->is != NULL) != (pass == 0))
				continue;
			rule_values(view, lens, rule, path, object, &claims,
				    &values[i]);
			if (!values[i].count && rule->otherwise[view->release])
				other_values(view, lens, rule, &values[i]);
		}
	free_claims(&claims);
	return values;
}

void view_values_free(const dfh_rules *rules, struct json_list *values)
{
	for (size_t i = 0; values && i < rules->rule_count; i++)
		if (values[i].at)
			json_list_free(&values[i]);
	free(values);
}

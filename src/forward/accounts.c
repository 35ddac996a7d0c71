/*
 * What the instances say of a patient, a study or a series: of each element
 * one account speaks, whole.  Which one is told by the rule; what is finer than
 * another is no other.
 */
#include "accounts.h"

#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "moment.h"

/* How two accounts of one element stand to each other. */
enum relation { SAME, FINER, COARSER, OTHER };

/* ---- keeping an account ---- */

static struct port_value *copy_ports(const struct rule *rule,
				     const struct port_value *from)
{
	size_t count = codec_port_count(rule->codec);
	struct port_value *copy = xmalloc(count * sizeof *copy);
	for (size_t i = 0; i < count; i++) {
		copy[i] = from[i];
		copy[i].text = from[i].text ? xstrdup(from[i].text) : NULL;
	}
	return copy;
}

static void free_ports(const struct rule *rule, struct port_value *ports)
{
	for (size_t i = 0; ports && i < codec_port_count(rule->codec); i++)
		free((char *)ports[i].text);
	free(ports);
}

static void account_clear(const struct rule *rule, struct account *account)
{
	lens_values_free(&account->values);
	free_ports(rule, account->ports);
	account->ports = NULL;
}

void accounts_free(const dfh_rules *rules, struct account *accounts)
{
	for (size_t i = 0; accounts && i < rules->rule_count; i++)
		account_clear(&rules->rules[i], &accounts[i]);
	free(accounts);
}

/* ---- comparing ---- */

static bool list_has_value(const struct json_list *list, json_object *value)
{
	for (size_t i = 0; i < list->count; i++)
		if (json_object_equal(list->at[i], value))
			return true;
	return false;
}

struct hashed {
	uint64_t hash;
	json_object *value;
};

static int compare_hashed(const void *left, const void *right)
{
	const struct hashed *a = left, *b = right;
	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static struct hashed *hashed_of(const struct json_list *list)
{
	struct hashed *all = xmalloc((list->count + 1) * sizeof *all);
	for (size_t i = 0; i < list->count; i++)
		all[i] = (struct hashed){json_hash(list->at[i]), list->at[i]};
	qsort(all, list->count, sizeof *all, compare_hashed);
	return all;
}

/* Is each value of the shorter list in the longer one? */
static bool list_has_all(const struct json_list *list,
			 const struct json_list *of)
{
	struct hashed *x = hashed_of(list), *y = hashed_of(of);
	size_t at = 0, found = 0;
	for (size_t i = 0; i < of->count; i++) {
		while (at < list->count && x[at].hash < y[i].hash)
			at++;
		found += at < list->count && x[at].hash == y[i].hash &&
			 json_object_equal(x[at].value, y[i].value);
	}
	free(x);
	free(y);
	return found == of->count;
}

static bool same_lists(const struct json_list *a, const struct json_list *b)
{
	bool same = a->count == b->count;
	for (size_t i = 0; same && i < a->count; i++)
		same = json_object_equal(a->at[i], b->at[i]);
	return same;
}

static enum relation relation_of(const struct rule *rule,
				 const struct account *old,
				 const struct account *new)
{
	if (old->ports && new->ports) {
		bool finer = rule->codec->refines(new->ports, old->ports);
		bool coarser = rule->codec->refines(old->ports, new->ports);
		if (finer && coarser)
			return SAME;
		if (finer || coarser)
			return finer ? FINER : COARSER;
	}
	if (same_lists(&old->values, &new->values))
		return SAME;
	if (old->values.count > new->values.count &&
	    list_has_all(&old->values, &new->values))
		return COARSER;
	if (old->values.count < new->values.count &&
	    list_has_all(&new->values, &old->values))
		return FINER;
	return OTHER;
}

/* Is the first value, a date or a date and time, before that of the other?
 * Where one is coarser the common part decides, and then nothing is earlier. */
static bool is_earlier(const struct json_list *a, const struct json_list *b)
{
	struct moment x, y;
	if (!moment_read_fhir(json_string(a->at[0]), &x) ||
	    !moment_read_fhir(json_string(b->at[0]), &y))
		return false;
	return moment_compare(&x, &y) < 0;
}

/* ---- the sources of an element ---- */

/* The rules whose values are of the same element: from first, count of them. */
static size_t first_source(const dfh_rules *rules, size_t rule, size_t *count)
{
	const struct sources *sources = rules->rules[rule].sources;
	*count = sources ? sources->count : 1;
	return sources ? sources->first : rule;
}

/* The source that speaks; -1: none. */
static int first_speaking_source(const struct account *accounts, size_t first,
				 size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (accounts[i].values.count)
			return (int)i;
	return -1;
}

/* ---- one more instance ---- */

static void adopt_account(const struct rule *rule, struct account *to,
			  struct account *from)
{
	account_clear(rule, to);
	*to = *from;
	*from = (struct account){0};
}

/* Does the new account speak in place of the old one?  *differs: they say
 * different things. */
static bool takes_over(const dfh_rules *rules, size_t old_rule,
		       const struct account *old, size_t new_rule,
		       const struct account *new, bool *differs)
{
	const struct rule *rule = &rules->rules[old_rule];
	*differs = false;
	if (old_rule != new_rule) {
		*differs = rule->among == AMONG_AGREE &&
			   !same_lists(&old->values, &new->values);
		return new_rule < old_rule;
	}
	enum relation relation = relation_of(rule, old, new);
	if (relation != OTHER)
		return relation == FINER;
	if (rule->among == AMONG_EARLIEST && old_rule != rule->sources->first)
		return is_earlier(&new->values, &old->values);
	*differs = true;
	return rule->codec->list && new->values.count > old->values.count;
}

/* The accounts of one element; true: instances say different things. */
static bool take_element(const dfh_rules *rules, struct account *accounts,
			 struct account *more, size_t first, size_t count)
{
	int old = first_speaking_source(accounts, first, count);
	int new = first_speaking_source(more, first, count);
	bool differs = false;
	if (old < 0 && new < 0)
		return false;
	if (rules->rules[first].among == AMONG_AGREE && (old < 0 || new < 0))
		differs = true;
	else if (old >= 0 && new >= 0 &&
		 !takes_over(rules, (size_t)old, &accounts[old], (size_t) new,
			     &more[new], &differs))
		return differs;
	if (new < 0)
		return differs;
	if (old >= 0 && old != new)
		account_clear(&rules->rules[old], &accounts[old]);
	adopt_account(&rules->rules[new], &accounts[new], &more[new]);
	return differs;
}

/* What is counted or gathered from below: what the datasets say of it, which
 * may know of more than was read. */
static void take_derived(const struct rule *rule, struct account *account,
			 struct account *more)
{
	struct json_list *old = &account->values, *new = &more->values;
	if (rule->derive.kind == DERIVE_COUNT) {
		if (new->count &&
		    (!old->count || json_object_get_int64(new->at[0]) >
					    json_object_get_int64(old->at[0])))
			adopt_account(rule, account, more);
		return;
	}
	for (size_t i = 0; i < new->count; i++)
		if (!list_has_value(old, new->at[i]))
			json_list_add(old, json_object_get(new->at[i]));
}

/* Those that come again are found when they are written. */
static void gather_values(struct account *account, const struct account *more)
{
	struct json_list *all = &account->values;
	for (size_t i = 0; i < more->values.count; i++) {
		json_object *value = more->values.at[i];
		if (!all->count ||
		    !json_object_equal(all->at[all->count - 1], value))
			json_list_add(all, json_object_get(value));
	}
}

void accounts_take(const dfh_rules *rules, struct account *accounts,
		   struct account *more,
		   void (*differ)(const struct rule *rule, void *context),
		   void *context)
{
	for (size_t i = 0; i < rules->rule_count;) {
		const struct rule *rule = &rules->rules[i];
		size_t count, first = first_source(rules, i, &count);
		i += count;
		if (rule->derive.kind != DERIVE_NONE) {
			take_derived(rule, &accounts[first], &more[first]);
			continue;
		}
		if (rule->among == AMONG_ALL) {
			for (size_t k = first; k < first + count; k++)
				gather_values(&accounts[k], &more[k]);
			continue;
		}
		bool disputed = false;
		for (size_t k = first; k < first + count; k++)
			disputed = disputed || more[k].disputed;
		if (take_element(rules, accounts, more, first, count)) {
			disputed = true;
			if (rule->can_put || count > 1)
				differ(rule, context);
		}
		accounts[first].disputed |= disputed;
	}
}

void accounts_compare(const dfh_rules *rules, const struct account *accounts,
		      const struct account *more,
		      void (*differ)(const struct rule *rule, void *context),
		      void *context)
{
	for (size_t i = 0; i < rules->rule_count;) {
		const struct rule *rule = &rules->rules[i];
		size_t count, first = first_source(rules, i, &count);
		int old = first_speaking_source(accounts, first, count);
		int new = first_speaking_source(more, first, count);
		i += count;
		if (rule->can_put && rule->derive.kind == DERIVE_NONE &&
		    old >= 0 &&
		    old ==
			    new &&relation_of(&rules->rules[old],
					      &accounts[old], &more[new]) ==
			    OTHER)
			differ(rule, context);
	}
}

void accounts_disputed(const dfh_rules *rules, const struct account *accounts,
		       void (*differ)(const struct rule *rule, void *context),
		       void *context)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (accounts[i].disputed)
			differ(&rules->rules[i], context);
}

/* ---- reading one instance ---- */

void account_read(const struct lens *lens, const struct rule *rule,
		  const struct scope *scope, struct account *out)
{
	lens_get(lens, rule, scope, &out->values);
	/* Its items, such as its frames, say different things. */
	out->disputed = rule->among == AMONG_AGREE && !out->values.count &&
			rule->each.kind != EACH_NONE &&
			lens_has_value(lens, rule, scope);
	if (out->values.count && rule->codec->refines &&
	    rule->each.kind == EACH_NONE) {
		struct port_value ports[CODEC_PORTS_MAX];
		lens_ports(lens, rule, scope, ports);
		out->ports = copy_ports(rule, ports);
	}
}

bool accounts_speak(const dfh_rules *rules, const struct account *accounts,
		    size_t rule)
{
	size_t count, first = first_source(rules, rule, &count);
	for (size_t i = first; i < first + count; i++)
		if (accounts[i].values.count || accounts[i].disputed)
			return true;
	return false;
}

/* ---- writing ---- */

/* Values that must agree and do not are not written. */
static bool is_silent_in_dispute(const dfh_rules *rules,
				 const struct account *accounts, size_t rule)
{
	size_t count, first = first_source(rules, rule, &count);
	bool disputed = false;
	for (size_t i = first; i < first + count; i++)
		disputed = disputed || accounts[i].disputed;
	return disputed && rules->rules[rule].among == AMONG_AGREE;
}

void accounts_write(const dfh_rules *rules, enum fhir_release release,
		    const struct account *accounts, json_object *object,
		    struct json_known *known)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		const struct json_list *values = &accounts[i].values;
		if (rule->derive.kind != DERIVE_NONE || !values->count ||
		    is_silent_in_dispute(rules, accounts, i))
			continue;
		for (size_t k = 0; k < values->count; k++)
			fhir_path_write(object, rule->fhir[release],
					values->at[k], known);
	}
}

#include "own_number.h"

#include "number.h"

static struct number number_made_of_slot(const struct lens *lens,
					 const struct rule *rule,
					 const struct fhir_path *path,
					 json_object *slot)
{
	return number_made(lens, rule, fhir_path_value(slot, path));
}

static json_object *find_own_number(const struct lens *lens,
				    const struct rule *rule,
				    const struct fhir_path *path,
				    const struct json_list *all,
				    const struct number *has)
{
	enum number_agreement best = NUMBERS_OF_OTHERS;
	json_object *found = NULL;
	for (size_t i = 0; i < all->count && best < NUMBERS_AGREE; i++) {
		if (path->is && !json_matches(all->at[i], path->is))
			continue;
		struct number one =
			number_made_of_slot(lens, rule, path, all->at[i]);
		enum number_agreement agrees = numbers_compare(&one, has);
		if (agrees > best) {
			best = agrees;
			found = all->at[i];
		}
	}
	return found;
}

static bool matches_any_avoided(json_object *element, json_object *patterns)
{
	for (size_t i = 0; i < json_count(patterns); i++)
		if (json_matches(element, json_at(patterns, i)))
			return true;
	return false;
}

/* What took the place of a number that is not used any more; NULL: nothing of
 * that issuer did. */
static json_object *find_successor(const struct lens *lens,
				   const struct rule *rule,
				   const struct fhir_path *path,
				   const struct json_list *free_ones,
				   const struct number *has)
{
	size_t patterns = json_count(rule->prefer);
	for (size_t k = 0; k <= patterns; k++)
		for (size_t i = 0; i < free_ones->count; i++) {
			json_object *slot = free_ones->at[i];
			if (k < patterns &&
			    !json_matches(slot, json_at(rule->prefer, k)))
				continue;
			struct number one =
				number_made_of_slot(lens, rule, path, slot);
			if (one.text && numbers_share_issuer(&one, has))
				return slot;
		}
	return NULL;
}

json_object *own_number(const struct lens *lens, const struct rule *rule,
			const struct fhir_path *path,
			const struct json_list *all,
			const struct json_list *free_ones)
{
	if (!lens || !lens->stamps || !lens->before || all->count < 2 ||
	    !number_of_rule(lens->rules, rule))
		return NULL;
	struct scope root = scope_root((struct dcm_item *)&lens->before->root);
	struct number has = number_read(lens, rule, &root);
	json_object *own =
		has.text ? find_own_number(lens, rule, path, all, &has) : NULL;
	if (!own || !matches_any_avoided(own, rule->avoid))
		return own;
	json_object *successor =
		find_successor(lens, rule, path, free_ones, &has);
	return successor ? successor : own;
}

/* What a dataset is stamped in spite of, by name, because it is allowed. */
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "match.h"

/* Whether it is entered in error, its identity was removed, ... */
static const char *const kinds[] = {
	"issuer",    "withdrawn", "modifier", "de-identified",
	"signature", "subject",	  NULL};

static bool has_name(const char *list, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = list; at && *at;) {
		size_t of_this = strcspn(at, ",");
		if (of_this == length && strncmp(at, name, length) == 0)
			return true;
		at += of_this + (at[of_this] == ',');
	}
	return false;
}

bool stamp_allows(const dfh_stamp_options *how, const char *name)
{
	return how->force || has_name(how->allow, name);
}

void allowed_add(char *list, const char *name)
{
	size_t length = strlen(list);
	if (!has_name(list, name))
		snprintf(list + length, DFH_ALLOWED_MAX - length, "%s%s",
			 length ? "," : "", name);
}

bool allows(const struct search *search, const char *name)
{
	if (!stamp_allows(search->how, name))
		return false;
	allowed_add(search->allowed, name);
	report_add_path(
		search->im->report, REPORT_SUPPLIED, NULL, search->file,
		arena_printf(search->dataset->arena,
			     "stamped in spite of it, as was allowed: %s",
			     name));
	return true;
}

/* "birth-date" of the rule patient-birth-date, but "patient-id". */
static const char *allowance_name_of(const struct rule *rule)
{
	const struct place *place = rule_place(rule);
	const char *name = place ? place->name : "";
	size_t length = strlen(name);
	bool has_place =
		strncmp(rule->id, name, length) == 0 && rule->id[length] == '-';
	const char *rest = has_place ? rule->id + length + 1 : rule->id;
	return strchr(rest, '-') ? rest : rule->id;
}

static const char *attribute_rule(const dfh_rules *rules,
				  const struct dcm_path *path)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (rules->rules[i].each.kind == EACH_NONE &&
		    rule_writes_path(&rules->rules[i], path))
			return allowance_name_of(&rules->rules[i]);
	return path->text;
}

const char *dispute_name(const struct search *search,
			 const struct dispute *dispute)
{
	return dispute->of_issuer
		       ? "issuer"
		       : attribute_rule(search->im->rules, dispute->attribute);
}

/* ---- which names there are ---- */

static const char *all_names(const struct search *search)
{
	const dfh_rules *rules = search->im->rules;
	struct arena *arena = search->dataset->arena;
	const char *list = kinds[0];
	for (size_t i = 1; kinds[i]; i++)
		list = arena_printf(arena, "%s,%s", list, kinds[i]);
	for (size_t k = 0; k < rules->match_count; k++) {
		const struct match_key *key = &rules->match[k];
		if (key->level != LEVEL_PATIENT)
			continue;
		list = arena_printf(
			arena, "%s,%s", list,
			attribute_rule(rules, &key->ids[0].paths[0]));
		for (size_t i = 0; i < key->same_count; i++)
			list = arena_printf(
				arena, "%s,%s", list,
				attribute_rule(rules, &key->same[i]));
	}
	return list;
}

int check_allowed(const struct search *search, dfh_error **error)
{
	struct arena *arena = search->dataset->arena;
	const char *known = search->how->allow ? all_names(search) : NULL;
	for (const char *at = search->how->allow; at && *at;) {
		size_t length = strcspn(at, ",");
		const char *name = arena_strndup(arena, at, length);
		if (!has_name(known, name))
			return error_set(error, DFH_USAGE,
					 "--allow takes some of %s, not '%s'",
					 known, name);
		at += length + (at[length] == ',');
	}
	return 0;
}

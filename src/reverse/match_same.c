/* What does not differ where it is the same patient, such as the birth date:
 * what FHIR says of it, legal or not, against what the dataset has. */
#include <stdio.h>
#include <string.h>

#include "codec.h"
#include "match.h"
#include "scheme.h"

/* ---- the rule that writes it ---- */

static size_t written_port_of(const struct rule *rule,
			      const struct dcm_path *path)
{
	size_t i = 0;
	while (rule->codec->ports[i].name &&
	       !(rule->ports[i].port && !rule->ports[i].read_only &&
		 strcmp(rule->ports[i].path.text, path->text) == 0))
		i++;
	return i;
}

bool rule_writes_path(const struct rule *rule, const struct dcm_path *path)
{
	return rule->can_put &&
	       rule->codec->ports[written_port_of(rule, path)].name != NULL;
}

/* ---- FHIR's value ---- */

static void note_refusal(void *context, const struct rule *rule,
			 enum note_kind kind, const char *text)
{
	bool *refused = context;
	(void)rule;
	(void)text;
	*refused = *refused || kind == NOTE_REFUSED;
}

/* What the rule makes of FHIR's value, or NULL; *refused: it has no form for
 * it. */
static const char *
text_of_fhir_value(const struct search *search, const struct rule *rule,
		   const struct dcm_path *path, enum fhir_release release,
		   const struct json_list *values, bool *refused)
{
	struct dataset *scratch = dataset_new();
	struct lens lens = {
		.rules = search->im->rules,
		.release = release,
		.arena = scratch->arena,
		.schemes = schemes_of(search->im->rules, &scratch->root,
				      scratch->arena),
		.note = note_refusal,
		.note_context = refused,
	};
	struct scope root = scope_root(&scratch->root);
	lens_put(&lens, rule, &root, values);
	const char *text = key_text(path, scratch, search->dataset->arena);
	dataset_free(scratch);
	return text;
}

/* What FHIR would say of the dataset, or NULL; a new reference. */
static json_object *value_of_dataset(const struct search *search,
				     const struct rule *rule,
				     enum fhir_release release)
{
	struct dataset *dataset = (struct dataset *)search->dataset;
	struct lens lens = {
		.rules = search->im->rules,
		.release = release,
		.arena = dataset->arena,
		.schemes = schemes_of(search->im->rules, &dataset->root,
				      dataset->arena),
	};
	struct scope root = scope_root(&dataset->root);
	struct json_list got = {0};
	lens_get(&lens, rule, &root, &got);
	json_object *value = got.count ? json_object_get(got.at[0]) : NULL;
	lens_values_free(&got);
	return value;
}

/* "1970", "1970-01-31T04:15:00Z" and "1970-01-31": one of them says more. */
static bool is_part(const char *a, const char *b)
{
	size_t of_a = strlen(a), of_b = strlen(b);
	const char *longer = of_a < of_b ? b : a;
	size_t length = of_a < of_b ? of_a : of_b;
	return length >= 4 && strncmp(a, b, length) == 0 &&
	       (!longer[length] || strchr("-T", longer[length]));
}

static bool is_time_type(const char *type)
{
	return strcmp(type, "date") == 0 || strcmp(type, "dateTime") == 0 ||
	       strcmp(type, "instant") == 0;
}

static bool is_blank_string(json_object *value)
{
	const char *text = json_string(value);
	return text && !text[strspn(text, " \t\r\n")];
}

/* Of a value that the rule has no form for. */
static enum sameness compare_refused(const struct search *search,
				     const struct rule *rule,
				     enum fhir_release release,
				     json_object *value)
{
	const char *said = json_string(value);
	json_object *has = value_of_dataset(search, rule, release);
	const char *text = json_string(has);
	enum sameness same =
		!said || !text || !is_time_type(rule->fhir[release]->type)
			? SAME_UNREADABLE
		: is_part(said, text) ? SAME_IN_PART
				      : SAME_NOT;
	json_object_put(has);
	return same;
}

static enum sameness compare_said_value(const struct search *search,
					const struct rule *rule,
					const struct dcm_path *path,
					enum fhir_release release,
					const struct json_list *values)
{
	bool refused = false;
	const char *has =
		key_text(path, search->dataset, search->dataset->arena);
	if (!has || !values->count || is_blank_string(values->at[0]))
		return SAME_NOT_SAID;
	const char *said = text_of_fhir_value(search, rule, path, release,
					      values, &refused);
	if (said)
		return strcmp(said, has) == 0 ? SAME : SAME_NOT;
	return refused ? compare_refused(search, rule, release, values->at[0])
		       : SAME_NOT_SAID;
}

/* Numbers and the like of a shape that neither release has were taken away
 * (release.c): why is said in their place. */
static bool is_taken_away(const dfh_rules *rules, const struct rule *rule,
			  json_object *value)
{
	char beside[64];
	if (!rules->data_absent || !rule->codec->needs)
		return false;
	snprintf(beside, sizeof beside, "_%s", rule->codec->needs);
	json_object *list =
		json_member(json_member(value, beside), "extension");
	for (size_t i = 0; i < json_count(list); i++)
		if (same_text(json_text(json_at(list, i), "url"),
			      rules->data_absent) &&
		    same_text(json_text(json_at(list, i), "valueCode"),
			      "error"))
			return true;
	return false;
}

static bool any_taken_away(const dfh_rules *rules, const struct rule *rule,
			   enum fhir_release release, json_object *object)
{
	const struct fhir_path *path = rule->fhir[release];
	struct json_list slots = {0};
	bool any = false;
	if (path && path->place == view_level_place(rules, LEVEL_PATIENT))
		fhir_path_slots(object, path, &slots);
	for (size_t i = 0; i < slots.count && !any; i++)
		any = is_taken_away(rules, rule,
				    fhir_path_value(slots.at[i], path));
	json_list_free(&slots);
	return any;
}

enum sameness same_in(const struct search *search, const struct view *view,
		      const struct dcm_path *path)
{
	const dfh_rules *rules = search->im->rules;
	const struct place *patient = view_level_place(rules, LEVEL_PATIENT);
	json_object *object = view->at[LEVEL_PATIENT];
	enum sameness worst = SAME_NOT_SAID;
	if (!patient || !object)
		return worst;
	struct json_list *values = view_values(view, NULL, patient, object);
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		enum sameness one = SAME_NOT_SAID;
		if (!rule_writes_path(rule, path))
			continue;
		if (values[i].count)
			one = compare_said_value(search, rule, path,
						 view->release, &values[i]);
		else if (key_text(path, search->dataset,
				  search->dataset->arena) &&
			 any_taken_away(rules, rule, view->release, object))
			one = SAME_UNREADABLE;
		worst = one > worst ? one : worst;
	}
	view_values_free(rules, values);
	return worst;
}

/* ---- another number ---- */

bool is_renumbered(const dfh_rules *rules, const struct dataset *before,
		   const struct dataset *after)
{
	for (size_t k = 0; k < rules->match_count; k++) {
		const struct match_key *key = &rules->match[k];
		for (size_t i = 0;
		     key->level == LEVEL_PATIENT && i < key->id_count; i++) {
			const struct dcm_path *path = &key->ids[i].paths[0];
			const char *was = key_text(path, before, after->arena);
			const char *is = key_text(path, after, after->arena);
			if (was && is && strcmp(was, is) != 0)
				return true;
		}
	}
	return false;
}

/* Why a dataset is not stamped, and what can be done about it. */
#include <string.h>

#include "error.h"
#include "match.h"

const char *attribute_name(const struct search *search,
			   const struct dcm_path *path)
{
	const struct dcm_tag *tag = &path->tags[path->depth - 1];
	struct arena *arena = search->dataset->arena;
	if (tag->creator)
		return path->text;
	return arena_printf(arena, "%s (%04x,%04x)", path->text, tag->group,
			    tag->element);
}

/* The attribute of a key, that which the subject gives if there are several. */
static const char *key_name(const struct search *search, size_t key,
			    const struct key_values *of)
{
	const struct match_key *by = &search->im->rules->match[key];
	size_t id = of && of->count ? of->at[0].id : 0;
	return attribute_name(search, &by->ids[id].paths[0]);
}

static const char *and_also(const struct search *search, const char *list,
			    const char *name)
{
	return list ? arena_printf(search->dataset->arena, "%s, %s", list, name)
		    : name;
}

static int refuse_match(const struct search *search, enum dfh_reason reason,
			dfh_error **error, const char *why)
{
	return error_because(error, reason, "%s: not stamped: %s", search->file,
			     why);
}

/* ---- nothing agrees ---- */

static bool any_gives(const struct search *search, size_t key)
{
	const struct subjects *all = &search->im->subjects;
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].keys[key].count)
			return true;
	return false;
}

int refuse_none(const struct search *search, dfh_error **error)
{
	const dfh_rules *rules = search->im->rules;
	struct arena *arena = search->dataset->arena;
	const char *wanted = NULL, *given = NULL, *both = NULL;
	if (!search->im->subjects.count)
		return refuse_match(search, DFH_NO_MATCH, error,
				    "the Bundle has no study and no patient");
	for (size_t k = 0; k < rules->match_count; k++) {
		const struct key_values *has = &search->values[k];
		if (search->only && search->only != &rules->match[k])
			continue;
		bool gives = any_gives(search, k);
		const char *name = key_name(search, k, has);
		wanted = and_also(search, wanted, name);
		if (gives)
			given = and_also(search, given, name);
		if (gives && has->count)
			both = and_also(search, both, name);
	}
	if (both)
		return refuse_match(
			search, DFH_NO_MATCH, error,
			arena_printf(arena,
				     "the Bundle speaks of other studies "
				     "or patients: none has its %s",
				     both));
	return refuse_match(search, DFH_NO_MATCH, error,
			    arena_printf(arena, "%s to match by: %s",
					 given ? "the file has nothing"
					       : "the Bundle gives nothing",
					 given ? given : wanted));
}

/* ---- several ---- */

int refuse_several(const struct search *search, const struct choice *choice,
		   dfh_error **error)
{
	return refuse_match(
		search, DFH_AMBIGUOUS, error,
		arena_printf(search->dataset->arena,
			     "several studies or patients of the Bundle have "
			     "its %s; leave out the others, or give what tells "
			     "them apart",
			     key_name(search, choice->key,
				      &choice->subject->keys[choice->key])));
}

/* ---- less than there could be ---- */

static bool is_issued(const struct key_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		for (size_t k = 0; k < values->at[i].issuer_count; k++)
			if (values->at[i].issuer[k])
				return true;
	return false;
}

/* How it is with an issuer that only one side names. */
static const char *issuer_words(const struct key_values *gives,
				const struct key_values *has)
{
	if (!is_issued(has))
		return "is in the Bundle and not in the file";
	return is_issued(gives) ? "is named in another way in the file"
				: "is in the file and not in the Bundle";
}

/* The surest key that FHIR gives, and how they do not agree in it. */
static const char *missing_key(const struct search *search,
			       const struct choice *choice)
{
	struct arena *arena = search->dataset->arena;
	for (size_t k = 0; k <= choice->key; k++) {
		const struct key_values *gives = &choice->subject->keys[k];
		const struct key_values *has = &search->values[k];
		enum agreement agrees = key_agreement(gives, has);
		if (!gives->count || agrees >= AGREES)
			continue;
		const char *name = key_name(search, k, gives);
		if (agrees == AGREES_NOT)
			return arena_printf(arena,
					    "the Bundle also gives %s, which "
					    "the file %s",
					    name,
					    has->count ? "has otherwise"
						       : "does not have");
		return arena_printf(arena, "the issuer of %s %s", name,
				    agrees == AGREES_LESS
					    ? issuer_words(gives, has)
					    : "is another");
	}
	return "the Bundle speaks of several studies of the patient";
}

int refuse_less(const struct search *search, const struct choice *choice,
		dfh_error **error)
{
	const struct match_key *key = &search->im->rules->match[choice->key];
	struct arena *arena = search->dataset->arena;
	const char *by = key_name(search, choice->key,
				  &choice->subject->keys[choice->key]);
	return refuse_match(
		search, DFH_NO_MATCH, error,
		arena_printf(arena,
			     "only %s agrees: %s; if that is enough, use "
			     "--match %s%s",
			     by, missing_key(search, choice), key->name,
			     key->level == LEVEL_PATIENT
				     ? ", which stamps what is said of "
				       "the patient"
				     : ""));
}

int refuse_issuers(const struct search *search, const struct choice *choice,
		   size_t key, dfh_error **error)
{
	return refuse_match(
		search, DFH_AMBIGUOUS, error,
		arena_printf(
			search->dataset->arena,
			"files of several issuers have its %s, and "
			"the Bundle does not say whose it is; name "
			"the issuer there, or stamp the files of "
			"that issuer alone",
			key_name(search, key, &choice->subject->keys[key])));
}

/* ---- contradictions ---- */

int refuse_dispute(const struct search *search, const struct choice *choice,
		   const struct dispute *dispute, dfh_error **error)
{
	const struct match_key *key = &search->im->rules->match[choice->key];
	const char *name = attribute_name(search, dispute->attribute);
	const char *allow = dispute_name(search, dispute);
	bool of_patient = key->level == LEVEL_PATIENT;
	if (dispute->is_unreadable)
		return refuse_match(
			search, DFH_CONTRADICTION, error,
			arena_printf(search->dataset->arena,
				     "the Bundle has the patient with "
				     "another form of %s, which cannot "
				     "be compared; see whether it is the "
				     "patient, or use --allow %s "
				     "--reason TEXT",
				     name, allow));
	return refuse_match(
		search, DFH_CONTRADICTION, error,
		arena_printf(search->dataset->arena,
			     "the Bundle has %s%s under another patient: %s%s "
			     "is another; see which is right, or use --allow "
			     "%s --reason TEXT",
			     of_patient ? "the same id" : "this ",
			     of_patient ? "" : key->name,
			     dispute->of_issuer ? "the issuer of " : "", name,
			     allow));
}

int refuse_subject(const struct search *search, const struct choice *choice,
		   dfh_error **error)
{
	const struct match_key *key = &search->im->rules->match[choice->key];
	return refuse_match(
		search, DFH_NO_SUBJECT, error,
		arena_printf(search->dataset->arena,
			     "nobody says whose the %s is: its subject leads "
			     "to no patient that was given, or to one who "
			     "cannot be compared; give the patient as well, or "
			     "use --allow subject --reason TEXT",
			     key->name));
}

int refuse_resource(const struct search *search, const struct place *place,
		    dfh_error **error)
{
	return refuse_match(
		search, DFH_WITHDRAWN, error,
		arena_printf(search->dataset->arena,
			     "the %s of the Bundle is one that place "
			     "'%s' of the rules refuses, such as one "
			     "entered in error, or one that was deleted; "
			     "see which is right, or use --allow withdrawn "
			     "--reason TEXT",
			     place->type, place->name));
}

int refuse_doubt(const struct search *search, const struct doubt *doubt,
		 dfh_error **error)
{
	struct arena *arena = search->dataset->arena;
	const char *type = doubt->place->type;
	if (doubt->kind == DOUBT_TORN)
		return refuse_match(
			search, DFH_AMBIGUOUS, error,
			arena_printf(arena,
				     "two accounts of its %s were read, "
				     "and they differ; leave out all but "
				     "the right one",
				     type));
	if (doubt->kind == DOUBT_NAMED)
		return refuse_match(
			search, DFH_CONTRADICTION, error,
			arena_printf(arena,
				     "the reference to its %s gives an "
				     "identifier that this %s has "
				     "otherwise; see which is right",
				     type, type));
	return refuse_match(
		search, DFH_CONTRADICTION, error,
		arena_printf(arena,
			     "the %s of the Bundle has a modifier "
			     "extension or implicit rules, which can "
			     "change what the rest means; see whether it "
			     "does, or use --allow modifier --reason "
			     "TEXT",
			     type));
}

int refuse_deidentified(const struct search *search, dfh_error **error)
{
	const struct deidentified *by = &search->im->rules->deidentified;
	return refuse_match(
		search, DFH_CONTRADICTION, error,
		arena_printf(search->dataset->arena,
			     "its identity was removed: %s is %s; to give "
			     "it one again, use --allow de-identified "
			     "--reason TEXT",
			     attribute_name(search, &by->flag), by->is));
}

int refuse_key(const struct search *search, dfh_error **error)
{
	const dfh_rules *rules = search->im->rules;
	const char *list = NULL;
	for (size_t k = 0; k < rules->match_count; k++)
		list = and_also(search, list, rules->match[k].name);
	return error_set(error, DFH_USAGE, "--match takes one of %s, not '%s'",
			 list, search->how->match);
}

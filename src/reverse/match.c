/* Which of the things that a Bundle speaks of is this dataset? */
#include <stdlib.h>
#include <string.h>

#include "deidentified.h"
#include "error.h"
#include "import.h"
#include "json_pack.h"
#include "match.h"

/* ---- candidates ---- */

static enum agreement agreement_of(const struct search *search,
				   const struct subject *subject, size_t key)
{
	return key_agreement(&subject->keys[key], &search->values[key]);
}

bool same_patient(const struct subject *a, const struct subject *b)
{
	json_object *x = a->view.at[LEVEL_PATIENT];
	json_object *y = b->view.at[LEVEL_PATIENT];
	return x && (x == y || (y && json_object_equal(x, y)));
}

/* Is it another patient's, as far as ids tell? */
static bool subject_is_of_another(const struct search *search,
				  const struct subject *subject)
{
	const dfh_rules *rules = search->im->rules;
	for (size_t k = 0; k < rules->match_count; k++)
		if (rules->match[k].level == LEVEL_PATIENT &&
		    subject->keys[k].count && search->values[k].count &&
		    agreement_of(search, subject, k) < AGREES_LESS)
			return true;
	return false;
}

/* How surely is it of the dataset's patient? */
static int nearness_of(const struct search *search,
		       const struct subject *subject)
{
	const dfh_rules *rules = search->im->rules;
	int near = 0;
	for (size_t k = 0; k < rules->match_count; k++) {
		enum agreement agrees =
			rules->match[k].level == LEVEL_PATIENT
				? agreement_of(search, subject, k)
				: AGREES_NOT;
		int one = (agrees >= AGREES_LESS) + (agrees == AGREES_ISSUED);
		near = one > near ? one : near;
	}
	return near;
}

/* One more that has the same value.  What is found by its patient alone is
 * that patient, of whom there can be several studies. */
static void offer_subject(const struct search *search,
			  const struct subject *subject, size_t key,
			  struct choice *best)
{
	const struct match_key *by = &search->im->rules->match[key];
	enum agreement agrees = agreement_of(search, subject, key);
	/* The same number of another issuer is another number; but the same
	 * id of another issuer is to be told. */
	if (agrees == AGREES_NOT ||
	    (agrees == AGREES_BUT_ISSUER && by->level != LEVEL_PATIENT))
		return;
	bool worse = subject_is_of_another(search, subject) ||
		     view_refused(&subject->view);
	int order = !best->subject	     ? 1
		    : agrees != best->agrees ? (int)agrees - (int)best->agrees
		    : best->is_worse != worse
			    ? best->is_worse - worse
			    : nearness_of(search, subject) -
				      nearness_of(search, best->subject);
	if (order < 0)
		return;
	if (order > 0)
		*best = (struct choice){.subject = subject,
					.key = key,
					.agrees = agrees,
					.is_worse = worse};
	else if (subject == best->subject)
		return;
	else if (by->level == LEVEL_PATIENT &&
		 same_patient(subject, best->subject))
		best->of_same_patient++;
	else
		best->others++;
}

/* Another that has the value where its issuer does not say which is meant:
 * both agree in less than they could, though not equally. */
static void count_other(const struct search *search,
			const struct subject *subject, size_t key,
			struct choice *best)
{
	bool of_patient = search->im->rules->match[key].level == LEVEL_PATIENT;
	enum agreement agrees = agreement_of(search, subject, key);
	if (subject == best->subject || view_refused(&subject->view) ||
	    (of_patient && same_patient(subject, best->subject)) ||
	    (!of_patient &&
	     (agrees < AGREES_LESS || subject_is_of_another(search, subject))))
		return;
	best->others++;
}

/* Each once, however many values it has. */
typedef void visit_subject(const struct search *search,
			   const struct subject *subject, size_t key,
			   struct choice *best);

static void each_with(const struct search *search, size_t key,
		      visit_subject *visit, struct choice *best)
{
	const struct subjects *all = &search->im->subjects;
	const struct key_values *values = &search->values[key];
	struct lh_table *seen = lh_by_address(16, NULL);
	for (size_t i = 0; i < values->count; i++) {
		size_t count;
		const size_t *with =
			subjects_with(all, key, &values->at[i], &count);
		for (size_t k = 0; k < count; k++) {
			const struct subject *one = &all->at[with[k]];
			if (lh_table_lookup_entry(seen, one))
				continue;
			lh_add(seen, one, NULL);
			json_unpack(one->view.at[LEVEL_PATIENT]);
			visit(search, one, key, best);
		}
	}
	lh_table_free(seen);
}

static bool has_issuer(const struct match_key *key)
{
	for (size_t i = 0; i < key->id_count; i++)
		if (key->ids[i].count > 1)
			return true;
	return false;
}

static struct choice find_by(const struct search *search, size_t key)
{
	struct choice best = {0};
	each_with(search, key, offer_subject, &best);
	if (best.subject && !best.others && best.agrees < AGREES_ISSUED &&
	    has_issuer(&search->im->rules->match[key]))
		each_with(search, key, count_other, &best);
	return best;
}

/* By the surest key that anything agrees in. */
static struct choice choose_subject(const struct search *search)
{
	const dfh_rules *rules = search->im->rules;
	struct choice found = {0};
	for (size_t k = 0; k < rules->match_count && !found.subject; k++)
		if (!search->only || search->only == &rules->match[k])
			found = find_by(search, k);
	return found;
}

/* ---- what speaks against it ---- */

/* A surer key that FHIR gives, and in which they do not agree. */
static bool surer_key(const struct search *search, const struct choice *choice,
		      size_t *key)
{
	for (size_t k = 0; k < choice->key; k++) {
		*key = k;
		if (choice->subject->keys[k].count &&
		    agreement_of(search, choice->subject, k) < AGREES)
			return true;
	}
	return false;
}

static void tell_part(const struct search *search,
		      const struct subject *subject,
		      const struct dcm_path *attribute)
{
	report_add(search->im->report, REPORT_KEPT, NULL, subject->view.release,
		   attribute_name(search, attribute), search->file,
		   "FHIR says a part of it, which does not differ and proves "
		   "nothing");
}

/* What does not differ for one of the same id. */
static bool attribute_differs(const struct search *search,
			      const struct subject *subject,
			      const struct dcm_path *attribute,
			      struct dispute *out)
{
	enum sameness same = same_in(search, &subject->view, attribute);
	if (same == SAME_IN_PART)
		tell_part(search, subject, attribute);
	*out = (struct dispute){.attribute = attribute,
				.is_unreadable = same == SAME_UNREADABLE};
	return same >= SAME_UNREADABLE &&
	       !allows(search, dispute_name(search, out));
}

/* What is said of the patient, does not go with the dataset and is not allowed:
 * an id, its issuer, or what does not differ for one of the same id. */
static bool find_dispute(const struct search *search,
			 const struct subject *subject, struct dispute *out)
{
	const dfh_rules *rules = search->im->rules;
	for (size_t k = 0; k < rules->match_count; k++) {
		const struct match_key *key = &rules->match[k];
		if (key->level != LEVEL_PATIENT)
			continue;
		*out = (struct dispute){.attribute = &key->ids[0].paths[0]};
		enum agreement agrees = agreement_of(search, subject, k);
		out->of_issuer = agrees == AGREES_BUT_ISSUER;
		if (subject->keys[k].count && search->values[k].count &&
		    agrees < AGREES_LESS &&
		    !allows(search, dispute_name(search, out)))
			return true;
		/* FHIR gives numbers, and none of them can be read */
		if (!subject->keys[k].count && search->values[k].count &&
		    attribute_differs(search, subject, &key->ids[0].paths[0],
				      out))
			return true;
		for (size_t i = 0; i < key->same_count; i++)
			if (attribute_differs(search, subject, &key->same[i],
					      out))
				return true;
	}
	return false;
}

/* ---- what of it is taken ---- */

/* With --match patient, a file of a study that the Bundle has is that study's
 * nevertheless. */
static void prefer_surer(const struct search *search, struct choice *choice)
{
	for (size_t k = 0; k < choice->key; k++) {
		struct choice surer = find_by(search, k);
		if (surer.subject && surer.agrees >= AGREES && !surer.others &&
		    !surer.of_same_patient &&
		    same_patient(surer.subject, choice->subject)) {
			choice->subject = surer.subject;
			choice->of_same_patient = 0;
			return;
		}
	}
}

/* ---- the match ---- */

static int refuse_by(const struct search *search, const struct choice *choice,
		     struct matched *out, dfh_error **error)
{
	const dfh_stamp_options *how = search->how;
	struct dispute dispute;
	size_t surer, issued;
	bool less = !search->only &&
		    (choice->agrees == AGREES_LESS || choice->of_same_patient ||
		     surer_key(search, choice, &surer));
	if (choice->others)
		return refuse_several(search, choice, error);
	if (choice->of_same_patient && !search->only)
		return refuse_less(search, choice, error);
	const struct place *refused = view_refused(&out->view);
	const struct doubt doubt = find_doubt(&out->view);
	bool of_several = proof_of(search, choice) != PROVES_STUDY &&
			  issuers_are_several(search, choice, &issued);
	out->forced = less;
	if (doubt.kind >= DOUBT_NAMED)
		return refuse_doubt(search, &doubt, error);
	if (of_several && (how->force || !less))
		return refuse_issuers(search, choice, issued, error);
	if (doubt.kind && !allows(search, "modifier"))
		return refuse_doubt(search, &doubt, error);
	if (refused && !allows(search, "withdrawn"))
		return refuse_resource(search, refused, error);
	if (find_dispute(search, choice->subject, &dispute))
		return refuse_dispute(search, choice, &dispute, error);
	if (less && !how->force)
		return refuse_less(search, choice, error);
	if (!subject_is_told(search, choice) && !allows(search, "subject"))
		return refuse_subject(search, choice, error);
	return 0;
}

/* Neither side has anything to match by, and there is but one: that can be
 * forced, for nothing speaks against it. */
static bool is_nameless(const struct search *search)
{
	const struct subjects *all = &search->im->subjects;
	if (!search->how->force || search->only || all->count != 1)
		return false;
	for (size_t k = 0; k < search->im->rules->match_count; k++)
		if (all->at[0].keys[k].count || search->values[k].count)
			return false;
	return true;
}

static void find_levels(const struct search *search, struct matched *out)
{
	view_find_levels(search->im, search->dataset, &out->view);
}

static struct choice find_choice(const struct search *search)
{
	struct choice choice = choose_subject(search);
	if (choice.subject && !choice.others && search->only &&
	    search->im->rules->match[choice.key].level == LEVEL_PATIENT)
		prefer_surer(search, &choice);
	return choice;
}

static int match_in(struct search *search, struct matched *out,
		    dfh_error **error)
{
	struct choice choice = find_choice(search);
	if (!choice.subject && is_nameless(search)) {
		json_unpack(search->im->subjects.at[0].view.at[LEVEL_PATIENT]);
		*out = (struct matched){.view = search->im->subjects.at[0].view,
					.forced = true};
		find_levels(search, out);
		return 0;
	}
	if (!choice.subject)
		return refuse_none(search, error);
	const struct match_key *key = &search->im->rules->match[choice.key];
	*out = (struct matched){.view = proven_view(search, &choice),
				.key = key->name};
	find_levels(search, out);
	return refuse_by(search, &choice, out, error);
}

static int find_only(struct search *search, dfh_error **error)
{
	const dfh_rules *rules = search->im->rules;
	const char *name = search->how->match;
	for (size_t k = 0; name && k < rules->match_count; k++)
		if (strcmp(rules->match[k].name, name) == 0)
			search->only = &rules->match[k];
	if (name && !search->only)
		return refuse_key(search, error);
	return check_allowed(search, error);
}

static struct search search_for(struct dfh_import *im,
				const struct dataset *dataset, const char *file,
				const dfh_stamp_options *how)
{
	const dfh_rules *rules = im->rules;
	struct search search = {
		.im = im, .dataset = dataset, .file = file, .how = how};
	search.allowed = arena_alloc(dataset->arena, DFH_ALLOWED_MAX);
	search.values =
		arena_alloc(dataset->arena, (rules->match_count + 1) *
						    sizeof(struct key_values));
	import_subjects(im);
	for (size_t k = 0; k < rules->match_count; k++)
		key_read(&rules->match[k], dataset, dataset->arena,
			 &search.values[k]);
	return search;
}

int match(struct dfh_import *im, const struct dataset *dataset,
	  const char *file, const dfh_stamp_options *how, struct matched *out,
	  dfh_error **error)
{
	struct search search = search_for(im, dataset, file, how);
	if (find_only(&search, error) < 0)
		return -1;
	bool was_removed = is_deidentified(im->rules, dataset);
	if (was_removed && !allows(&search, "de-identified"))
		return refuse_deidentified(&search, error);
	int result = match_in(&search, out, error);
	out->forced = out->forced || *search.allowed;
	memcpy(out->allowed, search.allowed, sizeof out->allowed);
	return result;
}

bool match_wants_survey(struct dfh_import *im, const dfh_stamp_options *how)
{
	const dfh_rules *rules = im->rules;
	const struct subjects *all = import_subjects(im);
	bool wants = how->match || how->force || how->allow;
	for (size_t i = 0; i < all->count && !wants; i++) {
		wants = true;
		for (size_t k = 0; k < rules->match_count && wants; k++)
			wants = rules->match[k].proves != PROVES_STUDY ||
				!all->at[i].keys[k].count;
	}
	return wants;
}

void match_survey(struct dfh_import *im, const struct dataset *dataset,
		  const char *file, const dfh_stamp_options *how)
{
	struct search search = search_for(im, dataset, file, how);
	size_t key;
	if (find_only(&search, NULL) < 0)
		return;
	struct choice choice = find_choice(&search);
	if (choice.subject && !choice.others &&
	    proof_of(&search, &choice) != PROVES_STUDY)
		issuers_are_several(&search, &choice, &key);
}

/* What a match allows: an accession number is the order's, which can have
 * several studies (PS3.3 C.7.2.1); a patient's number is the patient's alone.
 */
#include "error.h"
#include "json_pack.h"
#include "match.h"

static enum agreement agreement_in(const struct search *search,
				   const struct subject *subject, size_t key)
{
	return key_agreement(&subject->keys[key], &search->values[key]);
}

enum proof proof_of(const struct search *search, const struct choice *choice)
{
	const dfh_rules *rules = search->im->rules;
	enum proof proves = rules->match[choice->key].proves;
	for (size_t k = 0; k < rules->match_count; k++)
		if (rules->match[k].proves > proves &&
		    agreement_in(search, choice->subject, k) >= AGREES)
			proves = rules->match[k].proves;
	return proves;
}

bool subject_is_told(const struct search *search, const struct choice *choice)
{
	const dfh_rules *rules = search->im->rules;
	const struct subject *subject = choice->subject;
	bool compared = false;
	if (proof_of(search, choice) != PROVES_ORDER)
		return true;
	for (size_t k = 0; k < rules->match_count; k++) {
		const struct match_key *key = &rules->match[k];
		if (key->level != LEVEL_PATIENT)
			continue;
		if (agreement_in(search, subject, k) >= AGREES_LESS)
			return true;
		/* Where they do not agree, that is a dispute. */
		compared = compared || subject->keys[k].count ||
			   !search->values[k].count;
		for (size_t i = 0; i < key->same_count; i++)
			compared = compared || same_in(search, &subject->view,
						       &key->same[i]) == SAME;
	}
	return subject->view.at[LEVEL_PATIENT] && compared;
}

/* How surely an order by itself is one of the dataset's. */
static enum agreement order_agrees(const struct search *search,
				   const struct view *view, json_object *order)
{
	const dfh_rules *rules = search->im->rules;
	struct view one = {.rules = rules,
			   .release = view->release,
			   .index = view->index,
			   .kin = view->kin,
			   .today = view->today,
			   .loose = order};
	struct dataset *mapped = found_by(search->im, &one);
	enum agreement best = AGREES_NOT;
	for (size_t k = 0; k < rules->match_count; k++) {
		struct key_values keys = {0};
		if (rules->match[k].proves != PROVES_ORDER)
			continue;
		key_read(&rules->match[k], mapped, mapped->arena, &keys);
		enum agreement agrees =
			key_agreement(&keys, &search->values[k]);
		best = agrees > best ? agrees : best;
	}
	dataset_free(mapped);
	return best;
}

static void orders_of(const struct view *view, struct json_list *out)
{
	for (size_t i = 0; i < view->rules->place_count; i++)
		if (view_can_be_loose(&view->rules->places[i], view->release))
			view_objects(view, &view->rules->places[i], out);
}

static json_object *proven_order(const struct search *search,
				 const struct view *view,
				 const struct json_list *orders)
{
	enum agreement best = AGREES_BUT_ISSUER;
	json_object *found = NULL;
	for (size_t i = 0; i < orders->count; i++) {
		enum agreement agrees =
			order_agrees(search, view, orders->at[i]);
		if (agrees > best) {
			best = agrees;
			found = orders->at[i];
		}
	}
	return found;
}

/* Did the subject offer such a key, which does not agree?  Then it was refused,
 * and who forces it wants it. */
static bool is_forced(const struct search *search, const struct choice *choice,
		      enum proof proves)
{
	const dfh_rules *rules = search->im->rules;
	for (size_t k = 0; k < rules->match_count; k++)
		if (search->how->force && !search->only &&
		    rules->match[k].proves == proves &&
		    choice->subject->keys[k].count)
			return true;
	return false;
}

static void tell_aside(const struct search *search, json_object *resource)
{
	report_add_path(search->im->report, REPORT_ASIDE,
			resource_type(resource), search->file,
			"nothing in it proves that it is the dataset's");
}

/* Is it of the patient of the study, and not refused? */
static bool is_of_study_patient(const struct choice *choice,
				const struct subject *subject)
{
	json_unpack(subject->view.at[LEVEL_PATIENT]);
	return same_patient(subject, choice->subject) &&
	       !view_refused(&subject->view);
}

/* Of the orders that have the dataset's number, and to which no study leads,
 * all and those of the patient; of one number. */
static void find_numbered_so(const struct search *search,
			     const struct choice *choice, size_t key,
			     const struct key_value *value,
			     struct lh_table *all, struct json_list *own)
{
	const struct subjects *subjects = &search->im->subjects;
	size_t count;
	const size_t *with = subjects_with(subjects, key, value, &count);
	for (size_t i = 0; i < count; i++) {
		const struct subject *one = &subjects->at[with[i]];
		json_object *order = one->view.loose;
		if (!order || lh_table_lookup_entry(all, order) ||
		    agreement_in(search, one, key) < AGREES)
			continue;
		lh_add(all, order, NULL);
		if (is_of_study_patient(choice, one))
			json_list_add(own, order);
	}
}

/* A study that leads to no order: the only one of the dataset's number and of
 * its patient is its own.  Others of the number are told. */
static void add_own_order(const struct search *search,
			  const struct choice *choice, struct view *view)
{
	const dfh_rules *rules = search->im->rules;
	struct json_list led = {0}, own = {0};
	if (!view->at[LEVEL_STUDY])
		return;
	struct lh_table *all = lh_by_address(16, NULL);
	orders_of(view, &led);
	for (size_t k = 0; k < rules->match_count; k++)
		for (size_t i = 0; rules->match[k].proves == PROVES_ORDER &&
				   i < search->values[k].count;
		     i++)
			find_numbered_so(search, choice, k,
					 &search->values[k].at[i], all, &own);
	if (!led.count && own.count == 1) {
		view->loose = own.at[0];
		view->led = NULL;
	}
	for (struct lh_entry *at = all->head; at; at = at->next)
		if (lh_entry_k(at) != view->loose)
			tell_aside(search, (json_object *)lh_entry_k(at));
	json_list_free(&led);
	lh_table_free(all);
	json_list_free(&own);
}

struct view proven_view(const struct search *search,
			const struct choice *choice)
{
	struct view view = choice->subject->view;
	enum proof proves = proof_of(search, choice);
	struct json_list orders = {0};
	if (proves == PROVES_STUDY || is_forced(search, choice, PROVES_STUDY)) {
		add_own_order(search, choice, &view);
		return view;
	}
	orders_of(&view, &orders);
	json_object *order = NULL;
	if (proves == PROVES_ORDER)
		order = proven_order(search, &view, &orders);
	else if (is_forced(search, choice, PROVES_ORDER))
		order = view.loose;
	if (view.at[LEVEL_STUDY])
		tell_aside(search, view.at[LEVEL_STUDY]);
	for (size_t i = 0; i < orders.count; i++)
		if (orders.at[i] != order)
			tell_aside(search, orders.at[i]);
	view.at[LEVEL_STUDY] = NULL;
	view.loose = order;
	json_list_free(&orders);
	return view;
}

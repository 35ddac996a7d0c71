#include "choose.h"

#include <stdlib.h>
#include <string.h>

#include "fhir_modifier.h"
#include "view.h"

static const struct criterion *criterion_of(const struct place *place,
					    enum criterion_kind kind)
{
	for (size_t i = 0; i < place->choose_count; i++)
		if (place->choose[i].kind == kind)
			return &place->choose[i];
	return NULL;
}

/* ---- what a resource says ---- */

static bool matches_any_pattern(json_object *resource, json_object *patterns)
{
	size_t count = json_count(patterns);
	for (size_t i = 0; i < count; i++)
		if (json_matches(resource, json_at(patterns, i)))
			return true;
	return false;
}

static json_object *first_member(const struct criterion *criterion,
				 json_object *resource)
{
	json_object *found = NULL;
	for (size_t i = 0; criterion && !found && i < criterion->member_count;
	     i++)
		found = json_member(resource, criterion->members[i]);
	return found;
}

/* A modifier that nobody reads can turn it into its contrary. */
static bool fits_place(const struct view *view, const struct place *place,
		       json_object *resource)
{
	for (size_t i = 0; i < place->choose_count; i++) {
		const struct criterion *one = &place->choose[i];
		if (one->kind == CHOOSE_ONLY &&
		    !matches_any_pattern(resource,
					 one->patterns[view->release]))
			return false;
		if (one->kind == CHOOSE_HAS && !first_member(one, resource))
			return false;
	}
	return !fhir_index_is_modified(view->index, resource);
}

static bool read_moment(json_object *text, struct moment *out)
{
	return json_string(text) && moment_read_fhir(json_string(text), out) &&
	       out->day;
}

/* A date, an instant or a Period; one that does not end is as long as its
 * beginning. */
static void read_when(const struct criterion *criterion, json_object *resource,
		      struct candidate *out)
{
	json_object *when = first_member(criterion, resource);
	json_object *start = json_member(when, "start");
	json_object *end = json_member(when, "end");
	struct moment from = {0}, to = {0};
	bool begins = read_moment(start ? start : when, &from);
	bool ends = end && read_moment(end, &to);
	if (!begins && !ends)
		return;
	out->from = begins ? from : to;
	out->to = ends ? to : from;
}

/* How far behind in the list of a criterion the first pattern is that fits. */
static size_t preference_of(const struct criterion *criterion,
			    enum fhir_release release, json_object *resource)
{
	size_t i = 0, count = json_count(criterion->patterns[release]);
	while (i < count &&
	       !json_matches(resource,
			     json_at(criterion->patterns[release], i)))
		i++;
	return i;
}

static void rank_candidate(const struct view *view, const struct place *place,
			   struct candidate *one)
{
	for (size_t i = 0; i < place->choose_count; i++)
		one->ranks[i] =
			place->choose[i].kind == CHOOSE_PREFER
				? preference_of(&place->choose[i],
						view->release, one->resource)
				: 0;
}

struct candidates *candidates_new(const struct view *view,
				  const struct place *place,
				  const struct json_list *all)
{
	struct candidates *out = xmalloc(sizeof *out);
	const struct criterion *when = criterion_of(place, CHOOSE_OF_DAY);
	if (!when)
		when = criterion_of(place, CHOOSE_NEAREST);
	*out = (struct candidates){
		.at = xmalloc((all->count + 1) * sizeof *out->at),
		.ranks = xmalloc((all->count + 1) * (place->choose_count + 1) *
				 sizeof *out->ranks)};
	for (size_t i = 0; i < all->count; i++) {
		struct candidate *one = &out->at[out->count];
		if (!place_has(place, view->release, all->at[i]))
			continue;
		*one = (struct candidate){
			.resource = all->at[i],
			.fits = fits_place(view, place, all->at[i]),
			.names_study =
				place->believed_by &&
				json_member(all->at[i], place->believed_by),
			.ranks = out->ranks + out->count * place->choose_count};
		read_when(when, all->at[i], one);
		rank_candidate(view, place, one);
		out->count++;
	}
	return out;
}

void candidates_free(struct candidates *candidates)
{
	if (candidates) {
		free(candidates->at);
		free(candidates->ranks);
	}
	free(candidates);
}

/* ---- against the study ---- */

/* By the clock of the study, where both are told with a zone; else as it is
 * written. */
static struct moment by_clock_of(const struct moment *start,
				 const struct moment *moment)
{
	struct moment out = *moment;
	if (start->has_zone && moment->has_time && moment->has_zone &&
	    moment_at_offset(moment, start->offset, &out))
		return out;
	return *moment;
}

static bool is_on_study_day(const struct moment *start,
			    const struct moment *moment)
{
	const struct moment local = by_clock_of(start, moment);
	return moment->day && start->day && moment_same_date(start, &local);
}

/* A Period is of the day on which it begins or ends. */
static bool candidate_is_of_day(const struct moment *start,
				const struct candidate *candidate)
{
	return is_on_study_day(start, &candidate->from) ||
	       is_on_study_day(start, &candidate->to);
}

static int64_t seconds_of(const struct moment *start,
			  const struct moment *moment)
{
	struct moment local = by_clock_of(start, moment);
	local.has_zone = false;
	return moment_utc(&local);
}

/* In seconds; a day without a time is farther than any time of it, and what has
 * no day is the farthest. */
static int64_t seconds_between(const struct moment *start,
			       const struct candidate *candidate)
{
	enum { DAY_SECONDS = 86400 };
	const struct moment *from = &candidate->from, *to = &candidate->to;
	if (!start->day || !from->day)
		return INT64_MAX;
	int64_t days = labs(moment_days(start) - moment_days(from));
	if (!start->has_time || !from->has_time)
		return days * DAY_SECONDS + DAY_SECONDS;
	int64_t at = seconds_of(start, start), first = seconds_of(start, from);
	int64_t last = to->has_time ? seconds_of(start, to) : first;
	if (at < first)
		return first - at;
	return at > last ? at - last : 0;
}

/* Below 0: a is the better one. */
static int compare_by_criteria(const struct place *place,
			       const struct moment *start,
			       const struct candidate *a,
			       const struct candidate *b)
{
	for (size_t i = 0; i < place->choose_count; i++) {
		bool by_time = place->choose[i].kind == CHOOSE_NEAREST;
		int64_t x = by_time ? seconds_between(start, a)
				    : (int64_t)a->ranks[i];
		int64_t y = by_time ? seconds_between(start, b)
				    : (int64_t)b->ranks[i];
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

/* Two that have the same value need not be told apart. */
static bool same_value(const struct place *place, const struct candidate *a,
		       const struct candidate *b)
{
	const struct criterion *has = criterion_of(place, CHOOSE_HAS);
	json_object *x = first_member(has, a->resource);
	json_object *y = first_member(has, b->resource);
	return x && y && json_object_equal(x, y);
}

struct chosen choose(const struct view *view, const struct place *place,
		     const struct candidates *candidates,
		     const struct moment *start, bool any_day,
		     int (*kinship)(const struct view *view,
				    const struct place *place,
				    json_object *resource))
{
	const struct candidate *best = NULL;
	bool of_day = !any_day && criterion_of(place, CHOOSE_OF_DAY);
	bool tie = false;
	for (size_t i = 0; i < candidates->count; i++) {
		const struct candidate *one = &candidates->at[i];
		if (!one->fits || (any_day && !one->names_study) ||
		    (of_day && !candidate_is_of_day(start, one)))
			continue;
		/* What changes nothing is not looked at further: a patient has
		 * many of one day. */
		int order = best ? compare_by_criteria(place, start, one, best)
				 : -1;
		if (order > 0 || (order == 0 && tie) ||
		    kinship(view, place, one->resource) < 0 ||
		    view_refuses(view, place, one->resource))
			continue;
		if (order < 0) {
			best = one;
			tie = false;
		} else if (order == 0) {
			tie = tie || !same_value(place, one, best);
		}
	}
	return (struct chosen){best && !tie ? best->resource : NULL, tie};
}

const char *choose_why_not(const struct place *place,
			   const struct candidate *candidate,
			   const struct moment *start)
{
	if (!candidate->fits)
		return "it is not of a kind that the place chooses, has no "
		       "value, or a modifier";
	if (criterion_of(place, CHOOSE_OF_DAY) &&
	    !candidate_is_of_day(start, candidate))
		return "it is not told to be of the study or of its day";
	return "another one is nearer";
}

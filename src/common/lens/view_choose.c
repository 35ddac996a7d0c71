/* Of several resources of a place, the one that is meant: by whom they lead to,
 * or as the place chooses. */
#include "view.h"

#include <stdlib.h>
#include <string.h>

#include "choose.h"
#include "codec.h"
#include "led.h"
#include "view_parts.h"

/* How one reference of a resource stands to an object: 1 leads to it, 0 says
 * nothing, -1 leads elsewhere. */
static int leads_to(const struct view *view, json_object *resource,
		    const struct place_ref *ref, json_object *to)
{
	json_object *member = json_member(resource, ref->element);
	bool array = json_object_is_type(member, json_type_array);
	size_t count = !member ? 0 : array ? json_count(member) : 1;
	for (size_t i = 0; i < count; i++) {
		json_object *reference = array ? json_at(member, i) : member;
		json_object *found =
			view_resolve(view, resource, reference, ref->to->type);
		/* Who has no entry of his own is contained wherever he is
		 * referred to, each time in the same words. */
		if (to && (found == to || json_object_equal(found, to)))
			return 1;
	}
	return count ? -1 : 0;
}

/* The same of a place; of one without a key any of its objects will do. */
static int leads_to_place(const struct view *view, json_object *resource,
			  const struct place_ref *ref)
{
	struct json_list all = {0};
	int found = 0;
	if (ref->to->key_count)
		return leads_to(view, resource, ref,
				view_level_object(view, ref->to));
	view_objects(view, ref->to, &all);
	for (size_t i = 0; i < all.count && found <= 0; i++)
		found = leads_to(view, resource, ref, all.at[i]);
	if (!all.count)
		found = leads_to(view, resource, ref, NULL);
	json_list_free(&all);
	return found;
}

/* How many references speak for the resource; -1: it belongs elsewhere. */
static int kinship(const struct view *view, const struct place *place,
		   json_object *resource)
{
	int sum = 0;
	for (size_t i = 0; i < place->ref_count; i++) {
		int one = leads_to_place(view, resource, &place->refs[i]);
		if (one < 0)
			return -1;
		sum += one;
	}
	return sum;
}

struct nearest_kin {
	struct json_list *all; /* of those that are as near as best; or NULL */
	struct lh_table *seen; /* whoever was looked at; or NULL */
	json_object *best;
	int kinship;
	bool tie;
};

static bool is_seen(struct lh_table *seen, json_object *object)
{
	if (!seen)
		return false;
	if (lh_table_lookup_entry(seen, object))
		return true;
	lh_add(seen, object, NULL);
	return false;
}

static void look_at_kin_list(const struct view *view, const struct place *place,
			     const struct json_list *all,
			     struct nearest_kin *found)
{
	for (size_t i = 0; all && i < all->count; i++) {
		if (all->at[i] == found->best ||
		    is_seen(found->seen, all->at[i]) ||
		    !place_has(place, view->release, all->at[i]) ||
		    view_refuses(view, place, all->at[i]))
			continue;
		int near = kinship(view, place, all->at[i]);
		found->tie = near == found->kinship ||
			     (found->tie && near < found->kinship);
		if (near > found->kinship) {
			found->kinship = near;
			found->best = all->at[i];
			if (found->all)
				found->all->count = 0;
		}
		if (found->all && near == found->kinship)
			json_list_add(found->all, all->at[i]);
	}
}

static void look_at_kin(const struct view *view, const struct place *place,
			const struct place *to, struct nearest_kin *found)
{
	struct json_list objects = {0};
	if (!to->key_count)
		view_objects(view, to, &objects);
	else if (view_level_object(view, to))
		json_list_add(&objects, view_level_object(view, to));
	for (size_t i = 0; i < objects.count; i++)
		look_at_kin_list(view, place,
				 kin_of(view->kin, place, objects.at[i]),
				 found);
	json_list_free(&objects);
}

/* The resource that is nearest to this study; NULL if none is near. *tie:
 * several are equally near; list, if it is given, takes all of them. */
static json_object *nearest_resource(const struct view *view,
				     const struct place *place, bool *tie,
				     struct json_list *list)
{
	struct nearest_kin found = {.all = list, .kinship = -1};
	if (list)
		found.seen = lh_by_address(16, NULL);
	if (view->kin) {
		for (size_t i = 0; i < place->ref_count; i++)
			look_at_kin(view, place, place->refs[i].to, &found);
		look_at_kin_list(view, place, kin_of(view->kin, place, NULL),
				 &found);
	} else {
		struct json_list all = {0};
		fhir_index_type(view->index, place->type, &all);
		look_at_kin_list(view, place, &all, &found);
		json_list_free(&all);
	}
	if (list)
		lh_table_free(found.seen);
	/* Who tells of nobody could tell of any of them. */
	*tie = found.tie || (found.best && !found.kinship &&
			     (view->kin ? kin_is_of_several(view->kin, place)
					: is_of_several(view->index, place)));
	return found.best;
}

/* ---- places that choose ---- */

/* Does the resource say, by the reference that the place names, that it is of
 * this study? */
static int is_believed(const struct view *view, const struct place *place,
		       json_object *resource)
{
	for (size_t i = 0; place->believed_by && i < place->ref_count; i++)
		if (strcmp(place->refs[i].element, place->believed_by) == 0 &&
		    leads_to(view, resource, &place->refs[i],
			     view_level_object(view, place->refs[i].to)) > 0)
			return kinship(view, place, resource);
	return -1;
}

static int is_near(const struct view *view, const struct place *place,
		   json_object *resource)
{
	int near = kinship(view, place, resource);
	return near > 0 ? near : -1;
}

static int is_of_nobody(const struct view *view, const struct place *place,
			json_object *resource)
{
	return kinship(view, place, resource) ? -1 : 0;
}

enum { CANDIDATE_LISTS = 4 };

/* The lists in which candidates could be; those of a temporary one, to be
 * freed, where it is not known who refers to whom. */
static size_t lists_of(const struct view *view, const struct place *place,
		       const struct candidates *lists[CANDIDATE_LISTS],
		       struct candidates **temporary)
{
	size_t count = 0;
	*temporary = NULL;
	if (!view->kin) {
		struct json_list all = {0};
		fhir_index_type(view->index, place->type, &all);
		*temporary = candidates_new(view, place, &all);
		json_list_free(&all);
		lists[count++] = *temporary;
		return count;
	}
	for (size_t i = 0; i < place->ref_count && count < CANDIDATE_LISTS - 1;
	     i++) {
		json_object *to = view_level_object(view, place->refs[i].to);
		const struct candidates *list =
			to ? kin_candidates(view->kin, place, to) : NULL;
		if (list)
			lists[count++] = list;
	}
	lists[count++] = kin_candidates(view->kin, place, NULL);
	return count;
}

/* What says that it is of the study before what is the patient's, and that
 * before what is nobody's. */
static struct chosen chosen_of(const struct view *view,
			       const struct place *place,
			       const struct candidates *const *lists,
			       size_t count)
{
	int (*const ways[])(const struct view *, const struct place *,
			    json_object *) = {is_believed, is_near,
					      is_of_nobody};
	struct chosen found = {NULL, false};
	for (size_t way = 0; way < 3; way++)
		for (size_t i = 0; i < count && !found.resource && !found.tie;
		     i++)
			found = choose(view, place, lists[i], &view->start,
				       ways[way] == is_believed, ways[way]);
	/* Who tells of nobody could tell of any of them. */
	if (found.resource && !kinship(view, place, found.resource) &&
	    (view->kin ? kin_is_of_several(view->kin, place)
		       : is_of_several(view->index, place)))
		found = (struct chosen){NULL, true};
	return found;
}

static struct chosen chosen_in(const struct view *view,
			       const struct place *place)
{
	const struct candidates *lists[CANDIDATE_LISTS];
	struct candidates *temporary;
	size_t count = lists_of(view, place, lists, &temporary);
	struct chosen found = chosen_of(view, place, lists, count);
	candidates_free(temporary);
	return found;
}

void view_each_candidate(const struct view *view, const struct place *place,
			 void (*visit)(const struct candidate *candidate,
				       bool used, void *context),
			 void *context)
{
	const struct candidates *lists[CANDIDATE_LISTS];
	struct candidates *temporary;
	size_t count = lists_of(view, place, lists, &temporary);
	struct chosen found = chosen_of(view, place, lists, count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < lists[i]->count; k++)
			visit(&lists[i]->at[k],
			      lists[i]->at[k].resource == found.resource,
			      context);
	candidates_free(temporary);
}

bool view_is_tied(const struct view *view, const struct place *place)
{
	bool tie;
	if (place->choose_count)
		return chosen_in(view, place).tie;
	return place->each.kind == EACH_NONE &&
	       nearest_resource(view, place, &tie, NULL) && tie;
}

void view_chosen_objects(const struct view *view, const struct place *place,
			 struct json_list *out)
{
	bool tie = false;
	struct json_list all = {0};
	bool takes_all = place->each.kind != EACH_NONE;
	json_object *best = place->choose_count
				    ? chosen_in(view, place).resource
				    : nearest_resource(view, place, &tie,
						       takes_all ? &all : NULL);
	if (best && !tie && !takes_all)
		json_list_add(out, best);
	for (size_t i = 0; i < all.count; i++)
		json_list_add(out, all.at[i]);
	json_list_free(&all);
}

#include "put.h"

#include <stdlib.h>
#include <string.h>

#include "conditions.h"
#include "lens_one.h"
#include "lens_policy.h"
#include "old_items.h"
#include "put_parts.h"
#include "scheme.h"

static bool is_conditional(const struct rule *rule)
{
	const struct place *place = rule_place(rule);
	return conditions_are_any(&rule->conditions) ||
	       (place && conditions_are_any(&place->conditions));
}

static enum pass pass_of(const struct rule *rule)
{
	if (rule->each.kind == EACH_ONE_OF)
		return PASS_LAST;
	if (is_conditional(rule))
		return PASS_LATE;
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->ports[i].port && rule->ports[i].read_only)
			return PASS_LATE;
	return PASS_EARLY;
}

bool put_is_late(const struct rule *rule)
{
	return pass_of(rule) != PASS_EARLY;
}

static struct put put_of(const struct lens *lens, const struct view *view,
			 struct dataset *dataset, bool rebuilds)
{
	return (struct put){lens, view, dataset, rebuilds,
			    arena_alloc(lens->arena, lens->rules->rule_count *
							     sizeof(bool))};
}

const struct rule *put_rule_at(const struct lens *lens,
			       const struct place *place, size_t k)
{
	return place_rule(lens->rules, place, lens->release, k);
}

size_t put_rules_of(const struct lens *lens, const struct place *place)
{
	return place->rule_count[lens->release];
}

static bool is_value_said(const struct lens *lens, const struct rule *rule,
			  const struct json_list *got, json_object *value)
{
	for (size_t i = 0; i < got->count; i++) {
		const struct json_list one = {.at = &got->at[i], .count = 1},
				       other = {.at = &value, .count = 1};
		if (lens_same_values(lens, rule, &one, &other))
			return true;
	}
	return false;
}

static bool has_own(const struct lens *lens, const struct rule *rule,
		    json_object *object)
{
	const struct fhir_path *path = rule->fhir[lens->release];
	struct json_list slots = {0};
	bool has = false;
	if (object)
		fhir_path_slots(object, path, &slots);
	for (size_t i = 0; i < slots.count && !has; i++)
		has = fhir_path_value(slots.at[i], path) != NULL;
	json_list_free(&slots);
	return has;
}

/* What an order says of itself goes before what its study says of it. */
static void tell_unsaid(const struct lens *lens, const struct rule *rule,
			const struct scope *scope, json_object *object,
			const struct json_list *values)
{
	struct json_list got = {0};
	if (!has_own(lens, rule, object))
		return;
	const struct lens quiet = lens_quiet(lens);
	lens_get(&quiet, rule, scope, &got);
	for (size_t i = 0; i < values->count; i++)
		if (!is_value_said(&quiet, rule, &got, values->at[i]))
			lens_note(lens, rule, NOTE_LOST,
				  "another resource says otherwise, and goes "
				  "before this one");
	lens_values_free(&got);
}

void put_place_values(const struct put *put, const struct place *place,
		      json_object *object, const struct json_list *values,
		      const struct scope *scope, enum pass pass)
{
	for (size_t k = 0; k < put_rules_of(put->lens, place); k++) {
		const struct rule *rule = put_rule_at(put->lens, place, k);
		size_t i = (size_t)(rule - put->lens->rules->rules);
		if ((put->lens->keys_alone && !rule->identifies) ||
		    pass_of(rule) != pass ||
		    (!put->rebuilds && rule->derive.kind != DERIVE_NONE) ||
		    !lens_applies(rule, scope) ||
		    !lens_is_target(put->lens, rule, scope))
			continue;
		if (put->said[i])
			tell_unsaid(put->lens, rule, scope, object, &values[i]);
		else if (values[i].count)
			lens_put(put->lens, rule, scope, &values[i]);
		else if (object)
			lens_blank(put->lens, rule, scope);
	}
}

static void put_object(const struct put *put, const struct place *place,
		       json_object *object, const struct scope *scope,
		       enum pass pass)
{
	struct json_list *values =
		view_values(put->view, put->lens, place, object);
	put_place_values(put, place, object, values, scope, pass);
	view_values_free(put->lens->rules, values);
}

void put_note_on(const struct put *put, const struct place *place,
		 enum note_kind kind, const char *text)
{
	const struct lens *lens = put->lens;
	for (size_t k = 0; lens->note && k < put_rules_of(lens, place); k++) {
		const struct rule *rule = put_rule_at(lens, place, k);
		if (!rule->can_put)
			continue;
		lens->note(lens->note_context, rule, kind, text);
		return;
	}
}

bool put_only_fills(const struct put *put, const struct place *place)
{
	for (size_t k = 0; k < put_rules_of(put->lens, place); k++)
		if (put_rule_at(put->lens, place, k)->can_put)
			return lens_only_fills(
				put->lens, put_rule_at(put->lens, place, k));
	return false;
}

/* Does the object say, by the reference that the place names, that it belongs
 * to this study? */
static bool is_of_study(const struct put *put, const struct place *place,
			json_object *object)
{
	for (size_t i = 0; place->believed_by && i < place->ref_count; i++) {
		const struct place *to = place->refs[i].to;
		if (strcmp(place->refs[i].element, place->believed_by) == 0)
			return put->view->at[to->level] &&
			       view_referred(put->view, place, object, to) ==
				       put->view->at[to->level];
	}
	return false;
}

static void believe_place(const struct put *put, const struct place *place)
{
	const struct lens *lens = put->lens;
	for (size_t k = 0; lens->is_of_study && k < put_rules_of(lens, place);
	     k++)
		lens->is_of_study[place->rules[lens->release][k]] = true;
}

/* ---- places with one object ---- */

/* Has a rule of the place another one to look at where this has no object? */
static bool has_else(const struct put *put, const struct place *place)
{
	for (size_t k = 0; k < put_rules_of(put->lens, place); k++)
		if (put_rule_at(put->lens, place, k)
			    ->otherwise[put->lens->release])
			return true;
	return false;
}

/* What the rules of a place only read says when it was so.  A weight of last
 * year is not the weight at the time of this study. */
static struct moment place_start_of(const struct lens *lens,
				    const struct place *place,
				    const struct dataset *dataset)
{
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	struct moment start = {0};
	for (size_t k = 0; k < put_rules_of(lens, place); k++) {
		const struct rule *rule = put_rule_at(lens, place, k);
		if (!rule->can_put && rule->fhir[lens->release]->slot < 0 &&
		    lens_when(lens, rule, &root, &start))
			return start;
	}
	return (struct moment){0};
}

struct view put_dated(const struct lens *lens, const struct view *view,
		      const struct place *place, const struct dataset *dataset)
{
	struct view dated = *view;
	if (!place->choose_count)
		return dated;
	dated.start = place_start_of(lens, place, dataset);
	if (!dated.start.day && lens->before)
		dated.start = place_start_of(lens, place, lens->before);
	return dated;
}

static void put_single(const struct put *put, const struct place *place,
		       const struct json_list *objects, enum pass pass)
{
	struct scope scope = scope_root(&put->dataset->root);
	if (!objects->count && !has_else(put, place))
		return;
	json_object *object = objects->count ? objects->at[0] : NULL;
	if (object && is_of_study(put, place, object))
		believe_place(put, place);
	put_object(put, place, object, &scope, pass);
}

/* ---- places with an item for each object ---- */

static bool leads_out(const struct rule *rule)
{
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->ports[i].port && rule->ports[i].path.up)
			return true;
	return false;
}

/* Does what rules say of the items further out hold in this one?  -1: no rule
 * has anything to say of them. */
static int fits_outer(const struct put *put, const struct place *place,
		      struct scope inner, const struct json_list *values)
{
	const struct lens quiet = lens_quiet(put->lens);
	int fits = -1;
	for (size_t k = 0; k < put_rules_of(put->lens, place) && fits; k++) {
		const struct rule *rule = put_rule_at(put->lens, place, k);
		size_t i = (size_t)(rule - put->lens->rules->rules);
		struct json_list got = {0};
		if (!values[i].count || !leads_out(rule))
			continue;
		lens_get(&quiet, rule, &inner, &got);
		fits = got.count && json_says_all(values[i].at[0], got.at[0]);
		lens_values_free(&got);
	}
	return fits;
}

/* A new item in the first one further out of which the same holds as of the
 * object, else in a new one. */
static struct scope new_item_in(const struct put *put,
				const struct place *place,
				const struct dcm_path *path,
				const struct scope *top,
				const struct json_list *values)
{
	struct dcm_item none = {.arena = top->root->arena};
	struct dcm_path outer = *path, last = *path;
	struct each each = {.kind = EACH_ITEM, .paths = &outer, .count = 1};
	outer.depth--;
	last.tags += outer.depth;
	last.items += path->items ? outer.depth : 0;
	last.depth = 1;
	last.from_root = false;
	struct scope_list at = scopes_of(&each, top);
	struct scope found = {0};
	for (size_t i = 0; i < at.count && !found.item; i++)
		if (fits_outer(put, place, scope_in(&at.at[i], &none), values))
			found = at.at[i];
	scope_list_free(&at);
	if (!found.item)
		found = scope_new_item(top, &outer);
	return scope_new_item(&found, &last);
}

/* A new item behind the others, or the top level. */
static struct scope new_item_of_place(const struct put *put,
				      const struct place *place,
				      const struct json_list *values,
				      bool is_only)
{
	struct scope top = scope_root(&put->dataset->root);
	const struct dcm_path *path = &place->each.paths[0];
	if (place->each.kind == EACH_ONE_OF)
		path = &place->each.paths[lens_home(&place->each, top.root,
						    put->lens->arena)];
	if (path->depth == 0) {
		top.is_top_level = true;
		return top;
	}
	if (path->depth > 1)
		return new_item_in(put, place, path, &top, values);
	const struct dcm_element *sequence = scope_element(&top, path);
	bool is_first = !sequence || !sequence->item_count;
	struct scope scope = scope_new_item(&top, path);
	scope.is_only = is_only && is_first;
	return scope;
}

static void tell_at(const struct lens *lens, const struct fhir_path *path)
{
	if (lens->found_at)
		*lens->found_at = path;
}

/* What rules for such items look for at this place where their own has
 * nothing: it goes into the item of the object that says it; and if there is
 * one object alone that says nothing, so does what their own place says. */
static void put_else(const struct put *put, const struct place *place,
		     json_object *object, bool is_alone,
		     const struct scope *scope)
{
	const dfh_rules *rules = put->lens->rules;
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		const struct fhir_path *path =
			rule->otherwise[put->lens->release];
		struct json_list values = {0};
		if (!path || path->place != place || !rule->can_put ||
		    rule->each.kind != EACH_ONE_OF ||
		    !lens_applies(rule, scope))
			continue;
		view_else_values(put->view, put->lens, rule, object, &values);
		bool is_other = values.count > 0;
		if (!is_other && is_alone)
			view_rule_values(put->view, put->lens, rule, &values);
		if (values.count) {
			tell_at(put->lens, is_other ? path : NULL);
			lens_put_at_home(put->lens, rule, scope, &values);
			tell_at(put->lens, NULL);
			put->said[i] = true;
		}
		json_list_free(&values);
	}
}

/* The item that an object belongs to, or a free one, or a new one. */
static void put_object_item(const struct put *put, const struct place *place,
			    json_object *object, bool is_alone,
			    struct old_items *old, bool is_only)
{
	struct json_list *values =
		view_values(put->view, put->lens, place, object);
	const struct scope *found = old_items_find(old, values);
	struct scope scope;
	if (!found && is_alone && place->sole_is_same)
		found = old_items_sole(old);
	/* A sequence that says something already is not empty, so that an item
	 * beside the others would be more than to fill it. */
	if (!found && old_items_say(old) && put_only_fills(put, place)) {
		put_note_on(put, place, NOTE_KEPT,
			    "the dataset has items, and only what is empty is "
			    "filled");
		view_values_free(put->lens->rules, values);
		return;
	}
	if (!found)
		found = old_items_find_free(old);
	if (found)
		old_items_take(old, found);
	scope = found ? *found : new_item_of_place(put, place, values, is_only);
	for (enum pass pass = PASS_EARLY; pass < PASSES; pass++)
		put_place_values(put, place, object, values, &scope, pass);
	view_values_free(put->lens->rules, values);
	put_else(put, place, object, is_alone, &scope);
}

/* Does the top level say all of the only object already? */
static bool is_said_at_top(const struct put *put, const struct place *place,
			   const struct json_list *objects,
			   const struct scope *scope)
{
	if (objects->count != 1 || !scope->is_only || !scope->is_top_level)
		return false;
	struct json_list *values =
		view_values(put->view, put->lens, place, objects->at[0]);
	bool said = true;
	for (size_t k = 0; said && k < put_rules_of(put->lens, place); k++) {
		const struct rule *rule = put_rule_at(put->lens, place, k);
		size_t i = (size_t)(rule - put->lens->rules->rules);
		said = !values[i].count ||
		       (lens_applies(rule, scope) &&
			lens_says(put->lens, rule, scope, &values[i]));
	}
	view_values_free(put->lens->rules, values);
	return said;
}

/* Beside others an item speaks for itself, and so does the first one of a file
 * that is there. */
static bool may_be_only(const struct put *put, const struct place *place,
			const struct json_list *objects)
{
	const struct dataset *before = put->lens->before;
	bool had = !put->lens->stamps || !before;
	if (objects->count != 1 || had)
		return objects->count <= 1;
	struct scope top = scope_root((struct dcm_item *)&before->root);
	struct scope_list at = scopes_of(&place->each, &top);
	for (size_t i = 0; i < at.count; i++)
		had = had || !at.at[i].is_top_level;
	scope_list_free(&at);
	return had;
}

static void put_object_items(const struct put *put, const struct place *place,
			     const struct json_list *objects)
{
	struct scope top = scope_root(&put->dataset->root);
	struct scope_list at = scopes_of(&place->each, &top);
	bool said = false, is_only = may_be_only(put, place, objects);
	for (size_t i = 0; i < at.count; i++) {
		said = said || is_said_at_top(put, place, objects, &at.at[i]);
		at.at[i].is_only =
			at.at[i].is_only && is_only && !at.at[i].is_top_level;
	}
	struct old_items *old = old_items_new(put->lens, place, at);
	for (size_t i = 0; i < objects->count && !said; i++)
		put_object_item(put, place, objects->at[i], objects->count == 1,
				old, is_only);
	old_items_free(old);
}

/* ---- all ---- */

/* Has the place a rule whose turn it is? */
static bool has_turn(const struct put *put, const struct place *place,
		     enum pass pass)
{
	for (size_t k = 0; k < put_rules_of(put->lens, place); k++) {
		const struct rule *rule = put_rule_at(put->lens, place, k);
		if ((!put->lens->keys_alone || rule->identifies) &&
		    pass_of(rule) == pass)
			return true;
	}
	return false;
}

static void put_one_place(const struct put *put, const struct place *place,
			  enum pass pass)
{
	struct json_list objects = {0};
	if ((put->lens->keys_alone && !place->identifies[put->lens->release]) ||
	    (place->each.kind == EACH_NONE ? !has_turn(put, place, pass)
					   : pass != PASS_LATE) ||
	    !conditions_hold(&place->conditions, &put->dataset->root))
		return;
	const struct view dated =
		put_dated(put->lens, put->view, place, put->dataset);
	view_objects(&dated, place, &objects);
	if (place->each.kind == EACH_NONE)
		put_single(put, place, &objects, pass);
	else if (place->each.kind == EACH_JOIN && objects.count)
		put_joined(put, place, &objects);
	else if (objects.count)
		put_object_items(put, place, &objects);
	json_list_free(&objects);
}

enum level put_level(const struct place *place, enum fhir_release release)
{
	if (!place->key_count && place->via[release])
		return put_level(place->via[release]->place, release);
	return place->level < LEVEL_STUDY ? LEVEL_STUDY : place->level;
}

void put_level_of(const struct lens *lens, const struct view *view,
		  struct dataset *dataset, enum level level, bool late)
{
	const dfh_rules *rules = lens->rules;
	struct put put = put_of(lens, view, dataset, true);
	enum pass from = late ? PASS_LATE : PASS_EARLY;
	enum pass to = late ? PASSES : PASS_LATE;
	for (enum pass pass = from; pass < to; pass++)
		for (size_t i = 0; i < rules->place_count; i++)
			if (put_level(&rules->places[i], lens->release) ==
			    level)
				put_one_place(&put, &rules->places[i], pass);
}

void put_view(const struct lens *lens, const struct view *view,
	      struct dataset *dataset, bool rebuilds)
{
	struct put put = put_of(lens, view, dataset, rebuilds);
	for (enum pass pass = PASS_EARLY; pass < PASSES; pass++)
		for (size_t i = 0; i < lens->rules->place_count; i++)
			if (lens_puts(lens, &lens->rules->places[i]))
				put_one_place(&put, &lens->rules->places[i],
					      pass);
	if (lens->schemes)
		schemes_write(lens->schemes, &dataset->root);
}

void put_place(const struct lens *lens, const struct view *view,
	       const struct place *place, struct dataset *dataset,
	       bool rebuilds)
{
	struct put put = put_of(lens, view, dataset, rebuilds);
	struct scope scope = scope_root(&dataset->root);
	struct json_list objects = {0};
	view_objects(view, place, &objects);
	json_object *object = objects.count ? objects.at[0] : NULL;
	struct json_list *values = view_values(view, lens, place, object);
	for (enum pass pass = PASS_EARLY; pass < PASSES; pass++)
		put_place_values(&put, place, object, values, &scope, pass);
	view_values_free(lens->rules, values);
	json_list_free(&objects);
	if (lens->schemes)
		schemes_write(lens->schemes, &dataset->root);
}

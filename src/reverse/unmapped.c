/* What the resources of a Bundle say that no rule takes, place by place; and
 * references that lead to nothing. */
#include "unmapped.h"

#include "conditions.h"

/* The rule that stands for a place in a report. */
static const struct rule *rule_of_place(const struct view *view,
					const struct place *place)
{
	for (size_t k = 0; k < place->rule_count[view->release]; k++) {
		const struct rule *rule =
			place_rule(view->rules, place, view->release, k);
		if (rule->can_put)
			return rule;
	}
	return NULL;
}

/* What a reference leads to, and why it is not taken. */
static void tell_led(const struct unmapped_at *at, enum led_to led)
{
	const struct place *place = at->place;
	if (led == LED_TO_ANOTHERS)
		report_add_path(at->im->report, REPORT_ASIDE, place->type,
				at->file,
				"it says that it is another patient's");
	else if (led == LED_TO_OTHER_KIND)
		report_add_at(at->im->report, REPORT_UNMAPPED, NULL,
			      place->via[at->view->release], NULL, at->file,
			      "it leads to a resource of another kind");
	else
		report_add(at->im->report, REPORT_LOST,
			   rule_of_place(at->view, place), at->view->release,
			   NULL, at->file,
			   led == LED_TO_DISPLAYED
				   ? "only its identifier is given, and what "
				     "the reference is displayed as is not "
				     "taken"
			   : led == LED_TO_DOUBTFUL
				   ? "two accounts of it differ"
				   : "the reference leads to nothing that was "
				     "given, or to several");
}

static void note_via_of(const struct unmapped_at *at, json_object *parent)
{
	struct json_list slots = {0};
	fhir_path_slots(parent, at->place->via[at->view->release], &slots);
	for (size_t i = 0; i < slots.count; i++) {
		enum led_to led =
			view_leads(at->view, at->place, parent, slots.at[i]);
		if (led != LED_TO_IT)
			tell_led(at, led);
	}
	json_list_free(&slots);
}

static void note_via(const struct unmapped_at *at)
{
	struct json_list parents = {0};
	view_objects(at->view, at->place->via[at->view->release]->place,
		     &parents);
	for (size_t p = 0; p < parents.count; p++)
		note_via_of(at, parents.at[p]);
	json_list_free(&parents);
}

/* A patient's number is compared, whoever has it. */
static bool is_compared(const struct place_ref *ref, json_object *reference)
{
	return ref->to->level == LEVEL_PATIENT && ref->to->key_count &&
	       json_text(json_member(reference, "identifier"), "value");
}

static void note_refs(const struct unmapped_at *at, json_object *object)
{
	for (size_t i = 0; i < at->place->ref_count; i++) {
		const struct place_ref *ref = &at->place->refs[i];
		json_object *member = json_member(object, ref->element);
		if (!json_object_is_type(member, json_type_object) ||
		    is_compared(ref, member) ||
		    view_resolve(at->view, object, member, ref->to->type))
			continue;
		unmapped_tell(at, REPORT_LOST, ref->element,
			      "the reference leads to nothing that was given, "
			      "or to several");
	}
}

static void note_unmapped_place(const struct unmapped_at *at)
{
	const struct place *place = at->place;
	struct json_list objects = {0};
	view_objects(at->view, place, &objects);
	for (size_t k = 0; k < objects.count; k++) {
		note_elements(at, objects.at[k]);
		note_extensions(at->im, at->view, place, objects.at[k],
				at->file);
		note_refs(at, objects.at[k]);
	}
	if (at->place->via[at->view->release] && !at->place->is_element)
		note_via(at);
	else if (!place->key_count && view_is_tied(at->view, place))
		report_add(at->im->report, REPORT_LOST,
			   rule_of_place(at->view, place), at->view->release,
			   NULL, at->file,
			   "several could belong to this study, "
			   "or it to several studies");
	if (place->choose_count)
		note_not_chosen(at->im, at->view, place, at->file);
	json_list_free(&objects);
}

void note_unmapped(const struct dfh_import *im, const struct lens *lens,
		   const struct view *view, const struct dataset *dataset,
		   const char *file)
{
	for (size_t i = 0; im->report && i < view->rules->place_count; i++) {
		const struct place *place = &view->rules->places[i];
		if (!lens_puts(lens, place) ||
		    !conditions_hold(&place->conditions, &dataset->root))
			continue;
		const struct view dated = put_dated(lens, view, place, dataset);
		note_unmapped_place(&(struct unmapped_at){
			im, &dated, place, &dataset->root, file});
	}
}

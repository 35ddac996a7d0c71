/*
 * What a Bundle says of one instance: for each place of the rules the FHIR
 * objects that belong to it.
 */
#ifndef VIEW_H
#define VIEW_H

#include "fhir_index.h"
#include "kin.h"
#include "moment.h"
#include "rules.h"

struct led;
struct lens;
struct candidate;

struct view {
	const dfh_rules *rules;
	enum fhir_release release;
	const struct fhir_index *index;
	json_object *at[4]; /* by enum level; NULL: the Bundle has none */
	/* An order to which no study, or not this one, leads; or NULL. */
	json_object *loose;
	/* Who refers to whom; NULL: it is looked for. */
	const struct kin *kin;
	/* "2024-02-29": what ended before it is not current any more; NULL:
	 * nothing has ended. */
	const char *today;
	/* When the study began, for places that choose by it; day 0: that is
	 * not known. */
	struct moment start;
	/* What the references of its study lead to; NULL: they are followed
	 * each time. */
	const struct led *led;
};

/* The objects of a place, borrowed, in the order of the Bundle. */
void view_objects(const struct view *view, const struct place *place,
		  struct json_list *out);

/* Is this a resource that the rules refuse to use: one entered in error? */
bool view_refuses(const struct view *view, const struct place *place,
		  json_object *resource);

/* The place of the patient, the study or the lone order of this view, if it is
 * refused; or NULL.  Others that are refused are none of its objects. */
const struct place *view_refused(const struct view *view);

/* Can the resources of this place come without a study: an order that is only
 * the patient's? */
bool view_can_be_loose(const struct place *place, enum fhir_release release);

/* Are there several resources that could be the one of a place to which no
 * reference leads? */
bool view_is_tied(const struct view *view, const struct place *place);

/* Visit what could be of a place that chooses, and belongs to this view's
 * study, its patient or nobody; used: it is the chosen one. */
void view_each_candidate(const struct view *view, const struct place *place,
			 void (*visit)(const struct candidate *candidate,
				       bool used, void *context),
			 void *context);

/* For each rule, in the order of rules->rules, the values that it owns in
 * this object of its place: rule_count lists.  lens: with whose policy they
 * will be put; NULL: only what is current. */
struct json_list *view_values(const struct view *view, const struct lens *lens,
			      const struct place *place, json_object *object);
void view_values_free(const dfh_rules *rules, struct json_list *values);

/* The values, borrowed, of one rule at its own place, if that has one object;
 * and those at its `else`, in an object of that place. */
void view_rule_values(const struct view *view, const struct lens *lens,
		      const struct rule *rule, struct json_list *out);
void view_else_values(const struct view *view, const struct lens *lens,
		      const struct rule *rule, json_object *object,
		      struct json_list *out);

/* Where rules->places has the keyed place of a level; NULL if it has none. */
const struct place *view_level_place(const dfh_rules *rules, enum level level);

/* What a reference inside `from` leads to where one to a resource of this type
 * is looked for: through what leads on to it.  NULL: to nothing that was
 * given. */
json_object *view_resolve(const struct view *view, json_object *from,
			  json_object *reference, const char *type);

/* Is an element of a place the value of a rule as it is: an accession number in
 * a reference? */
bool view_is_value(const struct view *view, const struct place *place,
		   json_object *slot);

/* How an element on the way to a place leads there; parent: the object that the
 * element is in. */
enum led_to {
	LED_TO_IT,	  /* or the element is a value of a rule as it is */
	LED_TO_DISPLAYED, /* its identifier alone is given, and what it is
			     displayed as, which no rule takes */
	LED_TO_NOTHING,	  /* that was given */
	LED_TO_ANOTHERS,  /* it says that it is another patient's */
	LED_TO_DOUBTFUL,  /* two accounts of it differ */
	LED_TO_OTHER_KIND /* which no place has that is led to so */
};

enum led_to view_leads(const struct view *view, const struct place *place,
		       json_object *parent, json_object *slot);

/* The patient that a study (or another resource with such a reference)
 * refers to. */
json_object *view_referred(const struct view *view, const struct place *from,
			   json_object *object, const struct place *to);

/* Numbers of the same system, and none is this one? */
bool view_numbers_differ(json_object *list, json_object *identifier);

/* The identifier by which it refers to such a one, or NULL (a logical
 * reference, FHIR references). */
json_object *view_named(const struct view *view, json_object *object,
			const struct place *to);

#endif

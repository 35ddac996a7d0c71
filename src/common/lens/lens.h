/*
 * get and put of one rule at one position.  The laws live here: what FHIR did
 * not change is not touched (GetPut), and what put wrote get gives back
 * (PutGet), or a note says why not.
 */
#ifndef LENS_H
#define LENS_H

#include "fhir_path.h"
#include "scope.h"

struct zone;

/* What all rules of one dataset share. */
struct lens {
	const dfh_rules *rules;
	enum fhir_release release;
	struct arena *arena;	 /* for texts; lives as long as the dataset */
	struct schemes *schemes; /* of the dataset */
	const struct zone *zone; /* for a dataset that gives none; or NULL */
	/* Receives what was not carried; may be NULL. */
	void (*note)(void *context, const struct rule *rule,
		     enum note_kind kind, const char *text);
	void *note_context;
	/* Likewise, of one attribute; NULL: note takes it. */
	void (*note_at)(void *context, const struct rule *rule,
			const struct dcm_path *attribute, enum note_kind kind,
			const char *text);
	/* Where what is told was found, if not at the rule's own place: set
	 * while that is put.  May be NULL. */
	const struct fhir_path **found_at;
	/* Onto a dataset that is there: its UIDs stay, and the policy is for
	 * its other values. */
	bool stamps;
	dfh_policy policy; /* for rules without one of their own */
	bool forced;	   /* FHIR is right about who it is */
	/* As the dataset was that is stamped, or of which this tells what FHIR
	 * says; or NULL. */
	const struct dataset *before;
	/* What is made is only what a dataset is found by: what travels beside
	 * says what FHIR does not, and changes nothing of what FHIR says. */
	bool identifies;
	/* ... and made by the rules alone that write such attributes. */
	bool keys_alone;
	/* For each rule: what it puts is said to be of this very study, and is
	 * believed even where the image is else.  NULL: nothing is. */
	bool *is_of_study;
	/* Places of which one is put by itself: this one is not, or it alone
	 * is.  NULL: all are. */
	const struct place *left_out, *alone;
};

/* Is the place one of those that are put? */
static inline bool lens_puts(const struct lens *lens, const struct place *place)
{
	return place != lens->left_out &&
	       (!lens->alone || place == lens->alone);
}

/* The values that a rule makes of the attributes at a position; each is a new
 * reference (lens_values_free). */
void lens_get(const struct lens *lens, const struct rule *rule,
	      const struct scope *scope, struct json_list *out);

/* The same of a rule without `each` and with one attribute.  true: of a value
 * put makes that very text, in a dataset that has none, so that nothing has to
 * travel beside it.  false says nothing. */
bool lens_get_back(const struct lens *lens, const struct rule *rule,
		   const struct scope *scope, struct json_list *out);

/* Has any attribute that the rule writes a value here, be it good or bad? */
bool lens_has_value(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope);
void lens_values_free(struct json_list *values);

/* What the ports of a rule without `each` hold at a position; the texts live
 * as long as the dataset. */
void lens_ports(const struct lens *lens, const struct rule *rule,
		const struct scope *scope, struct port_value *ports);

/* The same lens, which says nothing of what it does. */
struct lens lens_quiet(const struct lens *lens);

/* When it is that the rule's attributes tell of, at a position; false: it tells
 * of no day. */
bool lens_when(const struct lens *lens, const struct rule *rule,
	       const struct scope *scope, struct moment *out);

/* Of the sources of an element, is this the one that its value goes back to?
 * The first that has one in the dataset, else the home.  A rule that is alone
 * always is. */
bool lens_is_target(const struct lens *lens, const struct rule *rule,
		    const struct scope *scope);

/* Do the attributes at a position say just these values? */
bool lens_says(const struct lens *lens, const struct rule *rule,
	       const struct scope *scope, const struct json_list *values);

/* Make the attributes at a position say what values (borrowed) say.  No
 * values: nothing is touched. */
void lens_put(const struct lens *lens, const struct rule *rule,
	      const struct scope *scope, const struct json_list *values);

/* The same of a rule that is for one of several homes, at one of them. */
void lens_put_at_home(const struct lens *lens, const struct rule *rule,
		      const struct scope *home, const struct json_list *values);

/* Does this rule take part at this position?  At the top level an order's
 * rules leave alone what other rules write there. */
bool lens_applies(const struct rule *rule, const struct scope *scope);

/* The home that a new item of a one-of goes to: its index in each->paths. */
size_t lens_home(const struct each *each, const struct dcm_item *root,
		 struct arena *arena);

#endif

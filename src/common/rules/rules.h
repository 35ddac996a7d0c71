/*
 * A rule file, loaded, checked and compiled.  Everything here lives as long
 * as the rule set and is read-only after loading.
 */
#ifndef RULES_H
#define RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "dcm.h"
#include "dcm_path.h"
#include "fhir_path.h"
#include "fhir_schema.h"
#include "json_text.h"

/* Where something stands in the file, from 1. */
struct mark {
	const char *file;
	int line, column;
};

/* ---- DICOM side ---- */

/* Lists that are read side by side, and items that "../" leads out of. */
enum { JOIN_MAX = 4, ABOVE_MAX = 4 };

enum each_kind {
	EACH_NONE,
	EACH_ITEM,  /* of a sequence, or of one in each item of another: paths
		       start in the item */
	EACH_VALUE, /* of a multi-valued attribute */
	EACH_JOIN,  /* names and items by position (places only): paths start at
		       the top and name one of the joined attributes */
	EACH_ONE_OF /* of the first of several homes, of which "." is the top
		       level itself; for writing a table names the home */
};

struct each {
	enum each_kind kind;
	struct dcm_path *paths;
	size_t count;
	struct dcm_path by;	   /* ONE_OF: the attribute to look up */
	const struct table *table; /* ONE_OF: its row names one of paths */
	/* A sequence in each of them, of whose items each is one again; what
	 * stands beside it belongs to the first.  depth 0: none. */
	struct dcm_path list;
};

/* A way from the top of a dataset to what a rule reads or writes: a path,
 * within its rule's `each`, within that of its place. */
struct position {
	const struct dcm_tag *tags;	  /* all but the last are sequences */
	const struct items *const *items; /* of each which; NULL: any */
	size_t depth;
	size_t value; /* that one of several, from 1; 0: all */
	/* In the home "." of a place's one-of, where other rules may write
	 * the same attribute: there they have it. */
	bool at_top_home;
};

struct positions {
	const struct position *at;
	size_t count;
};

/* An attribute that has a value, or one of these; from the top. */
struct condition {
	struct dcm_path path;
	const char **values; /* NULL: any */
	size_t value_count;
};

/* What a dataset must be like for a rule or a place to take part in it: all of
 * `when` hold, and none of `unless`. */
struct conditions {
	struct condition *when, *unless;
	size_t when_count, unless_count;
};

/* Is there anything that must hold? */
static inline bool conditions_are_any(const struct conditions *conditions)
{
	return conditions->when_count || conditions->unless_count;
}

/* ---- FHIR side ---- */

enum level { LEVEL_PATIENT, LEVEL_STUDY, LEVEL_SERIES, LEVEL_INSTANCE };

enum entry_kind {
	ENTRY_NONE,	     /* no resource, but an element in another place */
	ENTRY_CREATE_UNLESS, /* POST with ifNoneExist; contained without it */
	ENTRY_UPDATE,	     /* conditional PUT */
	ENTRY_CONTAINED
};

/* What a resource is known by: a combination of identifiers. */
struct known_by {
	size_t *rules; /* by their numbers */
	size_t count;
};

struct place_ref {
	const char *element; /* "subject" */
	const struct place *to;
};

/* How a resource says that it took the place of others of its type, or that one
 * of them took its place. */
struct merged {
	const char *list, *to; /* "link", and in it the Reference "other" */
	json_object *replaces, *replaced_by; /* patterns of elements of list */
	json_object *old; /* what an identifier of the other is marked with */
};

/* By what one of several resources of a place is a study's. */
enum criterion_kind {
	CHOOSE_ONLY,	/* it fits one of the patterns */
	CHOOSE_HAS,	/* it has one of the members: its value */
	CHOOSE_OF_DAY,	/* the first of the members is of the study's day */
	CHOOSE_NEAREST, /* ... nearest to when the study began */
	CHOOSE_PREFER,	/* it fits the first of the patterns, or the second */
	CHOOSE_KINDS
};

struct criterion {
	enum criterion_kind kind;
	json_object *patterns[RELEASES]; /* arrays */
	const char **members;
	size_t member_count;
};

struct place {
	const char *name;
	struct mark mark;
	const char *type; /* resource type, or backbone as
			     "ImagingStudy.series" */
	bool is_resource;
	bool in_release[RELEASES];
	bool is_read_back[RELEASES]; /* by a rule that works that way */
	/* Of its rules in a release: where in dfh_rules.rules, in order. */
	const size_t *rules[RELEASES];
	size_t rule_count[RELEASES];
	/* Of those that look at it for want of their own element (`else`). */
	const size_t *guests[RELEASES];
	size_t guest_count[RELEASES];
	bool identifies[RELEASES]; /* a rule of it does */
	bool differs; /* its rules, or what leads to it, are not the same in
			 both releases */
	enum level level;
	bool per; /* one for each key at its level; else by content */
	struct dcm_path *key;
	size_t key_count;
	struct fhir_path *in[RELEASES];	 /* backbone: its array in the parent */
	struct fhir_path *via[RELEASES]; /* the Reference that leads to it; its
					    `is` is the link pattern */
	/* `in` without a key: via leads to the elements themselves, one for
	 * each of what the place goes through. */
	bool is_element;
	struct each each;
	/* Where one object and one item are all that there is, that is its
	 * item, though they have nothing in common. */
	bool sole_is_same;
	struct conditions conditions;
	/* No rule writes to it: it is there where what it leads to is, as the
	 * role of a practitioner. */
	bool carries;
	struct place_ref *refs;
	size_t ref_count;
	json_object *is[RELEASES]; /* whole object pattern, or NULL */
	/* Further patterns by which it is recognised; or NULL. */
	json_object *also[RELEASES];
	/* Written instead of `is` into an object without this member, and
	 * recognised; or NULL. */
	const char *without;
	json_object *is_without[RELEASES];
	/* Of several that could be a study's, in the order of what counts. */
	struct criterion *choose;
	size_t choose_count;
	/* Of a backbone: the members of its elements by which these are
	 * ordered, each a number or a text. */
	const char **order;
	size_t order_count;
	/* Element among `refs`: where it leads to this study, what the resource
	 * says is believed even where the image is else; or NULL. */
	const char *believed_by;
	/* Patterns of resources that must not be used: entered in error; or
	 * NULL. */
	json_object *refuse[RELEASES];
	/* What is written where nothing else is; or NULL. */
	json_object *defaults[RELEASES];
	/* `without-instance`: goes before it in a resource that no instance is
	 * in; or NULL. */
	json_object *without_instance[RELEASES];
	struct merged merged; /* list NULL: it never says so */
	enum entry_kind entry;
	const char *entry_by; /* "identifier" */
	/* `and`: it is also found by the identifier of this one that it refers
	 * to; the name of the place is that of the search parameter. */
	const struct place *entry_and;
	/* The system of an identifier of our own, by which a server is asked
	 * where those of the source have no system; or NULL. */
	const char *entry_key;
	/* Of several that a server has: the study names it by its identifier
	 * alone. */
	bool entry_is_left;
	/* `within`: who gave out its number, where the number's coding scheme
	 * is one's own and not identified; depth 0: not said. */
	struct dcm_path entry_within;
	/* `by`: the rules of the identifiers that it is known by, the first
	 * that all have a value; none: by its first identifier. */
	struct known_by *known_by;
	size_t known_by_count;
};

/* ---- tables ---- */

struct table_row {
	const char *dicom;
	const char *code;    /* NULL: a term without a code */
	const char *display; /* or NULL */
	const char *system;  /* or NULL: the table's */
	struct mark mark;
};

enum table_others { OTHERS_NONE, OTHERS_CODE, OTHERS_TEXT };

struct table {
	const char *name;
	struct mark mark;
	const char *system;
	struct table_row *rows;
	size_t row_count;
	struct table_row *also; /* DICOM -> FHIR only */
	size_t also_count;
	struct table_row *formerly; /* FHIR -> DICOM only */
	size_t formerly_count;
	const char **silent; /* DICOM terms that say nothing */
	size_t silent_count;
	enum table_others others;
	const char *default_value; /* for a key that no row has */
	const char *none_value;	   /* for no key at all */
	struct table_index *index; /* sorted, for the two lookups below */
};

/* DICOM -> FHIR: rows, then also.  NULL: not there. */
const struct table_row *table_by_dicom(const struct table *table,
				       const char *dicom);
/* FHIR -> DICOM: rows, then formerly.  system NULL or "" matches any; a row
 * without a system of its own has the table's. */
const struct table_row *table_by_code(const struct table *table,
				      const char *system, const char *code);
/* Is it a term that says nothing ("unknown")? */
bool table_is_silent(const struct table *table, const char *dicom);
/* For tables of keys and choices: the code of the row of key, else the
 * default, or none_value where key is NULL. */
const char *table_choice(const struct table *table, const char *key);

/* ---- rules ---- */

struct option {
	const char *name;
	json_object *value;	   /* as JSON */
	const struct table *table; /* if the codec takes a table here */
	struct mark mark;
};

struct rule_port {
	const struct codec_port *port; /* NULL: not given in this rule */
	struct dcm_path path;
	struct positions at; /* of the path; of ".": what `each` goes through */
	bool read_only;	     /* under `reads`, or a rule that is `only: get` */
	bool shared;	     /* several rules write it; they must agree */
	int type;	     /* 1: never empty; 2: never absent; 0: not known */
	bool is_key; /* a dataset is found by it: see struct match_key */
	struct mark mark;
};

enum derive_kind { DERIVE_NONE, DERIVE_COUNT, DERIVE_DISTINCT };

struct derive {
	enum derive_kind kind;
	/* COUNT: elements of the paths of these places' arrays below the rule's
	 * place ("series.instance"); DISTINCT: values of this path. */
	struct fhir_path *of[RELEASES];
	const char **except[RELEASES]; /* DISTINCT: codes left out */
	size_t except_count[RELEASES];
};

struct example {
	json_object *dicom; /* object: port name -> text */
	json_object *fhir[RELEASES];
	struct mark mark;
};

/* Which account of an element speaks where the instances of its resource give
 * different ones. */
enum among {
	AMONG_FULLEST,	/* the one that says most, else the first in order */
	AMONG_AGREE,	/* none, unless all give the same */
	AMONG_EARLIEST, /* of the first source that any instance has, the
			       earliest; of others the fullest */
	AMONG_ALL,	/* of an array: all that any instance gives */
};

/* Rules that stand for one another: `sources` of one element, of which the
 * first that has a value speaks.  Its value goes back to where it speaks now,
 * else to the home. */
struct sources {
	size_t first,
		count; /* in the rules of the rule set, one after another */
	size_t home;
};

struct rule {
	const char *id; /* the same for all sources of an element */
	struct mark mark;
	const struct sources
		*sources; /* that it is one of; NULL: it is alone */
	enum among among;
	const struct codec *codec;
	struct each each;
	struct conditions conditions;
	struct rule_port *ports;  /* one for each of codec->ports, in order */
	struct positions through; /* the paths of `each` */
	struct positions told_by; /* what tells the items that are meant */
	const char *attributes;	  /* for messages: paths of keywords that it
				     writes, or else reads, "StudyDate+StudyTime";
				     NULL: none */
	struct fhir_path *fhir[RELEASES];      /* NULL: not in this release */
	struct fhir_path *otherwise[RELEASES]; /* `else`: where put looks too */
	json_object *avoid;  /* array of patterns: which slot element put never
				takes; or NULL */
	json_object *prefer; /* array of patterns: which slot element put takes
				first; or NULL */
	struct option *options;
	size_t option_count;
	struct derive derive;
	bool can_get, can_put;
	/* Another rule that writes what this one reads at the top level: there
	 * this one takes no part where that does; or NULL. */
	const struct rule *yields_at_top;
	dfh_policy policy; /* DFH_BELIEVE: that of the run */
	/* What was acquired: the image is believed about it, and FHIR only
	 * fills it in, unless a policy says otherwise. */
	bool believes_image;
	/* Under merge its items are added to those that are there, by number
	 * and issuer, and none is taken away. */
	bool unites;
	/* What stands at the top level, too: there it is the only item's, or,
	 * where no item is, makes one. */
	bool of_only_item;
	/* It writes an attribute that a dataset is found by. */
	bool identifies;
	const char *because, *source, *loss;
	struct example *examples;
	size_t example_count;
};

/* Who writes what, in the order of the tags: what is in a sequence comes behind
 * the sequence itself. */
struct writer {
	const struct position *at;
	const struct rule *rule; /* it makes the items, or writes the value */
};

struct writers {
	const struct writer *at;
	size_t count;
};

struct coding_schemes {
	const struct table *table;
	const char *unknown;		/* goes before an unknown designator */
	struct dcm_path identification; /* the sequence; the rest in an item */
	struct dcm_path designator, uid, url, url_type;
	const char *url_type_value;
};

/* ---- which dataset FHIR speaks of ---- */

/* The first attribute identifies, the others say who issued it. */
struct match_id {
	struct dcm_path *paths;
	size_t count;
};

/* The later includes the earlier. */
enum proof { PROVES_PATIENT, PROVES_ORDER, PROVES_STUDY };

/* What a number stands in the place of, in a search for it. */
#define MATCH_VALUE "{value}"

struct match_key {
	const char *name;     /* "accession" */
	enum level level;     /* what it identifies: the study, or but the
				 patient */
	enum proof proves;    /* what may be written where it alone agrees */
	struct each each;     /* where the attributes are: one-of, or nothing */
	struct match_id *ids; /* any of them will do */
	size_t id_count;
	struct dcm_path *same; /* what does not differ where it is the same
				  one */
	size_t same_count;
	const char *search; /* how a server is asked for a value; or NULL */
};

/* A name that others use for a system. */
struct alias {
	const char *name, *system;
	/* Where it is one: in the identifiers of such a resource, or another
	 * element, and of values that begin so; NULL: everywhere. */
	const char *type, *element;
	const char **begins;
	size_t begin_count;
};

/* Which of several elements of one FHIR type are the current ones. */
struct current {
	const char *type;    /* "HumanName" */
	json_object *never;  /* patterns: not even where it is alone; or NULL */
	json_object *aside;  /* patterns: only where nothing else is there */
	json_object *prefer; /* patterns: the best first */
	/* Members: when it begins, and when it ended; its rank.  Depth 0: it
	 * has none. */
	struct fhir_step *begins, *ended, *rank;
	size_t begins_depth, ended_depth, rank_depth;
};

/* One element of a FHIR type. */
struct element_of {
	const char *type, *element; /* "PractitionerRole", "practitioner" */
};

struct elements_of {
	struct element_of *at;
	size_t count;
};

/* The element that is named for a type, or NULL. */
const char *element_named(const struct elements_of *all, const char *type);

/* The system of identifiers of one kind that name no issuer. */
struct home_system {
	const char *kind; /* "patient" */
	const char *system;
};

/* What says that the identity was removed from a dataset, and what becomes of
 * that where it is given one. */
struct deidentified {
	struct dcm_path flag; /* depth 0: the rules name none */
	const char *is, *becomes;
	struct dcm_path *without; /* these go */
	size_t without_count;
};

/* In which datasets an attribute at the top level is legal that FHIR gives: in
 * those for which one of these holds. */
struct legal {
	struct dcm_path path;
	struct conditions *in;
	size_t count;
};

/* What a new item of a sequence at the top level must have. */
struct new_item {
	struct dcm_path sequence;
	struct dcm_path *own; /* Type 1: they are those of the dataset */
	struct dcm_path *type1, *type2;
	size_t own_count, type1_count, type2_count;
};

/* Attributes that say something only of a dataset that has not a better one,
 * and that no other rule reads: dates of a part, where the study has its own.
 */
struct fallback {
	const struct dcm_path *unless;
	struct dcm_tag *tags; /* at the top level, in their order */
	size_t tag_count;
};

/* rules_worklist.h */
struct worklist_rules;
struct station;
struct procedure_modality;

struct dfh_rules {
	struct arena *arena; /* of all but what is JSON */
	json_object *json;   /* an array, which owns that */
	uint64_t digest;
	const char **files; /* that it was read from, included ones too */
	size_t file_count;
	bool in_release[RELEASES];
	const char *carried_beside; /* url of the extension */
	const char *data_absent;    /* url of the extension that stands for a
				       required element; or NULL */
	const char *timezone;	    /* or NULL */
	/* What a Provenance says besides its run; each may be NULL. */
	json_object *provenance_activity, *provenance_agent;
	const char *provenance_role;
	struct place *places;
	size_t place_count; /* a place comes after those that lead to it */
	struct items *items;
	size_t item_count;
	struct table *tables;
	size_t table_count;
	struct rule *rules;
	size_t rule_count;
	struct writers writers;
	struct dcm_path *carry; /* sequences that come back whole */
	size_t carry_count;
	struct dcm_path *type2;
	size_t type2_count;
	struct dcm_path *type1;
	size_t type1_count;
	struct match_key *match; /* the surest first */
	size_t match_count;
	struct coding_schemes schemes;
	struct alias *aliases; /* in the order of their names */
	size_t alias_count;
	struct alias *aliases_within; /* those that are so somewhere only */
	size_t within_count;
	struct current *current;
	size_t current_count;
	/* A reference that leads to such a resource leads on by this element;
	 * one without a display has that element for one. */
	struct elements_of leads_on, displayed_by, assigned_by;
	struct home_system *homes;
	size_t home_count;
	const struct worklist_rules *worklist; /* or NULL */
	struct station *stations;
	size_t station_count;
	struct procedure_modality *procedures;
	size_t procedure_count;
	struct fallback *fallbacks;
	size_t fallback_count;
	struct deidentified deidentified;
	/* Stands for where a dataset came from, and is not read; or NULL. */
	const struct dcm_path *origin;
	struct legal *legal;
	size_t legal_count;
	struct new_item *new_items;
	size_t new_item_count;
	struct dcm_wants wants; /* every attribute that any of it reads */
	/* Those, and what only a stamp looks at. */
	struct dcm_wants stamp_wants;
};

/* The home system of a kind of identifiers; NULL: the site names none. */
const char *rules_home_system(const dfh_rules *rules, const char *kind);

/* The place that a rule writes to; NULL: none could be compiled. */
const struct place *rule_place(const struct rule *rule);

/* Who writes to these tags from the top, and then to what is in them. */
struct writers rules_writers(const dfh_rules *rules, const struct dcm_tag *tags,
			     size_t depth);

/* Is a resource of its type one of the place, by what it must be? */
bool place_has(const struct place *place, enum fhir_release release,
	       json_object *resource);

/* Is there no dataset in which both take part? */
bool rules_exclude_each_other(const struct rule *a, const struct rule *b);

/* The words of dfh_policy, in its order; ends with NULL. */
extern const char *const policy_words[];

/* The rule that is at k among those of a place, or among its guests. */
static inline const struct rule *place_rule(const dfh_rules *rules,
					    const struct place *place,
					    enum fhir_release release, size_t k)
{
	return &rules->rules[place->rules[release][k]];
}

static inline const struct rule *place_guest(const dfh_rules *rules,
					     const struct place *place,
					     enum fhir_release release,
					     size_t k)
{
	return &rules->rules[place->guests[release][k]];
}

#endif

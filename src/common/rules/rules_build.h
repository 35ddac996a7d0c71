/*
 * Inside the compiler of rule files: what its parts (rules_*.c) share.  Every
 * part tells its faults and goes on, so that one run finds them all; what it
 * could not make is NULL or empty, and those that need it pass over it.
 */
#ifndef RULES_BUILD_H
#define RULES_BUILD_H

#include "arena.h"
#include "diag.h"
#include "nearest.h"
#include "yaml.h"
#include "rules.h"

struct pair_list {
	struct yaml_pair *at;
	size_t count;
};

struct file_list {
	const char **at;
	size_t count;
};

struct node_list {
	const struct yaml_node **at;
	size_t count;
};

struct build {
	struct dfh_rules *rules;
	struct arena *arena; /* of the rules */
	struct diag *diag;
	const dfh_rules_text *in_memory; /* or NULL: files */
	bool includes;			 /* some file includes another */
	bool unread;		/* some file could not be read as YAML */
	struct file_list files; /* in the order in which they were laid over
				   one another */
	/* What the files say together (rules_source.c). */
	const struct yaml_node *fhir, *carried_beside, *data_absent, *timezone,
		*charset, *schemes, *provenance, *deidentified, *worklist,
		*origin;
	struct pair_list items, legal, new_items, stations, modalities,
		extensions, places, tables, match, aliases, homes, current,
		leads_on, displayed_by, assigned_by;
	struct node_list carry, type1, type2, rule_list;
	const struct yaml_node **place_nodes; /* of rules->places */
	struct lh_table *names; /* what is found by name, and where */
};

/* ---- nodes and their faults (rules_node.c) ---- */

void node_fault(struct build *build, const struct yaml_node *node,
		const char *format, ...) __attribute__((format(printf, 3, 4)));

/* At length bytes of a text from offset. */
void part_fault(struct build *build, const struct yaml_node *node,
		size_t offset, size_t length, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The text of a node, or NULL and a fault: it is no text, or is empty. */
const char *node_text(struct build *build, const struct yaml_node *node);

/* A fault unless it is a map (or list). */
bool node_is_map(struct build *build, const struct yaml_node *node);
bool node_is_list(struct build *build, const struct yaml_node *node);

/* A fault for each key of the map that is not among keys (ends with NULL). */
void node_check_keys(struct build *build, const struct yaml_node *map,
		     const char *const *keys);

/* The index of a text among words (ends with NULL), or -1 and a fault. */
int node_word(struct build *build, const struct yaml_node *node,
	      const char *const *words);

/* What a node says of a release: its part if it is {R4: ..., R5: ...}, else
 * itself; NULL: nothing. */
const struct yaml_node *node_for(const struct yaml_node *node,
				 enum fhir_release release);

/* A fault for each part that is for a release that is none. */
void node_check_releases(struct build *build, const struct yaml_node *node);

void pair_list_add(struct build *build, struct pair_list *list,
		   struct yaml_pair pair);
void node_list_add(struct build *build, struct node_list *list,
		   const struct yaml_node *node);

/* "item(NAME)", for the word "item": the name; NULL for another text. */
const char *build_bracketed(struct build *build, const char *text,
			    const char *word);

/* Where in a list something of this name is, once build_name has told it;
 * SIZE_MAX: it is not. */
size_t build_named(const struct build *build, const void *list,
		   const char *name);
void build_name(struct build *build, const void *list, const char *name,
		size_t at);

/* Which rules each place has. */
void build_rules_of_places(struct dfh_rules *rules);

/* A place by its name, or NULL. */
const struct place *build_find_place(const struct build *build,
				     const char *name);

/* ---- what a file says over one before (rules_overlay.c) ---- */

/* A map of both, in which the keys of over take the place of those of under. */
const struct yaml_node *node_overlay(struct build *build,
				     const struct yaml_node *under,
				     const struct yaml_node *over);
const struct yaml_node *node_without(struct build *build,
				     const struct yaml_node *node,
				     const char *key);
/* Does it say only what differs from the rule of its id? */
bool overlays_rule(const struct yaml_node *rule);
/* The place, or the table, that comes of one said over another. */
const struct yaml_node *overlay_place(struct build *build,
				      const struct yaml_node *under,
				      const struct yaml_node *over);
const struct yaml_node *overlay_table(struct build *build,
				      const struct yaml_node *under,
				      const struct yaml_node *over);

/* {KEY: VALUE} as the rows of a table. */
const struct yaml_node *table_of_map(struct build *build,
				     const struct yaml_node *map);

/* ---- files (rules_source.c) ---- */

void build_read(struct build *build, const char *path);

/* Of all that was read (rules_digest.c). */
uint64_t build_digest(struct build *build);

/* Which of two files lies over the other: the one with the higher number. */
size_t build_file_order(const struct build *build, const char *file);

/* ---- JSON (rules_json.c) ---- */

/* As YAML's core schema has it, but numbers keep their digits, and what JSON
 * does not know as a number is text. */
json_object *json_of(const struct yaml_node *node);

/* What the rules hold as JSON is freed with them, whatever becomes of the part
 * that it was made for.  json may be NULL, and is what is returned. */
json_object *build_keep(struct build *build, json_object *json);

/* A fault for everything that is not as the type wants it. */
void json_check(struct build *build, const struct yaml_node *node,
		enum fhir_release release, const char *type, bool many);

/* A fault for a code, or one of a list, that is none of these; codes as in
 * struct fhir_element, or NULL. */
void json_check_codes(struct build *build, const struct yaml_node *node,
		      const char *codes);

/* A CodeableConcept, in all releases; NULL, and a fault, if it is none. */
json_object *json_concept(struct build *build, const struct yaml_node *node);

/* Numbers are equal if their digits are. */
bool json_same(json_object *a, json_object *b);

/* ---- DICOM paths (rules_dicom.c) ---- */

bool build_dicom_path(struct build *build, const struct yaml_node *node,
		      struct dcm_path *out);
/* Each of a list, or one alone; false: a fault. */
bool build_dicom_paths(struct build *build, const struct yaml_node *node,
		       struct dcm_path **out, size_t *count);
bool build_each(struct build *build, const struct yaml_node *node,
		bool for_place, struct each *out);
bool is_sequence(const struct dcm_path *path);
/* Is it an attribute of the top level?  If not, that is a fault. */
bool build_at_top(struct build *build, const struct yaml_node *node,
		  const struct dcm_path *path);

/* Names for items (rules_items.c). */
void build_items(struct build *build);
const struct items *build_find_items(struct build *build,
				     const struct yaml_node *node,
				     size_t offset, const char *name);
/* Can no item be both? */
bool items_exclude_each_other(const struct items *a, const struct items *b);

/* ---- conditions (rules_conditions.c) ---- */

/* `when` and `unless` of a rule or a place. */
void build_conditions(struct build *build, const struct yaml_node *node,
		      struct conditions *out);

/* ---- FHIR paths (rules_fhir.c) ---- */

/* "place.element.element"; NULL: a fault. */
struct fhir_path *build_fhir_path(struct build *build,
				  const struct yaml_node *node,
				  enum fhir_release release);
/* Steps from a type; offset: where they begin in the node's text.  -1: a
 * fault. */
int build_fhir_steps(struct build *build, const struct yaml_node *node,
		     size_t offset, enum fhir_release release, const char *type,
		     struct fhir_step **out);
/* Fill in slot and type from the steps. */
void fhir_path_finish(struct fhir_path *path);
/* Of a path without an array: its deepest extension is there for each value. */
void fhir_path_repeat(struct build *build, struct fhir_path *path);
/* "R4 has no Patient.nam; did you mean 'name'?", or that no release has: one
 * fault then, not one for each. */
const char *build_no_element(struct build *build, enum fhir_release release,
			     const char *type, const char *name);
/* The URLs under `extensions`, whether a path names them or not. */
void build_check_extensions(struct build *build);
/* "neither R4 nor R5 has", of the releases that the rules are for, or of the
 * only one "R4 has no". */
const char *build_none_has(struct build *build);
/* {path: value} as one pattern of the slot element of path; with path NULL,
 * or one without a slot, of the whole object of the place. */
json_object *build_pattern(struct build *build, const struct yaml_node *map,
			   enum fhir_release release, const struct place *place,
			   const struct fhir_path *path);
/* The part of the path's `is` that falls on the value itself; borrowed. */
json_object *pattern_of_value(const struct fhir_path *path);

/* ---- the parts of a rule set ---- */

void build_tables(struct build *build); /* rules_table.c */
void build_places(struct build *build); /* rules_place.c */
void build_also(struct build *build, const struct yaml_node *list,
		struct place *place); /* rules_choose.c */
void build_without(struct build *build, const struct yaml_node *map,
		   struct place *place);
void build_choose(struct build *build, const struct yaml_node *list,
		  struct place *place);
/* Names of elements of the place's type; each is checked. */
void build_members(struct build *build, const struct yaml_node *list,
		   const struct place *place, const char ***names,
		   size_t *count);	  /* rules_place.c */
void build_rules(struct build *build);	  /* rules_rule.c */
void build_known_by(struct build *build); /* rules_known_by.c */
void build_options(struct build *build, struct rule *rule,
		   const struct yaml_node *node); /* rules_option.c */
void build_derive(struct build *build, struct rule *rule,
		  const struct yaml_node *node); /* rules_derive.c */
void build_examples(struct build *build, struct rule *rule,
		    const struct yaml_node *node); /* rules_option.c */
void build_worklist(struct build *build);	   /* rules_worklist.c */
void build_match(struct build *build);		   /* rules_match.c */
void build_aliases(struct build *build);	   /* rules_aliases.c */
void build_current(struct build *build);	   /* rules_current.c */
void build_references(struct build *build);	   /* rules_reference.c */
void build_deidentified(struct build *build);	   /* rules_deidentified.c */
void build_legal(struct build *build);		   /* rules_legal.c */
void build_new_items(struct build *build);
void build_types(struct build *build);		/* rules_types.c */
void build_wants(struct dfh_rules *rules);	/* rules_wants.c */
void build_attributes(struct dfh_rules *rules); /* rules_position.c */
void build_yields(struct dfh_rules *rules);
void build_fallbacks(struct dfh_rules *rules);
void build_check(struct build *build);	      /* rules_check.c */
void build_check_put(struct build *build);    /* rules_check_put.c */
void build_check_places(struct build *build); /* rules_check_place.c */
/* rules_check_codes.c */
void build_check_codes(struct build *build, const struct rule *rule);
/* place: that of the rule, or NULL if it is a place's own `each`, which node
 * has (rules_check.c). */
void build_check_each(struct build *build, const struct each *each,
		      const struct place *place, const struct yaml_node *node);

/* Does a path lead to the other's value, or to something around it?
 * (rules_overlap.c) */
bool fhir_paths_overlap(const struct fhir_path *a, const struct fhir_path *b);
/* Do both write an element that nothing tells apart? */
bool rules_collide(const struct rule *a, const struct rule *b,
		   enum fhir_release release);

const struct table *build_find_table(struct build *build,
				     const struct yaml_node *node);
struct table_index *table_index_new(const struct table *table,
				    struct arena *arena); /* table.c */

/* ---- where a rule lies in a dataset (rules_position.c) ---- */

/* Each is held against each other: so many are still checked at once. */
enum { PLACES_MAX = 1000, RULES_MAX = 2000 };

/* No position is deeper. */
enum { POSITION_MAX = 64 };

/* Of every rule, whatever faults it has. */
void build_positions(struct dfh_rules *rules);

/* The index of what rules without a fault write. */
void build_writers(struct dfh_rules *rules);

#endif

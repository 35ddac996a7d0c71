/*
 * The laws of the rules, tried on values made at random (laws.c).  A test is
 * JSON, so that it can be made, shrunk, run and shown by the same means:
 *
 *   "zone"       supplied for datasets that give none
 *   "dataset"    attributes by keyword: text, items, or {"bytes": base 64}
 *   "positions"  for each position of the rule its ports: name -> text
 *   "values"     what FHIR says
 */
#ifndef LAWS_H
#define LAWS_H

#include <stdio.h>

#include "lens.h"
#include "random.h"

/* ---- what the rule's own tables and options say (laws_words.c) ---- */

struct word_list {
	const char **at;
	size_t count;
};

struct words {
	struct word_list terms;	  /* DICOM sides of its tables */
	struct word_list codes;	  /* FHIR sides, and other short options */
	struct word_list systems; /* what holds a colon */
	struct word_list displays;
	struct table_list {
		const struct table **at;
		size_t count;
	} tables;
};

struct words words_of(const struct rule *rule, struct arena *arena);
bool words_have(const struct word_list *list, const char *word);

/* ---- keywords that were looked up before: DCMTK searches for long ---- */

struct keyword {
	const char *name;
	bool known;
	struct dcm_entry entry;
};

struct keywords {
	struct arena *arena;
	struct keyword *at;
	size_t count;
};

const struct dcm_entry *keyword_entry(struct keywords *keywords,
				      const char *name);

/* ---- does an attribute of the top level come back? (laws_exact.c) ---- */

struct returns {
	bool is;
	bool derived; /* it may come although it was not there */
};

struct returns *laws_returns(const dfh_rules *rules, struct arena *arena);

/* ---- a rule in one release ---- */

struct trial {
	const dfh_rules *rules;
	const struct rule *rule;
	enum fhir_release release;
	const struct fhir_path *path; /* of the rule in the release */
	json_object *is; /* the part of `is` that falls on the value itself */
	const struct words *words; /* for each rule of the rules */
	const struct words *own;
	struct keywords *keywords;
	const struct returns *returns; /* for each of rules->wants.list */
};

/* ---- making values ---- */

struct maker {
	struct random *random;
	struct arena *arena; /* of this value */
	const struct words *words;
};

/* One of list, or NULL if there is none. */
const char *make_word(const struct maker *maker, const struct word_list *list);

/* laws_make_text.c */
const char *make_text(const struct maker *maker, size_t length);
size_t make_length(const struct maker *maker);
const char *make_uid(const struct maker *maker);
const char *make_uri(const struct maker *maker);

/* laws_make_dicom.c: the text of a value, legal or not; "" is empty.  port
 * may be NULL. */
const char *make_dicom(const struct maker *maker, const char vr[3], int vm_max,
		       const struct codec_port *port);

/* laws_make_fhir.c: a value of a FHIR type, always legal. */
json_object *make_fhir(const struct maker *maker, const struct trial *trial,
		       const char *type);
/* Here from the one, there from the other. */
json_object *make_mixed(const struct maker *maker, json_object *a,
			json_object *b);

/* laws_make_test.c */
json_object *make_get_put(const struct maker *maker, const struct trial *trial);
json_object *make_put_get(const struct maker *maker, const struct trial *trial);
json_object *make_create_get(const struct maker *maker,
			     const struct trial *trial);

/* laws_make_exact.c */
json_object *make_exact(const struct maker *maker, const struct trial *trial);

/* Top-level attributes that a rule or a place speaks of. */
struct tags {
	struct dcm_tag at[128];
	size_t count;
};

bool tags_have(const struct tags *tags, const struct dcm_tag *tag);
void tags_add_path(struct tags *tags, const struct dcm_path *path);
void tags_add_each(struct tags *tags, const struct each *each);
void tags_add_rule(struct tags *tags, const struct rule *rule);

/* ---- tests ---- */

enum verdict {
	LAW_HOLDS,
	LAW_FAILS,
	LAW_IS_IDLE /* it says nothing of this */
};

/* What one test runs on (laws_bench.c). */
struct bench {
	struct dataset *dataset;
	struct zone *zone;
	struct lens lens;
	struct scope scope;
	size_t notes[NOTE_KINDS];
	json_object *before; /* what each position said at first; or NULL */
};

void bench_open(struct bench *bench, const struct trial *trial,
		json_object *test);
void bench_close(struct bench *bench);
/* The ports of the position at index, all absent if there is none. */
void bench_ports(const struct bench *bench, const struct trial *trial,
		 json_object *test, size_t index, struct port_value *ports);
/* Did a note of that kind say that get will not make just what was put, and is
 * the rule's codec one that may say so? */
bool laws_departs(const struct bench *bench, const struct trial *trial,
		  enum note_kind kind);
bool laws_is_told(const struct bench *bench, const struct trial *trial);
struct codec_call bench_call(struct bench *bench, const struct trial *trial);

/* Between datasets and JSON. */
void item_of_json(struct dcm_item *item, json_object *json,
		  struct keywords *keywords);
json_object *json_of_item(const struct dcm_item *item);
json_object *json_of_ports(const struct rule *rule,
			   const struct port_value *ports);
const char *law_text(json_object *json);

struct law {
	const char *name;
	unsigned share; /* of how many values one is enough: it is slow */
	bool is_choosy; /* only for certain values */
	bool (*concerns)(const struct trial *trial);
	json_object *(*make)(const struct maker *maker,
			     const struct trial *trial);
	/* why: receives what came and what was expected; may be NULL. */
	enum verdict (*check)(const struct trial *trial, json_object *test,
			      FILE *why);
};

extern const struct law law_get_put, law_get_create, law_least; /* _ports.c */
extern const struct law law_put_get, law_create_get;		/* _values.c */
extern const struct law law_exact;

bool law_of_put(const struct trial *trial);

/* Is it a legal value of the rule's FHIR type? */
bool law_fits(const struct trial *trial, json_object *value);

/* Takes over json. */
void law_tell(FILE *why, const char *what, json_object *json);

/* ---- comparing (laws_same.c, laws_legal.c) ---- */

/* Does got say what was sent?  `had` is what the dataset said before, or
 * NULL: what means the same as that is no change.  Where a note of bookkeeping
 * told it, a use, a period, a rank or a text may be missing. */
bool says_the_same(const struct bench *bench, const struct trial *trial,
		   json_object *sent, json_object *got, json_object *had);

/* Is it a legal value of a FHIR type? */
bool fhir_is_legal(enum fhir_release release, const char *type,
		   json_object *value);

/* ---- shrinking (laws_shrink.c) ---- */

/* The smallest test found for which the law still fails.  Takes over test. */
json_object *law_shrink(const struct law *law, const struct trial *trial,
			json_object *test);

/* ---- all (laws.c) ---- */

struct law_result {
	size_t tried, idle;
	char *failure; /* NULL: none; free() it */
};

/* All rules' words, for subjects; in the arena. */
struct words *laws_words(const dfh_rules *rules, struct arena *arena);

/* Try one law of one rule; false: it does not concern the rule. */
bool law_try(const struct law *law, const dfh_rules *rules,
	     const struct words *words, const struct rule *rule,
	     enum fhir_release release, unsigned long seed, unsigned long count,
	     struct law_result *out);

const struct law *const *law_all(size_t *count);

#endif

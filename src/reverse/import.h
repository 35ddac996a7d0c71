/* What the files of src/reverse share. */
#ifndef IMPORT_H
#define IMPORT_H

#include <pthread.h>

#include "match_key.h"
#include "put.h"
#include "report.h"

/* What a Bundle can say of a dataset: a study and its patient, an order that
 * comes without a study, or a patient alone. */
struct subject {
	struct view view;
	struct key_values *keys; /* one for each of rules->match */
};

struct lh_table;
struct json_words;
struct likes;

struct subjects {
	struct subject *at;
	size_t count;
	struct arena *arena;	 /* of their keys */
	struct lh_table *by_key; /* what they are found by */
	struct kin *kin;
	/* The rules of which an object can have several numbers. */
	const struct rule **numbered;
	size_t numbered_count;
	struct lh_table *by_level; /* series and instances, as they are asked
				      for (levels.c); or NULL */
};

/* What dfh_import_* share. */
struct dfh_import {
	const dfh_rules *rules;
	dfh_report *report;
	dfh_release release; /* asked for */
	/* Where the shape fits both, or DFH_RELEASE_ANY. */
	dfh_release recognised;
	char today[11];		  /* as in struct view */
	size_t misfits[RELEASES]; /* of all that was read */
	uint64_t limit;		  /* of one input; memory_limit() */
	struct zone *zone;	  /* of datasets that give none; or NULL */
	struct fhir_index *index;
	struct subjects subjects; /* made when all is read */
	bool has_subjects;
	/* In which release do the resources say more?  Then all that they say
	 * counts while they are made subjects. */
	bool is_weighed;
	/* Resources of which it was told that they are not used, and studies
	 * of which all of them were; by address. */
	struct lh_table *told;
	/* Resources that references are displayed as (references.c). */
	struct lh_table *displayed;
	/* What the resources have in common: names of members, codes. */
	struct json_words *words;
	/* Whose files were changed, by address; NULL: none was. */
	struct lh_table *changed;
	/* What the files that were looked at name as the issuer of a number
	 * (match_issuers.c); NULL: none was. */
	struct lh_table *issuers;
	struct likes *likes; /* datasets that were stamped; or NULL */
	char **sources;	     /* names of what was added */
	size_t source_count;
	/* Around the resources and the report while datasets are stamped on
	 * several threads: even reading a JSON value may change it. */
	pthread_mutex_t lock;
};

/* The release of all that was read, among those that the rules are for: that
 * whose definitions know most of its elements; of equals the one that goes
 * before. */
enum fhir_release import_release(const struct dfh_import *im);

/* Is it one of those that fit best? */
bool release_may_be(const struct dfh_import *im, enum fhir_release release);

/* Are there several, and nobody said which? */
bool import_is_ambiguous(const struct dfh_import *im);

/* How many elements of a resource a release does not know (release.c). */
size_t release_misfits(enum fhir_release release, json_object *resource);
bool release_fits_all(json_object *resource);
bool release_fits_any(json_object *resource);

/* Take away what no release knows in such a shape: it is absent, so that
 * half a name does not take the place of a whole one (release.c). */
void release_blank(const struct dfh_import *im, json_object *resource);

/* All is added, for now: the newest versions count, and what the release does
 * not have is away (subjects.c). */
void import_settle(struct dfh_import *im);

/* All that the import holds (subjects.c); borrowed. */
const struct subjects *import_subjects(struct dfh_import *im);
void subjects_free(struct subjects *subjects);

/* The subjects that have this value of a key, by index; whatever the issuer. */
const size_t *subjects_with(const struct subjects *all, size_t key,
			    const struct key_value *value, size_t *count);

/* Fill in the series and the instance of the dataset, where the study has them
 * (levels.c). */
void view_find_levels(struct dfh_import *im, const struct dataset *dataset,
		      struct view *view);

/* Why what a view says is not to be believed (match_doubt.c); the later, the
 * worse. */
struct doubt {
	enum {
		DOUBT_NONE,
		DOUBT_MODIFIED, /* a modifier extension, implicit rules */
		DOUBT_NAMED,	/* the study names its patient otherwise */
		DOUBT_TORN	/* two accounts differ */
	} kind;
	const struct place *place; /* of the resource */
};
struct doubt find_doubt(const struct view *view);

/* Where notes on values go, by the name of what they are about; context is a
 * note_context. */
struct note_context {
	const struct dfh_import *im;
	enum fhir_release release;
	const char *file;
	/* Where what is told was found, if not at the rule's own place. */
	const struct fhir_path *found_at;
	/* Get what is lost, which is told later; or NULL. */
	struct losses *losses;
};
void import_note(void *context, const struct rule *rule, enum note_kind kind,
		 const char *text);
void import_note_at(void *context, const struct rule *rule,
		    const struct dcm_path *attribute, enum note_kind kind,
		    const char *text);

/* allow.c: is it allowed by this name?  Add it to a list of DFH_ALLOWED_MAX. */
bool stamp_allows(const dfh_stamp_options *how, const char *name);
void allowed_add(char *list, const char *name);

/* What a dataset was found to belong to. */
struct matched {
	struct view view;
	const char *key; /* by which: of rules->match */
	bool forced;	 /* it would have been refused */
	/* In spite of what, by name: "birth-date,signature". */
	char allowed[DFH_ALLOWED_MAX];
};

/*
 * The one subject that the dataset belongs to, with its series and instance
 * if the Bundle has them.  DFH_REFUSED, by name: none, several, one that
 * agrees in less than it could, or one that contradicts the dataset.
 */
int match(struct dfh_import *im, const struct dataset *dataset,
	  const char *file, const dfh_stamp_options *how, struct matched *out,
	  dfh_error **error);

/* Look at a dataset that is to be stamped: what match() has to know of all of
 * them.  Wants im->lock. */
void match_survey(struct dfh_import *im, const struct dataset *dataset,
		  const char *file, const dfh_stamp_options *how);

/* Can that say anything?  Not if all is found by the UID of its study. */
bool match_wants_survey(struct dfh_import *im, const dfh_stamp_options *how);

/* Everything that a view says, as a dataset with what travels beside.  file
 * NULL: nothing is reported. */
struct dataset *dataset_of(const struct dfh_import *im, const struct view *view,
			   const char *file);

/* The same without a report, by the clock of a dataset, which must outlive
 * it. */
struct dataset *dataset_like(const struct dfh_import *im,
			     const struct view *view,
			     const struct dataset *like);

/* The same, to be found by: what travels beside says there only what FHIR does
 * not, so that nobody is found under another's number. */
struct dataset *found_by(const struct dfh_import *im, const struct view *view);

/* What one rule makes of one value, by itself. */
struct dataset *made_by(const struct dfh_import *im, enum fhir_release release,
			const struct rule *rule, json_object *value);

/* Is what is chosen by time chosen for the same time in both datasets? */
bool same_start(const struct dfh_import *im, const struct view *view,
		const struct dataset *a, const struct dataset *b);

/* Put what a view says onto a dataset, which is a copy of before; of all
 * places, or of all but this one. */
void put_on(const struct dfh_import *im, const struct view *view,
	    const char *file, const struct dataset *before,
	    const struct place *left_out, struct dataset *dataset,
	    const dfh_stamp_options *how);

/* The same of one place, without what travels beside, and without a look at
 * what comes out (check_stamped). */
void put_alone(const struct dfh_import *im, const struct view *view,
	       const char *file, const struct dataset *before,
	       const struct place *alone, struct dataset *dataset,
	       const dfh_stamp_options *how);

/* Take back what must not be in a dataset that was put on. */
void check_stamped(const struct dfh_import *im, const struct view *view,
		   const char *file, const struct dataset *before,
		   struct dataset *dataset, const dfh_stamp_options *how);

/* Call how->differs for each attribute in which they differ (difference.c). */
void tell_differences(const struct dataset *was, const struct dataset *is,
		      const dfh_stamp_options *how);

/* Tell both callbacks of the character set, which was this (NULL: none). */
void tell_widened(const char *was, const dfh_stamp_options *how);

/* A file of that study, or patient, was changed (provenance.c). */
void import_note_change(struct dfh_import *im, const struct view *view);

#endif

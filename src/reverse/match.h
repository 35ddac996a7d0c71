/* What the files of the match share: its parts, and how it refuses. */
#ifndef MATCH_H
#define MATCH_H

#include "import.h"

struct dispute;

struct search {
	struct dfh_import *im;
	const struct dataset *dataset;
	const char *file;
	const dfh_stamp_options *how;
	const struct match_key *only; /* the key that is asked for; or NULL */
	struct key_values *values;    /* of the dataset, for each key */
	char *allowed; /* what was in the way and is allowed (allow.c) */
};

/*
 * Is it allowed to stamp in spite of that?  Then its name is added to
 * search->allowed.  A dispute has the name of the rule that writes its
 * attribute.
 */
bool allows(const struct search *search, const char *name);
const char *dispute_name(const struct search *search,
			 const struct dispute *dispute);

/* Are all the names known that how->allow has?  Else DFH_USAGE. */
int check_allowed(const struct search *search, dfh_error **error);

/* Does the rule write the attribute? (match_same.c) */
bool rule_writes_path(const struct rule *rule, const struct dcm_path *path);

struct choice {
	const struct subject *subject; /* NULL: none agrees */
	size_t key;		       /* in which it agrees */
	enum agreement agrees;
	bool is_worse;		/* another patient's, as far as ids tell, or one
				   that the rules refuse */
	size_t others;		/* that agree as well */
	size_t of_same_patient; /* and that are of the same patient */
};

struct dispute {
	const struct dcm_path *attribute;
	bool of_issuer;
	bool is_unreadable; /* it cannot be compared */
};

/* How what FHIR says of the patient stands to an attribute (match_same.c); the
 * later, the worse. */
enum sameness {
	SAME_NOT_SAID,
	SAME,
	SAME_IN_PART, /* a year alone: does not speak against it */
	SAME_UNREADABLE,
	SAME_NOT
};
enum sameness same_in(const struct search *search, const struct view *view,
		      const struct dcm_path *path);

/* Are both said to be of one patient? */
bool same_patient(const struct subject *a, const struct subject *b);

/* What of the subject the keys prove to be the dataset's (match_proof.c); what
 * is left aside is told. */
struct view proven_view(const struct search *search,
			const struct choice *choice);

/* Is the dataset one of several issuers' for a number of that key (an index of
 * rules->match), of which FHIR does not say whose it is?  What is asked is
 * remembered for the files that follow (match_issuers.c). */
bool issuers_are_several(const struct search *search,
			 const struct choice *choice, size_t *key);

/* Does an order that agrees in its number say, in any way, that it is of this
 * patient?  Numbers of orders are not unique enough to do without. */
bool subject_is_told(const struct search *search, const struct choice *choice);

/* What the keys that agree prove; of all of them, not only of that which it was
 * found by. */
enum proof proof_of(const struct search *search, const struct choice *choice);

/* Has the patient another number than before, as after a merge of two records?
 * (match_same.c) */
bool is_renumbered(const dfh_rules *rules, const struct dataset *before,
		   const struct dataset *after);

/* "PatientID (0010,0020)"; in the dataset's arena. */
const char *attribute_name(const struct search *search,
			   const struct dcm_path *path);

/* All set DFH_REFUSED and return -1; no value is in the text. */
int refuse_none(const struct search *search, dfh_error **error);
int refuse_several(const struct search *search, const struct choice *choice,
		   dfh_error **error);
int refuse_less(const struct search *search, const struct choice *choice,
		dfh_error **error);
int refuse_issuers(const struct search *search, const struct choice *choice,
		   size_t key, dfh_error **error);
int refuse_dispute(const struct search *search, const struct choice *choice,
		   const struct dispute *dispute, dfh_error **error);

int refuse_doubt(const struct search *search, const struct doubt *doubt,
		 dfh_error **error);
int refuse_subject(const struct search *search, const struct choice *choice,
		   dfh_error **error);
int refuse_resource(const struct search *search, const struct place *place,
		    dfh_error **error);

int refuse_deidentified(const struct search *search, dfh_error **error);

/* DFH_USAGE: the rules have no such key. */
int refuse_key(const struct search *search, dfh_error **error);

#endif

/* What a run did not carry, gathered for an OperationOutcome. */
#ifndef REPORT_H
#define REPORT_H

#include "codec.h"

enum report_kind {
	REPORT_INVALID,	    /* in the source; not carried */
	REPORT_LOST,	    /* no form on the other side */
	REPORT_BESIDE,	    /* travels beside its element: not lost */
	REPORT_DISAGREE,    /* two inputs say different things of one thing */
	REPORT_SUPPLIED,    /* from the command line or the rules */
	REPORT_UNMAPPED,    /* no rule reads it */
	REPORT_REFUSED,	    /* an input as a whole */
	REPORT_EMPTY,	    /* a file of a folder that has no bytes */
	REPORT_PASSED_OVER, /* a file of a folder that is no DICOM */
	REPORT_KEPT,	    /* the value of the dataset stays, and should */
	REPORT_ASIDE,	    /* it belongs to something else */
	REPORT_BOOKKEEPING, /* what FHIR alone needs to know: nothing is lost */
	REPORT_INPUT /* an input is not all there is, or not of the release:
			what it does not say is lost */
};

/*
 * Count one occurrence.  Equal ones (all but file) are counted together; the
 * first file in the order of names stands for them.  rule, attribute and file
 * may be NULL; attribute is a path of keywords, and NULL those of the rule.
 * text holds no patient data. The answer, NULL if report is, lives as long as
 * the report.  Several threads may add at once.
 */
struct issue;
struct issue *report_add(dfh_report *report, enum report_kind kind,
			 const struct rule *rule, enum fhir_release release,
			 const char *attribute, const char *file,
			 const char *text);

/* Likewise, of an element that is not at the rule's own place. */
struct issue *report_add_at(dfh_report *report, enum report_kind kind,
			    const struct rule *rule,
			    const struct fhir_path *path, const char *attribute,
			    const char *file, const char *text);

/* The same once more, in this file.  issue: what report_add gave; NULL is
 * passed over. */
void report_again(dfh_report *report, struct issue *issue, const char *file);

/* All that another report has, each as often, and in the same files.  *list, to
 * be freed: the issues here, for report_repeat.  How many. */
struct repeated {
	struct issue *issue;
	size_t times;
	bool in_file; /* it named one */
};
size_t report_take(dfh_report *report, const dfh_report *from,
		   struct repeated **list);

/* The same of another file. */
void report_repeat(dfh_report *report, const struct repeated *list,
		   size_t count, const char *file);

enum report_kind report_kind_of(enum note_kind kind);

/* Does the caller want values in it, patient data included? */
bool report_has_values(const dfh_report *report);

/* Does it want the attributes that no rule reads? */
bool report_wants_unmapped(const dfh_report *report);

/* REPORT_UNMAPPED for each of them, which mostly are those of the files before:
 * for these it is fast. */
void report_add_unread(dfh_report *report, const struct dcm_unread *list,
		       size_t count, const char *file);

/* For a FHIR path that no rule has: "Patient.maritalStatus". */
void report_add_path(dfh_report *report, enum report_kind kind,
		     const char *expression, const char *file,
		     const char *text);

#endif

/* What a run did not carry, gathered for an OperationOutcome. */
#ifndef REPORT_H
#define REPORT_H

#include "codec.h"

enum report_kind {
	REPORT_INVALID,	 /* in the source; not carried */
	REPORT_LOST,	 /* no form on the other side */
	REPORT_BESIDE,	 /* travels beside its element: not lost */
	REPORT_DISAGREE, /* two inputs say different things of one thing */
	REPORT_REFUSED	 /* an input as a whole */
};

/*
 * Count one occurrence.  Equal ones (all but file) are counted together; the
 * first file in the order of names stands for them.  rule, attribute and file
 * may be NULL; attribute is a path of keywords.  text holds no patient data.
 */
void report_add(dfh_report *report, enum report_kind kind,
		const struct rule *rule, dfh_release release,
		const char *attribute, const char *file, const char *text);

enum report_kind report_kind_of(enum note_kind kind);

#endif

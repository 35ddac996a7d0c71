/*
 * What the FHIR server of the EHR says of the patient and the order of a
 * dataset.  Answers are kept in memory for as long as the configuration lets
 * them be old, so that a study is asked about once, and not with each of its
 * instances; where no answer is had, the server is left alone for a while.
 */
#ifndef EHR_H
#define EHR_H

#include "daemon.h"

struct ehr;

/* Of one thread.  NULL: there is no client for it, which is said. */
struct ehr *ehr_new(const struct daemon *daemon);
void ehr_free(struct ehr *ehr);

enum ehr_says {
	EHR_ANSWERS,
	EHR_IS_AWAY,	/* whatever it is asked; why is in fault */
	EHR_FAILS,	/* it does not answer this; why is in fault */
	EHR_IS_UNCLEAR, /* whose it is that it tells of; why is in fault */
	EHR_NOT_ASKED	/* the dataset cannot be read */
};

/* *im: all answers about a dataset, which stay until the next question; NULL
 * where there are none.  What EHR_IS_UNCLEAR has is not to be stamped by. */
enum ehr_says ehr_ask(struct ehr *ehr, const dfh_source *source,
		      dfh_import **im, char fault[256]);

/* All that waits was asked about: what it did not answer, and nothing asks any
 * more, is not kept. */
void ehr_end_round(struct ehr *ehr);

/* Is it left alone, so that nothing new is asked now? */
bool ehr_is_away(const struct ehr *ehr);

/* Ask anew. */
void ehr_forget(struct ehr *ehr);

/* What was lost of what it said, in the stamps so far. */
size_t ehr_losses(const struct ehr *ehr);

#endif

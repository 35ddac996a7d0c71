/*
 * Whose the orders and studies are that a FHIR server told of: a server need
 * not include what was asked to be included (FHIR, search: _include), and
 * whoever is not known to be the patient could be any other one.
 */
#ifndef ORDER_SUBJECTS_H
#define ORDER_SUBJECTS_H

#include "ask_pages.h"

struct order_subjects;

/* Of the server whose base it is. */
struct order_subjects *order_subjects_new(const char *base,
					  const dfh_rules *rules);
void order_subjects_free(struct order_subjects *subjects);

/* An entry of its answer, as struct paged_search has it: `context` are
 * subjects. */
void order_subjects_take(json_object *entry, bool is_match, void *context);

enum order_subjects_are {
	SUBJECTS_ARE_KNOWN,
	SUBJECTS_ARE_UNKNOWN, /* one at least */
	SUBJECTS_ARE_NOT_TOLD /* the server does not answer: *fault */
};

/* Ask the server for those that it did not include, into the import.  No other
 * server is asked: the patient of one is not known. */
enum order_subjects_are order_subjects_ask(struct order_subjects *subjects,
					   struct http *http, dfh_import *im,
					   struct ask_fault *fault);

#endif

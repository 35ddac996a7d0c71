/* What a FHIR server answers, into an import: a search, page by page. */
#ifndef ASK_PAGES_H
#define ASK_PAGES_H

#include "dcmfhir.h"
#include "http.h"
#include "json_text.h"

/* Why an answer is none. */
struct ask_fault {
	enum http_outcome outcome;
	long status; /* of HTTP; 0: there was none */
	char text[256];
};

/* Would it be the same with any other question?  Then nobody is there, or wants
 * to be asked; else it is this question that is not answered. */
bool ask_finds_nobody(const struct ask_fault *fault);

/* One page, or one resource.  accepts, context: as in struct http_request.  -1
 * and why: there was no such answer. */
int ask_fhir(struct http *http, const char *target,
	     bool (*accepts)(struct http_answer *answer, void *context),
	     void *context, struct ask_fault *fault);

/* Add a Bundle that the server has answered.  -1: it cannot be read as FHIR. */
int import_answer(dfh_import *im, const char *base, json_object *bundle);

struct paged_search {
	const char *base; /* of the server */
	const char *text; /* behind its base, as "Patient?identifier=1" */
	int pages;	  /* a server that leads through more of them is left */
	/* Told of each entry but outcomes; is_match: it is what was searched,
	 * and not what was included.  NULL: nobody is told. */
	void (*visit)(json_object *entry, bool is_match, void *context);
	void *context;
};

/* All that the search finds, or -1 and why: then the import has a part and is
 * of no use. */
int ask_pages(struct http *http, const struct paged_search *search,
	      dfh_import *im, struct ask_fault *fault);

#endif

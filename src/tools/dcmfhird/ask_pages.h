/* A search of a FHIR server, page by page, into an import. */
#ifndef ASK_PAGES_H
#define ASK_PAGES_H

#include "dcmfhir.h"
#include "http.h"

/* Why an answer is none. */
struct ask_fault {
	enum http_outcome outcome;
	long status; /* of HTTP; 0: there was none */
	char text[256];
};

/*
 * All pages of the answer, or -1 and why: then the import has a part and is of
 * no use.  `of` names what is asked in messages; a server that leads from page
 * to page, more than `pages` of them, is left.
 */
int ask_pages(struct http *http, const char *of, const char *search, int pages,
	      dfh_import *im, struct ask_fault *fault);

#endif

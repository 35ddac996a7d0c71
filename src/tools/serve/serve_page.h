/* A page of what a search finds: each study is read, and looked at as FHIR has
 * it, until the page is over. */
#ifndef SERVE_PAGE_H
#define SERVE_PAGE_H

#include "serve_criteria.h"

enum { INCLUDES_MOST = 8 };

struct page {
	struct serve *serve;
	struct serve_request *request;
	const struct serve_criteria *criteria;
	struct serve_reply *reply;
	struct buffer entries;
	size_t wanted, count; /* studies */
	bool counts;	      /* their number alone is wanted */
	const char *includes[INCLUDES_MOST];
	size_t include_count;
	struct lh_table *included; /* "Type/ID" */
	bool is_withheld;	   /* something that the token does not open */
	bool is_partial;	   /* something here that cannot be read now */
	double began;
	size_t tried;	    /* studies that were read, or could not be */
	size_t silent;	    /* in a row that the PACS did not give */
	size_t silent_from; /* the first of them */
	bool is_costly;	    /* it ends because too much was done for it */
	bool ends;	    /* before the results do */
	size_t next;	    /* the result that the next page begins with */
};

/* The study, if it fits, and what is to come with it; `result` is the number by
 * which another page can begin with it.  false: the page is over, before it. */
bool page_add_study(struct page *page, const char *uid, size_t result);

/* As the reply: the Bundle, or why there is none. */
void page_print(struct page *page);

#endif

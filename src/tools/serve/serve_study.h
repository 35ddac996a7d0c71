/* A study at the PACS, or here, as the resources of this server: with ids, and
 * references that lead to them. */
#ifndef SERVE_STUDY_H
#define SERVE_STUDY_H

#include "dicomweb.h"
#include "serve.h"
#include "serve_known.h"
#include "serve_reply.h"

/* Where the studies are, and what is made of its studies. */
struct serve_source {
	const struct serve_options *options;
	struct dicomweb *web; /* NULL: they are in the spool of the options */
	int known;	      /* a folder: serve_known.h */
};

struct serve_study {
	json_object *study;
	struct lh_table *others; /* what comes with it, by "Type/id" */
	time_t changed;		 /* since when it was seen so */
};

/* -1: the reply says why. */
int serve_study_read(const struct serve_source *source, const char *uid,
		     dfh_release release, struct serve_study *study,
		     struct serve_reply *reply);

/* The same of a study that a resource "Type/ID" comes with, as this server
 * told. -1 with 404: there is none any more. */
int serve_study_with(const struct serve_source *source, const char *reference,
		     dfh_release release, struct serve_study *study,
		     struct serve_reply *reply);

void serve_study_free(struct serve_study *study);

/* One that comes with the study, by "Type/id"; NULL: there is none. */
json_object *serve_study_other(const struct serve_study *study,
			       const char *reference);

#endif

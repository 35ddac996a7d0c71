/*
 * DICOMweb as a careful client asks it (PS3.18): QIDO-RS finds studies, and the
 * metadata of WADO-RS says what is in them.  Of the tools, not of the library.
 */
#ifndef DICOMWEB_H
#define DICOMWEB_H

#include "dcmfhir.h"
#include "http.h"

struct dicomweb;

struct dicomweb_options {
	struct http_options http; /* its base is that of each URL */
	unsigned int gentle;	  /* requests a second; 0: as many as come */
	unsigned long long limit; /* bytes of one answer; 0: 1 GiB */
	dfh_report *report;	  /* or NULL */
	bool quiet;
};

struct dicomweb *dicomweb_new(const struct dicomweb_options *options);
void dicomweb_free(struct dicomweb *web);

/*
 * Visit the address of each study that a URL stands for: a study, a query of
 * studies, or a service, all of whose studies are meant.  Before the first
 * thread is started.  An exit status; what is wrong is said, and reported.
 */
int dicomweb_find(struct dicomweb *web, const char *url,
		  void (*found)(const char *study, void *context),
		  void *context);

/* Give the records of a study, or none of them, to `take`, which returns 0 to
 * go on.  From several threads at once.  -1: *error says why, or *fault, which
 * is to be freed, and is reported. */
int dicomweb_read(struct dicomweb *web, const char *study, dfh_export *ex,
		  int (*take)(dfh_record *record, void *context), void *context,
		  char **fault, dfh_error **error);

/* ---- what its files share ---- */

/* The server of a URL, or NULL. */
struct http *dicomweb_server(struct dicomweb *web, const char *url);

/* The header that asks for JSON, as it should be called or as it is. */
extern const char dicomweb_json[];

/* Ask for a URL as soon as that is gentle; accept is the header. */
void dicomweb_ask(struct dicomweb *web, const char *url, const char *accept,
		  struct http_answer *answer);

/* dicomweb_bulk.c: the value of an attribute that the metadata at `base` has
 * elsewhere; see dfh_input.fetch.  *tired: the server did not answer, though it
 * was asked again; who finds it set does not ask. */
int dicomweb_bulk(struct dicomweb *web, const char *base, const char *uri,
		  bool *tired, void **bytes, size_t *length);

/* dicomweb_pages.c: the studies of a query, page by page. */
int dicomweb_pages(struct dicomweb *web, const char *studies, const char *query,
		   void (*found)(const char *study, void *context),
		   void *context);

/* An input was refused, or something of it may lack: said and reported.  url is
 * shown without what is behind its path. */
void dicomweb_say(struct dicomweb *web, bool is_refused, const char *url,
		  const char *text);

#endif

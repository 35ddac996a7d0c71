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
	unsigned long long limit; /* bytes of one answer; 0: 4 GiB */
	/* For the metadata of so many studies at once, each in a file without
	 * a name (spool.h); 0: none are read. */
	size_t jobs;
	const char *folder; /* of those files; NULL: as spool_open() */
	dfh_report *report; /* or NULL */
	bool quiet;
};

/* NULL: the files without a name cannot be made, which is said. */
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

/* How the server answered the last time, for who tells others of it. */
struct dicomweb_answered {
	enum http_outcome outcome;
	long status;
	double retry_after; /* seconds; negative: not said */
};

/* Who is given the records of a study: as dfh_input says. */
struct dicomweb_taking {
	int (*take)(dfh_record *record, void *context);
	void *context;
	const char *origin;
	struct dicomweb_answered *answered; /* or NULL */
};

/* Give the records of a study, or none of them.  From several threads at once.
 * -1: *error says why, or *fault, which is to be freed, and is reported. */
int dicomweb_read(struct dicomweb *web, const char *study, dfh_export *ex,
		  const struct dicomweb_taking *taking, char **fault,
		  dfh_error **error);

/* ---- whole instances ---- */

struct spool;

/* Append the files of a study, a series or an instance to the spool, in the
 * transfer syntaxes that the server has them in, and visit each, once all are
 * there.  -1: none of them came, and *fault, which is to be freed, says why. */
int dicomweb_retrieve(struct dicomweb *web, const char *url,
		      struct spool *spool,
		      void (*visit)(unsigned long long offset,
				    unsigned long long length, void *context),
		      void *context, char **fault);

enum dicomweb_stored {
	DICOMWEB_STORED, /* or it is not told; said: what to know of it */
	DICOMWEB_FAILED, /* it would again */
	DICOMWEB_TIRED	 /* the server did not answer, though asked again */
};

/* Store a file, all of the spool, whose SOP Instance UID is `uid`, at the
 * studies of a service.  *said is to be freed; NULL: there is nothing to say.
 */
enum dicomweb_stored dicomweb_store(struct dicomweb *web, const char *studies,
				    const struct spool *spool, const char *uid,
				    char **said);

/* Where the studies of a service are, for an address of it or below, to be
 * freed. */
char *dicomweb_studies(const char *url);

/* Make the server of a URL known, before the first thread is started.  An exit
 * status; what is wrong is said. */
int dicomweb_know(struct dicomweb *web, const char *url);

/* ---- what its files share ---- */

/* The server of a URL, or NULL. */
struct http *dicomweb_server(struct dicomweb *web, const char *url);

/* The header that asks for JSON, as it should be called or as it is. */
extern const char dicomweb_json[];

/* Ask a server as soon as that is gentle. */
void dicomweb_request(struct dicomweb *web, const struct http_request *request,
		      struct http_answer *answer);

/* Who gets JSON as it comes; take returns 0 to go on, and restart says that it
 * comes from its beginning, for another try. */
struct dicomweb_content {
	int (*take)(const void *bytes, size_t length, void *context);
	void (*restart)(void *context);
	void *context;
};

/* dicomweb_content.c: get the JSON that is at a URL, of at most so many bytes;
 * of multipart content that of its parts, one after another. */
void dicomweb_ask_json(struct dicomweb *web, const char *url,
		       const struct dicomweb_content *to,
		       unsigned long long limit, struct http_answer *answer);

/* Bytes that one answer may have. */
unsigned long long dicomweb_limit(const struct dicomweb *web);

/* Get what is at a URL; accept is the header. */
void dicomweb_ask(struct dicomweb *web, const char *url, const char *accept,
		  struct http_answer *answer);

/* 206, where all of something is wanted, is no answer: half a study would
 * replace the study. */
void dicomweb_refuse_part(struct http_answer *answer);

/* dicomweb_bulk.c: the value of an attribute that the metadata at `base` has
 * elsewhere; see dfh_input.fetch.  *tired: the server did not answer, though it
 * was asked again; who finds it set does not ask. */
int dicomweb_bulk(struct dicomweb *web, const char *base, const char *uri,
		  bool *tired, void **bytes, size_t *length);

/* A part of what a query finds. */
struct dicomweb_window {
	size_t first; /* the first result; afterwards, the one that follows */
	size_t most;  /* studies */
	size_t at;    /* the result that is being found */
	bool has_more;
	struct dicomweb_answered answered;
};

/* dicomweb_pages.c: the studies of a query of studies, or of series or
 * instances, page by page: all of them, or those of a window.  What is found is
 * the address with the study's UID behind it.  From several threads at once. */
int dicomweb_pages(struct dicomweb *web, const char *studies, const char *query,
		   struct dicomweb_window *window,
		   void (*found)(const char *study, void *context),
		   void *context);

/* What QIDO-RS matches by (PS3.18 10.6.1.2.1), and who is asked for it. */
enum dicomweb_level {
	DICOMWEB_STUDIES,
	DICOMWEB_SERIES,
	DICOMWEB_INSTANCES,
	DICOMWEB_LEVELS
};

/* The level of an attribute, by its tag as in "0020000D"; -1: a server need not
 * match by it. */
int dicomweb_level_of(const char *tag);

/* Where a service has all of a level, for an address of it or below, to be
 * freed. */
char *dicomweb_all_of(const char *url, enum dicomweb_level level);

/* Why there is no answer to take, in words, to be freed. */
char *dicomweb_fault(const struct http_answer *answer);

/* An input was refused, or something of it may lack: said and reported.  url is
 * shown without what is behind its path. */
void dicomweb_say(struct dicomweb *web, bool is_refused, const char *url,
		  const char *text);

#endif

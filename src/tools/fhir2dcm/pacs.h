/*
 * fhir2dcm and servers of DICOMweb: instances that are fetched there, and
 * stamped ones that are stored there.  What is fetched lies in a file without a
 * name until the run is over.  Of what is stored the server's word is not
 * enough: it is read back.
 */
#ifndef PACS_H
#define PACS_H

#include "copies.h"
#include "fhir2dcm_files.h"

struct pacs;

/* What the options ask of servers; NULL in *out: nothing.  Before the first
 * thread is started, and before nothing but the outputs can be written.  An
 * exit status; what is wrong is said. */
int pacs_new(const struct fhir2dcm_options *options, char **paths,
	     dfh_report *report, struct pacs **out);
void pacs_free(struct pacs *pacs);

/* Fetch all that the URLs stand for, and list it.  A study of which anything
 * fails is left out whole, named and reported.  The worst exit status. */
int pacs_fetch(struct pacs *pacs, char **urls, struct cli_files *files);

/* Was the file fetched?  Then it is opened, and else left alone. */
bool pacs_open(const struct pacs *pacs, size_t index, const char *name,
	       struct opened *opened);

/* Are stamped files stored? */
bool pacs_stores(const struct pacs *pacs);

/* ... and was any of them not? */
bool pacs_has_unstored(const struct pacs *pacs);

/* Stamp a file and store it, in any thread.  An exit status: *error, or *why,
 * which is to be freed, tells what is wrong. */
int pacs_stamp(struct pacs *pacs, struct opened *opened,
	       const struct copy_stamp *stamp, char **why, dfh_error **error);

/* Stamp a file that was fetched, as a copy at `path`; an exit status. */
int pacs_copy(struct pacs *pacs, struct opened *opened,
	      const struct copy_stamp *stamp, const char *path,
	      dfh_error **error);

#endif

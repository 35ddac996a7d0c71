/* Standard input as the file to stamp, and standard output as the stamped one:
 * "-" for each.  Both lie in files without a name meanwhile: the one is read at
 * offsets, and of the other nothing is written unless it is whole. */
#ifndef STREAMS_H
#define STREAMS_H

#include "copies.h"
#include "fhir2dcm_options.h"

struct streams;
struct work;

bool is_stream(const char *name); /* "-"; NULL is none */

/* Of what is listed: is there one file, and one to be made?  DFH_OK, or
 * DFH_USAGE, which is said. */
int streams_check(const struct work *work, char **paths);

/* Read what there is to read, before nothing but the outputs can be written.
 * NULL in *out: neither is meant.  An exit status; what is wrong is said. */
int streams_new(const struct fhir2dcm_options *options, char **paths,
		struct streams **out);
void streams_free(struct streams *streams);

/* Is it standard input?  Then it is opened. */
bool streams_open(const struct streams *streams, const char *path,
		  struct opened *opened);

/* Stamp it, or undo its stamps, to path, which may be "-"; an exit status. */
int streams_copy(struct streams *streams, struct opened *opened,
		 const struct copy_stamp *stamp, const char *path,
		 dfh_error **error);

#endif

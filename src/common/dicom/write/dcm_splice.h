/* A file of which some elements are replaced, added or removed, and all other
 * bytes are copied. */
#ifndef DCM_SPLICE_H
#define DCM_SPLICE_H

#include <sys/stat.h>

#include "dcm_bytes.h"
#include "dcm_output.h"

/* What takes the place of an element of the top level. */
struct dcm_patch {
	struct dcm_tag tag;   /* as stored */
	unsigned char *bytes; /* of the whole element; NULL: it is removed */
	size_t length;
	bool written;
};

struct dcm_splice {
	struct dcm_file file;		   /* open */
	const struct dcm_extent **extents; /* what it has, by tag */
	struct dcm_patch *patches;	   /* in the order of tags */
	size_t count;
	struct dcm_output *out;	     /* NULL: to the sink */
	const struct dcm_sink *sink; /* NULL: into memory, to be deflated */
	struct buffer memory;
	dfh_error **error;
};

struct dcm_encoding dcm_splice_encoding(const struct dcm_splice *splice);

/* Open the file, and find all its elements; what cannot be spliced safely is
 * DFH_REFUSED. */
int dcm_splice_open(struct dcm_splice *splice, const struct dcm_source *source,
		    dfh_error **error);
int dcm_splice_scan(struct dcm_splice *splice);
void dcm_splice_close(struct dcm_splice *splice);

/* Replace an element, or add one; bytes (NULL: remove it) are taken over. */
void dcm_splice_set(struct dcm_splice *splice, const struct dcm_tag *tag,
		    unsigned char *bytes, size_t length);
struct dcm_patch *dcm_splice_patch(const struct dcm_splice *splice,
				   const struct dcm_tag *tag);

/* The bytes of an element as it is in the file, to be freed; NULL: it has
 * none, or (*fault) it cannot be read. */
unsigned char *dcm_splice_old(struct dcm_splice *splice,
			      const struct dcm_tag *tag, size_t *length,
			      bool *fault);

/* DFH_REFUSED: an element that is to change is in the file twice.  Neither
 * could an undo tell where the other was, nor a reader which of them counts. */
int dcm_splice_check(const struct dcm_splice *splice);

/* Write the result to path, beside and renamed, or to the sink of writing, or
 * with neither nowhere; with nothing to change it is a copy, unless path is the
 * file itself.  writing NULL: the default. */
int dcm_splice_write(struct dcm_splice *splice, const char *path,
		     const struct dcm_writing *writing);

#endif

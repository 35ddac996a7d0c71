/* The walk over the lengths of a dataset, and element headers (PS3.5 7.1). */
#ifndef DCM_WALK_H
#define DCM_WALK_H

#include "dcm_file.h"

#define DCM_UNDEFINED UINT64_MAX

struct dcm_header {
	struct dcm_tag tag;
	char vr[3];	   /* "" in implicit VR and for item tags */
	uint64_t length;   /* of the value, or DCM_UNDEFINED */
	unsigned int size; /* of the header itself */
};

enum dcm_header_answer {
	DCM_HEADER_GOOD,
	DCM_HEADER_CUT, /* it does not fit in the bytes */
	DCM_HEADER_ODD	/* its VR is none */
};

/* length: at most 12 bytes matter. */
enum dcm_header_answer dcm_header_read(const unsigned char *bytes,
				       size_t length, bool explicit_vr,
				       bool big_endian,
				       struct dcm_header *header);

/* What is cut if the file ends in the element at the offset, of which rest
 * bytes are there; answer is that of dcm_header_read. */
void dcm_cut_note(struct dcm_cut *cut, uint64_t offset, uint64_t rest,
		  const struct dcm_header *header,
		  enum dcm_header_answer answer);

/*
 * Walk the dataset of a file whose transfer syntax is known; fills what is
 * left of file->scan.  A failed read leaves file->fault.
 */
int dcm_file_walk(struct dcm_file *file, dfh_error **error);

#endif

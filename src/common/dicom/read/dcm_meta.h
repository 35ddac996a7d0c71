/* The File Meta Information (PS3.10 7.1). */
#ifndef DCM_META_H
#define DCM_META_H

#include "dcm_file.h"

struct dcm_meta {
	uint64_t offset, end; /* end: of the group 0002 */
	bool explicit_vr;
	char transfer_syntax[65], sop_class[65];
};

/*
 * Walk group 0002 from meta->offset on, whatever its group length says, for
 * that is wrong in some files.  1: done; 0: the file ends in it, and
 * file->cut tells where if file->scan.truncated; -1: it is invalid.
 */
int dcm_meta_walk(struct dcm_file *file, struct dcm_meta *meta);

/* A UID as stored, without what pads it; what is too long is cut. */
void dcm_uid_copy(char to[65], const unsigned char *bytes, size_t length);

#endif

/*
 * The text of dcmdump and dump2dcm <-> DICOM.  The encoder is the tests' own:
 * it shares nothing with what is tested.
 */
#ifndef DUMP_H
#define DUMP_H

#include "dataset.h"

/*
 * Encode a dump (UTF-8) as a Part 10 file, Explicit VR Little Endian.
 * charset: the Specific Character Set to say and to encode in, instead of the
 * dump's own; or NULL.  -1: errno, or a line that is none (said on stderr).
 */
int dump_encode(const char *dump_path, const char *dicom_path,
		const char *charset);

/* A dataset in the same form; free it. */
char *dump_of(const struct dataset *dataset);

#endif

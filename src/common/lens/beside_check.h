/* Of one attribute that travels beside: what is said of it, and whether it may
 * be put back. */
#ifndef BESIDE_CHECK_H
#define BESIDE_CHECK_H

#include "lens.h"

/* One step of its path: KEYWORD, KEYWORD[index] */
struct beside_step {
	struct dcm_entry entry;
	bool has_index;
	size_t index;
};

/* How much of a path is its first step. */
size_t step_length(const char *path);
bool parse_step(const char *path, size_t length, struct arena *arena,
		struct beside_step *out);

struct parts {
	const char *path, *value, *bytes, *vr, *mapped, *within;
	bool absent;
	bool is_broken;	  /* a part of it is none */
	char *decoded[2]; /* of a value or mapped value in base 64 */
};

/*
 * May it be put back into this dataset, and would that change anything?  Only
 * while the attribute is what the mapping made of FHIR, and only if a header
 * may have it there; onto a dataset that is there it completes, and neither
 * replaces a value nor says who it is.  What is refused is told.
 */
bool beside_check(const struct lens *lens, const struct parts *parts,
		  const struct dataset *dataset);

#endif

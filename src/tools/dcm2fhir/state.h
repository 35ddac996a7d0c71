/*
 * The state file of --since: which files, or studies by URL, were converted,
 * what they looked like then, and of which study they are.  A text of lines
 * with a checksum; it is taken only if it is whole and was made with the same
 * rules and options.
 */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dcmfhir.h"

/* In place of a study: the file is not DICOM. */
#define STATE_NO_STUDY UINT32_MAX

struct state_file {
	const char *path; /* borrowed */
	uint64_t size;
	int64_t mtime;	 /* in ns; 0: not to be trusted */
	uint64_t digest; /* dfh_record_digest */
	uint32_t study;	 /* index of state.studies */
	bool seen;
	bool is_mixed; /* now: it has instances of several studies */
};

struct state {
	char *text; /* of the file; paths lie in it */
	struct state_file *files;
	size_t count;
	uint32_t *by_path; /* hash tables of indices, from 1 */
	size_t path_slots;
	char **studies; /* by dfh_record_study */
	size_t study_count;
	uint32_t *by_study;
	size_t study_slots;
};

enum state_found {
	STATE_LOADED,
	STATE_ABSENT,
	STATE_BROKEN,
	STATE_STALE,
	STATE_FOREIGN, /* it is another kind of file, not to be overwritten */
	STATE_UNREADABLE
};

/* made_by is a line that tells with what it was made. */
enum state_found state_load(struct state *state, const char *path,
			    const char *made_by);
void state_free(struct state *state);

struct state_file *state_find(const struct state *state, const char *path);

/* The index of a study; it is added if it is not there. */
uint32_t state_study(struct state *state, const char *study);

/* Write beside and rename.  An exit status; what fails is said. */
int state_save(const struct state *state, const struct state_file *files,
	       size_t count, const char *path, const char *made_by);

#endif

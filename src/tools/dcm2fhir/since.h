/* --since: what is known of the files (since.c), and which studies are
 * converted (since_studies.c). */
#ifndef SINCE_H
#define SINCE_H

#include "convert.h"
#include "state.h"

/* What is known of a file by now. */
enum file_knowledge {
	UNKNOWN,
	REFUSED_NOW,
	KEPT, /* it is as the state says; it was not added */
	ADDED
};

struct study_set {
	bool *has; /* by their indices */
	size_t size;
};

struct since {
	struct conversion *conversion;
	struct state state;
	struct state_file *now; /* for each of conversion->files */
	enum file_knowledge *known;
	char *const *then; /* the studies of the state as it was read: a copy,
			      for state.studies grows while others read */
	bool all;	   /* what is read is added, for its study changed */
	/* Studies of the state. */
	struct study_set changed, added, not_gone;
	bool partial; /* not everything could be looked at */
	int64_t begin;
};

/* A URL: its digest is that of all its instances, in any order. */
bool since_is_url(const struct state_file *file);

/* Look at every file; what is as the state says is not read. */
void since_look(struct since *since);

/* Read those of the files of which nothing is known.  With since->all, all of
 * them are added; else those that changed. */
void since_read(struct since *since);

void since_mark(struct study_set *set, uint32_t study);
bool since_has(const struct study_set *set, uint32_t study);

#endif

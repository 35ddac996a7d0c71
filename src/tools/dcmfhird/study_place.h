/*
 * The study that instances are being brought into: its folder and its mark stay
 * open from one instance to the next, so that their names are flushed once, and
 * not with each of them.
 *
 * A name that another process made may not be on the disk yet, so whoever finds
 * it flushes it himself.  As long as a file is open no other one can get its
 * inode: what has the name still, and is what is open, is what was flushed.
 */
#ifndef STUDY_PLACE_H
#define STUDY_PLACE_H

#include "spot.h"
#include "studies.h"

struct study_place {
	char study[STUDY_NAME]; /* "": none */
	struct spot spot;	/* in its folder */
	int mark;		/* -1: none */
};

/* Its folder is made, and is in the place of the one before; the lock of
 * studies_lock() is held until it is marked.  -1: errno. */
int study_place_enter(struct study_place *place,
		      const struct state_folder *state, const char *study);

/* The study has a new instance, whose name is there.  -1: errno. */
int study_place_mark(struct study_place *place,
		     const struct state_folder *state);

void study_place_leave(struct study_place *place);

#endif

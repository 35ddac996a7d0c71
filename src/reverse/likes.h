/*
 * Most files of a series differ in their UID and number alone, and what FHIR
 * changes in one it changes in all.  So what was put onto one, and what was
 * told of it, is done again with those that are alike in all that the rules
 * look at; only the instance's own (lens/own.h) is put each time.
 */
#ifndef LIKES_H
#define LIKES_H

#include "import.h"

struct likes;

void likes_free(struct likes *likes);

/*
 * What a dataset becomes by what it was matched with: as put_on() and
 * keep_as_before() make it, and with the same notes, whatever was stamped
 * before.  Wants im->lock; to be freed.
 */
struct dataset *put_as_likes(struct dfh_import *im,
			     const struct matched *matched, const char *file,
			     const struct dataset *before,
			     const dfh_stamp_options *how);

/* Do everything in full from now on, for a test. */
void likes_stop(struct dfh_import *im);

#endif

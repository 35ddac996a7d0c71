/* How far the walk over the lengths of a dataset has come, and what is open
 * there: for dcm_walk.c and dcm_walk_plain.c. */
#ifndef DCM_WALK_FRAMES_H
#define DCM_WALK_FRAMES_H

#include "dcm_listing.h"
#include "dcm_walk.h"

/* A sequence and its item for each level, the dataset, and the fragments of
 * encapsulated pixel data. */
enum { FRAMES_MAX = 2 * DCM_DEPTH_MAX + 2 };

enum frame_kind { FRAME_ELEMENTS, FRAME_ITEMS, FRAME_FRAGMENTS };

struct walk_frame {
	enum frame_kind kind;
	uint64_t end;		      /* DCM_UNDEFINED: until its delimiter */
	bool explicit_vr, big_endian; /* of what is in it */
	bool guessed;	     /* a value that only begins like a sequence */
	struct dcm_cut open; /* if the file ends in it */
	size_t tags_from;    /* among those of the walk */
	bool in_disorder;
};

struct file_walk {
	struct dcm_file *file;
	struct dcm_scan *scan;
	struct walk_frame stack[FRAMES_MAX];
	int height, depth;
	uint64_t position;
	uint64_t limit; /* of the innermost defined length */
	struct dcm_listing listing;
	uint32_t *tags; /* of the items that are open */
	size_t tag_count, tag_capacity;
};

/* WALK_ON: there is more; the others end it. */
enum walk_step { WALK_ON, WALK_DONE, WALK_CUT, WALK_ODD, WALK_DEEP };

/* What an item, and an element of the top level, come to take in memory. */
enum { COST_OF_ITEM = 512, COST_OF_EXTENT = 2 * sizeof(struct dcm_extent) };

/* The innermost end that is known is where the walk may go to. */
void walk_set_limit(struct file_walk *walk);

/* One more is open from the position on; length: DCM_UNDEFINED: up to its
 * delimiter.  WALK_DEEP: it is not, for there are too many. */
enum walk_step walk_push(struct file_walk *walk, enum frame_kind kind,
			 uint64_t length, bool explicit_vr, bool big_endian,
			 bool guessed);

/* The innermost one ends at the position.  WALK_ON. */
enum walk_step walk_pop(struct file_walk *walk);

/* Of an element in an item. */
void walk_note_tag(struct file_walk *walk, uint32_t stored);

/*
 * Most elements are in explicit VR little endian, and plain values: these are
 * passed in one go, as far as the item goes that they are in.  It stops before
 * anything else.
 */
void walk_pass_plain(struct file_walk *walk);

#endif

/*
 * Which elements of the top level are noted while the lengths are followed:
 * all, or only what is wanted.  Tags ascend in a dataset (PS3.5 7.1), and so do
 * those of the wants: the two are gone through side by side.
 */
#ifndef DCM_LISTING_H
#define DCM_LISTING_H

#include "dcm.h"

struct dcm_listing {
	struct dcm_scan *scan; /* whose elements they are */
	size_t capacity;
	const struct dcm_want *next, *end; /* what may still come */
	uint32_t awaited; /* nothing before this tag is wanted, as stored */
	bool lists_all;
	bool is_listed;	 /* the last one that was met */
	bool is_ordered; /* each came after the one before */
	uint32_t last;	 /* its tag; 0: none was met yet */
};

/* wants: NULL: all are listed. */
void dcm_listing_start(struct dcm_listing *listing, struct dcm_scan *scan,
		       const struct dcm_wants *wants);

/* Where its length is not known yet, it reaches to the end of the file. */
void dcm_listing_add(struct dcm_listing *listing,
		     const struct dcm_extent *extent);

static inline uint32_t dcm_tag_stored(const struct dcm_tag *tag)
{
	return (uint32_t)tag->group << 16 | tag->element;
}

/* Is this one wanted, which is not before what is awaited?  Out of order the
 * answer means nothing. */
bool dcm_listing_reaches(struct dcm_listing *listing, uint32_t stored);

/* One more; true: it is to be added. */
static inline bool dcm_listing_meets(struct dcm_listing *listing,
				     uint32_t stored)
{
	listing->is_ordered &= stored > listing->last;
	listing->last = stored;
	listing->is_listed = stored >= listing->awaited &&
			     dcm_listing_reaches(listing, stored);
	return listing->is_listed;
}

/* Several were met, of which the last one was not wanted if it came before what
 * is awaited; is_ordered: so far, each came after the one before. */
static inline void dcm_listing_passes(struct dcm_listing *listing,
				      uint32_t last, bool is_ordered)
{
	listing->is_listed &= listing->last == last;
	listing->last = last;
	listing->is_ordered = is_ordered;
}

/* The length of the last one that was met, in its file. */
static inline void dcm_listing_end(struct dcm_listing *listing, uint64_t end)
{
	struct dcm_extent *last;

	if (!listing->is_listed)
		return;
	last = &listing->scan->elements[listing->scan->count - 1];
	last->length = end - last->offset;
}

#endif

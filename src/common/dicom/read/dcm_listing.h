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
	bool lists_all;
	bool is_listed;	 /* the last one that was met */
	bool is_ordered; /* each came after the one before */
	uint32_t last;	 /* its tag, as stored */
	uint64_t met;
};

/* wants: NULL: all are listed. */
void dcm_listing_start(struct dcm_listing *listing, struct dcm_scan *scan,
		       const struct dcm_wants *wants);

/* Its length is not known yet: it reaches to the end of the file. */
void dcm_listing_add(struct dcm_listing *listing, uint32_t stored,
		     uint64_t offset, uint64_t length);

static inline uint32_t dcm_tag_stored(const struct dcm_tag *tag)
{
	return (uint32_t)tag->group << 16 | tag->element;
}

/* Of a private one any of its group may be wanted: which, its creator tells.
 * The character set is always.  Out of order the answer means nothing. */
static inline bool dcm_listing_wants(struct dcm_listing *listing,
				     uint32_t stored)
{
	const struct dcm_want *next = listing->next;
	const bool is_private = stored & 0x10000;
	const uint32_t from = is_private ? stored & 0xffff0000 : stored;
	bool is_wanted;

	while (next < listing->end && dcm_tag_stored(&next->tag) < from)
		next++;
	listing->next = next;
	is_wanted = next < listing->end &&
		    (is_private ? next->tag.group == stored >> 16
				: dcm_tag_stored(&next->tag) == stored);
	return is_wanted || stored == 0x00080005;
}

/* One more; true: it is to be added. */
static inline bool dcm_listing_meets(struct dcm_listing *listing,
				     uint32_t stored)
{
	listing->is_ordered = listing->is_ordered && stored > listing->last;
	listing->last = stored;
	listing->met++;
	listing->is_listed =
		listing->lists_all || dcm_listing_wants(listing, stored);
	return listing->is_listed;
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

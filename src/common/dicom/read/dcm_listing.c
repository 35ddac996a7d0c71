#include "dcm_listing.h"

#include "memory.h"

/* Headers have some hundred elements, of which rules want a third. */
enum { ROOM_FOR_ALL = 256, ROOM_FOR_WANTED = 64 };

/* The character set is wanted of each dataset. */
static const uint32_t charset_stored = 0x00080005;

/* From where on the want may be met: of a private one at any element of its
 * group, for only its creator tells which it is. */
static uint32_t want_from(const struct dcm_want *want)
{
	return want->tag.group & 1 ? (uint32_t)want->tag.group << 16
				   : dcm_tag_stored(&want->tag);
}

static void await_next(struct dcm_listing *listing)
{
	listing->awaited = listing->next < listing->end
				   ? want_from(listing->next)
				   : UINT32_MAX;
	if (listing->last < charset_stored && listing->awaited > charset_stored)
		listing->awaited = charset_stored;
}

void dcm_listing_start(struct dcm_listing *listing, struct dcm_scan *scan,
		       const struct dcm_wants *wants)
{
	*listing = (struct dcm_listing){
		.scan = scan, .lists_all = !wants, .is_ordered = true};
	if (!wants)
		return;
	if (wants->count) {
		listing->next = wants->list;
		listing->end = wants->list + wants->count;
	}
	await_next(listing);
}

bool dcm_listing_reaches(struct dcm_listing *listing, uint32_t stored)
{
	const bool is_private = stored & 0x10000;
	const uint32_t from = is_private ? stored & 0xffff0000 : stored;
	bool is_wanted;

	if (listing->lists_all)
		return true;
	while (listing->next < listing->end && want_from(listing->next) < from)
		listing->next++;
	is_wanted = listing->next < listing->end &&
		    want_from(listing->next) == from;
	/* others of its group may follow */
	if (is_wanted && !is_private)
		listing->next++;
	await_next(listing);
	return is_wanted || stored == charset_stored;
}

static void grow_listing(struct dcm_listing *listing)
{
	const size_t first =
		listing->lists_all ? ROOM_FOR_ALL : ROOM_FOR_WANTED;
	struct dcm_scan *scan = listing->scan;

	listing->capacity = listing->capacity ? listing->capacity * 2 : first;
	scan->elements = xrealloc(scan->elements,
				  listing->capacity * sizeof(*scan->elements));
}

void dcm_listing_add(struct dcm_listing *listing,
		     const struct dcm_extent *extent)
{
	struct dcm_scan *scan = listing->scan;

	if (scan->count == listing->capacity)
		grow_listing(listing);
	scan->elements[scan->count++] = *extent;
}

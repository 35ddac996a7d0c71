#include "dcm_listing.h"

#include "memory.h"

/* Headers have some hundred elements, of which rules want a third. */
enum { ROOM_FOR_ALL = 256, ROOM_FOR_WANTED = 64 };

void dcm_listing_start(struct dcm_listing *listing, struct dcm_scan *scan,
		       const struct dcm_wants *wants)
{
	*listing = (struct dcm_listing){
		.scan = scan, .lists_all = !wants, .is_ordered = true};
	if (wants && wants->count) {
		listing->next = wants->list;
		listing->end = wants->list + wants->count;
	}
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

void dcm_listing_add(struct dcm_listing *listing, uint32_t stored,
		     uint64_t offset, uint64_t length)
{
	struct dcm_scan *scan = listing->scan;

	if (scan->count == listing->capacity)
		grow_listing(listing);
	scan->elements[scan->count++] = (struct dcm_extent){
		.tag = {(uint16_t)(stored >> 16), (uint16_t)stored, NULL},
		.offset = offset,
		.length = length,
	};
}

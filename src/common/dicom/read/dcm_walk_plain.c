/* Plain elements, many at a time. */
#include "dcm_walk_frames.h"

static uint32_t tag_stored_at(const unsigned char *at)
{
	return (uint32_t)dcm_u16(at, false) << 16 | dcm_u16(at + 2, false);
}

/*
 * The header and value of a plain element in explicit VR little endian, before
 * the pixel data; 0: it is none, or not all there.  In place, for all elements
 * come by.
 */
static inline __attribute__((always_inline)) size_t
plain_size_of(const unsigned char *at, const unsigned char *end,
	      uint32_t *stored)
{
	unsigned int kind;
	size_t header;
	uint32_t value;

	if (end - at < 12)
		return 0;
	*stored = tag_stored_at(at);
	kind = vr_kind((const char *)at + 4);
	if (*stored < 0x00080000 || *stored >= 0x7fe00000 || !kind ||
	    kind & VR_ITEMS)
		return 0;
	header = kind & VR_LONG ? 12 : 8;
	value = kind & VR_LONG ? dcm_u32(at + 8, false)
			       : dcm_u16(at + 6, false);
	return value != UINT32_MAX && value <= (size_t)(end - at) - header
		       ? header + value
		       : 0;
}

/* How far they go in an item. */
static size_t pass_plain_inner(struct file_walk *walk, const unsigned char *at,
			       const unsigned char *end)
{
	const unsigned char *first = at;
	uint32_t stored;
	size_t size;

	for (; (size = plain_size_of(at, end, &stored)) > 0; at += size)
		walk_note_tag(walk, stored);
	return (size_t)(at - first);
}

static void add_plain(struct file_walk *walk, const unsigned char *at,
		      uint32_t stored, uint64_t offset, size_t size)
{
	const char vr[] = {(char)at[4], (char)at[5]};

	dcm_listing_add(&walk->listing,
			&(struct dcm_extent){
				.tag = {(uint16_t)(stored >> 16),
					(uint16_t)stored, NULL},
				.offset = offset,
				.length = size,
				.vr = {vr[0], vr[1]},
				.header_size = vr_kind(vr) & VR_LONG ? 12 : 8,
			});
}

/* How far they go at the top level, of which most are not wanted. */
static size_t pass_plain_top(struct file_walk *walk, const unsigned char *at,
			     const unsigned char *end)
{
	struct dcm_listing *listing = &walk->listing;
	const unsigned char *first = at;
	uint32_t stored, last = listing->last, awaited = listing->awaited;
	bool is_ordered = listing->is_ordered;
	size_t size, count = 0;

	for (; (size = plain_size_of(at, end, &stored)) > 0; at += size) {
		count++;
		is_ordered &= stored > last;
		last = stored;
		if (stored < awaited)
			continue;
		if (dcm_listing_meets(listing, stored))
			add_plain(walk, at, stored,
				  walk->position + (size_t)(at - first), size);
		awaited = listing->awaited;
	}
	if (count)
		dcm_listing_passes(listing, last, is_ordered);
	walk->file->cost += count * COST_OF_EXTENT;
	return (size_t)(at - first);
}

void walk_pass_plain(struct file_walk *walk)
{
	const struct walk_frame *top = &walk->stack[walk->height - 1];
	const uint64_t rest = walk->limit - walk->position;
	const unsigned char *at, *end;
	size_t length;

	if (top->kind != FRAME_ELEMENTS || !top->explicit_vr || top->big_endian)
		return;
	at = dcm_file_rest(walk->file, walk->position, &length);
	if (!at)
		return;
	end = at + (length < rest ? length : (size_t)rest);
	walk->position += walk->height > 1 ? pass_plain_inner(walk, at, end)
					   : pass_plain_top(walk, at, end);
}

#include "dcm_walk.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_listing.h"
#include "error.h"
#include "vr.h"

enum { AHEAD = 16 * 1024, AHEAD_IN_PIXELS = 64 };

/* A sequence and its item for each level, the dataset, and the fragments of
 * encapsulated pixel data. */
enum { FRAMES_MAX = 2 * DCM_DEPTH_MAX + 2 };

enum frame_kind { ELEMENTS, ITEMS, FRAGMENTS };

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

enum walk_step { GOOD, DONE, CUT, ODD, DEEP };

/* What an item, and an element of the top level, come to take in memory. */
enum { COST_OF_ITEM = 512, COST_OF_EXTENT = 2 * sizeof(struct dcm_extent) };

/* ---- headers ---- */

void dcm_cut_note(struct dcm_cut *cut, uint64_t offset, uint64_t rest,
		  const struct dcm_header *header,
		  enum dcm_header_answer answer)
{
	*cut = (struct dcm_cut){
		.in = answer == DCM_HEADER_GOOD ? DCM_CUT_VALUE
						: DCM_CUT_HEADER,
		.offset = offset,
		.tag = header->tag,
		.has_tag = rest >= 4,
	};
}

/* ---- the walk ---- */

static void set_limit(struct file_walk *walk)
{
	int i = walk->height - 1;

	while (i > 0 && walk->stack[i].end == DCM_UNDEFINED)
		i--;
	walk->limit = walk->stack[i].end;
}

static enum walk_step push_frame(struct file_walk *walk, enum frame_kind kind,
				 uint64_t length, bool explicit_vr,
				 bool big_endian, bool guessed)
{
	struct walk_frame *frame;

	if (kind == ITEMS && walk->depth == DCM_DEPTH_MAX)
		return DEEP;
	if (kind == ITEMS && ++walk->depth > walk->scan->depth)
		walk->scan->depth = walk->depth;
	if (kind == ELEMENTS)
		walk->file->cost += COST_OF_ITEM;
	frame = &walk->stack[walk->height++];
	frame->kind = kind;
	frame->end = length == DCM_UNDEFINED ? DCM_UNDEFINED
					     : walk->position + length;
	frame->explicit_vr = explicit_vr;
	frame->big_endian = big_endian;
	frame->guessed = guessed;
	frame->open = walk->file->cut;
	frame->open.in = DCM_CUT_OPEN;
	frame->tags_from = walk->tag_count;
	frame->in_disorder = false;
	set_limit(walk);
	return GOOD;
}

static enum walk_step pop_frame(struct file_walk *walk)
{
	const struct walk_frame *frame = &walk->stack[--walk->height];

	if (frame->kind == ITEMS)
		walk->depth--;
	if (frame->in_disorder)
		dcm_doubled_note(&walk->file->doubled,
				 walk->tags + frame->tags_from,
				 walk->tag_count - frame->tags_from);
	walk->tag_count = frame->tags_from;
	if (walk->height == 1)
		dcm_listing_end(&walk->listing, walk->position);
	set_limit(walk);
	return GOOD;
}

/* Of an element in an item. */
static void note_tag(struct file_walk *walk, uint32_t stored)
{
	struct walk_frame *in = &walk->stack[walk->height - 1];

	if (walk->tag_count == walk->tag_capacity) {
		walk->tag_capacity =
			walk->tag_capacity ? walk->tag_capacity * 2 : 64;
		walk->tags = xrealloc(walk->tags,
				      walk->tag_capacity * sizeof(*walk->tags));
	}
	if (walk->tag_count > in->tags_from &&
	    walk->tags[walk->tag_count - 1] >= stored)
		in->in_disorder = true;
	walk->tags[walk->tag_count++] = stored;
	walk->file->inner++;
}

/* Of an element of the top level, whose length is not known yet. */
static void meet_element(struct file_walk *walk,
			 const struct dcm_header *header, uint64_t offset)
{
	uint32_t stored = dcm_tag_stored(&header->tag);

	if (dcm_listing_meets(&walk->listing, stored))
		dcm_listing_add(&walk->listing, stored, offset,
				walk->file->size - offset);
	walk->file->cost += COST_OF_EXTENT;
	if (header->tag.group == 0x7fe0 && walk->scan->pixel_offset > offset)
		walk->scan->pixel_offset = offset;
	if (stored == 0x00041220)
		walk->file->is_dicomdir = true;
}

/* How does the value at the position begin, if it can be seen? */
static enum walk_step peek_at_value(struct file_walk *walk, uint64_t length,
				    bool big_endian, bool *is_item)
{
	const unsigned char *at = NULL;
	uint16_t element;

	*is_item = false;
	if (length < 8)
		return GOOD;
	at = dcm_file_at(walk->file, walk->position, 4, AHEAD);
	if (!at)
		return CUT;
	if (dcm_u16(at, big_endian) != 0xfffe)
		return GOOD;
	element = dcm_u16(at + 2, big_endian);
	*is_item = element == 0xe000;
	/* DCMTK ends a sequence at its delimiter, whatever its length says,
	 * and reads on in what the walk takes for a value */
	if (element == 0xe0dd || element == 0xe00d)
		walk->file->doubtful = true;
	return GOOD;
}

/* What has items, or an undefined length, and what does not, as the dictionary
 * has it?  It knows little of private ones. */
static void check_dictionary(struct file_walk *walk,
			     const struct dcm_header *header, bool has_items)
{
	char vr[3];

	if (!header->length || !header->tag.element ||
	    (header->tag.group & 1) || header->tag.group == 0x7fe0)
		return;
	dcm_vr_of(&header->tag, vr);
	if (has_items != (memcmp(vr, "SQ", 2) == 0))
		walk->file->misfits_dictionary = true;
}

static enum walk_step step_undefined(struct file_walk *walk,
				     const struct dcm_header *header,
				     const struct walk_frame *in)
{
	if (header->tag.group == 0x7fe0 &&
	    (!in->explicit_vr || header->vr[0] == 'O'))
		return push_frame(walk, FRAGMENTS, DCM_UNDEFINED,
				  in->explicit_vr, in->big_endian, false);
	/* UN of undefined length is a sequence in implicit VR little endian
	 * (PS3.5 6.2.2, note 2) */
	if (memcmp(header->vr, "UN", 2) == 0)
		return push_frame(walk, ITEMS, DCM_UNDEFINED, false, false,
				  false);
	if (!in->explicit_vr)
		check_dictionary(walk, header, true);
	if (!in->explicit_vr || memcmp(header->vr, "SQ", 2) == 0)
		return push_frame(walk, ITEMS, DCM_UNDEFINED, in->explicit_vr,
				  in->big_endian, false);
	return ODD;
}

static enum walk_step step_element(struct file_walk *walk,
				   const struct dcm_header *header)
{
	const struct walk_frame in = walk->stack[walk->height - 1];
	bool is_un = memcmp(header->vr, "UN", 2) == 0, is_item;
	enum walk_step answer;

	if (header->tag.group == 0xfffe) {
		/* only the delimiter of this very item may come here */
		if (header->tag.element != 0xe00d || walk->height == 1 ||
		    in.end != DCM_UNDEFINED)
			return ODD;
		walk->position += header->size;
		return pop_frame(walk);
	}
	if (walk->height == 1)
		meet_element(walk, header, walk->position);
	else
		note_tag(walk, dcm_tag_stored(&header->tag));
	walk->position += header->size;
	if (header->length == DCM_UNDEFINED)
		return step_undefined(walk, header, &in);
	if (header->length > walk->file->size - walk->position)
		return CUT;
	if (header->length > walk->limit - walk->position)
		return ODD;
	if (walk->height == 1)
		dcm_listing_end(&walk->listing,
				walk->position + header->length);
	if (memcmp(header->vr, "SQ", 2) == 0 && header->length)
		return push_frame(walk, ITEMS, header->length, in.explicit_vr,
				  in.big_endian, false);
	if ((!in.explicit_vr || is_un) && header->tag.group != 0x7fe0) {
		bool big_endian = in.big_endian && !is_un;

		answer = peek_at_value(walk, header->length, big_endian,
				       &is_item);
		if (answer == GOOD && !in.explicit_vr)
			check_dictionary(walk, header, is_item);
		if (answer != GOOD || is_item)
			return answer != GOOD
				       ? answer
				       : push_frame(walk, ITEMS, header->length,
						    false, big_endian, true);
	}
	walk->position += header->length;
	return GOOD;
}

static enum walk_step step_item(struct file_walk *walk,
				const struct dcm_header *header)
{
	const struct walk_frame in = walk->stack[walk->height - 1];

	if (header->tag.group != 0xfffe)
		return ODD;
	if (header->tag.element == 0xe0dd) {
		if (in.end != DCM_UNDEFINED)
			return ODD;
		walk->position += header->size;
		return pop_frame(walk);
	}
	if (header->tag.element != 0xe000)
		return ODD;
	walk->position += header->size;
	if (header->length == DCM_UNDEFINED)
		return in.kind == FRAGMENTS
			       ? ODD
			       : push_frame(walk, ELEMENTS, DCM_UNDEFINED,
					    in.explicit_vr, in.big_endian,
					    false);
	if (header->length > walk->file->size - walk->position)
		return CUT;
	if (header->length > walk->limit - walk->position)
		return ODD;
	if (in.kind == ITEMS)
		return push_frame(walk, ELEMENTS, header->length,
				  in.explicit_vr, in.big_endian, false);
	walk->position += header->length;
	return GOOD;
}

/* Some files are padded with zeros behind the dataset. */
static bool only_zeros(struct file_walk *walk)
{
	uint64_t position = walk->position;

	while (position < walk->file->size) {
		uint64_t rest = walk->file->size - position;
		size_t length = rest < AHEAD ? (size_t)rest : AHEAD, i;
		const unsigned char *at;

		at = dcm_file_at(walk->file, position, length, AHEAD);
		if (!at)
			return false;
		for (i = 0; i < length; i++)
			if (at[i])
				return false;
		position += length;
	}
	return true;
}

/* The file is taken to end at the position. */
static enum walk_step end_before(struct file_walk *walk)
{
	walk->file->size = walk->position;
	walk->scan->pixel_offset = walk->position;
	return DONE;
}

/* The header of a deflated dataset is all that is wanted, and kept. */
static enum walk_step end_header(struct file_walk *walk,
				 const struct dcm_header *header)
{
	uint64_t rest = walk->file->whole_size - walk->position;

	walk->file->ends_at_pixels = true;
	if (header->length != DCM_UNDEFINED &&
	    header->length > rest - header->size)
		return CUT;
	return end_before(walk);
}

static enum walk_step step(struct file_walk *walk)
{
	const struct walk_frame *top = &walk->stack[walk->height - 1];
	uint64_t rest = walk->file->size - walk->position;
	size_t seen = rest < 12 ? (size_t)rest : 12;
	struct dcm_header header;
	const unsigned char *at;
	enum dcm_header_answer answer;

	if (walk->position >= top->end) {
		if (walk->position > top->end)
			return ODD;
		return walk->height == 1 ? DONE : pop_frame(walk);
	}
	/* at its end all are open that have no length */
	walk->file->cut =
		rest ? (struct dcm_cut){.offset = walk->position} : top->open;
	at = dcm_file_at(walk->file, walk->position, seen,
			 walk->scan->pixel_offset <= walk->position
				 ? AHEAD_IN_PIXELS
				 : AHEAD);
	if (!at)
		return CUT;
	answer = dcm_header_read(at, seen, top->explicit_vr, top->big_endian,
				 &header);
	if (rest)
		dcm_cut_note(&walk->file->cut, walk->position, rest, &header,
			     answer);
	if (walk->height == 1 && rest >= 8 && !header.tag.group &&
	    !header.tag.element)
		return walk->listing.last && only_zeros(walk) ? DONE : ODD;
	if (walk->height == 1 && header.tag.group >= 0x7fe0 &&
	    walk->file->source.without_pixels)
		return end_before(walk);
	if (answer != DCM_HEADER_GOOD)
		return answer == DCM_HEADER_CUT ? CUT : ODD;
	if (walk->height == 1 && header.tag.group >= 0x7fe0 &&
	    walk->file->size < walk->file->whole_size)
		return end_header(walk, &header);
	if (header.size > walk->limit - walk->position)
		return ODD;
	return top->kind == ELEMENTS ? step_element(walk, &header)
				     : step_item(walk, &header);
}

/* Does the walk fail within a value that only looked like a sequence?  Then
 * it is just a value. */
static bool unwind_guess(struct file_walk *walk)
{
	int guess = walk->height - 1;

	while (guess > 0 && !walk->stack[guess].guessed)
		guess--;
	if (guess <= 0)
		return false;
	while (walk->height > guess) {
		if (walk->height - 1 == guess)
			walk->position = walk->stack[guess].end;
		if (walk->stack[--walk->height].kind == ITEMS)
			walk->depth--;
		walk->tag_count = walk->stack[walk->height].tags_from;
	}
	walk->file->doubtful = true;
	set_limit(walk);
	return true;
}

/* The header and value of a plain element in explicit VR little endian, of
 * which length bytes are there; 0: it is not plain, or not all there. */
static size_t plain_size(const unsigned char *at, size_t length)
{
	const unsigned int kind = vr_kind((const char *)at + 4);
	const size_t header = kind & VR_LONG ? 12 : 8;
	const uint32_t value = kind & VR_LONG ? dcm_u32(at + 8, false)
					      : dcm_u16(at + 6, false);

	return kind && !(kind & VR_ITEMS) && value != UINT32_MAX &&
			       value <= length - header
		       ? header + value
		       : 0;
}

/* At the position of the walk. */
static void meet_plain(struct file_walk *walk, uint32_t stored, size_t size)
{
	if (walk->height > 1) {
		note_tag(walk, stored);
		return;
	}
	walk->file->cost += COST_OF_EXTENT;
	if (dcm_listing_meets(&walk->listing, stored))
		dcm_listing_add(&walk->listing, stored, walk->position, size);
}

/*
 * Most elements are in explicit VR little endian, and plain values: these are
 * passed in one go, as far as the item goes that they are in.  It stops before
 * anything else, for step() to see.
 */
static void pass_plain(struct file_walk *walk)
{
	const struct walk_frame *top = &walk->stack[walk->height - 1];
	const uint64_t rest = walk->limit - walk->position;
	const unsigned char *at, *end;
	size_t length, size;

	if (top->kind != ELEMENTS || !top->explicit_vr || top->big_endian)
		return;
	at = dcm_file_rest(walk->file, walk->position, &length);
	if (!at)
		return;
	end = at + (length < rest ? length : (size_t)rest);
	for (; end - at >= 12; at += size) {
		const uint32_t stored = (uint32_t)dcm_u16(at, false) << 16 |
					dcm_u16(at + 2, false);

		if (stored < 0x00080000 || stored >= 0x7fe00000 ||
		    !(size = plain_size(at, (size_t)(end - at))))
			break;
		meet_plain(walk, stored, size);
		walk->position += size;
	}
}

/* It may have been walked through already, as far as it was inflated. */
static void start_anew(struct dcm_file *file)
{
	dcm_scan_free(&file->scan);
	file->scan.depth = 0;
	file->inner = file->cost = 0;
	file->doubled.count = 0;
	file->doubtful = file->misfits_dictionary = false;
	file->ends_at_pixels = false;
}

int dcm_file_walk(struct dcm_file *file, dfh_error **error)
{
	struct dcm_scan *scan = &file->scan;
	struct file_walk walk; /* not all set to zero: the stack is large */
	enum walk_step answer = GOOD;

	walk.file = file;
	walk.scan = scan;
	walk.height = 1;
	walk.depth = 0;
	walk.position = scan->dataset_offset;
	walk.limit = file->size;
	walk.tags = NULL;
	walk.tag_count = walk.tag_capacity = 0;
	walk.stack[0] = (struct walk_frame){.kind = ELEMENTS,
					    .end = file->size,
					    .explicit_vr = scan->explicit_vr,
					    .big_endian = scan->big_endian};
	scan->pixel_offset = file->size;
	start_anew(file);
	dcm_listing_start(&walk.listing, scan, file->wants);
	while (answer == GOOD && file->cost <= file->limit) {
		pass_plain(&walk);
		answer = step(&walk);
		if (!file->fault && (answer == CUT || answer == ODD) &&
		    unwind_guess(&walk))
			answer = GOOD;
	}
	free(walk.tags);
	file->in_order = walk.listing.is_ordered;
	if (file->fault)
		return 0;
	if (file->cost > file->limit)
		return dcm_file_refuse_large(file, error);
	if (answer == DEEP)
		return error_because(
			error, DFH_TOO_LARGE,
			"%s: nests its sequences more than %d deep", file->name,
			DCM_DEPTH_MAX);
	scan->understood = answer == DONE;
	scan->truncated = answer == CUT;
	file->data_end = answer == DONE ? walk.position : file->size;
	return 0;
}

#include "dcm_walk_frames.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "vr.h"

enum { AHEAD = 16 * 1024, AHEAD_IN_PIXELS = 64 };

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

/* Of an element of the top level, whose length is not known yet. */
static void meet_element(struct file_walk *walk,
			 const struct dcm_header *header, uint64_t offset)
{
	uint32_t stored = dcm_tag_stored(&header->tag);

	if (dcm_listing_meets(&walk->listing, stored))
		dcm_listing_add(&walk->listing,
				&(struct dcm_extent){
					.tag = header->tag,
					.offset = offset,
					.length = walk->file->size - offset});
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
		return WALK_ON;
	at = dcm_file_at(walk->file, walk->position, 4, AHEAD);
	if (!at)
		return WALK_CUT;
	if (dcm_u16(at, big_endian) != 0xfffe)
		return WALK_ON;
	element = dcm_u16(at + 2, big_endian);
	*is_item = element == 0xe000;
	/* DCMTK ends a sequence at its delimiter, whatever its length says,
	 * and reads on in what the walk takes for a value */
	if (element == 0xe0dd || element == 0xe00d)
		walk->file->doubtful = true;
	return WALK_ON;
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
		return walk_push(walk, FRAME_FRAGMENTS, DCM_UNDEFINED,
				 in->explicit_vr, in->big_endian, false);
	/* UN of undefined length is a sequence in implicit VR little endian
	 * (PS3.5 6.2.2, note 2) */
	if (memcmp(header->vr, "UN", 2) == 0)
		return walk_push(walk, FRAME_ITEMS, DCM_UNDEFINED, false, false,
				 false);
	if (!in->explicit_vr)
		check_dictionary(walk, header, true);
	if (!in->explicit_vr || memcmp(header->vr, "SQ", 2) == 0)
		return walk_push(walk, FRAME_ITEMS, DCM_UNDEFINED,
				 in->explicit_vr, in->big_endian, false);
	return WALK_ODD;
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
			return WALK_ODD;
		walk->position += header->size;
		return walk_pop(walk);
	}
	if (walk->height == 1)
		meet_element(walk, header, walk->position);
	else
		walk_note_tag(walk, dcm_tag_stored(&header->tag));
	walk->position += header->size;
	if (header->length == DCM_UNDEFINED)
		return step_undefined(walk, header, &in);
	if (header->length > walk->file->size - walk->position)
		return WALK_CUT;
	if (header->length > walk->limit - walk->position)
		return WALK_ODD;
	if (walk->height == 1)
		dcm_listing_end(&walk->listing,
				walk->position + header->length);
	if (memcmp(header->vr, "SQ", 2) == 0 && header->length)
		return walk_push(walk, FRAME_ITEMS, header->length,
				 in.explicit_vr, in.big_endian, false);
	if ((!in.explicit_vr || is_un) && header->tag.group != 0x7fe0) {
		bool big_endian = in.big_endian && !is_un;

		answer = peek_at_value(walk, header->length, big_endian,
				       &is_item);
		if (answer == WALK_ON && !in.explicit_vr)
			check_dictionary(walk, header, is_item);
		if (answer != WALK_ON || is_item)
			return answer != WALK_ON
				       ? answer
				       : walk_push(walk, FRAME_ITEMS,
						   header->length, false,
						   big_endian, true);
	}
	walk->position += header->length;
	return WALK_ON;
}

static enum walk_step step_item(struct file_walk *walk,
				const struct dcm_header *header)
{
	const struct walk_frame in = walk->stack[walk->height - 1];

	if (header->tag.group != 0xfffe)
		return WALK_ODD;
	if (header->tag.element == 0xe0dd) {
		if (in.end != DCM_UNDEFINED)
			return WALK_ODD;
		walk->position += header->size;
		return walk_pop(walk);
	}
	if (header->tag.element != 0xe000)
		return WALK_ODD;
	walk->position += header->size;
	if (header->length == DCM_UNDEFINED)
		return in.kind == FRAME_FRAGMENTS
			       ? WALK_ODD
			       : walk_push(walk, FRAME_ELEMENTS, DCM_UNDEFINED,
					   in.explicit_vr, in.big_endian,
					   false);
	if (header->length > walk->file->size - walk->position)
		return WALK_CUT;
	if (header->length > walk->limit - walk->position)
		return WALK_ODD;
	if (in.kind == FRAME_ITEMS)
		return walk_push(walk, FRAME_ELEMENTS, header->length,
				 in.explicit_vr, in.big_endian, false);
	walk->position += header->length;
	return WALK_ON;
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
	return WALK_DONE;
}

/* The header of a deflated dataset is all that is wanted, and kept. */
static enum walk_step end_header(struct file_walk *walk,
				 const struct dcm_header *header)
{
	uint64_t rest = walk->file->whole_size - walk->position;

	walk->file->ends_at_pixels = true;
	if (header->length != DCM_UNDEFINED &&
	    header->length > rest - header->size)
		return WALK_CUT;
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
			return WALK_ODD;
		return walk->height == 1 ? WALK_DONE : walk_pop(walk);
	}
	/* at its end all are open that have no length */
	walk->file->cut =
		rest ? (struct dcm_cut){.offset = walk->position} : top->open;
	at = dcm_file_at(walk->file, walk->position, seen,
			 walk->scan->pixel_offset <= walk->position
				 ? AHEAD_IN_PIXELS
				 : AHEAD);
	if (!at)
		return WALK_CUT;
	answer = dcm_header_read(at, seen, top->explicit_vr, top->big_endian,
				 &header);
	if (rest)
		dcm_cut_note(&walk->file->cut, walk->position, rest, &header,
			     answer);
	if (walk->height == 1 && rest >= 8 && !header.tag.group &&
	    !header.tag.element)
		return walk->listing.last && only_zeros(walk) ? WALK_DONE
							      : WALK_ODD;
	if (walk->height == 1 && header.tag.group >= 0x7fe0 &&
	    walk->file->source.without_pixels)
		return end_before(walk);
	if (answer != DCM_HEADER_GOOD)
		return answer == DCM_HEADER_CUT ? WALK_CUT : WALK_ODD;
	if (walk->height == 1 && header.tag.group >= 0x7fe0 &&
	    walk->file->size < walk->file->whole_size)
		return end_header(walk, &header);
	if (header.size > walk->limit - walk->position)
		return WALK_ODD;
	return top->kind == FRAME_ELEMENTS ? step_element(walk, &header)
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
		if (walk->stack[--walk->height].kind == FRAME_ITEMS)
			walk->depth--;
		walk->tag_count = walk->stack[walk->height].tags_from;
	}
	walk->file->doubtful = true;
	walk_set_limit(walk);
	return true;
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
	enum walk_step answer = WALK_ON;

	walk.file = file;
	walk.scan = scan;
	walk.height = 1;
	walk.depth = 0;
	walk.position = scan->dataset_offset;
	walk.limit = file->size;
	walk.tags = NULL;
	walk.tag_count = walk.tag_capacity = 0;
	walk.stack[0] = (struct walk_frame){.kind = FRAME_ELEMENTS,
					    .end = file->size,
					    .explicit_vr = scan->explicit_vr,
					    .big_endian = scan->big_endian};
	scan->pixel_offset = file->size;
	start_anew(file);
	dcm_listing_start(&walk.listing, scan, file->wants);
	while (answer == WALK_ON && file->cost <= file->limit) {
		walk_pass_plain(&walk);
		answer = step(&walk);
		if (!file->fault &&
		    (answer == WALK_CUT || answer == WALK_ODD) &&
		    unwind_guess(&walk))
			answer = WALK_ON;
	}
	free(walk.tags);
	file->in_order = walk.listing.is_ordered;
	if (file->fault)
		return 0;
	if (file->cost > file->limit)
		return dcm_file_refuse_large(file, error);
	if (answer == WALK_DEEP)
		return error_because(
			error, DFH_TOO_LARGE,
			"%s: nests its sequences more than %d deep", file->name,
			DCM_DEPTH_MAX);
	scan->understood = answer == WALK_DONE;
	scan->truncated = answer == WALK_CUT;
	file->data_end = answer == WALK_DONE ? walk.position : file->size;
	return 0;
}

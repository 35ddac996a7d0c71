#include "dcm_walk_frames.h"

#include "memory.h"

void walk_set_limit(struct file_walk *walk)
{
	int i = walk->height - 1;

	while (i > 0 && walk->stack[i].end == DCM_UNDEFINED)
		i--;
	walk->limit = walk->stack[i].end;
}

enum walk_step walk_push(struct file_walk *walk, enum frame_kind kind,
			 uint64_t length, bool explicit_vr, bool big_endian,
			 bool guessed)
{
	struct walk_frame *frame;

	if (kind == FRAME_ITEMS && walk->depth == DCM_DEPTH_MAX)
		return WALK_DEEP;
	if (kind == FRAME_ITEMS && ++walk->depth > walk->scan->depth)
		walk->scan->depth = walk->depth;
	if (kind == FRAME_ELEMENTS)
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
	walk_set_limit(walk);
	return WALK_ON;
}

enum walk_step walk_pop(struct file_walk *walk)
{
	const struct walk_frame *frame = &walk->stack[--walk->height];

	if (frame->kind == FRAME_ITEMS)
		walk->depth--;
	if (frame->in_disorder)
		dcm_doubled_note(&walk->file->doubled,
				 walk->tags + frame->tags_from,
				 walk->tag_count - frame->tags_from);
	walk->tag_count = frame->tags_from;
	if (walk->height == 1)
		dcm_listing_end(&walk->listing, walk->position);
	walk_set_limit(walk);
	return WALK_ON;
}

void walk_note_tag(struct file_walk *walk, uint32_t stored)
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

/* The attributes at the top level of a file that nobody asked for. */
#include "dcm_file.h"

#include <stdlib.h>

#include "dcm_put.h"
#include "dcm_walk.h"

/* A creator is LO: at most 64 characters, of some bytes each.  The next one is
 * not far. */
enum { CREATOR_MAX = 512, AHEAD = 4096 };

struct lister {
	const struct dcm_wants *wants;
	const struct dcm_want *next; /* the first behind the last element */
	struct dcm_charset charset;
	struct dcm_blocks blocks;
	struct dataset *out;
};

/* Elements mostly come in the order of wants. */
static bool is_wanted_by_lister(struct lister *lister,
				const struct dcm_tag *tag)
{
	const struct dcm_want *list = lister->wants->list;
	const struct dcm_want *end = list + lister->wants->count;
	const struct dcm_want *at = lister->next;

	while (at > list && dcm_tag_compare(&at[-1].tag, tag) >= 0)
		at--;
	while (at < end && dcm_tag_compare(&at->tag, tag) < 0)
		at++;
	lister->next = at;
	return at < end && dcm_tag_compare(&at->tag, tag) == 0;
}

static bool is_content(const struct dcm_tag *tag)
{
	/* (FFFC,FFFC) only pads the file (PS3.10 7.2) */
	return tag->group > 2 && tag->group != 0x7fe0 && tag->group != 0xfffc &&
	       !dcm_tag_is_encoding(tag);
}

void dcm_list_unread(struct dataset *out, const char *within,
		     const struct dcm_tag *tag)
{
	if (!dcm_tag_is_encoding(tag))
		dataset_add_unread(out, within, tag);
}

/* The tag is as stored, and no creator. */
static void list_unless_wanted(struct lister *lister, struct dcm_tag tag)
{
	if (!is_content(&tag))
		return;
	dcm_blocks_name(&lister->blocks, &tag);
	if (!is_wanted_by_lister(lister, &tag))
		dataset_add_unread(lister->out, "", &tag);
}

/* ---- of the walk, which has seen what DCMTK was not given ---- */

static void note_creator_of_extent(struct lister *lister, struct dcm_file *file,
				   const struct dcm_extent *extent)
{
	const struct dcm_scan *scan = &file->scan;
	size_t length = (size_t)extent->length;
	struct dcm_header header;
	const unsigned char *at;

	if (extent->length > CREATOR_MAX)
		return;
	at = dcm_file_at(file, extent->offset, length, AHEAD);
	if (at &&
	    dcm_header_read(at, length, scan->explicit_vr, scan->big_endian,
			    &header) == DCM_HEADER_GOOD &&
	    header.length != DCM_UNDEFINED)
		dcm_blocks_note(&lister->blocks, &extent->tag,
				(const char *)at + header.size,
				length - header.size, &lister->charset,
				lister->out->arena);
}

static void list_extents(struct lister *lister, struct dcm_file *file)
{
	size_t i;

	for (i = 0; i < file->scan.count; i++) {
		const struct dcm_extent *extent = &file->scan.elements[i];

		if (dcm_tag_is_creator(&extent->tag))
			note_creator_of_extent(lister, file, extent);
		else
			list_unless_wanted(lister, extent->tag);
	}
}

/* ---- of DCMTK, which then was given all ---- */

static void note_creator_of_element(struct lister *lister,
				    struct dcmtk_element *element,
				    const struct dcmtk_info *info)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};
	char *value =
		info->is_sequence ? NULL : dcmtk_value_copy(element, info);

	if (value)
		dcm_blocks_note(&lister->blocks, &tag, value, info->length,
				&lister->charset, lister->out->arena);
	free(value);
}

static void list_elements(struct lister *lister, struct dcmtk_item *dataset)
{
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;

	while ((element = dcmtk_next(dataset, element))) {
		struct dcm_tag tag;

		dcmtk_look(element, &info);
		tag = (struct dcm_tag){info.group, info.element, NULL};
		if (dcm_tag_is_creator(&tag))
			note_creator_of_element(lister, element, &info);
		else
			list_unless_wanted(lister, tag);
	}
}

void dcm_file_list_unread(struct dcm_file *file, struct dcmtk_item *dataset,
			  const char *term, const struct dcm_wants *wants,
			  struct dataset *out)
{
	struct lister lister = {
		.wants = wants, .next = wants->list, .out = out};

	dcm_charset_init(&lister.charset, term ? term : wants->assumed_charset);
	if (file->scan.understood)
		list_extents(&lister, file);
	else
		list_elements(&lister, dataset);
	dcm_charset_clear(&lister.charset);
}

/*
 * Original Attributes Sequence (0400,0561), PS3.3 C.12.1.1.9: what was in the
 * attributes that a stamp changes.  The previous elements are kept byte for
 * byte as the file had them, so that an undo can put them back.
 */
#ifndef DCM_ORIGINAL_H
#define DCM_ORIGINAL_H

#include "dcm_splice.h"
#include "dcm_text.h"

/* Begin a record: Instance Coercion DateTime and, if it is to be named, the
 * equipment as patches of their own. */
int dcm_original_begin(struct dcm_splice *splice,
		       const struct dcm_record *record);

/* Add to the patches of a splice, which are what is to be changed, an item
 * that keeps what they replace.  before is what was read of the file. */
int dcm_original_add(struct dcm_splice *splice, const struct dcm_record *record,
		     const struct dataset *before);

/* An item in Contributing Equipment Sequence (dcm_equipment.c). */
int dcm_equipment_add(struct dcm_splice *splice,
		      const struct dcm_record *record);

/* ---- what was recorded ---- */

/* One item; the parts point into the bytes of the sequence. */
struct dcm_original {
	struct dcm_part item;
	char *time, *system, *source,
		*reason; /* "" if empty or not ASCII; owned */
	char *comment;	 /* UTF-8, or "" */
	/* Creators that a stamp of ours made, and attributes that were empty
	 * before it; others of zero length were not there. */
	struct dcm_tag *added, *empty; /* in their order */
	size_t added_count, empty_count;
	/* Items before it, by index, that it gave their character set. */
	uint16_t *given;
	size_t given_count;
	struct dcm_part modified; /* the item of previous elements */
	bool has_modified;
	struct dcm_part nonconforming; /* the sequence */
	bool has_nonconforming;
};

struct dcm_originals {
	unsigned char *bytes; /* of the sequence's element */
	struct dcm_part sequence;
	struct dcm_original *at; /* in their order */
	size_t count;
};

/* Those of an open and scanned file; none is no error. */
int dcm_originals_read(struct dcm_splice *splice, struct dcm_originals *out);
void dcm_originals_free(struct dcm_originals *originals);

/* An attribute and its previous element. */
struct dcm_previous {
	struct dcm_tag tag;
	unsigned char *bytes; /* NULL: there was none */
	size_t length;
};

/* Those of one item in the order of tags, to be freed. */
struct dcm_previous *dcm_original_previous(const struct dcm_original *original,
					   struct dcm_encoding encoding,
					   size_t *count);
/* As text, to be freed; NULL: there was none, or it is no text that its
 * character set explains (dcm_previous.c). */
char *dcm_previous_text(const struct dcm_previous *previous,
			struct dcm_encoding encoding,
			struct dcm_charset *charset);

/* The character set of what an item kept; to be cleared. */
void dcm_original_charset(struct dcm_splice *splice,
			  const struct dcm_original *original,
			  struct dcm_charset *out);
void dcm_previous_free(struct dcm_previous *previous, size_t count);

#endif

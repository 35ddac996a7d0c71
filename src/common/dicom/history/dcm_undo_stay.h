/* What an undo knows of the items of Original Attributes Sequence. */
#ifndef DCM_UNDO_STAY_H
#define DCM_UNDO_STAY_H

#include "dcm_original.h"
#include "dcm_undo.h"

/* What an item kept, in the order of tags. */
struct kept {
	struct dcm_previous *at;
	size_t count;
};

/* An attribute of an item. */
struct named {
	struct dcm_tag tag;
	size_t item, at; /* in what it kept */
};

struct names {
	struct named *at;
	size_t count;
};

struct undo {
	struct dcm_splice splice;
	struct dcm_encoding encoding;
	struct dcm_originals originals;
	/* for each item */
	bool *undone;
	bool *given; /* its character set, by a change that is undone */
	struct kept *kept;
	struct names stay; /* of the items that stay, by tag and item */
	struct names back; /* what is put back */
};

/* What the item kept of the attribute; NULL: it does not name it. */
const struct dcm_previous *undo_kept_of(const struct undo *undo, size_t item,
					const struct dcm_tag *tag);
bool undo_names(const struct undo *undo, size_t item,
		const struct dcm_tag *tag);

/* Add the element with the items that stay; nothing if none does. */
void undo_keep_items(const struct undo *undo, struct buffer *to);

#endif

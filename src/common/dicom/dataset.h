/*
 * A DICOM dataset in plain C: only the attributes that were asked for, their
 * text decoded to UTF-8.  Everything that rules do, they do on this; files
 * are the business of dcm.h.
 */
#ifndef DATASET_H
#define DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A private tag is named by its creator, and element holds only ee of
 * (gggg,xxee), so that the block number does not matter. */
struct dcm_tag {
	uint16_t group, element;
	const char *creator; /* NULL for a standard tag; borrowed */
};

/* Private elements are sorted by their creator, as blocks are. */
static inline int dcm_tag_compare(const struct dcm_tag *a,
				  const struct dcm_tag *b)
{
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->creator != b->creator) {
		int order = !a->creator	  ? -1
			    : !b->creator ? 1
					  : strcmp(a->creator, b->creator);

		if (order)
			return order;
	}
	return (a->element > b->element) - (a->element < b->element);
}

/* An attribute that the source holds and nobody asked for. */
struct dcm_unread {
	/* The sequences around it, "" at the top level: keywords, each with a
	 * '.' behind it; borrowed from dcm_wants. */
	const char *within;
	struct dcm_tag tag;
};

int dcm_unread_compare(const struct dcm_unread *a, const struct dcm_unread *b);

struct dcm_item;

/* One data element.  An empty one has no text, no bytes and no items. */
struct dcm_element {
	struct dcm_tag tag;
	char vr[3];	   /* "SQ" for a sequence */
	const char *text;  /* UTF-8; values joined by '\\'; the padding at its
			      end is removed (PS3.5 6.2); never "" */
	const void *bytes; /* of a binary VR, or a value that its character set
			      does not explain: little endian, as stored */
	size_t length;	   /* of bytes */
	struct dcm_item **items; /* of a sequence */
	size_t item_count;
	const char *digest; /* of the items (beside.h), by whoever knows that
			       they do not change any more; or NULL */
};

struct dcm_item {
	struct arena *arena; /* where its elements and their values live */
	struct dcm_element *elements; /* in the order of their tags */
	size_t count, capacity;
};

struct dataset {
	struct arena *arena;
	struct dcm_item root;
	/* What the file holds besides, if it was asked for: see dcm_source.
	 * A copy has none. */
	struct dcm_unread *unread;
	size_t unread_count;
	/* Attributes that are in it, or an item of it, twice: tags as stored. A
	 * copy has none. */
	struct dcm_tag *doubled;
	size_t doubled_count;
	/* Attributes that were asked for, and that are not in it, for it does
	 * not say their values as it has to: paths of keywords, and constant
	 * texts.  A copy has none. */
	struct dcm_told {
		const char *attribute, *text;
	} * told;
	size_t told_count;
	/* The file was not encoded as its transfer syntax says. */
	bool mislabelled;
};

struct dataset *dataset_new(void);
void dataset_free(struct dataset *dataset);

/* One more that was not read. */
void dataset_add_unread(struct dataset *dataset, const char *within,
			const struct dcm_tag *tag);

/* What stands in several items was not read once; the list is in order then. */
void dataset_sort_unread(struct dataset *dataset);

/* Free the list of what was not read. */
void dataset_drop_unread(struct dataset *dataset);

bool dcm_element_is_empty(const struct dcm_element *element);

/* NULL if absent. */
struct dcm_element *dcm_item_find(const struct dcm_item *item,
				  const struct dcm_tag *tag);

/* Find or insert (empty).  Invalidates pointers to other elements of item. */
struct dcm_element *dcm_item_need(struct dcm_item *item,
				  const struct dcm_tag *tag, const char *vr);

void dcm_item_remove(struct dcm_item *item, const struct dcm_tag *tag);

/* The same of several, which are in the order of dcm_tag_compare. */
void dcm_item_remove_all(struct dcm_item *item, const struct dcm_tag *tags,
			 size_t count);

/* Make an attribute what it is in another item, or absent; the value is
 * borrowed from there. */
void dcm_item_borrow(struct dcm_item *item, const struct dcm_item *from,
		     const struct dcm_tag *tag);

/* All four copy into the item's arena and replace what was there; an empty
 * value makes the element empty. */
struct dcm_element *dcm_item_set_text(struct dcm_item *item,
				      const struct dcm_tag *tag, const char *vr,
				      const char *text);
/* text: so many bytes of it, none of which is NUL. */
struct dcm_element *dcm_item_set_text_of(struct dcm_item *item,
					 const struct dcm_tag *tag,
					 const char *vr, const char *text,
					 size_t length);
struct dcm_element *dcm_item_set_bytes(struct dcm_item *item,
				       const struct dcm_tag *tag,
				       const char *vr, const void *bytes,
				       size_t length);

/* A list of items to be given to a sequence, which can then grow. */
struct dcm_item **dcm_items_new(struct arena *arena, size_t count);

/* The item of a sequence by its index from 0; makes the sequence and the
 * items up to it. */
struct dcm_item *dcm_item_need_item(struct dcm_item *item,
				    const struct dcm_tag *tag, size_t index);

/* A deep copy, in a new arena or into another item. */
struct dataset *dataset_copy(const struct dataset *dataset);
void dcm_item_copy(struct dcm_item *to, const struct dcm_item *from);

bool dcm_element_equal(const struct dcm_element *a,
		       const struct dcm_element *b);
bool dcm_item_equal(const struct dcm_item *a, const struct dcm_item *b);

/* Two items side by side, in the order of tags: {0} at first.  Of an attribute
 * that only one has, the other is NULL.  false: behind the last. */
struct dcm_pair {
	const struct dcm_element *a, *b;
	size_t next_a, next_b;
};

bool dcm_pair_next(struct dcm_pair *pair, const struct dcm_item *a,
		   const struct dcm_item *b);

/* Does only one have it, or do the values differ? */
bool dcm_pair_differs(const struct dcm_pair *pair);

#ifdef __cplusplus
}
#endif
#endif

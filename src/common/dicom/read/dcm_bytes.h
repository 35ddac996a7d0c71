/* Encoded elements (PS3.5 7): made in a buffer, and told apart in one.
 * No DCMTK: what is kept for an undo must be the very bytes. */
#ifndef DCM_BYTES_H
#define DCM_BYTES_H

#include "buffer.h"
#include "dcm_walk.h"

struct dcm_encoding {
	bool explicit_vr, big_endian;
};

/* An element; value as it is stored, of an even length. */
void dcm_bytes_element(struct buffer *to, struct dcm_encoding encoding,
		       const struct dcm_tag *tag, const char vr[3],
		       const void *value, size_t length);

/* An element of text, padded with a blank. */
void dcm_bytes_text(struct buffer *to, struct dcm_encoding encoding,
		    const struct dcm_tag *tag, const char vr[3],
		    const char *text);

/* A sequence of items, and an item of elements, that are encoded already;
 * undefined: a delimiter tells the end. */
void dcm_bytes_sequence(struct buffer *to, struct dcm_encoding encoding,
			const struct dcm_tag *tag, const struct buffer *items,
			bool undefined);
void dcm_bytes_item(struct buffer *to, struct dcm_encoding encoding,
		    const struct buffer *elements, bool undefined);

/* A part of someone else's bytes. */
struct dcm_part {
	struct dcm_tag tag;	    /* as stored, creator NULL */
	char vr[3];		    /* "" in implicit VR */
	const unsigned char *bytes; /* the whole element or item */
	size_t length;
	const unsigned char *value;
	size_t value_length; /* without a delimiter at its end */
	bool undefined;	     /* a delimiter told its end */
};

/* Take the first element, or item of a sequence's value, from *at; *at and
 * *length move behind it.  false: nothing is left, or it does not add up. */
bool dcm_part_next(const unsigned char **at, size_t *length,
		   struct dcm_encoding encoding, struct dcm_part *out);

/* The element with that tag in an item's value; false: it has none. */
bool dcm_part_find(const struct dcm_part *item, struct dcm_encoding encoding,
		   const struct dcm_tag *tag, struct dcm_part *out);

#endif

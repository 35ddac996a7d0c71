/* Our elements into DCMTK's items. */
#ifndef DCM_PUT_H
#define DCM_PUT_H

#include "dcm_dcmtk.h"
#include "dcm_text.h"

enum dcm_put_answer {
	DCM_PUT_DONE,
	DCM_PUT_UNFIT, /* its text does not fit the character set */
	DCM_PUT_BAD    /* its value does not fit its VR */
};

/* A value as it is stored, to be freed; NUL-terminated behind its length. */
char *dcmtk_value_copy(struct dcmtk_element *element,
		       const struct dcmtk_info *info);

/* The value of an item's own Specific Character Set, to be freed; NULL if it
 * has none or an empty one. */
char *dcmtk_charset_term(struct dcmtk_item *item);

/* The set that an item names for what it has as bytes; NULL: none. */
const char *dcm_item_own_term(const struct dcm_item *item);

/* A value in the place of that which the element has; of another VR, a new
 * element replaces the old one. */
enum dcm_put_answer dcm_put_over(struct dcmtk_item *item,
				 struct dcmtk_element **element,
				 const struct dcm_element *from,
				 struct dcm_charset *charset);

/* The private creators of the group at hand (PS3.5 7.8.1), as they come. */
struct dcm_blocks {
	uint16_t group;
	const char *creators[256];
};

bool dcm_tag_is_creator(const struct dcm_tag *tag);

/* Note a creator's value, as stored. */
void dcm_blocks_note(struct dcm_blocks *blocks, const struct dcm_tag *tag,
		     const char *value, size_t length,
		     struct dcm_charset *charset, struct arena *arena);

/* Name an element, as stored, by the creator of its block, if it has one. */
void dcm_blocks_name(struct dcm_blocks *blocks, struct dcm_tag *tag);

/* The block that the creator has reserved in the item (PS3.5 7.8.1), or 0. */
uint16_t dcm_block_find(struct dcmtk_item *item, struct dcm_charset *charset,
			const struct dcm_tag *tag);

/* An element is only there for the encoding: group lengths, the names of
 * private creators, which the tags bring along, and the character set. */
bool dcm_tag_is_encoding(const struct dcm_tag *tag);

/* Put one element, or all of an item, with what is in them.  Not DONE: *tag
 * is the culprit. */
enum dcm_put_answer dcm_put(struct dcmtk_item *to,
			    const struct dcm_element *element,
			    struct dcm_charset *charset, struct dcm_tag *tag);
enum dcm_put_answer dcm_put_all(struct dcmtk_item *to,
				const struct dcm_item *from,
				struct dcm_charset *charset,
				struct dcm_tag *tag);

#endif

/*
 * The little of DCMTK that the C files need: parsing, looking into, changing
 * and encoding datasets, and the data dictionary.  Handles are DCMTK's own
 * objects.  What DCMTK throws (std::bad_alloc) ends the process here.
 */
#ifndef DCM_DCMTK_H
#define DCM_DCMTK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define DCMTK_NOEXCEPT noexcept
#else
#define DCMTK_NOEXCEPT
#endif

struct dcmtk_item;    /* a DcmItem: a dataset or an item of a sequence */
struct dcmtk_element; /* a DcmElement */

struct dcmtk_syntax {
	const char *uid; /* unknown ones go by the flags */
	bool explicit_vr, big_endian;
};

struct dcmtk_info {
	uint16_t group, element;
	char vr[3]; /* as in the file, or of the dictionary if implicit */
	bool is_sequence;
	size_t length; /* of the value, if it is no sequence */
	size_t items;
};

/* NULL: fault holds DCMTK's text. */
struct dcmtk_item *dcmtk_parse(const void *bytes, size_t length,
			       const struct dcmtk_syntax *syntax,
			       char fault[160]) DCMTK_NOEXCEPT;
struct dcmtk_item *dcmtk_new(void) DCMTK_NOEXCEPT;
void dcmtk_free(struct dcmtk_item *dataset) DCMTK_NOEXCEPT;

/* The first element for NULL; NULL behind the last. */
struct dcmtk_element *dcmtk_next(struct dcmtk_item *item,
				 struct dcmtk_element *before) DCMTK_NOEXCEPT;
struct dcmtk_element *dcmtk_find(struct dcmtk_item *item, uint16_t group,
				 uint16_t element) DCMTK_NOEXCEPT;
void dcmtk_look(struct dcmtk_element *element,
		struct dcmtk_info *info) DCMTK_NOEXCEPT;

/* Copy info.length bytes, little endian. */
bool dcmtk_value(struct dcmtk_element *element, void *to,
		 size_t length) DCMTK_NOEXCEPT;

/* Put an element with a value (little endian, even), replacing what was
 * there.  false: DCMTK does not take it. */
bool dcmtk_put(struct dcmtk_item *item, uint16_t group, uint16_t element,
	       const char vr[3], const void *bytes,
	       size_t length) DCMTK_NOEXCEPT;

/* Give an element that is there another value of the same VR, in its place.
 * false: it has another VR, or DCMTK does not take the value. */
bool dcmtk_set(struct dcmtk_element *element, const char vr[3],
	       const void *bytes, size_t length) DCMTK_NOEXCEPT;

void dcmtk_remove(struct dcmtk_item *item, uint16_t group,
		  uint16_t element) DCMTK_NOEXCEPT;

/* Put an empty sequence, replacing what was there. */
struct dcmtk_element *dcmtk_put_sequence(struct dcmtk_item *item,
					 uint16_t group,
					 uint16_t element) DCMTK_NOEXCEPT;

/* Turn a UN value into the sequence that it holds (PS3.5 6.2.2: implicit VR
 * little endian), in place; NULL if it holds none. */
struct dcmtk_element *
dcmtk_unfold(struct dcmtk_item *item,
	     struct dcmtk_element *element) DCMTK_NOEXCEPT;

struct dcmtk_item *dcmtk_item_at(struct dcmtk_element *sequence,
				 size_t index) DCMTK_NOEXCEPT;

/* The first item for NULL; NULL behind the last. */
struct dcmtk_item *dcmtk_item_next(struct dcmtk_element *sequence,
				   struct dcmtk_item *before) DCMTK_NOEXCEPT;
struct dcmtk_item *dcmtk_item_insert(struct dcmtk_element *sequence,
				     size_t index) DCMTK_NOEXCEPT;
void dcmtk_item_remove(struct dcmtk_element *sequence,
		       size_t index) DCMTK_NOEXCEPT;

/* Encode one element, or the whole item if element is NULL: free() the
 * result.  A sequence keeps the way in which its length is told. */
unsigned char *dcmtk_encode(struct dcmtk_item *item,
			    struct dcmtk_element *element,
			    const struct dcmtk_syntax *syntax,
			    size_t *length) DCMTK_NOEXCEPT;

/* ---- the data dictionary ---- */

struct dcmtk_entry {
	uint16_t group, element;
	char vr[3];
	int vm_max;	  /* -1: unlimited */
	bool vr_depends;  /* on other attributes; vr is one of them */
	char keyword[64]; /* of PS3.6, without DCMTK's RETIRED_ */
};

/* creator is NULL for standard attributes. */
bool dcmtk_entry_of(uint16_t group, uint16_t element, const char *creator,
		    struct dcmtk_entry *out) DCMTK_NOEXCEPT;
bool dcmtk_entry_named(const char *keyword,
		       struct dcmtk_entry *out) DCMTK_NOEXCEPT;

/* Call visit with each standard keyword, in no order. */
void dcmtk_keywords(void (*visit)(const char *keyword, void *context),
		    void *context) DCMTK_NOEXCEPT;

/* Call visit with the first and the last group of each range of tags that one
 * attribute has, as (60xx,3000); group lengths and private ones are none. */
void dcmtk_ranges(void (*visit)(uint16_t first, uint16_t last, void *context),
		  void *context) DCMTK_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif

/* Elements as bytes: a tree of C structs takes ten times the room. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "instance.h"

/* What follows the tag and VR of an element. */
enum { HAS_CREATOR = 1, HAS_TEXT = 2, HAS_BYTES = 4, HAS_ITEMS = 8 };

static void compact_number(struct buffer *buffer, size_t number)
{
	uint32_t value = (uint32_t)number;
	buffer_add(buffer, &value, sizeof value);
}

static void compact_items(struct buffer *buffer,
			  const struct dcm_element *element)
{
	compact_number(buffer, element->item_count);
	for (size_t i = 0; i < element->item_count; i++) {
		const struct dcm_item *item = element->items[i];
		compact_number(buffer, item->count);
		for (size_t k = 0; k < item->count; k++)
			compact_element(buffer, &item->elements[k]);
	}
}

/* Tag, VR and flags. */
enum { BEGINNING = 7 };

static void compact_beginning(const struct dcm_element *element,
			      unsigned char out[BEGINNING])
{
	const struct dcm_tag *tag = &element->tag;
	memcpy(out, &tag->group, sizeof tag->group);
	memcpy(out + 2, &tag->element, sizeof tag->element);
	memcpy(out + 4, element->vr, 2);
	out[6] = (unsigned char)((tag->creator ? HAS_CREATOR : 0) |
				 (element->text ? HAS_TEXT : 0) |
				 (element->length ? HAS_BYTES : 0) |
				 (element->item_count ? HAS_ITEMS : 0));
}

void compact_element(struct buffer *buffer, const struct dcm_element *element)
{
	const struct dcm_tag *tag = &element->tag;
	unsigned char beginning[BEGINNING];
	compact_beginning(element, beginning);
	buffer_add(buffer, beginning, sizeof beginning);
	if (tag->creator)
		buffer_add_text(buffer, tag->creator);
	if (element->text)
		buffer_add_text(buffer, element->text);
	if (element->length) {
		compact_number(buffer, element->length);
		buffer_add(buffer, element->bytes, element->length);
	}
	if (element->item_count)
		compact_items(buffer, element);
}

static const unsigned char *
take_compact_bytes(void *to, const unsigned char *bytes, size_t length)
{
	memcpy(to, bytes, length);
	return bytes + length;
}

/* What follows, if it begins with the text; else NULL. */
static const unsigned char *past_text(const unsigned char *bytes,
				      const char *text)
{
	return bytes && strcmp((const char *)bytes, text) == 0
		       ? bytes + strlen(text) + 1
		       : NULL;
}

static const unsigned char *past_number(const unsigned char *bytes,
					size_t number)
{
	const uint32_t value = (uint32_t)number;
	return bytes && memcmp(bytes, &value, sizeof value) == 0
		       ? bytes + sizeof value
		       : NULL;
}

static const unsigned char *past_bytes(const unsigned char *bytes,
				       const struct dcm_element *element)
{
	bytes = past_number(bytes, element->length);
	return bytes && memcmp(bytes, element->bytes, element->length) == 0
		       ? bytes + element->length
		       : NULL;
}

static const unsigned char *past_items(const unsigned char *bytes,
				       const struct dcm_element *element)
{
	bytes = past_number(bytes, element->item_count);
	for (size_t i = 0; bytes && i < element->item_count; i++) {
		const struct dcm_item *item = element->items[i];
		bytes = past_number(bytes, item->count);
		for (size_t k = 0; bytes && k < item->count; k++)
			bytes = compact_past(bytes, &item->elements[k]);
	}
	return bytes;
}

const unsigned char *compact_past(const unsigned char *bytes,
				  const struct dcm_element *element)
{
	unsigned char beginning[BEGINNING];
	compact_beginning(element, beginning);
	if (memcmp(bytes, beginning, sizeof beginning) != 0)
		return NULL;
	bytes += sizeof beginning;
	if (element->tag.creator)
		bytes = past_text(bytes, element->tag.creator);
	if (element->text)
		bytes = past_text(bytes, element->text);
	if (element->length)
		bytes = past_bytes(bytes, element);
	return element->item_count ? past_items(bytes, element) : bytes;
}

static const unsigned char *take_compact_items(struct dcm_item *item,
					       const struct dcm_tag *tag,
					       const unsigned char *bytes)
{
	uint32_t items, count;
	bytes = take_compact_bytes(&items, bytes, sizeof items);
	for (uint32_t i = 0; i < items; i++) {
		struct dcm_item *inner = dcm_item_need_item(item, tag, i);
		bytes = take_compact_bytes(&count, bytes, sizeof count);
		while (count--)
			bytes = compact_take(inner, bytes);
	}
	return bytes;
}

const unsigned char *compact_take(struct dcm_item *item,
				  const unsigned char *bytes)
{
	struct dcm_tag tag = {0};
	char vr[3] = "";
	unsigned char flags;
	bytes = take_compact_bytes(&tag.group, bytes, sizeof tag.group);
	bytes = take_compact_bytes(&tag.element, bytes, sizeof tag.element);
	bytes = take_compact_bytes(vr, bytes, 2);
	bytes = take_compact_bytes(&flags, bytes, 1);
	if (flags & HAS_CREATOR) {
		tag.creator = (const char *)bytes;
		bytes += strlen(tag.creator) + 1;
	}
	struct dcm_element *element = dcm_item_need(item, &tag, vr);
	if (flags & HAS_TEXT) {
		element->text = (const char *)bytes;
		bytes += strlen(element->text) + 1;
	}
	if (flags & HAS_BYTES) {
		uint32_t length;
		bytes = take_compact_bytes(&length, bytes, sizeof length);
		/* Numbers are read from it, which must be aligned. */
		element->bytes =
			memcpy(arena_alloc(item->arena, length), bytes, length);
		element->length = length;
		bytes += length;
	}
	return flags & HAS_ITEMS ? take_compact_items(item, &tag, bytes)
				 : bytes;
}

#include "dcm_bytes.h"
#include "vr.h"

#include <stdlib.h>
#include <string.h>

static const struct dcm_tag item_tag = {0xfffe, 0xe000, NULL};
static const struct dcm_tag item_end = {0xfffe, 0xe00d, NULL};
static const struct dcm_tag sequence_end = {0xfffe, 0xe0dd, NULL};

/* ---- making ---- */

/* PS3.5 7.1.2 and 7.1.3; items have no VR in either (7.5). */
static void add_header(struct buffer *to, struct dcm_encoding encoding,
		       const struct dcm_tag *tag, const char *vr, size_t length)
{
	unsigned char bytes[12] = {0};
	bool big = encoding.big_endian;

	dcm_put_u16(bytes, big, tag->group);
	dcm_put_u16(bytes + 2, big, tag->element);
	if (!encoding.explicit_vr || tag->group == 0xfffe) {
		dcm_put_u32(bytes + 4, big, (uint32_t)length);
		buffer_add(to, bytes, 8);
		return;
	}
	memcpy(bytes + 4, vr, 2);
	if ((vr_kind(vr) & VR_LONG)) {
		dcm_put_u32(bytes + 8, big, (uint32_t)length);
		buffer_add(to, bytes, 12);
	} else {
		dcm_put_u16(bytes + 6, big, (uint16_t)length);
		buffer_add(to, bytes, 8);
	}
}

void dcm_bytes_element(struct buffer *to, struct dcm_encoding encoding,
		       const struct dcm_tag *tag, const char vr[3],
		       const void *value, size_t length)
{
	add_header(to, encoding, tag, vr, length);
	buffer_add(to, value, length);
}

void dcm_bytes_text(struct buffer *to, struct dcm_encoding encoding,
		    const struct dcm_tag *tag, const char vr[3],
		    const char *text)
{
	size_t length = text ? strlen(text) : 0;

	add_header(to, encoding, tag, vr, length + (length & 1));
	buffer_add(to, text, length);
	buffer_add(to, " ", length & 1);
}

static void add_enclosed(struct buffer *to, struct dcm_encoding encoding,
			 const struct dcm_tag *tag, const struct dcm_tag *end,
			 const struct buffer *content, bool undefined)
{
	add_header(to, encoding, tag, "SQ",
		   undefined ? UINT32_MAX : content->length);
	buffer_add(to, content->bytes, content->length);
	if (undefined)
		add_header(to, encoding, end, "", 0);
}

void dcm_bytes_sequence(struct buffer *to, struct dcm_encoding encoding,
			const struct dcm_tag *tag, const struct buffer *items,
			bool undefined)
{
	add_enclosed(to, encoding, tag, &sequence_end, items, undefined);
}

void dcm_bytes_item(struct buffer *to, struct dcm_encoding encoding,
		    const struct buffer *elements, bool undefined)
{
	add_enclosed(to, encoding, &item_tag, &item_end, elements, undefined);
}

/* ---- telling apart ---- */

static bool next_part(const unsigned char **at, size_t *length,
		      struct dcm_encoding encoding, int depth,
		      struct dcm_part *out);

/* The value of undefined length ends at its delimiter: that of an item, or
 * of a sequence (or of pixel data, which has items too). */
static bool find_delimiter(const unsigned char **at, size_t *length,
			   struct dcm_encoding encoding, int depth,
			   bool in_item, struct dcm_part *out)
{
	const uint16_t delimiter = in_item ? 0xe00d : 0xe0dd;
	struct dcm_part part;

	for (;;) {
		const unsigned char *before = *at;

		if (!next_part(at, length, encoding, depth + 1, &part))
			return false;
		if (part.tag.group != 0xfffe || part.tag.element != delimiter)
			continue;
		out->value_length = (size_t)(before - out->value);
		return true;
	}
}

static bool next_part(const unsigned char **at, size_t *length,
		      struct dcm_encoding encoding, int depth,
		      struct dcm_part *out)
{
	struct dcm_header header;
	bool is_item;

	*out = (struct dcm_part){.bytes = *at};
	if (depth > 2 * DCM_DEPTH_MAX + 2 ||
	    dcm_header_read(*at, *length, encoding.explicit_vr,
			    encoding.big_endian, &header) != DCM_HEADER_GOOD)
		return false;
	out->tag = header.tag;
	memcpy(out->vr, header.vr, sizeof(out->vr));
	out->value = *at + header.size;
	out->undefined = header.length == DCM_UNDEFINED;
	*at += header.size;
	*length -= header.size;
	if (!out->undefined) {
		if (header.length > *length)
			return false;
		out->value_length = (size_t)header.length;
		*at += header.length;
		*length -= (size_t)header.length;
	} else {
		is_item = header.tag.group == 0xfffe;
		/* PS3.5 6.2.2, note 2 */
		if (memcmp(header.vr, "UN", 2) == 0)
			encoding = (struct dcm_encoding){false, false};
		if (!find_delimiter(at, length, encoding, depth, is_item, out))
			return false;
	}
	out->length = (size_t)(*at - out->bytes);
	return true;
}

bool dcm_part_next(const unsigned char **at, size_t *length,
		   struct dcm_encoding encoding, struct dcm_part *out)
{
	return *length && next_part(at, length, encoding, 0, out);
}

bool dcm_part_find(const struct dcm_part *item, struct dcm_encoding encoding,
		   const struct dcm_tag *tag, struct dcm_part *out)
{
	const unsigned char *at = item->value;
	size_t length = item->value_length;

	while (dcm_part_next(&at, &length, encoding, out))
		if (dcm_tag_compare(&out->tag, tag) == 0)
			return true;
	return false;
}

#include "dcm_plain.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_bytes.h"
#include "dcm_put.h"
#include "dcm_walk.h"

bool dcm_plain_may(const struct dcm_file *file)
{
	const struct dcm_scan *scan = &file->scan;

	return scan->understood && !file->doubtful && !scan->truncated &&
	       (scan->explicit_vr ||
		(!scan->big_endian && !file->misfits_dictionary));
}

/* ---- items ---- */

/* Bytes that are being read, and what they are read for. */
struct plain_place {
	const unsigned char *at, *end;
	const struct dcm_want *wants;
	size_t count;
	bool whole;
	struct dcm_charset *charset;
	struct dcm_encoding encoding;
	int depth;
	const char *within;	/* the sequences around, if they have names */
	struct dataset *unread; /* what is not wanted in items is listed there;
				   or NULL */
};

static bool take_plain_items(const struct plain_place *place,
			     const struct dcm_tag *tag, struct dcm_item *out);

static bool header_at(const unsigned char *at, const unsigned char *end,
		      struct dcm_encoding encoding, struct dcm_header *header)
{
	const size_t length = (size_t)(end - at);
	/* each of the two is compiled by itself */
	const enum dcm_header_answer answer =
		encoding.big_endian
			? dcm_header_read(at, length, encoding.explicit_vr,
					  true, header)
			: dcm_header_read(at, length, encoding.explicit_vr,
					  false, header);

	return answer == DCM_HEADER_GOOD &&
	       (header->length == DCM_UNDEFINED ||
		header->length <= length - header->size);
}

static bool header_has_vr(const struct dcm_header *header, const char *vr)
{
	return header->vr[0] == vr[0] && header->vr[1] == vr[1];
}

/* May it have an undefined length?  In implicit VR the walk has asked the
 * dictionary, but for private ones. */
static bool is_sequence_header(const struct dcm_header *header)
{
	return *header->vr ? header_has_vr(header, "SQ")
			   : header->tag.group != 0x7fe0;
}

/*
 * What follows an element; NULL: not understood.  A sequence of undefined
 * length is looked through; only items nest, and the walk has counted those.
 */
static const unsigned char *past_element(const unsigned char *at,
					 const unsigned char *end,
					 struct dcm_encoding encoding,
					 const struct dcm_header *header)
{
	struct dcm_header inner;
	int level = 0; /* odd: among items, even: among elements */

	at += header->size;
	if (header->length != DCM_UNDEFINED)
		return at + header->length;
	if (!is_sequence_header(header))
		return NULL;
	level = 1;
	while (level) {
		if (!header_at(at, end, encoding, &inner))
			return NULL;
		at += inner.size;
		if (inner.tag.group == 0xfffe && inner.tag.element != 0xe000) {
			level--;
		} else if (inner.length != DCM_UNDEFINED) {
			at += inner.length;
		} else {
			if (inner.tag.group != 0xfffe &&
			    !is_sequence_header(&inner))
				return NULL;
			level++;
		}
	}
	return at;
}

/* DCMTK sorts and drops what is repeated, lengthens what is odd, and asks the
 * dictionary of UN. */
static bool is_usual(const struct dcm_header *header)
{
	if (header_has_vr(header, "UN"))
		return false;
	return header->length == DCM_UNDEFINED ? is_sequence_header(header)
					       : !(header->length & 1);
}

static bool is_tag_before(const struct dcm_tag *a, const struct dcm_tag *b)
{
	return a->group < b->group ||
	       (a->group == b->group && a->element < b->element);
}

static bool is_charset_tag(const struct dcm_tag *tag)
{
	return tag->group == 8 && tag->element == 5;
}

static char *term_of(const unsigned char *bytes, size_t length)
{
	char *term = dcm_value_trimmed(bytes, length);

	if (*term)
		return term;
	free(term);
	return NULL;
}

/* The character set of an item; false: not understood. */
static bool find_term(const struct plain_place *place, char **term)
{
	const unsigned char *at = place->at;
	struct dcm_header header;

	*term = NULL;
	while (at < place->end) {
		if (!header_at(at, place->end, place->encoding, &header))
			return false;
		if (header.tag.group > 8 ||
		    (header.tag.group == 8 && header.tag.element >= 5))
			break;
		at = past_element(at, place->end, place->encoding, &header);
		if (!at)
			return false;
	}
	if (at >= place->end || !is_charset_tag(&header.tag))
		return true;
	if (!is_usual(&header) || header.length == DCM_UNDEFINED ||
	    header_has_vr(&header, "SQ"))
		return false;
	*term = term_of(at + header.size, (size_t)header.length);
	return true;
}

/* ---- elements ---- */

/*
 * The VR of an element that is wanted, in explicit VR or by the dictionary; the
 * rules tell that of a private one.  false: DCMTK must tell, for it depends on
 * other attributes, or on how a private sequence is stored.
 */
static bool find_plain_vr(const struct dcm_header *header,
			  const struct dcm_tag *tag,
			  const struct dcm_want *want, char vr[3])
{
	bool is_private = tag->group & 1;

	memcpy(vr, header->vr, sizeof(header->vr));
	if (*vr)
		return true;
	dcm_vr_of(tag, vr);
	if (is_private &&
	    (memcmp(vr, "SQ", 2) == 0 || header->length == DCM_UNDEFINED))
		return false;
	if (!want || !*want->vr)
		return *vr;
	memcpy(vr, want->vr, sizeof(want->vr));
	return memcmp(vr, "SQ", 2) != 0;
}

static bool take_plain_value(const struct plain_place *place,
			     const struct dcm_tag *tag, const char *vr,
			     const char *value, size_t length,
			     struct dcm_item *out)
{
	if (place->encoding.big_endian)
		return dcm_value_take_big(place->charset, tag, vr, value,
					  length, out);
	dcm_value_take(place->charset, tag, vr, value, length, out);
	return true;
}

/* Name a private element by its creator, or note it if it is one. */
static bool resolve_plain_creator(const struct plain_place *place,
				  const char *value,
				  const struct dcm_header *header,
				  struct dcm_blocks *blocks,
				  struct arena *arena, struct dcm_tag *tag)
{
	if (!(tag->group & 1))
		return true;
	if (!dcm_tag_is_creator(tag) || header_has_vr(header, "SQ")) {
		dcm_blocks_name(blocks, tag);
		return true;
	}
	if (!is_usual(header) || header->length == DCM_UNDEFINED)
		return false;
	dcm_blocks_note(blocks, tag, value, (size_t)header->length,
			place->charset, arena);
	return true;
}

/* Take one element, whose header stands at `at`, if it is wanted; the want is
 * looked for unless it is known. */
static bool take_plain_element(const struct plain_place *place,
			       const unsigned char *at,
			       const unsigned char *next,
			       const struct dcm_header *header,
			       const struct dcm_want *want,
			       struct dcm_blocks *blocks, struct dcm_item *out)
{
	const char *value = (const char *)at + header->size;
	struct dcm_tag tag = header->tag;
	char vr[3];

	if (!resolve_plain_creator(place, value, header, blocks, out->arena,
				   &tag))
		return false;
	if (!want && !place->whole)
		want = dcm_want_find(place->wants, place->count, &tag);
	/* no pixel data, ever */
	if (place->whole ? dcm_tag_is_encoding(&tag) || tag.group == 0x7fe0
			 : !want) {
		if (!place->whole && place->unread && place->within)
			dcm_list_unread(place->unread, place->within, &tag);
		return true;
	}
	if (!is_usual(header) || !find_plain_vr(header, &tag, want, vr))
		return false;
	if (memcmp(vr, "SQ", 2) != 0)
		return take_plain_value(place, &tag, vr, value,
					(size_t)header->length, out);
	return take_plain_items(
		&(struct plain_place){
			at + header->size, next, want ? want->in_items : NULL,
			want ? want->in_items_count : 0, !want || want->whole,
			place->charset, place->encoding, place->depth + 1,
			want ? want->within : NULL, place->unread},
		&tag, out);
}

/* The elements of an item; its character set is found. */
static bool take_plain_elements(const struct plain_place *place,
				struct dcm_item *out)
{
	const unsigned char *at = place->at, *next;
	struct dcm_tag last = {0};
	struct dcm_blocks blocks;
	struct dcm_header header;

	blocks.group = 0;
	for (; at < place->end; at = next) {
		if (!header_at(at, place->end, place->encoding, &header))
			return false;
		/* the delimiter of this item, where it has one */
		if (header.tag.group == 0xfffe)
			return at + header.size == place->end;
		next = past_element(at, place->end, place->encoding, &header);
		if (!next ||
		    (at > place->at && !is_tag_before(&last, &header.tag)))
			return false;
		last = header.tag;
		if (!take_plain_element(place, at, next, &header, NULL, &blocks,
					out))
			return false;
	}
	return true;
}

static bool take_plain_item(const struct plain_place *place,
			    struct dcm_item *out)
{
	struct plain_place inner = *place;
	struct dcm_charset own;
	char *term;
	bool good;

	if (place->depth > DCM_DEPTH_MAX || !find_term(place, &term))
		return false;
	if (!term)
		return take_plain_elements(place, out);
	dcm_charset_init(&own, term);
	inner.charset = &own;
	good = take_plain_elements(&inner, out);
	dcm_charset_clear(&own);
	free(term);
	return good;
}

/* The end of an item of undefined length, behind its delimiter. */
static const unsigned char *item_end(const unsigned char *at,
				     const unsigned char *end,
				     struct dcm_encoding encoding)
{
	struct dcm_header header;

	while (at) {
		if (!header_at(at, end, encoding, &header))
			return NULL;
		if (header.tag.group == 0xfffe)
			return header.tag.element == 0xe00d ? at + header.size
							    : NULL;
		at = past_element(at, end, encoding, &header);
	}
	return NULL;
}

static bool take_plain_items(const struct plain_place *place,
			     const struct dcm_tag *tag, struct dcm_item *out)
{
	const unsigned char *at = place->at;
	struct dcm_header header;
	size_t index = 0;

	dcm_item_need(out, tag, "SQ");
	while (at < place->end) {
		struct plain_place inner = *place;

		if (!header_at(at, place->end, place->encoding, &header) ||
		    header.tag.group != 0xfffe)
			return false;
		if (header.tag.element == 0xe0dd)
			return at + header.size == place->end;
		if (header.tag.element != 0xe000)
			return false;
		inner.at = at + header.size;
		inner.end = header.length == DCM_UNDEFINED
				    ? item_end(inner.at, place->end,
					       place->encoding)
				    : inner.at + header.length;
		if (!inner.end ||
		    !take_plain_item(&inner,
				     dcm_item_need_item(out, tag, index++)))
			return false;
		at = inner.end;
	}
	return true;
}

/* ---- the dataset, whose elements the walk has listed: at least those that are
 * wanted, and the character set ---- */

enum { ELEMENT_MAX = 8 * 1024, AHEAD = 16 * 1024 };

static int compare_group(const void *tag, const void *want)
{
	return (int)((const struct dcm_tag *)tag)->group -
	       (int)((const struct dcm_want *)want)->tag.group;
}

/* Is anything of it wanted: itself, or, if it is private, its group?  *want is
 * set if it is known which. */
static bool is_any_wanted(const struct dcm_wants *wants,
			  const struct dcm_tag *tag,
			  const struct dcm_want **next,
			  const struct dcm_want **want)
{
	const struct dcm_want *end = wants->list + wants->count;

	*want = NULL;
	if (tag->group & 1)
		return wants->count &&
		       bsearch(tag, wants->list, wants->count,
			       sizeof(*wants->list), compare_group);
	while (*next < end && is_tag_before(&(*next)->tag, tag))
		++*next;
	if (*next == end || is_tag_before(tag, &(*next)->tag))
		return false;
	*want = *next;
	return true;
}

static struct dcm_encoding encoding_of(const struct dcm_file *file)
{
	return (struct dcm_encoding){file->scan.explicit_vr,
				     file->scan.big_endian};
}

/* As the walk has read it. */
static struct dcm_header header_of_plain(const struct dcm_extent *extent)
{
	return (struct dcm_header){
		.tag = extent->tag,
		.vr = {extent->vr[0], extent->vr[1]},
		.length = extent->length - extent->header_size,
		.size = extent->header_size,
	};
}

/* An element in memory; NULL: it is too large for that, or not read. */
static const unsigned char *element_at(struct dcm_file *file,
				       const struct dcm_extent *extent,
				       struct dcm_header *header)
{
	const unsigned char *at;

	if (extent->length > ELEMENT_MAX)
		return NULL;
	at = dcm_file_at(file, extent->offset, (size_t)extent->length, AHEAD);
	if (at && extent->header_size) {
		*header = header_of_plain(extent);
		return at;
	}
	if (at && header_at(at, at + extent->length, encoding_of(file), header))
		return at;
	return NULL;
}

static bool take_dataset(struct dcm_file *file, const struct dcm_wants *wants,
			 struct dcm_charset *charset, struct dataset *unread,
			 struct dcm_item *out)
{
	const struct plain_place place = {.wants = wants->list,
					  .count = wants->count,
					  .charset = charset,
					  .encoding = encoding_of(file),
					  .depth = 0,
					  .unread = unread};
	const struct dcm_scan *scan = &file->scan;
	struct dcm_blocks blocks;
	struct dcm_header header;
	const unsigned char *at;
	const struct dcm_want *next = wants->list, *want;
	size_t i;

	blocks.group = 0;
	for (i = 0; i < scan->count; i++) {
		const struct dcm_extent *extent = &scan->elements[i];

		if (extent->tag.group == 0x7fe0 ||
		    !is_any_wanted(wants, &extent->tag, &next, &want))
			continue;
		at = element_at(file, extent, &header);
		if (!at || !take_plain_element(&place, at, at + extent->length,
					       &header, want, &blocks, out))
			return false;
	}
	return true;
}

/* In the order of tags, and none twice?  Then the character set as well. */
static bool look_over(struct dcm_file *file, char **term)
{
	const struct dcm_scan *scan = &file->scan;
	struct dcm_header header;
	const unsigned char *at;
	size_t i;

	*term = NULL;
	if (!file->in_order)
		return false;
	for (i = 0; i < scan->count && scan->elements[i].tag.group <= 8; i++) {
		if (!is_charset_tag(&scan->elements[i].tag))
			continue;
		at = element_at(file, &scan->elements[i], &header);
		if (!at || !is_usual(&header) ||
		    header.length == DCM_UNDEFINED ||
		    header_has_vr(&header, "SQ"))
			return false;
		*term = term_of(at + header.size, (size_t)header.length);
	}
	return true;
}

bool dcm_plain_take(struct dcm_file *file, const struct dcm_wants *wants,
		    bool lists_unread, struct dataset *out, char **term)
{
	struct dcm_charset charset;
	bool good;

	if (!look_over(file, term))
		return false;
	dcm_charset_init(&charset, *term ? *term : wants->assumed_charset);
	good = take_dataset(file, wants, &charset, lists_unread ? out : NULL,
			    &out->root);
	dcm_charset_clear(&charset);
	return good;
}

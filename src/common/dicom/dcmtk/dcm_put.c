#include "dcm_put.h"

#include <stdlib.h>
#include <string.h>

char *dcmtk_value_copy(struct dcmtk_element *element,
		       const struct dcmtk_info *info)
{
	char *value = xmalloc(info->length + 1);

	value[info->length] = '\0';
	if (dcmtk_value(element, value, info->length))
		return value;
	free(value);
	return NULL;
}

char *dcmtk_charset_term(struct dcmtk_item *item)
{
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;
	char *term;

	/* it is one of the first */
	do {
		element = dcmtk_next(item, element);
		if (!element)
			return NULL;
		dcmtk_look(element, &info);
		if (info.group > 8 || (info.group == 8 && info.element > 5))
			return NULL;
	} while (info.group != 8 || info.element != 5);
	term = info.is_sequence ? NULL : dcmtk_value_copy(element, &info);
	if (term)
		term[dcm_value_trim(term, info.length)] = '\0';
	if (term && *term)
		return term;
	free(term);
	return NULL;
}

/* ---- private blocks ---- */

bool dcm_tag_is_creator(const struct dcm_tag *tag)
{
	return (tag->group & 1) && !tag->creator && tag->element >= 0x10 &&
	       tag->element <= 0xff;
}

static void enter_group(struct dcm_blocks *blocks, uint16_t group)
{
	if (blocks->group == group)
		return;
	memset(blocks, 0, sizeof(*blocks));
	blocks->group = group;
}

void dcm_blocks_note(struct dcm_blocks *blocks, const struct dcm_tag *tag,
		     const char *value, size_t length,
		     struct dcm_charset *charset, struct arena *arena)
{
	char *text = dcm_value_decode(charset, "LO", value,
				      dcm_value_trim(value, length));

	enter_group(blocks, tag->group);
	if (text && *text)
		blocks->creators[tag->element] = arena_strdup(arena, text);
	free(text);
}

void dcm_blocks_name(struct dcm_blocks *blocks, struct dcm_tag *tag)
{
	if (!(tag->group & 1) || tag->element < 0x1000)
		return;
	enter_group(blocks, tag->group);
	tag->creator = blocks->creators[tag->element >> 8];
	if (tag->creator)
		tag->element &= 0xff;
}

static bool is_creator_element(const struct dcmtk_info *info)
{
	const struct dcm_tag tag = {info->group, info->element, NULL};

	return dcm_tag_is_creator(&tag) && !info->is_sequence;
}

static bool names_creator(struct dcmtk_element *element,
			  const struct dcmtk_info *info,
			  struct dcm_charset *charset, const char *creator)
{
	char *value = dcmtk_value_copy(element, info), *text = NULL;
	bool same;

	if (value)
		text = dcm_value_decode(charset, "LO", value,
					dcm_value_trim(value, info->length));
	same = text && strcmp(text, creator) == 0;
	free(text);
	free(value);
	return same;
}

uint16_t dcm_block_find(struct dcmtk_item *item, struct dcm_charset *charset,
			const struct dcm_tag *tag)
{
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;

	while ((element = dcmtk_next(item, element))) {
		dcmtk_look(element, &info);
		if (info.group > tag->group)
			break;
		if (info.group == tag->group && is_creator_element(&info) &&
		    names_creator(element, &info, charset, tag->creator))
			return info.element;
	}
	return 0;
}

static uint16_t free_block(struct dcmtk_item *item, uint16_t group)
{
	struct dcmtk_element *element = NULL;
	struct dcmtk_info info;
	bool used[256] = {false};
	uint16_t block;

	while ((element = dcmtk_next(item, element))) {
		dcmtk_look(element, &info);
		if (info.group == group)
			used[info.element >= 0x1000 ? info.element >> 8
						    : info.element & 0xff] =
				true;
	}
	for (block = 0x10; block <= 0xff; block++)
		if (!used[block])
			return block;
	return 0;
}

static uint16_t need_block(struct dcmtk_item *item, struct dcm_charset *charset,
			   const struct dcm_tag *tag)
{
	uint16_t block = dcm_block_find(item, charset, tag);
	const struct dcm_element creator = {.vr = "LO", .text = tag->creator};
	unsigned char *bytes;
	size_t length;

	if (block)
		return block;
	block = free_block(item, tag->group);
	bytes = dcm_value_encode(charset, &creator, &length);
	if (!bytes || !dcmtk_put(item, tag->group, block, "LO", bytes, length))
		block = 0;
	free(bytes);
	return block;
}

/* ---- elements ---- */

bool dcm_tag_is_encoding(const struct dcm_tag *tag)
{
	if (tag->creator)
		return false;
	return !tag->element || (tag->group == 8 && tag->element == 5) ||
	       dcm_tag_is_creator(tag);
}

static enum dcm_put_answer put_value(struct dcmtk_item *to, uint16_t element,
				     const struct dcm_element *from,
				     struct dcm_charset *charset)
{
	size_t length;
	unsigned char *bytes = dcm_value_encode(charset, from, &length);
	bool taken;

	if (!bytes)
		return charset_applies(from->vr) ? DCM_PUT_UNFIT : DCM_PUT_BAD;
	taken = dcmtk_put(to, from->tag.group, element, from->vr, bytes,
			  length);
	free(bytes);
	return taken ? DCM_PUT_DONE : DCM_PUT_BAD;
}

enum dcm_put_answer dcm_put_over(struct dcmtk_item *item,
				 struct dcmtk_element **element,
				 const struct dcm_element *from,
				 struct dcm_charset *charset)
{
	size_t length;
	unsigned char *bytes = dcm_value_encode(charset, from, &length);
	bool taken = bytes && dcmtk_set(*element, from->vr, bytes, length);
	enum dcm_put_answer answer;

	free(bytes);
	if (taken)
		return DCM_PUT_DONE;
	answer = put_value(item, from->tag.element, from, charset);
	if (answer == DCM_PUT_DONE)
		*element = dcmtk_find(item, from->tag.group, from->tag.element);
	return answer;
}

const char *dcm_item_own_term(const struct dcm_item *item)
{
	const struct dcm_element *set = dcm_item_find(item, &dcm_charset_tag);
	size_t i;

	for (i = 0; set && i < item->count; i++) {
		const struct dcm_element *at = &item->elements[i];

		if (at->bytes && at->length && charset_applies(at->vr))
			return set->text;
	}
	return NULL;
}

/* What came as bytes is in the set that the item names; the rest of it may not
 * fit that, and is then in the set of the dataset. */
static enum dcm_put_answer dcmtk_put_item(struct dcmtk_item *to,
					  const struct dcm_item *from,
					  struct dcm_charset *outer,
					  struct dcm_tag *tag)
{
	const char *term = dcm_item_own_term(from);
	enum dcm_put_answer answer = DCM_PUT_UNFIT;
	struct dcm_element set = {.tag = dcm_charset_tag, .vr = "CS"};
	struct dcm_charset own;

	if (term) {
		dcm_charset_init(&own, term);
		answer = dcm_put_all(to, from, &own, tag);
		dcm_charset_clear(&own);
	}
	if (answer == DCM_PUT_DONE) {
		set.text = term;
		answer = put_value(to, set.tag.element, &set, outer);
	}
	return answer == DCM_PUT_DONE ? answer
				      : dcm_put_all(to, from, outer, tag);
}

static enum dcm_put_answer dcmtk_put_items(struct dcmtk_item *to,
					   uint16_t element,
					   const struct dcm_element *from,
					   struct dcm_charset *charset,
					   struct dcm_tag *tag)
{
	enum dcm_put_answer answer = DCM_PUT_DONE;
	struct dcmtk_element *sequence;
	size_t i;

	sequence = dcmtk_put_sequence(to, from->tag.group, element);
	if (!sequence)
		return DCM_PUT_BAD;
	for (i = 0; answer == DCM_PUT_DONE && i < from->item_count; i++)
		answer = dcmtk_put_item(dcmtk_item_insert(sequence, i),
					from->items[i], charset, tag);
	return answer;
}

enum dcm_put_answer dcm_put(struct dcmtk_item *to,
			    const struct dcm_element *element,
			    struct dcm_charset *charset, struct dcm_tag *tag)
{
	uint16_t number = element->tag.element;

	*tag = element->tag;
	if (element->tag.creator) {
		uint16_t block = need_block(to, charset, tag);

		if (!block)
			return dcm_is_ascii(tag->creator, strlen(tag->creator))
				       ? DCM_PUT_BAD
				       : DCM_PUT_UNFIT;
		number = (uint16_t)(block << 8 | (number & 0xff));
	}
	if (memcmp(element->vr, "SQ", 2) == 0)
		return dcmtk_put_items(to, number, element, charset, tag);
	return put_value(to, number, element, charset);
}

enum dcm_put_answer dcm_put_all(struct dcmtk_item *to,
				const struct dcm_item *from,
				struct dcm_charset *charset,
				struct dcm_tag *tag)
{
	enum dcm_put_answer answer = DCM_PUT_DONE;
	size_t i;

	for (i = 0; answer == DCM_PUT_DONE && i < from->count; i++)
		if (!dcm_tag_is_encoding(&from->elements[i].tag))
			answer = dcm_put(to, &from->elements[i], charset, tag);
	return answer;
}

#include "dcm_original.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_original_tags.h"
#include "dcm_text.h"
#include "error.h"
#include "vr.h"

enum { ISSUERS = sizeof(patient_issuers) / sizeof(*patient_issuers) };

/* What a new item is made of. */
struct original_making {
	struct dcm_splice *splice;
	const struct dcm_record *record;
	const struct dataset *before;
	struct dcm_encoding encoding;
	struct dcm_tag *tags; /* whose previous values are kept, in order */
	size_t tag_count;
	struct buffer modified, nonconforming, added, empty, given;
	bool fault;
};

/* ---- the previous elements ---- */

/* The reason why the value does not conform, or NULL. */
static const char *nonconformity_of(const struct original_making *making,
				    const struct dcm_tag *tag)
{
	const struct dcm_element *old =
		dcm_item_find(&making->before->root, tag);
	struct dcm_entry entry;

	if (!old || (!old->text && !old->bytes) || !vr_is_text(old->vr))
		return NULL;
	if (!old->text)
		return "its character set does not explain it";
	return vr_fault(old->vr, dcm_entry_of(tag, &entry) ? entry.vm_max : -1,
			old->text);
}

static void add_empty(struct original_making *making, const struct dcm_tag *tag,
		      const char vr[3])
{
	dcm_bytes_element(&making->modified, making->encoding, tag, vr, NULL,
			  0);
}

static void add_tag_bytes(struct buffer *to, struct dcm_encoding encoding,
			  const struct dcm_tag *tag)
{
	unsigned char bytes[4];

	dcm_put_u16(bytes, encoding.big_endian, tag->group);
	dcm_put_u16(bytes + 2, encoding.big_endian, tag->element);
	buffer_add(to, bytes, sizeof(bytes));
}

/* A value that its VR forbids cannot stand in an attribute of that VR.  The
 * empty one that stands for it has the VR of the file, which may be UN. */
static void add_nonconforming_item(struct original_making *making,
				   const struct dcm_part *part)
{
	struct dcm_encoding encoding = making->encoding;
	struct buffer item = {0}, tag = {0};

	add_tag_bytes(&tag, encoding, &part->tag);
	dcm_bytes_element(&item, encoding, &selector_attribute, "AT", tag.bytes,
			  tag.length);
	/* all values of it */
	dcm_bytes_element(&item, encoding, &selector_value_number, "US", "\0\0",
			  2);
	dcm_bytes_element(&item, encoding, &nonconforming_value, "OB",
			  part->value, part->value_length);
	dcm_bytes_item(&making->nonconforming, encoding, &item, false);
	buffer_free(&item);
	buffer_free(&tag);
	add_empty(making, &part->tag, part->vr);
}

/* What the file has of an attribute; false: nothing. */
static bool add_old(struct original_making *making, const struct dcm_tag *tag)
{
	struct dcm_part part = {0};
	const unsigned char *at;
	unsigned char *bytes;
	size_t length, rest;

	bytes = dcm_splice_old(making->splice, tag, &length, &making->fault);
	if (!bytes)
		return false;
	at = bytes;
	rest = length;
	if (dcm_part_next(&at, &rest, making->encoding, &part) &&
	    part.value_length && nonconformity_of(making, tag)) {
		add_nonconforming_item(making, &part);
	} else {
		buffer_add(&making->modified, bytes, length);
		if (!part.value_length)
			add_tag_bytes(&making->empty, making->encoding, tag);
	}
	free(bytes);
	return true;
}

/* ---- which attributes ---- */

static bool is_private(const struct dcm_tag *tag)
{
	return (tag->group & 1) && tag->element >= 0x1000;
}

static bool is_creator_tag(const struct dcm_tag *tag)
{
	return (tag->group & 1) && tag->element >= 0x10 && tag->element <= 0xff;
}

static void want_tag(struct original_making *making, struct dcm_tag tag)
{
	size_t i = making->tag_count;

	while (i && dcm_tag_compare(&making->tags[i - 1], &tag) > 0)
		i--;
	if (i && dcm_tag_compare(&making->tags[i - 1], &tag) == 0)
		return;
	memmove(&making->tags[i + 1], &making->tags[i],
		(making->tag_count - i) * sizeof(*making->tags));
	making->tags[i] = tag;
	making->tag_count++;
}

/* The changed ones; the creators of private ones, which mean nothing without
 * (PS3.5 7.8.1); and who gave out a changed id (PS3.3 C.12.1.1.9). */
static void want_all(struct original_making *making)
{
	const struct dcm_splice *splice = making->splice;
	size_t i, j;

	making->tags =
		xmalloc((2 * splice->count + ISSUERS) * sizeof(*making->tags));
	for (i = 0; i < splice->count; i++) {
		struct dcm_tag tag = splice->patches[i].tag;

		want_tag(making, tag);
		if (is_private(&tag))
			want_tag(making,
				 (struct dcm_tag){tag.group, tag.element >> 8,
						  NULL});
		if (dcm_tag_compare(&tag, &patient_id) == 0)
			for (j = 0; j < ISSUERS; j++)
				want_tag(making, patient_issuers[j]);
	}
}

/* An attribute that the file does not have and the stamp adds is empty here,
 * but for a creator, under which others are. */
static void add_previous(struct original_making *making,
			 const struct dcm_tag *tag)
{
	const struct dcm_patch *patch = dcm_splice_patch(making->splice, tag);
	char vr[3] = "";

	if (add_old(making, tag) || !patch || !patch->bytes)
		return;
	if (making->encoding.explicit_vr)
		memcpy(vr, patch->bytes + 4, 2);
	if (!is_creator_tag(tag)) {
		add_empty(making, tag, vr);
		return;
	}
	buffer_add(&making->modified, patch->bytes, patch->length);
	add_tag_bytes(&making->added, making->encoding, tag);
}

static void add_previous_values(struct original_making *making)
{
	size_t i;

	want_all(making);
	for (i = 0; i < making->tag_count; i++)
		add_previous(making, &making->tags[i]);
	free(making->tags);
}

/* ---- the item ---- */

/* UTF-8 whatever the character set of the dataset is, and will be. */
static void add_comment(struct buffer *item, struct dcm_encoding encoding,
			const char *comment)
{
	size_t length = strlen(comment);
	bool is_text = dcm_is_ascii(comment, length);
	char *padded = xmalloc(length + 2);

	memcpy(padded, comment, length + 1);
	if (length & 1)
		padded[length++] = ' ';
	dcm_bytes_element(item, encoding, &reason_comment,
			  is_text ? "UT" : "OB", padded, length);
	free(padded);
}

/* Only what is not told without: dciodvfy and its like warn of private
 * attributes that they do not know. */
static void add_own(const struct original_making *making, struct buffer *item)
{
	struct dcm_encoding encoding = making->encoding;
	const char *comment = making->record->comment;

	if (!making->added.length && !making->given.length && !comment &&
	    !making->empty.length)
		return;
	dcm_bytes_text(item, encoding, &own_creator, "LO", own_creator_name);
	if (making->added.length)
		dcm_bytes_element(item, encoding, &added_creators, "AT",
				  making->added.bytes, making->added.length);
	if (making->given.length)
		dcm_bytes_element(item, encoding, &given_charset, "US",
				  making->given.bytes, making->given.length);
	if (comment)
		add_comment(item, encoding, comment);
	if (making->empty.length)
		dcm_bytes_element(item, encoding, &empty_attributes, "AT",
				  making->empty.bytes, making->empty.length);
}

static void add_original_item(struct original_making *making,
			      struct buffer *sequence)
{
	const struct dcm_record *record = making->record;
	struct dcm_encoding encoding = making->encoding;
	struct buffer item = {0}, items = {0};

	dcm_bytes_item(&items, encoding, &making->modified, false);
	dcm_bytes_sequence(&item, encoding, &modified_attributes, &items,
			   false);
	if (making->nonconforming.length)
		dcm_bytes_sequence(&item, encoding, &nonconforming_attributes,
				   &making->nonconforming, false);
	dcm_bytes_text(&item, encoding, &modification_time, "DT", record->time);
	dcm_bytes_text(&item, encoding, &modifying_system, "LO",
		       record->system);
	dcm_bytes_text(&item, encoding, &previous_source, "LO", record->source);
	dcm_bytes_text(&item, encoding, &modification_reason, "CS",
		       record->reason);
	add_own(making, &item);
	dcm_bytes_item(sequence, encoding, &item, false);
	buffer_free(&item);
	buffer_free(&items);
}

/* Where the stamp changes the dataset's character set, an item of before names
 * the one that it was written in. */
static void add_earlier(struct original_making *making,
			const struct dcm_part *item, size_t index,
			const struct buffer *charset, struct buffer *to)
{
	struct buffer elements = {0};
	unsigned char number[2];
	struct dcm_part own;

	if (!charset->length ||
	    dcm_part_find(item, making->encoding, &character_set, &own)) {
		buffer_add(to, item->bytes, item->length);
		return;
	}
	dcm_put_u16(number, making->encoding.big_endian, (uint16_t)index);
	buffer_add(&making->given, number, sizeof(number));
	buffer_add(&elements, charset->bytes, charset->length);
	buffer_add(&elements, item->value, item->value_length);
	dcm_bytes_item(to, making->encoding, &elements, item->undefined);
	buffer_free(&elements);
}

static int put_original_attributes(struct original_making *making)
{
	struct dcm_splice *splice = making->splice;
	struct buffer items = {0}, sequence = {0}, charset = {0};
	struct dcm_originals old;
	size_t i;

	if (dcm_originals_read(splice, &old) < 0)
		return -1;
	if (dcm_splice_patch(splice, &character_set))
		charset.bytes = dcm_splice_old(splice, &character_set,
					       &charset.length, &making->fault);
	for (i = 0; i < old.count; i++)
		add_earlier(making, &old.at[i].item, i, &charset, &items);
	add_original_item(making, &items);
	dcm_bytes_sequence(&sequence, making->encoding, &original_attributes,
			   &items, old.bytes && old.sequence.undefined);
	dcm_splice_set(splice, &original_attributes, sequence.bytes,
		       sequence.length);
	buffer_free(&charset);
	buffer_free(&items);
	dcm_originals_free(&old);
	return 0;
}

int dcm_original_begin(struct dcm_splice *splice,
		       const struct dcm_record *record)
{
	struct buffer element = {0};

	dcm_bytes_text(&element, dcm_splice_encoding(splice), &coercion_time,
		       "DT", record->time);
	dcm_splice_set(splice, &coercion_time, element.bytes, element.length);
	return record->equipment ? dcm_equipment_add(splice, record) : 0;
}

int dcm_original_add(struct dcm_splice *splice, const struct dcm_record *record,
		     const struct dataset *before)
{
	struct original_making making = {
		.splice = splice,
		.record = record,
		.before = before,
		.encoding = dcm_splice_encoding(splice),
	};
	int answer;

	add_previous_values(&making);
	answer = put_original_attributes(&making);
	buffer_free(&making.modified);
	buffer_free(&making.nonconforming);
	buffer_free(&making.added);
	buffer_free(&making.empty);
	buffer_free(&making.given);
	return making.fault ? -1 : answer;
}

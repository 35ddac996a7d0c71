#include "dcm_signature.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_original_tags.h"
#include "error.h"

static const struct dcm_tag mac_id = {0x0400, 0x0005, NULL};
static const struct dcm_tag signed_elements = {0x0400, 0x0020, NULL};
static const struct dcm_tag mac_parameters = {0x4ffe, 0x0001, NULL};
static const struct dcm_tag signatures = {0xfffa, 0xfffa, NULL};

struct meeting {
	struct dcm_splice *splice;
	struct dcm_encoding encoding;
	bool records;
	struct dcm_tag culprit; /* what is signed and changed */
};

/* A sequence of the file, as its element; to be freed. */
struct sequence {
	unsigned char *bytes; /* NULL: there is none */
	struct dcm_part part;
};

static int read_sequence(struct meeting *meeting, const struct dcm_tag *tag,
			 struct sequence *out)
{
	const unsigned char *at;
	bool fault = false;
	size_t length = 0;

	*out = (struct sequence){0};
	out->bytes = dcm_splice_old(meeting->splice, tag, &length, &fault);
	at = out->bytes;
	if (!at || dcm_part_next(&at, &length, meeting->encoding, &out->part))
		return fault ? -1 : 0;
	free(out->bytes);
	out->bytes = NULL;
	return 0;
}

/* ---- what one signature covers ---- */

static bool is_changed(const struct meeting *meeting, const struct dcm_tag *tag)
{
	return dcm_splice_patch(meeting->splice, tag) ||
	       (meeting->records &&
		dcm_tag_compare(tag, &original_attributes) == 0);
}

/* Data Elements Signed of the MAC Parameters that the signature names. */
static bool find_signed(const struct meeting *meeting,
			const struct dcm_part *signature,
			const struct sequence *parameters, struct dcm_part *out)
{
	const unsigned char *at = parameters->part.value;
	size_t length = parameters->part.value_length;
	struct dcm_part item, id, other;

	if (!parameters->bytes ||
	    !dcm_part_find(signature, meeting->encoding, &mac_id, &id))
		return false;
	while (dcm_part_next(&at, &length, meeting->encoding, &item))
		if (dcm_part_find(&item, meeting->encoding, &mac_id, &other) &&
		    other.value_length == id.value_length &&
		    memcmp(other.value, id.value, id.value_length) == 0)
			return dcm_part_find(&item, meeting->encoding,
					     &signed_elements, out);
	return false;
}

/* One that does not tell what it signs signs everything. */
static bool is_broken(struct meeting *meeting, const struct dcm_part *signature,
		      const struct sequence *parameters)
{
	bool big_endian = meeting->encoding.big_endian;
	struct dcm_part tags;
	size_t i;

	if (!find_signed(meeting, signature, parameters, &tags)) {
		meeting->culprit = meeting->splice->patches[0].tag;
		return true;
	}
	for (i = 0; i + 4 <= tags.value_length; i += 4) {
		const struct dcm_tag tag = {
			dcm_u16(tags.value + i, big_endian),
			dcm_u16(tags.value + i + 2, big_endian), NULL};

		if (!is_changed(meeting, &tag))
			continue;
		meeting->culprit = tag;
		return true;
	}
	return false;
}

static int refuse(const struct meeting *meeting, const char *what_to_do)
{
	char name[128];

	return error_because(meeting->splice->error, DFH_SIGNED,
			     "%s: %s is signed (DigitalSignaturesSequence) and "
			     "would change: %s",
			     meeting->splice->file.name,
			     dcm_tag_name(&meeting->culprit, name), what_to_do);
}

static const char force_it[] = "force the stamp to remove the signature";

/* ---- signatures of the dataset ---- */

/* Where no signature is left, nothing is left for their parameters to tell. */
static void keep_signatures(struct meeting *meeting, const struct sequence *all,
			    const struct sequence *parameters,
			    const struct buffer *kept)
{
	struct buffer sequence = {0};

	if (kept->length)
		dcm_bytes_sequence(&sequence, meeting->encoding, &signatures,
				   kept, all->part.undefined);
	else if (parameters->bytes)
		dcm_splice_set(meeting->splice, &mac_parameters, NULL, 0);
	dcm_splice_set(meeting->splice, &signatures, sequence.bytes,
		       sequence.length);
}

static int meet_dataset(struct meeting *meeting, bool removes, bool *removed)
{
	struct sequence all, parameters = {0};
	struct buffer kept = {0};
	const unsigned char *at;
	bool broken = false;
	struct dcm_part item;
	size_t length;
	int answer;

	answer = read_sequence(meeting, &signatures, &all);
	if (answer == 0 && all.bytes)
		answer = read_sequence(meeting, &mac_parameters, &parameters);
	at = all.part.value;
	length = all.part.value_length;
	while (answer == 0 && all.bytes &&
	       dcm_part_next(&at, &length, meeting->encoding, &item)) {
		if (is_broken(meeting, &item, &parameters))
			broken = true;
		else
			buffer_add(&kept, item.bytes, item.length);
	}
	if (broken && !removes)
		answer = refuse(meeting, force_it);
	else if (broken)
		keep_signatures(meeting, &all, &parameters, &kept);
	*removed |= broken && removes;
	buffer_free(&kept);
	free(parameters.bytes);
	free(all.bytes);
	return answer;
}

/* ---- signatures in the items of a changed sequence ---- */

/* Is it a sequence for the walk over lengths, too, and not deeper than that
 * goes?  An OB may hold what only looks like items. */
static bool has_items(const struct meeting *meeting,
		      const struct dcm_part *part, int depth)
{
	bool big_endian = meeting->encoding.big_endian;
	bool may = !*part->vr || memcmp(part->vr, "SQ", 2) == 0 ||
		   memcmp(part->vr, "UN", 2) == 0;

	return may && depth <= DCM_DEPTH_MAX && part->value_length >= 8 &&
	       dcm_u16(part->value, big_endian) == 0xfffe &&
	       dcm_u16(part->value + 2, big_endian) == 0xe000;
}

/* An item that is signed stays as it is, or its signature is broken. */
static bool is_kept(const struct dcm_part *item, const unsigned char *in,
		    size_t length)
{
	return in && memmem(in, length, item->bytes, item->length);
}

static bool has_broken(const struct meeting *meeting,
		       const struct dcm_part *sequence,
		       const unsigned char *other, size_t other_length,
		       int depth)
{
	const unsigned char *at = sequence->value, *in;
	size_t length = sequence->value_length, rest;
	struct dcm_part item, element;

	if (!has_items(meeting, sequence, depth))
		return false;
	while (dcm_part_next(&at, &length, meeting->encoding, &item)) {
		if (dcm_part_find(&item, meeting->encoding, &signatures,
				  &element) &&
		    !is_kept(&item, other, other_length))
			return true;
		in = item.value;
		rest = item.value_length;
		while (dcm_part_next(&in, &rest, meeting->encoding, &element))
			if (has_broken(meeting, &element, other, other_length,
				       depth + 1))
				return true;
	}
	return false;
}

static void copy_unsigned(const struct meeting *meeting,
			  const struct dcm_part *sequence,
			  const struct sequence *old, int depth,
			  struct buffer *to);

static void copy_item(const struct meeting *meeting,
		      const struct dcm_part *item, const struct sequence *old,
		      int depth, struct buffer *to)
{
	bool kept = is_kept(item, old->part.bytes, old->part.length);
	const unsigned char *at = item->value;
	size_t length = item->value_length;
	struct buffer elements = {0};
	struct dcm_part element;

	while (!kept &&
	       dcm_part_next(&at, &length, meeting->encoding, &element)) {
		if (dcm_tag_compare(&element.tag, &signatures) == 0 ||
		    dcm_tag_compare(&element.tag, &mac_parameters) == 0)
			continue;
		if (has_items(meeting, &element, depth))
			copy_unsigned(meeting, &element, old, depth, &elements);
		else
			buffer_add(&elements, element.bytes, element.length);
	}
	if (kept)
		buffer_add(to, item->bytes, item->length);
	else
		dcm_bytes_item(to, meeting->encoding, &elements,
			       item->undefined);
	buffer_free(&elements);
}

/* A sequence without the signatures of those items that are not as before. */
static void copy_unsigned(const struct meeting *meeting,
			  const struct dcm_part *sequence,
			  const struct sequence *old, int depth,
			  struct buffer *to)
{
	const unsigned char *at = sequence->value;
	size_t length = sequence->value_length;
	struct buffer items = {0};
	struct dcm_part item;

	while (dcm_part_next(&at, &length, meeting->encoding, &item))
		copy_item(meeting, &item, old, depth + 1, &items);
	dcm_bytes_sequence(to, meeting->encoding, &sequence->tag, &items,
			   sequence->undefined);
	buffer_free(&items);
}

static void remove_within(const struct meeting *meeting,
			  const struct dcm_patch *patch,
			  const struct sequence *old)
{
	const unsigned char *at = patch->bytes;
	size_t length = patch->length;
	struct buffer bytes = {0};
	struct dcm_part sequence;

	if (!at || !dcm_part_next(&at, &length, meeting->encoding, &sequence) ||
	    !has_items(meeting, &sequence, 1))
		return;
	copy_unsigned(meeting, &sequence, old, 1, &bytes);
	dcm_splice_set(meeting->splice, &patch->tag, bytes.bytes, bytes.length);
}

static int meet_patch(struct meeting *meeting, const struct dcm_patch *patch,
		      bool removes, bool *removed)
{
	struct sequence old;
	int answer = 0;

	if (dcm_tag_compare(&patch->tag, &original_attributes) == 0 ||
	    dcm_tag_compare(&patch->tag, &signatures) == 0 ||
	    dcm_tag_compare(&patch->tag, &mac_parameters) == 0)
		return 0;
	if (read_sequence(meeting, &patch->tag, &old) < 0)
		return -1;
	if (old.bytes &&
	    has_broken(meeting, &old.part, patch->bytes, patch->length, 1)) {
		meeting->culprit = patch->tag;
		if (!removes)
			answer = refuse(meeting, force_it);
		else
			remove_within(meeting, patch, &old);
		*removed |= removes;
	}
	free(old.bytes);
	return answer;
}

/* ---- all ---- */

int dcm_signatures_meet(struct dcm_splice *splice, bool removes, bool records,
			bool *removed)
{
	struct meeting meeting = {
		.splice = splice,
		.encoding = dcm_splice_encoding(splice),
		.records = records,
	};
	size_t i;

	for (i = 0; i < splice->count; i++)
		if (meet_patch(&meeting, &splice->patches[i], removes,
			       removed) < 0)
			return -1;
	return splice->count ? meet_dataset(&meeting, removes, removed) : 0;
}

/* Signatures that an undo brings back are those of the dataset of before, and
 * any other was made since. */
int dcm_signatures_keep(struct dcm_splice *splice)
{
	struct meeting meeting = {
		.splice = splice,
		.encoding = dcm_splice_encoding(splice),
	};
	const struct dcm_patch *back = dcm_splice_patch(splice, &signatures);
	struct sequence all, parameters = {0};
	const unsigned char *at;
	struct dcm_part item;
	size_t length;
	int answer;

	if (!splice->count)
		return 0;
	answer = read_sequence(&meeting, &signatures, &all);
	if (answer == 0 && all.bytes)
		answer = read_sequence(&meeting, &mac_parameters, &parameters);
	at = all.part.value;
	length = all.part.value_length;
	while (answer == 0 && all.bytes &&
	       dcm_part_next(&at, &length, meeting.encoding, &item)) {
		meeting.culprit = signatures;
		if (back ? !is_kept(&item, back->bytes, back->length)
			 : is_broken(&meeting, &item, &parameters))
			answer = refuse(&meeting, "it was signed since");
	}
	free(parameters.bytes);
	free(all.bytes);
	return answer;
}

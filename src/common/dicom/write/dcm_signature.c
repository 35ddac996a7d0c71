#include "dcm_signature.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
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

/* One item of MAC Parameters: which elements are signed, and whether one of
 * them changes, which is looked at once. */
struct mac {
	struct dcm_part id, tags;
	size_t position;
	bool has_tags, is_known, is_broken;
	struct dcm_tag culprit;
};

struct macs {
	struct mac *at; /* sorted */
	size_t count;
};

static int compare_ids(const struct dcm_part *a, const struct dcm_part *b)
{
	if (a->value_length != b->value_length)
		return a->value_length < b->value_length ? -1 : 1;
	return a->value_length ? memcmp(a->value, b->value, a->value_length)
			       : 0;
}

/* Of several with one ID the first counts. */
static int compare_macs(const void *a, const void *b)
{
	const struct mac *x = a, *y = b;
	int order = compare_ids(&x->id, &y->id);

	if (order)
		return order;
	return x->position < y->position ? -1 : x->position > y->position;
}

/* The position does not count. */
static int compare_id_of_mac(const void *id, const void *mac)
{
	return compare_ids(id, &((const struct mac *)mac)->id);
}

/* at: to be freed. */
static struct macs macs_of(const struct meeting *meeting,
			   const struct sequence *parameters)
{
	const unsigned char *at = parameters->part.value;
	size_t length = parameters->part.value_length, i, kept = 0;
	struct macs macs = {NULL, 0};
	struct dcm_part item;

	while (parameters->bytes &&
	       dcm_part_next(&at, &length, meeting->encoding, &item)) {
		struct mac mac = {.position = macs.count};

		if (!dcm_part_find(&item, meeting->encoding, &mac_id, &mac.id))
			continue;
		mac.has_tags = dcm_part_find(&item, meeting->encoding,
					     &signed_elements, &mac.tags);
		array_room(macs.at, macs.count);
		macs.at[macs.count++] = mac;
	}
	if (macs.count)
		qsort(macs.at, macs.count, sizeof(*macs.at), compare_macs);
	for (i = 0; i < macs.count; i++)
		if (!i || compare_ids(&macs.at[kept - 1].id, &macs.at[i].id))
			macs.at[kept++] = macs.at[i];
	macs.count = kept;
	return macs;
}

static void look_at_tags(const struct meeting *meeting, struct mac *mac)
{
	bool big_endian = meeting->encoding.big_endian;
	const unsigned char *tags = mac->tags.value;
	size_t i;

	for (i = 0; i + 4 <= mac->tags.value_length && !mac->is_broken;
	     i += 4) {
		mac->culprit = (struct dcm_tag){
			dcm_u16(tags + i, big_endian),
			dcm_u16(tags + i + 2, big_endian), NULL};
		mac->is_broken = is_changed(meeting, &mac->culprit);
	}
	mac->is_known = true;
}

/* One that does not tell what it signs signs everything. */
static bool is_broken(struct meeting *meeting, const struct dcm_part *signature,
		      const struct macs *macs)
{
	struct mac *mac = NULL;
	struct dcm_part id;

	if (macs->count &&
	    dcm_part_find(signature, meeting->encoding, &mac_id, &id))
		mac = bsearch(&id, macs->at, macs->count, sizeof(*macs->at),
			      compare_id_of_mac);
	if (!mac || !mac->has_tags) {
		meeting->culprit = meeting->splice->patches[0].tag;
		return true;
	}
	if (!mac->is_known)
		look_at_tags(meeting, mac);
	if (mac->is_broken)
		meeting->culprit = mac->culprit;
	return mac->is_broken;
}

static int refuse_signed(const struct meeting *meeting, const char *what_to_do)
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
	struct macs macs;
	const unsigned char *at;
	bool broken = false;
	struct dcm_part item;
	size_t length;
	int answer;

	answer = read_sequence(meeting, &signatures, &all);
	if (answer == 0 && all.bytes)
		answer = read_sequence(meeting, &mac_parameters, &parameters);
	macs = macs_of(meeting, &parameters);
	at = all.part.value;
	length = all.part.value_length;
	while (answer == 0 && all.bytes &&
	       dcm_part_next(&at, &length, meeting->encoding, &item)) {
		if (is_broken(meeting, &item, &macs))
			broken = true;
		else
			buffer_add(&kept, item.bytes, item.length);
	}
	if (broken && !removes)
		answer = refuse_signed(meeting, force_it);
	else if (broken)
		keep_signatures(meeting, &all, &parameters, &kept);
	*removed |= broken && removes;
	buffer_free(&kept);
	free(macs.at);
	free(parameters.bytes);
	free(all.bytes);
	return answer;
}

/* ---- signatures in the items of a changed sequence ---- */

/* Is it a sequence for the walk over lengths, too, and not deeper than that
 * goes?  An OB may hold what only looks like items. */
static bool part_has_items(const struct meeting *meeting,
			   const struct dcm_part *part, int depth)
{
	bool big_endian = meeting->encoding.big_endian;
	bool may = !*part->vr || memcmp(part->vr, "SQ", 2) == 0 ||
		   memcmp(part->vr, "UN", 2) == 0;

	return may && depth <= DCM_DEPTH_MAX && part->value_length >= 8 &&
	       dcm_u16(part->value, big_endian) == 0xfffe &&
	       dcm_u16(part->value + 2, big_endian) == 0xe000;
}

/* All items of a sequence, at any depth, by their bytes. */
struct signed_items {
	const struct meeting *meeting;
	const struct dcm_part *sequence; /* NULL: there is none */
	struct dcm_part *at;		 /* sorted, when one is looked for */
	size_t count;
};

static int compare_item_bytes(const void *a, const void *b)
{
	const struct dcm_part *x = a, *y = b;

	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return memcmp(x->bytes, y->bytes, x->length);
}

static void gather_items(struct signed_items *items,
			 const struct dcm_part *sequence, int depth)
{
	const struct dcm_encoding encoding = items->meeting->encoding;
	const unsigned char *at = sequence->value, *in;
	size_t length = sequence->value_length, rest;
	struct dcm_part item, element;

	if (!part_has_items(items->meeting, sequence, depth))
		return;
	while (dcm_part_next(&at, &length, encoding, &item)) {
		array_room(items->at, items->count);
		items->at[items->count++] = item;
		in = item.value;
		rest = item.value_length;
		while (dcm_part_next(&in, &rest, encoding, &element))
			gather_items(items, &element, depth + 1);
	}
}

/* An item that is signed stays as it is, or its signature is broken. */
static bool is_item_kept(const struct dcm_part *item, struct signed_items *in)
{
	if (in->sequence && !in->at) {
		gather_items(in, in->sequence, 1);
		if (in->count)
			qsort(in->at, in->count, sizeof(*in->at),
			      compare_item_bytes);
	}
	return in->count && bsearch(item, in->at, in->count, sizeof(*in->at),
				    compare_item_bytes);
}

static bool has_broken(const struct meeting *meeting,
		       const struct dcm_part *sequence,
		       struct signed_items *other, int depth)
{
	const unsigned char *at = sequence->value, *in;
	size_t length = sequence->value_length, rest;
	struct dcm_part item, element;

	if (!part_has_items(meeting, sequence, depth))
		return false;
	while (dcm_part_next(&at, &length, meeting->encoding, &item)) {
		if (dcm_part_find(&item, meeting->encoding, &signatures,
				  &element) &&
		    !is_item_kept(&item, other))
			return true;
		in = item.value;
		rest = item.value_length;
		while (dcm_part_next(&in, &rest, meeting->encoding, &element))
			if (has_broken(meeting, &element, other, depth + 1))
				return true;
	}
	return false;
}

static void copy_unsigned(const struct meeting *meeting,
			  const struct dcm_part *sequence,
			  struct signed_items *old, int depth,
			  struct buffer *to);

static void copy_item(const struct meeting *meeting,
		      const struct dcm_part *item, struct signed_items *old,
		      int depth, struct buffer *to)
{
	bool kept = is_item_kept(item, old);
	const unsigned char *at = item->value;
	size_t length = item->value_length;
	struct buffer elements = {0};
	struct dcm_part element;

	while (!kept &&
	       dcm_part_next(&at, &length, meeting->encoding, &element)) {
		if (dcm_tag_compare(&element.tag, &signatures) == 0 ||
		    dcm_tag_compare(&element.tag, &mac_parameters) == 0)
			continue;
		if (part_has_items(meeting, &element, depth))
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
			  struct signed_items *old, int depth,
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
			  struct signed_items *old)
{
	const unsigned char *at = patch->bytes;
	size_t length = patch->length;
	struct buffer bytes = {0};
	struct dcm_part sequence;

	if (!at || !dcm_part_next(&at, &length, meeting->encoding, &sequence) ||
	    !part_has_items(meeting, &sequence, 1))
		return;
	copy_unsigned(meeting, &sequence, old, 1, &bytes);
	dcm_splice_set(meeting->splice, &patch->tag, bytes.bytes, bytes.length);
}

static int meet_patch(struct meeting *meeting, const struct dcm_patch *patch,
		      bool removes, bool *removed)
{
	struct signed_items of_new = {.meeting = meeting},
			    of_old = {.meeting = meeting};
	const unsigned char *at = patch->bytes;
	size_t length = patch->length;
	struct dcm_part sequence;
	struct sequence old;
	int answer = 0;

	if (dcm_tag_compare(&patch->tag, &original_attributes) == 0 ||
	    dcm_tag_compare(&patch->tag, &signatures) == 0 ||
	    dcm_tag_compare(&patch->tag, &mac_parameters) == 0)
		return 0;
	if (read_sequence(meeting, &patch->tag, &old) < 0)
		return -1;
	of_old.sequence = &old.part;
	if (at && dcm_part_next(&at, &length, meeting->encoding, &sequence))
		of_new.sequence = &sequence;
	if (old.bytes && has_broken(meeting, &old.part, &of_new, 1)) {
		meeting->culprit = patch->tag;
		if (!removes)
			answer = refuse_signed(meeting, force_it);
		else
			remove_within(meeting, patch, &of_old);
		*removed |= removes;
	}
	free(of_new.at);
	free(of_old.at);
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
	struct signed_items of_back = {.meeting = &meeting};
	struct macs macs;
	const unsigned char *at = back ? back->bytes : NULL;
	size_t length = back ? back->length : 0;
	struct dcm_part sequence, item;
	int answer;

	if (!splice->count)
		return 0;
	if (at && dcm_part_next(&at, &length, meeting.encoding, &sequence))
		of_back.sequence = &sequence;
	answer = read_sequence(&meeting, &signatures, &all);
	if (answer == 0 && all.bytes)
		answer = read_sequence(&meeting, &mac_parameters, &parameters);
	macs = macs_of(&meeting, &parameters);
	at = all.part.value;
	length = all.part.value_length;
	while (answer == 0 && all.bytes &&
	       dcm_part_next(&at, &length, meeting.encoding, &item)) {
		meeting.culprit = signatures;
		if (back ? !is_item_kept(&item, &of_back)
			 : is_broken(&meeting, &item, &macs))
			answer = refuse_signed(&meeting, "it was signed since");
	}
	free(of_back.at);
	free(macs.at);
	free(parameters.bytes);
	free(all.bytes);
	return answer;
}

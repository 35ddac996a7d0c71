#include "dcm_splice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "array.h"
#include "dcm_hold.h"
#include "dcm_verify.h"
#include "digest.h"
#include "error.h"

/* Of what is not in memory. */
enum { SENT_AT_ONCE = 256 * 1024 };

struct dcm_encoding dcm_splice_encoding(const struct dcm_splice *splice)
{
	return (struct dcm_encoding){splice->file.scan.explicit_vr,
				     splice->file.scan.big_endian};
}

/* ---- opening ---- */

int dcm_splice_open(struct dcm_splice *splice, const struct dcm_source *source,
		    dfh_error **error)
{
	*splice = (struct dcm_splice){.error = error};
	return dcm_file_open(&splice->file, source, error);
}

/* Of one tag, those that come first in the file are first. */
static int compare_extent_pointers(const void *a, const void *b)
{
	const struct dcm_extent *const *x = a, *const *y = b;
	int order = dcm_tag_compare(&(*x)->tag, &(*y)->tag);

	return order ? order : *x < *y ? -1 : *x > *y;
}

static void sort_extents(struct dcm_splice *splice)
{
	const struct dcm_scan *scan = &splice->file.scan;
	size_t i;

	splice->extents = xmalloc((scan->count + 1) * sizeof(*splice->extents));
	for (i = 0; i < scan->count; i++)
		splice->extents[i] = &scan->elements[i];
	qsort(splice->extents, scan->count, sizeof(*splice->extents),
	      compare_extent_pointers);
}

int dcm_splice_scan(struct dcm_splice *splice)
{
	if (dcm_file_scan(&splice->file, splice->error) < 0 ||
	    dcm_file_refuse_cut(&splice->file, splice->error) < 0)
		return -1;
	if (splice->file.is_dicomdir)
		return error_because(splice->error, DFH_UNSUPPORTED,
				     "%s: is a DICOMDIR", splice->file.name);
	if (!splice->file.scan.understood)
		return error_because(
			splice->error, DFH_DAMAGED,
			"%s: cannot be stamped safely: its lengths do "
			"not add up",
			splice->file.name);
	sort_extents(splice);
	return 0;
}

void dcm_splice_close(struct dcm_splice *splice)
{
	size_t i;

	for (i = 0; i < splice->count; i++)
		free(splice->patches[i].bytes);
	free(splice->patches);
	free(splice->extents);
	buffer_free(&splice->memory);
	dcm_file_close(&splice->file);
}

/* ---- patches ---- */

/* The index of the patch of the tag, or where it belongs. */
static size_t patch_index_of(const struct dcm_splice *splice,
			     const struct dcm_tag *tag)
{
	size_t low = 0, high = splice->count;

	/* they mostly come in their order */
	if (high && dcm_tag_compare(&splice->patches[high - 1].tag, tag) < 0)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dcm_tag_compare(&splice->patches[middle].tag, tag) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct dcm_patch *dcm_splice_patch(const struct dcm_splice *splice,
				   const struct dcm_tag *tag)
{
	size_t i = patch_index_of(splice, tag);

	return i < splice->count &&
			       !dcm_tag_compare(&splice->patches[i].tag, tag)
		       ? &splice->patches[i]
		       : NULL;
}

void dcm_splice_set(struct dcm_splice *splice, const struct dcm_tag *tag,
		    unsigned char *bytes, size_t length)
{
	struct dcm_patch *patch = dcm_splice_patch(splice, tag);
	size_t i = patch_index_of(splice, tag);

	if (patch) {
		free(patch->bytes);
		*patch = (struct dcm_patch){*tag, bytes, length, false};
		return;
	}
	array_room(splice->patches, splice->count);
	memmove(&splice->patches[i + 1], &splice->patches[i],
		(splice->count - i) * sizeof(*splice->patches));
	splice->patches[i] = (struct dcm_patch){*tag, bytes, length, false};
	splice->count++;
}

/* The first element of the file that has the tag; NULL: none has. */
static const struct dcm_extent *find_extent(const struct dcm_splice *splice,
					    const struct dcm_tag *tag)
{
	size_t low = 0, high = splice->file.scan.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dcm_tag_compare(&splice->extents[middle]->tag, tag) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < splice->file.scan.count &&
			       !dcm_tag_compare(&splice->extents[low]->tag, tag)
		       ? splice->extents[low]
		       : NULL;
}

unsigned char *dcm_splice_old(struct dcm_splice *splice,
			      const struct dcm_tag *tag, size_t *length,
			      bool *fault)
{
	const struct dcm_extent *at = find_extent(splice, tag);
	unsigned char *bytes;

	if (!at)
		return NULL;
	*length = (size_t)at->length;
	bytes = xmalloc(*length);
	if (dcm_file_read(&splice->file, at->offset, bytes, *length,
			  splice->error) == 0)
		return bytes;
	free(bytes);
	*fault = true;
	return NULL;
}

/* ---- group lengths ---- */

/* What the patches do to each group. */
struct growth {
	bool touched;
	bool has_length; /* that is a patch already */
	uint32_t by;	 /* they make it longer, modulo 2^32 */
};

enum { GROUPS = 0x10000 };

static struct growth *growth_of_groups(const struct dcm_splice *splice)
{
	const struct dcm_scan *scan = &splice->file.scan;
	struct growth *groups = xmalloc(GROUPS * sizeof(*groups));
	size_t i;

	memset(groups, 0, GROUPS * sizeof(*groups));
	for (i = 0; i < scan->count; i++) {
		const struct dcm_extent *at = &scan->elements[i];

		if (at->tag.element && dcm_splice_patch(splice, &at->tag))
			groups[at->tag.group].by -= (uint32_t)at->length;
	}
	for (i = 0; i < splice->count; i++) {
		const struct dcm_patch *patch = &splice->patches[i];

		groups[patch->tag.group].touched = true;
		if (patch->tag.element)
			groups[patch->tag.group].by += (uint32_t)patch->length;
		else
			groups[patch->tag.group].has_length = true;
	}
	return groups;
}

/* Group lengths are retired, but where there is one it must follow.  One that
 * was wrong stays wrong by as much, so that an undo gives the same bytes.
 * Behind the other patches, which are to be sorted afterwards. */
static int set_group_length(struct dcm_splice *splice,
			    const struct dcm_extent *extent, uint32_t growth)
{
	bool big_endian = splice->file.scan.big_endian;
	unsigned char *bytes, *value;

	if (extent->length < 12 || extent->length > 16)
		return 0;
	bytes = xmalloc((size_t)extent->length);
	if (dcm_file_read(&splice->file, extent->offset, bytes,
			  (size_t)extent->length, splice->error) < 0) {
		free(bytes);
		return -1;
	}
	value = bytes + extent->length - 4;
	dcm_put_u32(value, big_endian, dcm_u32(value, big_endian) + growth);
	array_room(splice->patches, splice->count);
	splice->patches[splice->count++] = (struct dcm_patch){
		extent->tag, bytes, (size_t)extent->length, false};
	return 0;
}

static bool touches_group(const struct dcm_splice *splice, uint16_t group)
{
	size_t i = patch_index_of(splice, &(struct dcm_tag){group, 0, NULL});

	return i < splice->count && splice->patches[i].tag.group == group;
}

/* Will it be written anew? */
static bool changes_tag(const struct dcm_splice *splice,
			const struct dcm_tag *tag)
{
	return dcm_splice_patch(splice, tag) ||
	       (!tag->element && touches_group(splice, tag->group));
}

int dcm_splice_check(const struct dcm_splice *splice)
{
	const struct dcm_scan *scan = &splice->file.scan;
	char name[128];
	size_t i;

	for (i = 0; splice->count && i < scan->count; i++) {
		const struct dcm_tag *tag = &scan->elements[i].tag;

		if (!changes_tag(splice, tag) ||
		    find_extent(splice, tag) == &scan->elements[i])
			continue;
		return error_because(
			splice->error, DFH_DAMAGED,
			"%s: cannot be stamped safely: %s is there "
			"twice and would change",
			splice->file.name, dcm_tag_name(tag, name));
	}
	return 0;
}

static bool has_group_length(const struct dcm_scan *scan)
{
	size_t i;

	for (i = 0; i < scan->count; i++)
		if (!scan->elements[i].tag.element)
			return true;
	return false;
}

static int compare_patch_tags(const void *a, const void *b)
{
	const struct dcm_patch *x = a, *y = b;

	return dcm_tag_compare(&x->tag, &y->tag);
}

static int set_group_lengths(struct dcm_splice *splice)
{
	const struct dcm_scan *scan = &splice->file.scan;
	struct growth *groups;
	int answer = 0;
	size_t i;

	if (!has_group_length(scan))
		return 0;
	groups = growth_of_groups(splice);
	for (i = 0; answer == 0 && i < scan->count; i++) {
		const struct dcm_extent *at = &scan->elements[i];

		if (!at->tag.element && groups[at->tag.group].touched &&
		    !groups[at->tag.group].has_length)
			answer = set_group_length(splice, at,
						  groups[at->tag.group].by);
	}
	free(groups);
	if (splice->count)
		qsort(splice->patches, splice->count, sizeof(*splice->patches),
		      compare_patch_tags);
	return answer;
}

/* ---- splicing ---- */

static int send_bytes(struct dcm_splice *splice, const void *bytes,
		      size_t length)
{
	const struct dcm_sink *sink = splice->sink;
	int fault = length ? sink->write(bytes, length, sink->context) : 0;

	return fault ? error_because(
			       splice->error, DFH_CANNOT_WRITE,
			       "%s: what it is changed to cannot be given "
			       "on: %s",
			       splice->file.name,
			       strerror(fault < 0 ? EIO : fault))
		     : 0;
}

static int emit_bytes(struct dcm_splice *splice, const void *bytes,
		      size_t length)
{
	if (splice->out)
		return dcm_output_write(splice->out, bytes, length,
					splice->error);
	if (splice->sink)
		return send_bytes(splice, bytes, length);
	buffer_add(&splice->memory, bytes, length);
	return 0;
}

/* A part of what is not in memory, piece by piece. */
static int send_part(struct dcm_splice *splice, uint64_t from, uint64_t to)
{
	unsigned char *piece = xmalloc(SENT_AT_ONCE);
	int answer = 0;

	while (answer == 0 && from < to) {
		size_t length = to - from < SENT_AT_ONCE ? (size_t)(to - from)
							 : SENT_AT_ONCE;

		answer = dcm_file_read(&splice->file, from, piece, length,
				       splice->error);
		if (answer == 0)
			answer = send_bytes(splice, piece, length);
		from += length;
	}
	free(piece);
	return answer;
}

static int emit_patch(struct dcm_splice *splice, struct dcm_patch *patch)
{
	if (patch->written)
		return 0;
	patch->written = true;
	return emit_bytes(splice, patch->bytes, patch->length);
}

static int emit_old(struct dcm_splice *splice, uint64_t from, uint64_t to)
{
	if (splice->out)
		return dcm_output_copy(splice->out, &splice->file, from,
				       to - from, splice->error);
	if (!splice->file.bytes)
		return send_part(splice, from, to);
	return emit_bytes(splice, splice->file.bytes + from,
			  (size_t)(to - from));
}

/* The next patch from there on of an element that the file does not have, and
 * that belongs before the one with that tag (NULL: before the end). */
static struct dcm_patch *next_added(struct dcm_splice *splice, size_t *from,
				    const struct dcm_tag *tag)
{
	for (; *from < splice->count; ++*from) {
		struct dcm_patch *patch = &splice->patches[*from];

		if (tag && dcm_tag_compare(&patch->tag, tag) >= 0)
			return NULL;
		if (!find_extent(splice, &patch->tag)) {
			++*from;
			return patch;
		}
	}
	return NULL;
}

/* From the offset of the dataset on. */
static int splice_dataset(struct dcm_splice *splice)
{
	const struct dcm_scan *scan = &splice->file.scan;
	uint64_t position = scan->dataset_offset;
	size_t added = 0, i;

	for (i = 0; i <= scan->count; i++) {
		const struct dcm_extent *at =
			i < scan->count ? &scan->elements[i] : NULL;
		uint64_t offset = at ? at->offset : splice->file.data_end;
		struct dcm_patch *patch;

		while ((patch = next_added(splice, &added,
					   at ? &at->tag : NULL))) {
			if (emit_old(splice, position, offset) < 0 ||
			    emit_patch(splice, patch) < 0)
				return -1;
			position = offset;
		}
		patch = at ? dcm_splice_patch(splice, &at->tag) : NULL;
		if (!patch)
			continue;
		if (emit_old(splice, position, offset) < 0 ||
		    emit_patch(splice, patch) < 0)
			return -1;
		position = offset + at->length;
	}
	return emit_old(splice, position, splice->file.size);
}

/* The dataset, deflated: it is made in memory first. */
static int emit_deflated(struct dcm_splice *splice)
{
	const struct dcm_sink *sink = splice->sink;
	struct dcm_output *out = splice->out;
	unsigned char *deflated;
	size_t length;
	int answer;

	splice->sink = NULL;
	splice->out = NULL;
	answer = splice_dataset(splice);
	splice->sink = sink;
	splice->out = out;
	if (answer < 0)
		return -1;
	deflated = dcm_deflate(splice->memory.bytes, splice->memory.length,
			       &length);
	if (!deflated)
		return error_set(splice->error, DFH_IO,
				 "%s: cannot be deflated", splice->file.name);
	answer = emit_bytes(splice, deflated, length);
	free(deflated);
	return answer;
}

/* All of it, changed, to where splice->out or splice->sink says. */
static int emit_stamped(struct dcm_splice *splice)
{
	const struct dcm_scan *scan = &splice->file.scan;

	if (emit_old(splice, 0, scan->dataset_offset) < 0)
		return -1;
	return scan->deflated ? emit_deflated(splice) : splice_dataset(splice);
}

/* The file as it is, not inflated. */
static int emit_as_it_is(struct dcm_splice *splice)
{
	struct dcm_file *file = &splice->file;
	const unsigned char *bytes = file->bytes;
	int answer;

	file->bytes = file->source.bytes;
	answer = emit_old(splice, 0,
			  file->inflated ? file->stored_size : file->size);
	file->bytes = bytes;
	return answer;
}

static int send_all(struct dcm_splice *splice, const struct dcm_sink *sink)
{
	splice->sink = sink;
	return splice->count ? emit_stamped(splice) : emit_as_it_is(splice);
}

/* Read back before it takes the place of the original. */
static int verify_written(struct dcm_splice *splice,
			  const struct dcm_output *out,
			  const struct dcm_writing *writing)
{
	int answer = dcm_verify_bytes(splice, out->file.fd, splice->error);

	if (answer == 0 && writing->wants && writing->meant)
		answer = dcm_verify_values(splice->file.name, out->file.fd,
					   writing->meant, writing->wants,
					   splice->error);
	return answer;
}

/*
 * All that must be true before the new file is seen.  Whether the old one is as
 * it was comes last: flushing takes long, and what happens meanwhile must not
 * be lost.
 */
static int finish_output(struct dcm_splice *splice, struct dcm_output *out,
			 const struct dcm_writing *writing, bool in_place)
{
	if (dcm_output_keep(out, splice->file.fd, in_place,
			    writing->keeps_times, splice->error) < 0 ||
	    dcm_output_flush(out, splice->error) < 0 ||
	    (writing->verifies && verify_written(splice, out, writing) < 0))
		return -1;
	if (writing->digest && digest_file(out->file.fd, writing->digest) < 0)
		return dcm_output_fail(out, errno, splice->error);
	if (writing->commits && writing->commits(writing->context) < 0)
		return error_set(splice->error, DFH_IO,
				 "%s: not written: it could not be logged",
				 out->path);
	if (writing->hold && dcm_hold_check(writing->hold, splice->error) < 0)
		return -1;
	return dcm_output_place(out, in_place ? writing->hold : NULL,
				writing->leaves_folder && !in_place,
				splice->error);
}

static int write_out(struct dcm_splice *splice, const char *path,
		     const struct spot *to, const struct stat *status,
		     const struct dcm_writing *writing)
{
	const struct dcm_hold *hold = writing->hold;
	bool in_place = hold ? hold->in_place != NULL : spot_has(to, status);
	struct dcm_output out;
	int answer = 0;

	/* nothing to do in place? */
	if (!splice->count && in_place)
		return 0;
	if (dcm_output_open(&out, path, to, in_place ? writing->suffix : NULL,
			    splice->error) < 0)
		return -1;
	if (in_place && hold)
		answer = dcm_hold_may_replace(hold, writing, out.original,
					      splice->error);
	splice->out = &out;
	if (answer == 0)
		answer = splice->count ? emit_stamped(splice)
				       : emit_as_it_is(splice);
	splice->out = NULL;
	if (answer == 0)
		answer = finish_output(splice, &out, writing, in_place);
	if (writing->digest && !out.file.placed)
		writing->digest[0] = '\0';
	dcm_output_close(&out);
	return answer;
}

/* ---- the whole ---- */

int dcm_splice_write(struct dcm_splice *splice, const char *path,
		     const struct dcm_writing *writing)
{
	static const struct dcm_writing by_default;
	struct spot found = {.folder = -1};
	struct stat status;
	int answer;

	if (!writing)
		writing = &by_default;
	if (!writing->sink && !path)
		return 0;
	if (writing->sink)
		return set_group_lengths(splice) < 0
			       ? -1
			       : send_all(splice, writing->sink);
	if (fstat(splice->file.fd, &status) < 0)
		return error_set(splice->error, DFH_IO, "%s: %s",
				 splice->file.name, strerror(errno));
	if (set_group_lengths(splice) < 0)
		return -1;
	if (!writing->to && spot_open(&found, path) < 0)
		return error_set(splice->error, DFH_IO, "%s: not written: %s",
				 path, spot_fault(errno));
	answer = write_out(splice, path, writing->to ? writing->to : &found,
			   &status, writing);
	spot_close(&found);
	return answer;
}

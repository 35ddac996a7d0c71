#include "dcm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "dcm_change.h"
#include "dcm_output.h"
#include "error.h"

/* What takes the place of an element of the top level. */
struct patch {
	struct dcm_tag tag;
	unsigned char *bytes; /* NULL: it is removed */
	size_t length;
	bool written;
};

struct stamp {
	struct dcm_file file;
	struct patch *patches; /* in the order of tags */
	size_t count;
	struct dcm_output *out; /* NULL: into memory, to be deflated */
	unsigned char *memory;
	size_t length;
	dfh_error **error;
};

/* ---- the new elements ---- */

static int encode_patches(struct stamp *stamp, struct dcmtk_item *dataset,
			  const struct dcm_changes *changes)
{
	const struct dcm_scan *scan = &stamp->file.scan;
	const struct dcmtk_syntax syntax = {
		scan->transfer_syntax, scan->explicit_vr, scan->big_endian};
	char name[128];
	size_t i;

	/* one more for each group length */
	stamp->patches =
		xmalloc((2 * changes->count + 1) * sizeof(*stamp->patches));
	for (i = 0; i < changes->count; i++) {
		struct patch *patch = &stamp->patches[stamp->count];
		struct dcmtk_element *element;

		memset(patch, 0, sizeof(*patch));
		patch->tag = changes->tags[i];
		element = dcmtk_find(dataset, patch->tag.group,
				     patch->tag.element);
		if (element)
			patch->bytes = dcmtk_encode(dataset, element, &syntax,
						    &patch->length);
		if (element && !patch->bytes)
			return error_set(stamp->error, DFH_REFUSED,
					 "%s: %s cannot be encoded",
					 stamp->file.name,
					 dcm_tag_name(&patch->tag, name));
		stamp->count++;
	}
	return 0;
}

static struct patch *patch_of(const struct stamp *stamp,
			      const struct dcm_tag *tag)
{
	size_t i;

	for (i = 0; i < stamp->count; i++)
		if (dcm_tag_compare(&stamp->patches[i].tag, tag) == 0)
			return &stamp->patches[i];
	return NULL;
}

static uint64_t group_length(const struct stamp *stamp, uint16_t group,
			     size_t patches)
{
	const struct dcm_scan *scan = &stamp->file.scan;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < scan->count; i++)
		if (scan->elements[i].tag.group == group &&
		    scan->elements[i].tag.element &&
		    !patch_of(stamp, &scan->elements[i].tag))
			sum += scan->elements[i].length;
	for (i = 0; i < patches; i++)
		if (stamp->patches[i].tag.group == group)
			sum += stamp->patches[i].length;
	return sum;
}

/* Group lengths are retired, but where there is one it must be right. */
static int patch_group_length(struct stamp *stamp,
			      const struct dcm_extent *extent, size_t patches)
{
	struct patch *patch = &stamp->patches[stamp->count];
	uint64_t sum = group_length(stamp, extent->tag.group, patches);
	unsigned char *bytes;

	if (extent->length < 12 || extent->length > 16)
		return 0;
	bytes = xmalloc((size_t)extent->length);
	if (dcm_file_read(&stamp->file, extent->offset, bytes,
			  (size_t)extent->length, stamp->error) < 0) {
		free(bytes);
		return -1;
	}
	dcm_put_u32(bytes + extent->length - 4, stamp->file.scan.big_endian,
		    (uint32_t)sum);
	*patch = (struct patch){extent->tag, bytes, (size_t)extent->length,
				false};
	stamp->count++;
	return 0;
}

static int compare_patches(const void *a, const void *b)
{
	return dcm_tag_compare(&((const struct patch *)a)->tag,
			       &((const struct patch *)b)->tag);
}

static int patch_group_lengths(struct stamp *stamp)
{
	const struct dcm_scan *scan = &stamp->file.scan;
	size_t patches = stamp->count, i, j;

	for (i = 0; i < scan->count; i++) {
		if (scan->elements[i].tag.element ||
		    patch_of(stamp, &scan->elements[i].tag))
			continue;
		for (j = 0; j < patches; j++)
			if (stamp->patches[j].tag.group ==
			    scan->elements[i].tag.group)
				break;
		if (j < patches &&
		    patch_group_length(stamp, &scan->elements[i], patches) < 0)
			return -1;
	}
	qsort(stamp->patches, stamp->count, sizeof(*stamp->patches),
	      compare_patches);
	return 0;
}

static bool reaches_past_pixels(const struct dataset *dataset)
{
	const struct dcm_item *root = &dataset->root;

	return root->count &&
	       root->elements[root->count - 1].tag.group > 0x7fe0;
}

static int make_patches(struct stamp *stamp,
			const struct dcm_revision *revision)
{
	bool past_pixels = reaches_past_pixels(revision->before) ||
			   reaches_past_pixels(revision->after);
	struct dcm_changes changes = {0};
	struct dcmtk_item *dataset;
	int answer = -1;

	dataset = dcm_file_parse(&stamp->file, past_pixels, stamp->error);
	if (dataset)
		answer = dcm_change(dataset, revision, &changes, stamp->error);
	if (answer == 1) {
		/* again, and in a character set that holds everything */
		dcmtk_free(dataset);
		dcm_changes_free(&changes);
		dataset =
			dcm_file_parse(&stamp->file, past_pixels, stamp->error);
		answer = dataset ? dcm_widen(dataset, revision, &changes,
					     stamp->error)
				 : -1;
		if (answer == 0)
			answer = dcm_change(dataset, revision, &changes,
					    stamp->error);
		if (answer == 1)
			answer = error_set(stamp->error, DFH_REFUSED,
					   "%s: a new value is not UTF-8",
					   revision->name);
	}
	if (answer == 0)
		answer = encode_patches(stamp, dataset, &changes);
	if (answer == 0)
		answer = patch_group_lengths(stamp);
	dcm_changes_free(&changes);
	dcmtk_free(dataset);
	return answer;
}

/* ---- splicing ---- */

static int emit(struct stamp *stamp, const void *bytes, size_t length)
{
	if (stamp->out)
		return dcm_output_write(stamp->out, bytes, length,
					stamp->error);
	stamp->memory = xrealloc(stamp->memory, stamp->length + length);
	if (length)
		memcpy(stamp->memory + stamp->length, bytes, length);
	stamp->length += length;
	return 0;
}

static int emit_patch(struct stamp *stamp, struct patch *patch)
{
	if (patch->written)
		return 0;
	patch->written = true;
	return emit(stamp, patch->bytes, patch->length);
}

static int emit_old(struct stamp *stamp, uint64_t from, uint64_t to)
{
	if (stamp->out)
		return dcm_output_copy(stamp->out, &stamp->file, from,
				       to - from, stamp->error);
	return emit(stamp, stamp->file.bytes + from, (size_t)(to - from));
}

/* Is it an element that the file does not have, and that belongs before the
 * one with that tag (NULL: before the end)? */
static bool belongs_before(const struct stamp *stamp, const struct patch *patch,
			   const struct dcm_tag *tag)
{
	const struct dcm_scan *scan = &stamp->file.scan;
	size_t i;

	if (patch->written || (tag && dcm_tag_compare(&patch->tag, tag) >= 0))
		return false;
	for (i = 0; i < scan->count; i++)
		if (dcm_tag_compare(&scan->elements[i].tag, &patch->tag) == 0)
			return false;
	return true;
}

/* From the offset of the dataset on. */
static int splice(struct stamp *stamp)
{
	const struct dcm_scan *scan = &stamp->file.scan;
	uint64_t position = scan->dataset_offset;
	size_t i, j;

	for (i = 0; i <= scan->count; i++) {
		const struct dcm_extent *at =
			i < scan->count ? &scan->elements[i] : NULL;
		uint64_t offset = at ? at->offset : stamp->file.data_end;
		struct patch *patch = at ? patch_of(stamp, &at->tag) : NULL;

		for (j = 0; j < stamp->count; j++) {
			if (!belongs_before(stamp, &stamp->patches[j],
					    at ? &at->tag : NULL))
				continue;
			if (emit_old(stamp, position, offset) < 0 ||
			    emit_patch(stamp, &stamp->patches[j]) < 0)
				return -1;
			position = offset;
		}
		if (!patch)
			continue;
		/* of an element that comes twice, only the new one stays */
		if (emit_old(stamp, position, offset) < 0 ||
		    emit_patch(stamp, patch) < 0)
			return -1;
		position = offset + at->length;
	}
	return emit_old(stamp, position, stamp->file.size);
}

static int write_stamped(struct stamp *stamp, struct dcm_output *out)
{
	const struct dcm_scan *scan = &stamp->file.scan;
	unsigned char *deflated;
	size_t length;
	int answer = -1;

	if (dcm_output_copy(out, &stamp->file, 0, scan->dataset_offset,
			    stamp->error) < 0)
		return -1;
	if (!scan->deflated) {
		stamp->out = out;
		return splice(stamp);
	}
	if (splice(stamp) < 0)
		return -1;
	deflated = dcm_deflate(stamp->memory, stamp->length, &length);
	if (deflated)
		answer = dcm_output_write(out, deflated, length, stamp->error);
	else
		error_set(stamp->error, DFH_IO, "%s: cannot be deflated",
			  stamp->file.name);
	free(deflated);
	return answer;
}

static int write_out(struct stamp *stamp, const char *path,
		     const struct stat *status)
{
	struct dcm_output out;
	int answer;

	/* 0600 until it has the source's mode, which may be as strict */
	if (dcm_output_open(&out, path, 0600, stamp->error) < 0)
		return -1;
	if (stamp->count) {
		answer = write_stamped(stamp, &out);
	} else {
		stamp->file.bytes = NULL; /* the file as it is, not inflated */
		answer = dcm_output_copy(&out, &stamp->file, 0,
					 (uint64_t)status->st_size,
					 stamp->error);
	}
	if (answer == 0 && fchmod(out.fd, status->st_mode & 07777) < 0)
		answer = error_set(stamp->error, DFH_IO, "%s: %s", out.path,
				   strerror(errno));
	if (answer == 0)
		answer = dcm_output_commit(&out, stamp->error);
	dcm_output_close(&out);
	return answer;
}

/* ---- the whole ---- */

static bool differs(const struct dataset *before, const struct dataset *after)
{
	size_t i;

	if (before->root.count != after->root.count)
		return true;
	for (i = 0; i < before->root.count; i++)
		if (!dcm_element_equal(&before->root.elements[i],
				       &after->root.elements[i]))
			return true;
	return false;
}

static bool same_file(const struct stat *status, const char *path)
{
	struct stat other;

	return stat(path, &other) == 0 && other.st_dev == status->st_dev &&
	       other.st_ino == status->st_ino;
}

static int prepare(struct stamp *stamp, const struct dcm_revision *revision)
{
	if (dcm_file_scan(&stamp->file, stamp->error) < 0 ||
	    dcm_file_refuse_cut(&stamp->file, stamp->error) < 0)
		return -1;
	if (stamp->file.is_dicomdir)
		return error_set(stamp->error, DFH_REFUSED, "%s: is a DICOMDIR",
				 revision->name);
	if (!stamp->file.scan.understood)
		return error_set(stamp->error, DFH_REFUSED,
				 "%s: cannot be stamped safely: its lengths do "
				 "not add up",
				 revision->name);
	return make_patches(stamp, revision);
}

int dcm_stamp(const char *source_path, const char *path,
	      const struct dataset *before, const struct dataset *after,
	      const char *assumed_charset, dfh_error **error)
{
	const struct dcm_revision revision = {source_path, before, after,
					      assumed_charset};
	const struct dcm_source source = {.name = source_path};
	struct stamp stamp = {.error = error};
	struct stat status;
	int answer = 0;
	size_t i;

	if (dcm_file_open(&stamp.file, &source, error) < 0)
		return -1;
	if (fstat(stamp.file.fd, &status) < 0)
		answer = error_set(error, DFH_IO, "%s: %s", source_path,
				   strerror(errno));
	if (answer == 0 && differs(before, after))
		answer = prepare(&stamp, &revision);
	/* nothing to do in place? */
	if (answer == 0 && (stamp.count || !same_file(&status, path)))
		answer = write_out(&stamp, path, &status);
	for (i = 0; i < stamp.count; i++)
		free(stamp.patches[i].bytes);
	free(stamp.patches);
	free(stamp.memory);
	dcm_file_close(&stamp.file);
	return answer;
}

#include "dcm.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_change.h"
#include "dcm_original.h"
#include "dcm_splice.h"
#include "error.h"

/* The changed elements as the file's transfer syntax has them. */
static int encode_patches(struct dcm_splice *splice, struct dcmtk_item *dataset,
			  const struct dcm_changes *changes)
{
	const struct dcm_scan *scan = &splice->file.scan;
	const struct dcmtk_syntax syntax = {
		scan->transfer_syntax, scan->explicit_vr, scan->big_endian};
	char name[128];
	size_t i;

	for (i = 0; i < changes->count; i++) {
		const struct dcm_tag *tag = &changes->tags[i];
		struct dcmtk_element *element;
		unsigned char *bytes = NULL;
		size_t length = 0;

		element = dcmtk_find(dataset, tag->group, tag->element);
		if (element)
			bytes = dcmtk_encode(dataset, element, &syntax,
					     &length);
		if (element && !bytes)
			return error_set(splice->error, DFH_REFUSED,
					 "%s: %s cannot be encoded",
					 splice->file.name,
					 dcm_tag_name(tag, name));
		dcm_splice_set(splice, tag, bytes, length);
	}
	return 0;
}

static bool reaches_past_pixels(const struct dataset *dataset)
{
	const struct dcm_item *root = &dataset->root;

	return root->count &&
	       root->elements[root->count - 1].tag.group > 0x7fe0;
}

static int make_patches(struct dcm_splice *splice,
			const struct dcm_revision *revision)
{
	bool past_pixels = reaches_past_pixels(revision->before) ||
			   reaches_past_pixels(revision->after);
	struct dcm_changes changes = {0};
	struct dcmtk_item *dataset;
	int answer = -1;

	dataset = dcm_file_parse(&splice->file, past_pixels, splice->error);
	if (dataset)
		answer = dcm_change(dataset, revision, &changes, splice->error);
	if (answer == 1) {
		/* again, and in a character set that holds everything */
		dcmtk_free(dataset);
		dcm_changes_free(&changes);
		dataset = dcm_file_parse(&splice->file, past_pixels,
					 splice->error);
		answer = dataset ? dcm_widen(dataset, revision, &changes,
					     splice->error)
				 : -1;
		if (answer == 0)
			answer = dcm_change(dataset, revision, &changes,
					    splice->error);
		if (answer == 1)
			answer = error_set(splice->error, DFH_REFUSED,
					   "%s: a new value is not UTF-8",
					   revision->name);
	}
	if (answer == 0)
		answer = encode_patches(splice, dataset, &changes);
	dcm_changes_free(&changes);
	dcmtk_free(dataset);
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

int dcm_stamp(const char *source_path, const char *path,
	      const struct dataset *before, const struct dataset *after,
	      const struct dcm_stamping *how, dfh_error **error)
{
	const struct dcm_revision revision = {source_path, before, after,
					      how->assumed_charset};
	struct dcm_splice splice;
	int answer = 0;

	if (dcm_splice_open(&splice, source_path, error) < 0)
		return -1;
	if (differs(before, after)) {
		answer = dcm_splice_scan(&splice);
		if (answer == 0)
			answer = make_patches(&splice, &revision);
		if (answer == 0 && how->record && splice.count)
			answer = dcm_original_add(&splice, how->record, before);
	}
	if (answer == 0)
		answer = dcm_splice_write(&splice, path, how->writing);
	dcm_splice_close(&splice);
	return answer;
}

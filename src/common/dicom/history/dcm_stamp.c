#include "dcm.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_change.h"
#include "dcm_put.h"
#include "dcm_original.h"
#include "dcm_signature.h"
#include "dcm_splice.h"
#include "error.h"

/* The first element from there on that does not come before the tag. */
static struct dcmtk_element *not_before(struct dcmtk_item *dataset,
					struct dcmtk_element *element,
					const struct dcm_tag *tag, bool *is_it)
{
	int order = -1;

	while (element) {
		struct dcmtk_info info;
		struct dcm_tag at;

		dcmtk_look(element, &info);
		at = (struct dcm_tag){info.group, info.element, NULL};
		order = dcm_tag_compare(&at, tag);
		if (order >= 0)
			break;
		element = dcmtk_next(dataset, element);
	}
	*is_it = order == 0;
	return element;
}

/* The changed elements as the file's transfer syntax has them. */
static int encode_patches(struct dcm_splice *splice, struct dcmtk_item *dataset,
			  struct dcm_changes *changes)
{
	struct dcmtk_element *element = dcmtk_next(dataset, NULL);
	const struct dcm_scan *scan = &splice->file.scan;
	const struct dcmtk_syntax syntax = {
		scan->transfer_syntax, scan->explicit_vr, scan->big_endian};
	char name[128];
	size_t i;

	dcm_changes_sort(changes);
	for (i = 0; i < changes->count; i++) {
		const struct dcm_tag *tag = &changes->tags[i];
		unsigned char *bytes = NULL;
		size_t length = 0;
		bool is_there = false;

		element = not_before(dataset, element, tag, &is_there);
		if (is_there)
			bytes = dcmtk_encode(dataset, element, &syntax,
					     &length);
		if (is_there && !bytes)
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

static bool item_has_tag(const struct dcm_item *item, const struct dcm_tag *tag)
{
	size_t i;

	for (i = 0; i < item->count; i++)
		if (tag->group & 1
			    ? item->elements[i].tag.group == tag->group
			    : dcm_tag_compare(&item->elements[i].tag, tag) == 0)
			return true;
	return false;
}

/* What can change, the private groups of it whole, for the creators; and what
 * its text is in. */
static bool may_change(const struct dcm_tag *tag, const void *context)
{
	const struct dcm_revision *revision = context;

	return (tag->group == 8 && tag->element == 5) ||
	       item_has_tag(&revision->before->root, tag) ||
	       item_has_tag(&revision->after->root, tag);
}

static struct dcmtk_item *
parse_original_file(struct dcm_splice *splice,
		    const struct dcm_revision *revision,
		    const struct dcm_filter *filter)
{
	bool past_pixels = reaches_past_pixels(revision->before) ||
			   reaches_past_pixels(revision->after);

	return dcm_file_parse(&splice->file, filter, past_pixels,
			      splice->error);
}

/* Once more, and in a character set that holds everything. */
static int change_widened(struct dcm_splice *splice, struct dcmtk_item *dataset,
			  const struct dcm_revision *revision,
			  struct dcm_changes *changes,
			  struct dcm_stamped *stamped)
{
	int answer;

	if (!dataset)
		return -1;
	stamped->widened = true;
	stamped->narrow = dcmtk_charset_term(dataset);
	answer = dcm_widen(dataset, revision, changes, splice->error);
	if (answer == 0)
		answer = dcm_change(dataset, revision, changes, splice->error);
	if (answer == 1)
		answer = error_because(splice->error, DFH_UNFIT,
				       "%s: a new value is not UTF-8",
				       revision->name);
	return answer;
}

static int make_patches(struct dcm_splice *splice,
			const struct dcm_revision *revision,
			const struct dcm_stamping *how,
			struct dcm_stamped *stamped)
{
	const struct dcm_filter filter = {may_change, revision};
	struct dcm_changes changes = {0};
	struct dcmtk_item *dataset =
		parse_original_file(splice, revision, &filter);
	int answer = -1;

	if (dataset)
		answer = dcm_change(dataset, revision, &changes, splice->error);
	if (answer == 1 && how->keeps_charset)
		answer =
			error_because(splice->error, DFH_UNFIT,
				      "%s: new text does not fit its character "
				      "set, which is to stay",
				      revision->name);
	if (answer == 1) {
		dcmtk_free(dataset);
		dcm_changes_free(&changes);
		dataset = parse_original_file(splice, revision, NULL);
		answer = change_widened(splice, dataset, revision, &changes,
					stamped);
	}
	if (answer == 0)
		answer = encode_patches(splice, dataset, &changes);
	dcm_changes_free(&changes);
	dcmtk_free(dataset);
	return answer;
}

/* What the file itself is to tell of it, and what it can no longer say. */
static int add_history(struct dcm_splice *splice, const struct dataset *before,
		       const struct dcm_stamping *how,
		       struct dcm_stamped *stamped)
{
	const struct dcm_record *record = how->record;

	if (!splice->count)
		return 0;
	if (record && dcm_original_begin(splice, record) < 0)
		return -1;
	if (dcm_signatures_meet(splice, how->removes_signatures, record,
				&stamped->signed_once) < 0)
		return -1;
	return record ? dcm_original_add(splice, record, before) : 0;
}

/* ---- the whole ---- */

int dcm_stamp(const struct dcm_source *source, const char *path,
	      const struct dataset *before, const struct dataset *after,
	      const struct dcm_stamping *how, dfh_error **error)
{
	const struct dcm_revision revision = {source->name, before, after,
					      how->assumed_charset};
	struct dcm_stamped stamped = {0};
	struct dcm_splice splice;
	int answer = 0;

	if (dcm_splice_open(&splice, source, error) < 0)
		return -1;
	/* where the pixels begin, the scan tells */
	if (!dcm_item_equal(&before->root, &after->root) ||
	    source->without_pixels)
		answer = dcm_splice_scan(&splice);
	if (!dcm_item_equal(&before->root, &after->root)) {
		if (answer == 0)
			answer =
				make_patches(&splice, &revision, how, &stamped);
		if (answer == 0)
			answer = add_history(&splice, before, how, &stamped);
		if (answer == 0)
			answer = dcm_splice_check(&splice);
	}
	if (answer == 0)
		answer = dcm_splice_write(&splice, path, how->writing);
	if (how->told)
		*how->told = stamped;
	else
		free(stamped.narrow);
	dcm_splice_close(&splice);
	return answer;
}

/* ---- without widening ---- */

int dcm_narrow(const struct dcm_source *source, const struct dataset *before,
	       struct dataset *after, const char *assumed_charset,
	       void (*visit)(const struct dcm_tag *tag, void *context),
	       void *context, dfh_error **error)
{
	const struct dcm_revision revision = {source->name, before, after,
					      assumed_charset};
	struct dcm_changes unfit = {0};
	struct dcmtk_item *dataset = NULL;
	struct dcm_splice splice;
	int answer = 0;
	size_t i;

	if (dcm_splice_open(&splice, source, error) < 0)
		return -1;
	if (!dcm_item_equal(&before->root, &after->root)) {
		answer = dcm_splice_scan(&splice);
		if (answer == 0)
			dataset = parse_original_file(&splice, &revision, NULL);
		answer = dataset ? dcm_change_unfit(dataset, &revision, &unfit,
						    error)
				 : -1;
	}
	dcm_changes_sort(&unfit);
	for (i = 0; answer == 0 && i < unfit.count; i++) {
		visit(&unfit.tags[i], context);
		dcm_item_borrow(&after->root, &before->root, &unfit.tags[i]);
	}
	dcm_changes_free(&unfit);
	dcmtk_free(dataset);
	dcm_splice_close(&splice);
	return answer;
}

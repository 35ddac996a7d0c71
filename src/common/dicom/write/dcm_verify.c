/* Is what was written what was meant? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcm_verify.h"
#include "error.h"

enum { COMPARED_AT_ONCE = 256 * 1024 };

struct comparison {
	struct dcm_file *source, written;
	const char *name;
	const struct dcm_splice *splice;
	unsigned char *buffer; /* of both */
	dfh_error **error;
};

static int fail_verification(const char *name, const char *why,
			     dfh_error **error)
{
	return error_set(error, DFH_REFUSED,
			 "%s: not stamped: verification failed: %s; nothing "
			 "was changed",
			 name, why);
}

static int fail_on_difference(const struct comparison *c,
			      const struct dcm_tag *tag, const char *what)
{
	char name[128], why[256];

	snprintf(why, sizeof(why), "%s %s", dcm_tag_name(tag, name), what);
	return fail_verification(c->name, why, c->error);
}

/* ---- the bytes that were not to change ---- */

/* 0: the same; 1: not; -1: cannot be read. */
static int compare_file_ranges(struct comparison *c, uint64_t a, uint64_t b,
			       uint64_t length)
{
	unsigned char *x = c->buffer, *y = c->buffer + COMPARED_AT_ONCE;

	while (length) {
		size_t part = length < COMPARED_AT_ONCE ? (size_t)length
							: COMPARED_AT_ONCE;

		if (dcm_file_read(c->source, a, x, part, c->error) < 0 ||
		    dcm_file_read(&c->written, b, y, part, c->error) < 0)
			return -1;
		if (memcmp(x, y, part) != 0)
			return 1;
		a += part;
		b += part;
		length -= part;
	}
	return 0;
}

/* The next element that was not to change; NULL: none. */
static const struct dcm_extent *next_unpatched(const struct comparison *c,
					       const struct dcm_scan *scan,
					       size_t *index)
{
	while (*index < scan->count) {
		const struct dcm_extent *at = &scan->elements[(*index)++];

		if (!dcm_splice_patch(c->splice, &at->tag))
			return at;
	}
	return NULL;
}

static int compare_unpatched_elements(struct comparison *c)
{
	const struct dcm_scan *old = &c->source->scan, *new = &c->written.scan;
	size_t i = 0, k = 0;

	for (;;) {
		const struct dcm_extent *a = next_unpatched(c, old, &i);
		const struct dcm_extent *b = next_unpatched(c, new, &k);
		int answer;

		if (!a && !b)
			return 0;
		if (!a || !b || dcm_tag_compare(&a->tag, &b->tag) != 0)
			return fail_on_difference(c, a ? &a->tag : &b->tag,
						  "was moved, lost or added");
		answer =
			a->length != b->length ||
			compare_file_ranges(c, a->offset, b->offset, a->length);
		if (answer)
			return answer < 0
				       ? -1
				       : fail_on_difference(c, &a->tag,
							    "is not as it was");
	}
}

/* The changed elements are as they were encoded. */
static int compare_patch(struct comparison *c, const struct dcm_patch *patch)
{
	const struct dcm_extent *at =
		dcm_scan_find(&c->written.scan, &patch->tag);
	unsigned char *bytes;
	int answer;

	if (!patch->bytes || !at || at->length != patch->length)
		return !patch->bytes && !at
			       ? 0
			       : fail_on_difference(c, &patch->tag,
						    "is not what was written");
	bytes = xmalloc(patch->length);
	answer = dcm_file_read(&c->written, at->offset, bytes, patch->length,
			       c->error);
	if (answer == 0 && memcmp(bytes, patch->bytes, patch->length) != 0)
		answer = fail_on_difference(c, &patch->tag,
					    "is not what was written");
	free(bytes);
	return answer;
}

static int compare_all_patches(struct comparison *c)
{
	size_t i;

	for (i = 0; i < c->splice->count; i++)
		if (compare_patch(c, &c->splice->patches[i]) < 0)
			return -1;
	return 0;
}

/* What is before and behind the dataset, and the pixels where the walk ends
 * with them. */
static int compare_rest(struct comparison *c)
{
	const struct dcm_file *old = c->source, *new = &c->written;
	uint64_t a = old->data_end, b = new->data_end;
	int answer;

	answer = old->scan.dataset_offset != new->scan.dataset_offset ||
		 compare_file_ranges(c, 0, 0, old->scan.dataset_offset);
	if (!answer)
		answer = old->size - a != new->size - b ||
			 compare_file_ranges(c, a, b, old->size - a);
	if (answer > 0)
		return fail_verification(
			c->name, "what is around the dataset is not as it was",
			c->error);
	return answer;
}

/* A copy in which nothing changes, of a file that nobody walked through. */
static int compare_whole(struct comparison *c)
{
	uint64_t size = c->source->size;
	int answer =
		c->written.size != size || compare_file_ranges(c, 0, 0, size);

	if (answer > 0)
		return fail_verification(c->name, "the copy is not as the file",
					 c->error);
	return answer;
}

static int compare_parts(struct comparison *c)
{
	if (dcm_file_scan(&c->written, NULL) < 0 ||
	    !c->written.scan.understood || c->written.scan.truncated)
		return fail_verification(c->name, "its lengths do not add up",
					 c->error);
	if (compare_unpatched_elements(c) < 0 || compare_all_patches(c) < 0)
		return -1;
	return compare_rest(c);
}

int dcm_verify_bytes(struct dcm_splice *splice, int written, dfh_error **error)
{
	const struct dcm_source from = {.name = splice->file.name,
					.fd = &written};
	struct comparison c = {
		.source = &splice->file,
		.name = splice->file.name,
		.splice = splice,
		.error = error,
	};
	int answer;

	if (dcm_file_open(&c.written, &from, error) < 0)
		return -1;
	c.buffer = xmalloc((size_t)2 * COMPARED_AT_ONCE);
	answer = splice->count ? compare_parts(&c) : compare_whole(&c);
	free(c.buffer);
	dcm_file_close(&c.written);
	return answer;
}

/* ---- the values ---- */

/* It is widened where a new value needs it, which the intent does not know. */
static bool is_character_set(const struct dcm_tag *tag)
{
	return tag->group == 0x0008 && tag->element == 0x0005;
}

int dcm_verify_values(const char *name, int written,
		      const struct dataset *after,
		      const struct dcm_wants *wants, dfh_error **error)
{
	const struct dcm_source from = {.name = name, .fd = &written};
	struct dataset *got = dcm_read(&from, wants, NULL);
	char keyword[128], why[256];
	int answer = 0;
	size_t i;

	if (!got)
		return fail_verification(name, "the result cannot be read",
					 error);
	for (i = 0; answer == 0 && i < wants->count; i++) {
		const struct dcm_tag *tag = &wants->list[i].tag;
		const struct dcm_element *a = dcm_item_find(&after->root, tag);
		const struct dcm_element *b = dcm_item_find(&got->root, tag);

		if ((!a && !b) || (a && b && dcm_element_equal(a, b)) ||
		    is_character_set(tag))
			continue;
		snprintf(why, sizeof(why), "%s does not say what it should",
			 dcm_tag_name(tag, keyword));
		answer = fail_verification(name, why, error);
	}
	dataset_free(got);
	return answer;
}

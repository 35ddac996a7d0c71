/* Attributes that are in one dataset or item twice, which DICOM does not allow
 * (PS3.5 7.1): the first counts, and the others must not go unsaid. */
#include "dcm_file.h"

#include <stdlib.h>
#include <string.h>

static int compare_tag_numbers(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

/* Many items may have the same one. */
static void add_doubled_tag(struct dcm_doubled *doubled, uint32_t tag)
{
	const struct dcm_tag new = {(uint16_t)(tag >> 16),
				    (uint16_t)(tag & 0xffff), NULL};
	size_t low = 0, high = doubled->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = dcm_tag_compare(&doubled->at[middle], &new);

		if (!order)
			return;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	/* enough to be told, and to look through quickly */
	if (doubled->count == DCM_DOUBLED_MAX)
		return;
	if (!doubled->at)
		doubled->at = xmalloc(DCM_DOUBLED_MAX * sizeof(new));
	memmove(&doubled->at[low + 1], &doubled->at[low],
		(doubled->count - low) * sizeof(new));
	doubled->at[low] = new;
	doubled->count++;
}

void dcm_doubled_note(struct dcm_doubled *doubled, uint32_t *tags, size_t count)
{
	size_t i;

	if (count)
		qsort(tags, count, sizeof(*tags), compare_tag_numbers);
	for (i = 1; i < count; i++)
		if (tags[i] == tags[i - 1])
			add_doubled_tag(doubled, tags[i]);
}

/* Items are noted by the walk. */
void dcm_doubled_list(struct dcm_file *file, struct dataset *out)
{
	const struct dcm_scan *scan = &file->scan;
	uint32_t *tags = xmalloc((scan->count + 1) * sizeof(*tags));
	size_t i;

	for (i = 0; i < scan->count; i++)
		tags[i] = (uint32_t)scan->elements[i].tag.group << 16 |
			  scan->elements[i].tag.element;
	dcm_doubled_note(&file->doubled, tags, scan->count);
	free(tags);
	out->doubled = file->doubled.at;
	out->doubled_count = file->doubled.count;
	file->doubled = (struct dcm_doubled){0};
}

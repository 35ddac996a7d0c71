#include "readers.h"

#include <stdlib.h>
#include <string.h>

/* ---- the same? ---- */

static bool same_items(const struct dcm_item *a, const struct dcm_item *b);

static bool same_elements(const struct dcm_element *a,
			  const struct dcm_element *b)
{
	if (strcmp(a->vr, b->vr) != 0 || a->item_count != b->item_count)
		return false;
	for (size_t i = 0; i < a->item_count; i++)
		if (!same_items(a->items[i], b->items[i]))
			return false;
	return a->item_count ? dcm_tag_compare(&a->tag, &b->tag) == 0
			     : dcm_element_equal(a, b);
}

/* With the VRs, unlike dcm_element_equal. */
static bool same_items(const struct dcm_item *a, const struct dcm_item *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_elements(&a->elements[i], &b->elements[i]))
			return false;
	return true;
}

bool same_datasets(const struct dataset *a, const struct dataset *b)
{
	if (!a || !b)
		return !a && !b;
	if (a->unread_count != b->unread_count ||
	    a->mislabelled != b->mislabelled)
		return false;
	for (size_t i = 0; i < a->unread_count; i++)
		if (dcm_unread_compare(&a->unread[i], &b->unread[i]) != 0)
			return false;
	return same_items(&a->root, &b->root);
}

/* ---- what is wanted ---- */

static int by_tag(const void *a, const void *b)
{
	return dcm_tag_compare(&((const struct dcm_want *)a)->tag,
			       &((const struct dcm_want *)b)->tag);
}

struct dcm_wants wants_and_more(const struct dcm_wants *of_rules)
{
	static const struct dcm_want more[] = {
		{.tag = {0x0018, 0x9004, NULL}},
		{.tag = {0x0019, 0x02, "ACME 1.0"}},
		{.tag = {0x0019, 0x08, "ACME 1.0"}, .vr = "LO"},
		{.tag = {0x0021, 0x01, "OTHER"}, .whole = true},
		{.tag = {0x0040, 0x0555, NULL}, .whole = true},
		{.tag = {0xfffa, 0xfffa, NULL}, .whole = true}};
	struct dcm_wants wants = {.count = of_rules->count};

	wants.list = xmalloc((wants.count + 6) * sizeof(*more));
	memcpy(wants.list, of_rules->list, wants.count * sizeof(*more));
	for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++)
		if (!bsearch(&more[i], of_rules->list, of_rules->count,
			     sizeof(*more), by_tag))
			wants.list[wants.count++] = more[i];
	qsort(wants.list, wants.count, sizeof(*more), by_tag);
	return wants;
}

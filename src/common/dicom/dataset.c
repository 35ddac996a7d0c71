#include "dataset.h"
#include "array.h"

#include <stdlib.h>
#include <string.h>

int dcm_unread_compare(const struct dcm_unread *a, const struct dcm_unread *b)
{
	int order = a->within == b->within ? 0 : strcmp(a->within, b->within);

	return order ? order : dcm_tag_compare(&a->tag, &b->tag);
}

static void reserve_elements(struct dcm_item *item, size_t capacity)
{
	struct dcm_element *elements =
		arena_room(item->arena, capacity * sizeof(*elements));

	if (item->count)
		memcpy(elements, item->elements,
		       item->count * sizeof(*elements));
	item->elements = elements;
	item->capacity = capacity;
}

struct dataset *dataset_new(void)
{
	struct arena *arena = arena_new();
	struct dataset *dataset = arena_alloc(arena, sizeof(*dataset));

	dataset->arena = arena;
	dataset->root.arena = arena;
	/* So many has a header of which rules read all they know. */
	reserve_elements(&dataset->root, 48);
	return dataset;
}

void dataset_free(struct dataset *dataset)
{
	if (!dataset)
		return;
	dataset_drop_unread(dataset);
	free(dataset->doubled);
	free(dataset->told);
	arena_free(dataset->arena); /* the dataset is in it */
}

/* Of many files that are held together it would take more room than the
 * values: it is not in the arena. */
void dataset_add_unread(struct dataset *dataset, const char *within,
			const struct dcm_tag *tag)
{
	array_room(dataset->unread, dataset->unread_count);
	dataset->unread[dataset->unread_count++] =
		(struct dcm_unread){within, *tag};
}

static int compare_unread_extents(const void *a, const void *b)
{
	return dcm_unread_compare(a, b);
}

void dataset_sort_unread(struct dataset *dataset)
{
	struct dcm_unread *list = dataset->unread;
	size_t kept = 0, i;

	if (!list)
		return;
	qsort(list, dataset->unread_count, sizeof(*list),
	      compare_unread_extents);
	for (i = 0; i < dataset->unread_count; i++)
		if (!kept || dcm_unread_compare(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	dataset->unread_count = kept;
}

void dataset_drop_unread(struct dataset *dataset)
{
	free(dataset->unread);
	dataset->unread = NULL;
	dataset->unread_count = 0;
}

bool dcm_element_is_empty(const struct dcm_element *element)
{
	return !element->text && !element->length && !element->item_count;
}

/* The index of the tag, or where it belongs. */
static size_t element_index_of(const struct dcm_item *item,
			       const struct dcm_tag *tag, bool *found)
{
	size_t low = 0, high = item->count;

	*found = false;
	/* elements mostly come in their order */
	if (high) {
		int order = dcm_tag_compare(&item->elements[high - 1].tag, tag);

		*found = !order;
		if (order <= 0)
			return order ? high : high - 1;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = dcm_tag_compare(&item->elements[middle].tag, tag);

		if (!order) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct dcm_element *dcm_item_find(const struct dcm_item *item,
				  const struct dcm_tag *tag)
{
	bool found;
	size_t place = element_index_of(item, tag, &found);

	return found ? &item->elements[place] : NULL;
}

static void set_vr(struct dcm_element *element, const char *vr)
{
	element->vr[0] = vr[0];
	element->vr[1] = vr[0] ? vr[1] : '\0';
	element->vr[2] = '\0';
}

/* An empty one, at its place. */
static struct dcm_element *insert_element(struct dcm_item *item, size_t place,
					  const struct dcm_tag *tag,
					  const char *vr)
{
	struct dcm_element *element;

	if (item->count == item->capacity)
		reserve_elements(item, item->capacity ? item->capacity * 2 : 8);
	element = &item->elements[place];
	if (place < item->count)
		memmove(element + 1, element,
			(item->count - place) * sizeof(*element));
	*element = (struct dcm_element){.tag = *tag};
	if (tag->creator)
		element->tag.creator = arena_strdup(item->arena, tag->creator);
	set_vr(element, vr);
	item->count++;
	return element;
}

/* Does the tag come behind all others?  Elements mostly come in their order. */
static bool comes_last(const struct dcm_item *item, const struct dcm_tag *tag)
{
	return !item->count ||
	       dcm_tag_compare(&item->elements[item->count - 1].tag, tag) < 0;
}

struct dcm_element *dcm_item_need(struct dcm_item *item,
				  const struct dcm_tag *tag, const char *vr)
{
	bool found = false;
	size_t place = comes_last(item, tag)
			       ? item->count
			       : element_index_of(item, tag, &found);

	return found ? &item->elements[place]
		     : insert_element(item, place, tag, vr);
}

void dcm_item_remove(struct dcm_item *item, const struct dcm_tag *tag)
{
	bool found;
	size_t place = element_index_of(item, tag, &found);

	if (!found)
		return;
	item->count--;
	memmove(&item->elements[place], &item->elements[place + 1],
		(item->count - place) * sizeof(*item->elements));
}

void dcm_item_remove_all(struct dcm_item *item, const struct dcm_tag *tags,
			 size_t count)
{
	size_t kept = 0, next = 0;

	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *element = &item->elements[i];
		int order = -1;

		while (next < count &&
		       (order = dcm_tag_compare(&tags[next], &element->tag)) <
			       0)
			next++;
		if (next < count && order == 0)
			continue;
		if (kept < i)
			item->elements[kept] = *element;
		kept++;
	}
	item->count = kept;
}

void dcm_item_borrow(struct dcm_item *item, const struct dcm_item *from,
		     const struct dcm_tag *tag)
{
	const struct dcm_element *there = dcm_item_find(from, tag);

	if (there)
		*dcm_item_need(item, tag, there->vr) = *there;
	else
		dcm_item_remove(item, tag);
}

static struct dcm_element *emptied_element(struct dcm_item *item,
					   const struct dcm_tag *tag,
					   const char *vr)
{
	struct dcm_element *element;

	if (comes_last(item, tag))
		return insert_element(item, item->count, tag, vr);
	element = dcm_item_need(item, tag, vr);
	set_vr(element, vr);
	element->text = NULL;
	element->bytes = NULL;
	element->length = 0;
	element->items = NULL;
	element->item_count = 0;
	element->digest = NULL;
	return element;
}

struct dcm_element *dcm_item_set_text_of(struct dcm_item *item,
					 const struct dcm_tag *tag,
					 const char *vr, const char *text,
					 size_t length)
{
	char *copy = NULL;
	struct dcm_element *element;

	/* text may be the element's own, which emptied_element() forgets */
	if (length) {
		copy = arena_room(item->arena, length + 1);
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	element = emptied_element(item, tag, vr);
	element->text = copy;
	return element;
}

struct dcm_element *dcm_item_set_text(struct dcm_item *item,
				      const struct dcm_tag *tag, const char *vr,
				      const char *text)
{
	return dcm_item_set_text_of(item, tag, vr, text,
				    text ? strlen(text) : 0);
}

struct dcm_element *dcm_item_set_bytes(struct dcm_item *item,
				       const struct dcm_tag *tag,
				       const char *vr, const void *bytes,
				       size_t length)
{
	struct dcm_element *element;
	void *copy = NULL;

	if (length) {
		copy = arena_alloc(item->arena, length);
		memcpy(copy, bytes, length);
	}
	element = emptied_element(item, tag, vr);
	element->bytes = copy;
	element->length = length;
	return element;
}

/* As array.h wants it, for more are added by dcm_item_need_item(). */
struct dcm_item **dcm_items_new(struct arena *arena, size_t count)
{
	size_t room = 1;

	while (room < count)
		room *= 2;
	return arena_alloc(arena, room * sizeof(struct dcm_item *));
}

struct dcm_item *dcm_item_need_item(struct dcm_item *item,
				    const struct dcm_tag *tag, size_t index)
{
	struct dcm_element *element = dcm_item_need(item, tag, "SQ");
	struct dcm_item *added;
	size_t i;

	if (strcmp(element->vr, "SQ") != 0)
		element = emptied_element(item, tag, "SQ");
	if (index < element->item_count)
		return element->items[index];
	element->digest = NULL;
	for (i = element->item_count; i <= index; i++) {
		array_room_in(item->arena, element->items, i);
		added = arena_alloc(item->arena, sizeof(*added));
		added->arena = item->arena;
		element->items[i] = added;
	}
	element->item_count = index + 1;
	return element->items[index];
}

void dcm_item_copy(struct dcm_item *to, const struct dcm_item *from)
{
	struct dcm_element *element;
	size_t i, j;

	if (to == from)
		return;
	to->elements = NULL;
	to->count = to->capacity = 0;
	for (i = 0; i < from->count; i++) {
		const struct dcm_element *source = &from->elements[i];

		element = dcm_item_need(to, &source->tag, source->vr);
		if (source->text)
			element->text = arena_strdup(to->arena, source->text);
		if (source->length) {
			void *copy = arena_alloc(to->arena, source->length);

			memcpy(copy, source->bytes, source->length);
			element->bytes = copy;
			element->length = source->length;
		}
		for (j = 0; j < source->item_count; j++)
			dcm_item_copy(dcm_item_need_item(to, &source->tag, j),
				      source->items[j]);
	}
}

struct dataset *dataset_copy(const struct dataset *dataset)
{
	struct dataset *copy = dataset_new();

	dcm_item_copy(&copy->root, &dataset->root);
	return copy;
}

bool dcm_item_equal(const struct dcm_item *a, const struct dcm_item *b)
{
	size_t i;

	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!dcm_element_equal(&a->elements[i], &b->elements[i]))
			return false;
	return true;
}

/* The VR does not count: a file's may differ from the dictionary's, and that
 * alone is no reason to rewrite a value. */
bool dcm_element_equal(const struct dcm_element *a, const struct dcm_element *b)
{
	size_t i;

	if (dcm_tag_compare(&a->tag, &b->tag) != 0 || !a->text != !b->text ||
	    a->length != b->length || a->item_count != b->item_count)
		return false;
	if (a->text && strcmp(a->text, b->text) != 0)
		return false;
	if (a->length && memcmp(a->bytes, b->bytes, a->length) != 0)
		return false;
	for (i = 0; i < a->item_count; i++)
		if (!dcm_item_equal(a->items[i], b->items[i]))
			return false;
	return true;
}

bool dcm_pair_next(struct dcm_pair *pair, const struct dcm_item *a,
		   const struct dcm_item *b)
{
	int order;

	pair->a = pair->next_a < a->count ? &a->elements[pair->next_a] : NULL;
	pair->b = pair->next_b < b->count ? &b->elements[pair->next_b] : NULL;
	if (!pair->a || !pair->b)
		order = !pair->b ? -1 : 1;
	else
		order = dcm_tag_compare(&pair->a->tag, &pair->b->tag);
	if (order > 0)
		pair->a = NULL;
	if (order < 0)
		pair->b = NULL;
	pair->next_a += pair->a != NULL;
	pair->next_b += pair->b != NULL;
	return pair->a || pair->b;
}

bool dcm_pair_differs(const struct dcm_pair *pair)
{
	return !pair->a || !pair->b || !dcm_element_equal(pair->a, pair->b);
}

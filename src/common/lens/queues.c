#include "queues.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "hash.h"
#include "json_known.h"
#include "json_make.h"
#include "json_text.h"

struct queued_index {
	size_t item;
	struct queued_index *next;
};

struct value_queue {
	uint64_t kind, hash;
	json_object *value;
	struct queued_index *first, *last;
	bool is_used; /* a slot that is not free */
};

struct queues {
	struct arena *arena;
	bool *taken;
	struct value_queue *slots; /* a hash table */
	size_t count, slot_count;
};

struct queues *queues_new(size_t count)
{
	struct queues *queues = xmalloc(sizeof *queues);
	*queues = (struct queues){.arena = arena_new(),
				  .taken = xmalloc(count + 1)};
	memset(queues->taken, 0, count + 1);
	return queues;
}

void queues_free(struct queues *queues)
{
	if (!queues)
		return;
	for (size_t i = 0; i < queues->slot_count; i++)
		json_object_put(queues->slots[i].value);
	arena_free(queues->arena);
	free(queues->taken);
	free(queues->slots);
	free(queues);
}

static struct value_queue *queue_slot_of(const struct queues *queues,
					 uint64_t hash, uint64_t kind,
					 json_object *value)
{
	size_t mask = queues->slot_count - 1;
	size_t i = (size_t)(hash ^ hash >> 32) & mask;
	for (;; i = (i + 1) & mask) {
		struct value_queue *slot = &queues->slots[i];
		if (!slot->is_used ||
		    (slot->hash == hash && slot->kind == kind &&
		     json_object_equal(slot->value, value)))
			return slot;
	}
}

static void grow_queues(struct queues *queues)
{
	struct value_queue *old = queues->slots;
	size_t count = queues->slot_count;
	queues->slot_count = count ? 2 * count : 16;
	queues->slots = xmalloc(queues->slot_count * sizeof *old);
	memset(queues->slots, 0, queues->slot_count * sizeof *old);
	for (size_t i = 0; i < count; i++)
		if (old[i].is_used)
			*queue_slot_of(queues, old[i].hash, old[i].kind,
				       old[i].value) = old[i];
	free(old);
}

static uint64_t queue_hash_of(uint64_t kind, json_object *value)
{
	return hash_bytes(json_hash(value), &kind, sizeof kind);
}

void queues_add(struct queues *queues, uint64_t kind, json_object *value,
		size_t item)
{
	uint64_t hash = queue_hash_of(kind, value);
	if (2 * queues->count >= queues->slot_count)
		grow_queues(queues);
	struct value_queue *queue = queue_slot_of(queues, hash, kind, value);
	if (!queue->is_used) {
		*queue = (struct value_queue){
			kind, hash, json_object_get(value), NULL, NULL, true};
		queues->count++;
	} else if (queue->last->item == item) {
		return;
	}
	struct queued_index *one = arena_alloc(queues->arena, sizeof *one);
	*one = (struct queued_index){item, NULL};
	if (queue->last)
		queue->last->next = one;
	else
		queue->first = one;
	queue->last = one;
}

/* Those that were taken need not be passed again. */
size_t queues_first(struct queues *queues, uint64_t kind, json_object *value)
{
	if (!queues->slot_count)
		return QUEUES_NONE;
	struct value_queue *queue =
		queue_slot_of(queues, queue_hash_of(kind, value), kind, value);
	struct queued_index *one = queue->first;
	while (one && queues->taken[one->item])
		one = one->next;
	if (one)
		queue->first = one;
	else if (queue->is_used)
		queue->first = queue->last;
	return one ? one->item : QUEUES_NONE;
}

/* ---- codes, whatever they are displayed as ---- */

enum { CODED = 1 }; /* a kind */

/* A copy; coded: there is a code in it. */
static json_object *without_displays(json_object *value, bool *coded)
{
	if (json_object_is_type(value, json_type_array)) {
		json_object *array = json_new_array();
		for (size_t i = 0; i < json_count(value); i++)
			json_append(array,
				    without_displays(json_at(value, i), coded));
		return array;
	}
	if (!json_object_is_type(value, json_type_object))
		return json_object_get(value);
	json_object *object = json_new_object();
	bool is_coding = json_text(value, "code") != NULL;
	*coded = *coded || is_coding;
	json_foreach (value, name, member) {
		if (!is_coding || strcmp(name, "display") != 0)
			json_add(object, name, without_displays(member, coded));
	}
	return object;
}

void queues_add_coded(struct queues *queues, json_object *value, size_t item)
{
	bool coded = false;
	json_object *bare = without_displays(value, &coded);
	if (coded)
		queues_add(queues, CODED, bare, item);
	json_object_put(bare);
}

size_t queues_first_coded(struct queues *queues, json_object *value)
{
	bool coded = false;
	json_object *bare = without_displays(value, &coded);
	size_t found = coded ? queues_first(queues, CODED, bare) : QUEUES_NONE;
	json_object_put(bare);
	return found;
}

void queues_take(struct queues *queues, size_t item)
{
	queues->taken[item] = true;
}

bool queues_is_taken(const struct queues *queues, size_t item)
{
	return queues->taken[item];
}

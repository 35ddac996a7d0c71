/*
 * Which items have a value, in their order and each to be taken once: looked
 * for by the value, so that n objects for n items take n steps and not n times
 * n.
 */
#ifndef QUEUES_H
#define QUEUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_text.h"

struct queues;

/* For items with numbers below count. */
struct queues *queues_new(size_t count);
void queues_free(struct queues *queues);

/* The item has this value of that kind.  Items are added in their order. */
void queues_add(struct queues *queues, uint64_t kind, json_object *value,
		size_t item);

/* The first that has a value json_object_equal to this one, and was not taken;
 * QUEUES_NONE if there is none. */
#define QUEUES_NONE SIZE_MAX
size_t queues_first(struct queues *queues, uint64_t kind, json_object *value);

/* The same for values that have codes, whatever these are displayed as: the
 * code decides what is meant.  One without a code is not added, nor found. */
void queues_add_coded(struct queues *queues, json_object *value, size_t item);
size_t queues_first_coded(struct queues *queues, json_object *value);

void queues_take(struct queues *queues, size_t item);
bool queues_is_taken(const struct queues *queues, size_t item);

#endif

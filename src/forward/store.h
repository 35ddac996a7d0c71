/*
 * Instances, kept in little room: what many have in common is kept once, each
 * value of it and each set of values; an instance keeps what is its own.
 */
#ifndef STORE_H
#define STORE_H

#include <stdint.h>

#include "instance.h"
#include "own.h"
#include "report.h"

struct store;

struct store *store_new(const dfh_rules *rules);
void store_free(struct store *store);

/* Copies. */
void store_add(struct store *store, const struct instance *instance);
size_t store_count(const struct store *store);

/* Sort, and drop instances that are there twice.  Of several that claim one
 * SOP Instance UID but differ, the first in the order of their contents stays,
 * and that is said. */
void store_sort(struct store *store, dfh_report *report,
		enum fhir_release release);

/* Make the instance anew; instance_clear() it before the store goes. */
void store_take(const struct store *store, size_t index, struct instance *out);

/* The same where io holds one that is like the one before.  true: the two differ in nothing but
 * their own, and nothing else was changed. */
bool store_take_next(const struct store *store, size_t index,
		     struct instance *io);

/* Both are borrowed. */
const char *store_file(const struct store *store, size_t index);
const struct own *store_own(const struct store *store);

/* A run of instances of a sorted store. */
struct instances {
	const struct store *store;
	size_t from, to;
};

/* How many instances from the one at index on are the same patient's, and of
 * the same study.  A patient without a key is another in each study. */
struct instances store_patient(const struct store *store, size_t from);
struct instances store_study(const struct store *store, size_t from);

/* A number that is equal for equal study keys, and for equal patient keys. */
uint32_t store_study_key(const struct store *store, size_t index);
uint32_t store_patient_key(const struct store *store, size_t index);

/* A number that is equal where two instances say the same above the level of
 * the instance. */
uint32_t store_set(const struct store *store, size_t index);

#endif

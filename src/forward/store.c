#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "hash.h"

/* What was interned; bytes are borrowed by what store_take makes. */
struct blob {
	uint32_t length;
	unsigned char bytes[];
};

struct compact {
	uint32_t keys[LEVEL_INSTANCE]; /* of the levels above, interned */
	uint32_t set; /* interned: the indices of the elements' blobs */
	/* The key and the file name as text, then the elements of its own. */
	const unsigned char *own;
	uint32_t own_length;
};

struct store {
	struct arena *arena;
	struct blob **blobs;
	size_t blob_count;
	uint32_t *slots; /* a hash table of indices of blobs, from 1 */
	size_t slot_count;
	struct compact *at;
	size_t count;
	struct own *own; /* what each instance has by itself */
	/* The last one that was added; most say what it says, but for their
	 * own. */
	struct compact last;
	bool has_last;
	struct buffer set, one; /* while an instance is added */
};

struct store *store_new(const dfh_rules *rules)
{
	struct store *store = xmalloc(sizeof *store);
	*store = (struct store){.arena = arena_new(), .own = own_new(rules)};
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	arena_free(store->arena);
	free(store->blobs);
	free(store->slots);
	free(store->at);
	own_free(store->own);
	free(store->set.bytes);
	free(store->one.bytes);
	free(store);
}

/* ---- what many have in common ---- */

/* Eight bytes at a time, for every element of every instance is looked up. */
static size_t blob_hash_of(const unsigned char *bytes, size_t length)
{
	uint64_t hash = HASH_START, word;
	for (; length >= sizeof word; length -= sizeof word) {
		memcpy(&word, bytes, sizeof word);
		hash = (hash ^ word) * HASH_PRIME;
		hash ^= hash >> 32;
		bytes += sizeof word;
	}
	hash = hash_bytes(hash, bytes, length);
	return (size_t)(hash ^ hash >> 32);
}

/* The slot of equal bytes, or the one where they belong. */
static uint32_t *blob_slot_of(const struct store *store,
			      const unsigned char *bytes, size_t length)
{
	size_t mask = store->slot_count - 1;
	size_t i = blob_hash_of(bytes, length) & mask;
	for (;; i = (i + 1) & mask) {
		const struct blob *blob =
			store->slots[i] ? store->blobs[store->slots[i] - 1]
					: NULL;
		if (!blob || (blob->length == length &&
			      memcmp(blob->bytes, bytes, length) == 0))
			return &store->slots[i];
	}
}

static void grow_store(struct store *store)
{
	store->slot_count = store->slot_count ? 2 * store->slot_count : 1024;
	size_t size = store->slot_count * sizeof *store->slots;
	store->slots = memset(xrealloc(store->slots, size), 0, size);
	store->blobs = xrealloc(store->blobs,
				store->slot_count * sizeof *store->blobs);
	for (size_t i = 0; i < store->blob_count; i++)
		*blob_slot_of(store, store->blobs[i]->bytes,
			      store->blobs[i]->length) = (uint32_t)i + 1;
}

static uint32_t intern_bytes(struct store *store, const void *bytes,
			     size_t length)
{
	if (3 * store->blob_count >= 2 * store->slot_count)
		grow_store(store);
	uint32_t *slot = blob_slot_of(store, bytes, length);
	if (*slot)
		return *slot - 1;
	struct blob *blob = arena_alloc(store->arena, sizeof *blob + length);
	blob->length = (uint32_t)length;
	if (length)
		memcpy(blob->bytes, bytes, length);
	store->blobs[store->blob_count++] = blob;
	*slot = (uint32_t)store->blob_count;
	return *slot - 1;
}

static uint32_t intern_text(struct store *store, const char *text)
{
	return intern_bytes(store, text, strlen(text) + 1);
}

static const char *blob_text_of(const struct store *store, uint32_t index)
{
	return (const char *)store->blobs[index]->bytes;
}

/* ---- instances ---- */

/* Does the root say what the last one says, but for its own? */
static bool has_last_set(const struct store *store, const struct dcm_item *root)
{
	const struct blob *set;
	size_t next = 0;
	if (!store->has_last)
		return false;
	set = store->blobs[store->last.set];
	for (size_t i = 0; i < root->count; i++) {
		const struct dcm_element *element = &root->elements[i];
		uint32_t index;
		if (own_has(store->own, &element->tag))
			continue;
		if (next == set->length)
			return false;
		memcpy(&index, set->bytes + next, sizeof index);
		next += sizeof index;
		if (!compact_past(store->blobs[index]->bytes, element))
			return false;
	}
	return next == set->length;
}

static uint32_t intern_set(struct store *store, const struct dcm_item *root)
{
	store->set.length = 0;
	for (size_t i = 0; i < root->count; i++) {
		const struct dcm_element *element = &root->elements[i];
		if (own_has(store->own, &element->tag))
			continue;
		store->one.length = 0;
		compact_element(&store->one, element);
		uint32_t index = intern_bytes(store, store->one.bytes,
					      store->one.length);
		buffer_add(&store->set, &index, sizeof index);
	}
	return intern_bytes(store, store->set.bytes, store->set.length);
}

static uint32_t intern_key(struct store *store, int level, const char *key)
{
	uint32_t last = store->last.keys[level];
	return store->has_last && strcmp(blob_text_of(store, last), key) == 0
		       ? last
		       : intern_text(store, key);
}

/* What each instance has by itself. */
static void keep_own(struct store *store, const struct instance *instance,
		     struct compact *compact)
{
	const struct dcm_item *root = &instance->dataset->root;
	struct buffer *own = &store->one;
	own->length = 0;
	buffer_add_text(own, instance->keys[LEVEL_INSTANCE]);
	buffer_add_text(own, instance->file);
	for (size_t i = 0; i < store->own->count; i++) {
		const struct dcm_element *element =
			dcm_item_find(root, &store->own->tags[i]);
		if (element)
			compact_element(own, element);
	}
	compact->own_length = (uint32_t)own->length;
	compact->own = memcpy(arena_room(store->arena, own->length), own->bytes,
			      own->length);
}

void store_add(struct store *store, const struct instance *instance)
{
	const struct dcm_item *root = &instance->dataset->root;
	struct compact compact;
	compact.set = has_last_set(store, root) ? store->last.set
						: intern_set(store, root);
	for (int level = 0; level < LEVEL_INSTANCE; level++)
		compact.keys[level] =
			intern_key(store, level, instance->keys[level]);
	keep_own(store, instance, &compact);
	store->last = compact;
	store->has_last = true;
	array_room(store->at, store->count);
	store->at[store->count++] = compact;
}

size_t store_count(const struct store *store)
{
	return store->count;
}

static const char *instance_key_of(const struct compact *compact)
{
	return (const char *)compact->own;
}

static const char *instance_file_of(const struct compact *compact)
{
	return instance_key_of(compact) + strlen(instance_key_of(compact)) + 1;
}

/* What each instance has by itself, in the place of what is there. */
static void take_own_elements(const struct store *store,
			      const struct compact *compact,
			      struct instance *out)
{
	const char *file = instance_file_of(compact);
	const unsigned char *at =
		(const unsigned char *)file + strlen(file) + 1;
	for (size_t i = 0; i < store->own->count; i++)
		dcm_item_remove(&out->dataset->root, &store->own->tags[i]);
	while (at < compact->own + compact->own_length)
		at = compact_take(&out->dataset->root, at);
	free(out->file);
	out->file = xstrdup(file);
	free(out->keys[LEVEL_INSTANCE]);
	out->keys[LEVEL_INSTANCE] = xstrdup(instance_key_of(compact));
}

static void take_stored_instance(const struct store *store,
				 const struct compact *compact,
				 struct instance *out)
{
	const struct blob *set = store->blobs[compact->set];
	*out = (struct instance){.dataset = dataset_new()};
	for (int level = 0; level < LEVEL_INSTANCE; level++)
		out->keys[level] =
			xstrdup(blob_text_of(store, compact->keys[level]));
	for (size_t i = 0; i < set->length; i += sizeof(uint32_t)) {
		uint32_t index;
		memcpy(&index, set->bytes + i, sizeof index);
		compact_take(&out->dataset->root, store->blobs[index]->bytes);
	}
	take_own_elements(store, compact, out);
}

void store_take(const struct store *store, size_t index, struct instance *out)
{
	take_stored_instance(store, &store->at[index], out);
}

bool store_take_next(const struct store *store, size_t index,
		     struct instance *io)
{
	const struct compact *last = &store->at[index - 1];
	const struct compact *this = &store->at[index];
	if (this->set == last->set &&
	    memcmp(this->keys, last->keys, sizeof this->keys) == 0) {
		take_own_elements(store, this, io);
		return true;
	}
	instance_clear(io);
	take_stored_instance(store, this, io);
	return false;
}

const char *store_file(const struct store *store, size_t index)
{
	return instance_file_of(&store->at[index]);
}

const struct own *store_own(const struct store *store)
{
	return store->own;
}

/* ---- the order ---- */

static int compare_instance_keys(const struct store *store,
				 const struct compact *a,
				 const struct compact *b)
{
	for (int level = 0; level < LEVEL_INSTANCE; level++)
		if (a->keys[level] != b->keys[level])
			return strcmp(blob_text_of(store, a->keys[level]),
				      blob_text_of(store, b->keys[level]));
	return strcmp(instance_key_of(a), instance_key_of(b));
}

static bool are_equal(const struct compact *a, const struct compact *b)
{
	size_t skip_a = (size_t)(instance_file_of(a) - instance_key_of(a)) +
			strlen(instance_file_of(a));
	size_t skip_b = (size_t)(instance_file_of(b) - instance_key_of(b)) +
			strlen(instance_file_of(b));
	return a->set == b->set &&
	       a->own_length - skip_a == b->own_length - skip_b &&
	       memcmp(a->own + skip_a, b->own + skip_b,
		      a->own_length - skip_a) == 0;
}

static int compare_values(const struct store *store, const struct compact *a,
			  const struct compact *b)
{
	struct instance x, y;
	if (are_equal(a, b))
		return 0;
	take_stored_instance(store, a, &x);
	take_stored_instance(store, b, &y);
	int order = instance_compare_values(&x, &y);
	instance_clear(&x);
	instance_clear(&y);
	return order;
}

static int compare_instances(const void *a, const void *b, void *context)
{
	const struct store *store = context;
	int order = compare_instance_keys(store, a, b);
	if (!order)
		order = compare_values(store, a, b);
	return order ? order : strcmp(instance_file_of(a), instance_file_of(b));
}

static void say_repeated(dfh_report *report, enum fhir_release release,
			 const struct compact *taken,
			 const struct compact *left_out)
{
	report_add(report, REPORT_DISAGREE, NULL, release, NULL,
		   instance_file_of(taken),
		   "another file of the same instance differs from this one, "
		   "which was taken");
	report_add(report, REPORT_DISAGREE, NULL, release, NULL,
		   instance_file_of(left_out),
		   "another file of the same instance differs from this one, "
		   "which was left out");
}

void store_sort(struct store *store, dfh_report *report,
		enum fhir_release release)
{
	size_t kept = 0;
	if (store->count)
		qsort_r(store->at, store->count, sizeof *store->at,
			compare_instances, store);
	for (size_t i = 0; i < store->count; i++) {
		struct compact *this = &store->at[i];
		struct compact *last = kept ? &store->at[kept - 1] : NULL;
		bool same_keys =
			last && compare_instance_keys(store, last, this) == 0;
		bool equal =
			same_keys && compare_values(store, last, this) == 0;
		if (!equal && !(same_keys && *instance_key_of(this)))
			store->at[kept++] = *this;
		else if (!equal)
			say_repeated(report, release, last, this);
	}
	store->count = kept;
}

static struct instances run_of(const struct store *store, size_t from,
			       int levels)
{
	size_t to = from + 1;
	while (to < store->count &&
	       memcmp(store->at[from].keys, store->at[to].keys,
		      (size_t)levels * sizeof(uint32_t)) == 0)
		to++;
	return (struct instances){store, from, to};
}

struct instances store_study(const struct store *store, size_t from)
{
	return run_of(store, from, LEVEL_STUDY + 1);
}

struct instances store_patient(const struct store *store, size_t from)
{
	bool known = *blob_text_of(store,
				   store->at[from].keys[LEVEL_PATIENT]) != '\0';
	return run_of(store, from, known ? LEVEL_PATIENT + 1 : LEVEL_STUDY + 1);
}

uint32_t store_study_key(const struct store *store, size_t index)
{
	return store->at[index].keys[LEVEL_STUDY];
}

uint32_t store_patient_key(const struct store *store, size_t index)
{
	return store->at[index].keys[LEVEL_PATIENT];
}

uint32_t store_set(const struct store *store, size_t index)
{
	return store->at[index].set;
}

#include "match_key.h"

#include <string.h>
#include <strings.h>

#include "codecs.h"
#include "hash.h"
#include "scope.h"

/* ---- reading ---- */

static const char *plain_key_text(const char *text, const char vr[3],
				  struct arena *arena)
{
	text += strspn(text, " ");
	size_t length = strlen(text), kept = 0;
	while (length && text[length - 1] == ' ')
		length--;
	char *copy = arena_strndup(arena, text, length);
	/* PS3.5 6.2: yyyy.mm.dd is that of older files. */
	bool is_date = strcmp(vr, "DA") == 0;
	for (size_t i = 0; i < length; i++)
		if (!is_date || copy[i] != '.')
			copy[kept++] = copy[i];
	copy[kept] = '\0';
	return kept ? copy : NULL;
}

static const char *key_text_at(const struct scope *scope,
			       const struct dcm_path *path, struct arena *arena)
{
	struct port_value value = scope_read(scope, path, arena);
	return value.text ? plain_key_text(value.text, path->vr, arena) : NULL;
}

const char *key_text(const struct dcm_path *path, const struct dataset *dataset,
		     struct arena *arena)
{
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	return key_text_at(&root, path, arena);
}

/* ---- each once ---- */

/* So many issuers of one number are kept: one that agrees may be missed, and
 * then the dataset is refused, but nobody can make this slow. */
enum { ISSUERS_MAX = 64 };

static bool is_of_text(const struct key_value *a, const struct key_value *b)
{
	return a->id == b->id && strcmp(a->text, b->text) == 0;
}

static bool has_same_issuer(const struct key_value *a,
			    const struct key_value *b)
{
	for (size_t i = 0; i < a->issuer_count; i++)
		if (!same_text(a->issuer[i], b->issuer[i]))
			return false;
	return true;
}

/* Where those of its text begin in the table. */
static size_t first_slot(const struct key_values *all,
			 const struct key_value *value)
{
	uint64_t hash =
		hash_bytes(HASH_START, value->text, strlen(value->text));
	hash = hash_bytes(hash, &value->id, sizeof value->id);
	return (size_t)(hash ^ hash >> 32) & (all->slot_count - 1);
}

/* The next one of that text from a slot on, which moves behind it; NULL: there
 * is none, and the slot is free. */
static const struct key_value *next_of_text(const struct key_values *all,
					    const struct key_value *value,
					    size_t *slot)
{
	while (all->slot_count && all->slots[*slot]) {
		const struct key_value *one = &all->at[all->slots[*slot] - 1];
		*slot = (*slot + 1) & (all->slot_count - 1);
		if (is_of_text(one, value))
			return one;
	}
	return NULL;
}

static void enter_key_value(struct key_values *all, size_t index)
{
	size_t slot = first_slot(all, &all->at[index]);
	while (all->slots[slot])
		slot = (slot + 1) & (all->slot_count - 1);
	all->slots[slot] = index + 1;
}

/* Twice as many; what was before stays in the arena. */
static void grow_key_values(struct key_values *all, struct arena *arena)
{
	size_t count = all->slot_count ? 2 * all->slot_count : 4;
	struct key_value *at = arena_alloc(arena, count / 2 * sizeof *at);
	if (all->count)
		memcpy(at, all->at, all->count * sizeof *at);
	all->at = at;
	all->slots = arena_alloc(arena, count * sizeof *all->slots);
	all->slot_count = count;
	for (size_t i = 0; i < all->count; i++)
		enter_key_value(all, i);
}

static void add_key_value(struct key_values *all, const struct key_value *one,
			  struct arena *arena)
{
	if (2 * all->count >= all->slot_count)
		grow_key_values(all, arena);
	size_t slot = first_slot(all, one), issuers = 0;
	const struct key_value *other;
	while ((other = next_of_text(all, one, &slot)))
		if (has_same_issuer(other, one) || ++issuers == ISSUERS_MAX)
			return;
	all->at[all->count] = *one;
	enter_key_value(all, all->count++);
}

static void read_id(const struct match_key *key, size_t id,
		    const struct scope *scope, struct arena *arena,
		    struct key_values *out)
{
	const struct match_id *paths = &key->ids[id];
	struct key_value one = {
		.text = key_text_at(scope, &paths->paths[0], arena),
		.issuer_count = paths->count - 1,
		.id = id,
	};
	if (!one.text)
		return;
	one.issuer = arena_alloc(arena, paths->count * sizeof *one.issuer);
	for (size_t i = 1; i < paths->count; i++)
		one.issuer[i - 1] = key_text_at(scope, &paths->paths[i], arena);
	add_key_value(out, &one, arena);
}

void key_read(const struct match_key *key, const struct dataset *dataset,
	      struct arena *arena, struct key_values *out)
{
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	struct scope_list scopes = scopes_of(&key->each, &root);
	for (size_t i = 0; i < scopes.count; i++)
		for (size_t id = 0; id < key->id_count; id++)
			read_id(key, id, &scopes.at[i], arena, out);
	scope_list_free(&scopes);
}

/* ---- comparing ---- */

/* UUIDs may be in capitals (RFC 4122 3). */
static bool is_uuid_text(const char *text)
{
	return strlen(text) == 36 &&
	       strspn(text, "0123456789abcdefABCDEF-") == 36;
}

static bool is_one_issuer(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (is_uuid_text(a) && strcasecmp(a, b) == 0);
}

static enum agreement compare_key_values(const struct key_value *fhir,
					 const struct key_value *dataset)
{
	bool issuer_agrees = false, is_issued = false;
	if (fhir->id != dataset->id || strcmp(fhir->text, dataset->text) != 0)
		return AGREES_NOT;
	for (size_t i = 0; i < fhir->issuer_count; i++) {
		is_issued = is_issued || fhir->issuer[i] || dataset->issuer[i];
		if (!fhir->issuer[i] || !dataset->issuer[i])
			continue;
		if (!is_one_issuer(fhir->issuer[i], dataset->issuer[i]))
			return AGREES_BUT_ISSUER;
		issuer_agrees = true;
	}
	return issuer_agrees ? AGREES_ISSUED : is_issued ? AGREES_LESS : AGREES;
}

enum agreement key_agreement_of(const struct key_values *fhir,
				const struct key_value *value)
{
	enum agreement best = AGREES_NOT;
	size_t slot = fhir->slot_count ? first_slot(fhir, value) : 0;
	const struct key_value *other;
	while ((other = next_of_text(fhir, value, &slot))) {
		enum agreement one = compare_key_values(other, value);
		best = one > best ? one : best;
	}
	return best;
}

enum agreement key_agreement(const struct key_values *fhir,
			     const struct key_values *dataset)
{
	enum agreement best = AGREES_NOT;
	for (size_t i = 0; i < fhir->count && dataset->count; i++) {
		size_t slot = first_slot(dataset, &fhir->at[i]);
		const struct key_value *other;
		while ((other = next_of_text(dataset, &fhir->at[i], &slot))) {
			enum agreement one =
				compare_key_values(&fhir->at[i], other);
			best = one > best ? one : best;
		}
	}
	return best;
}

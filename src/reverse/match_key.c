#include "match_key.h"

#include <string.h>
#include <strings.h>

#include "codecs.h"
#include "scope.h"

/* ---- reading ---- */

static const char *plain(const char *text, const char vr[3],
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

static const char *text_at(const struct scope *scope,
			   const struct dcm_path *path, struct arena *arena)
{
	struct port_value value = scope_read(scope, path, arena);
	return value.text ? plain(value.text, path->vr, arena) : NULL;
}

const char *key_text(const struct dcm_path *path, const struct dataset *dataset,
		     struct arena *arena)
{
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	return text_at(&root, path, arena);
}

static bool is_known(const struct key_values *all, const struct key_value *one)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct key_value *other = &all->at[i];
		bool same = other->id == one->id &&
			    same_text(other->text, one->text);
		for (size_t k = 0; same && k < one->issuer_count; k++)
			same = same_text(other->issuer[k], one->issuer[k]);
		if (same)
			return true;
	}
	return false;
}

static void add(struct key_values *out, struct key_value one,
		struct arena *arena)
{
	if (is_known(out, &one))
		return;
	struct key_value *grown =
		arena_alloc(arena, (out->count + 1) * sizeof *grown);
	if (out->count)
		memcpy(grown, out->at, out->count * sizeof *grown);
	grown[out->count++] = one;
	out->at = grown;
}

static void read_id(const struct match_key *key, size_t id,
		    const struct scope *scope, struct arena *arena,
		    struct key_values *out)
{
	const struct match_id *paths = &key->ids[id];
	struct key_value one = {
		.text = text_at(scope, &paths->paths[0], arena),
		.issuer_count = paths->count - 1,
		.id = id,
	};
	if (!one.text)
		return;
	one.issuer = arena_alloc(arena, paths->count * sizeof *one.issuer);
	for (size_t i = 1; i < paths->count; i++)
		one.issuer[i - 1] = text_at(scope, &paths->paths[i], arena);
	add(out, one, arena);
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
static bool is_uuid(const char *text)
{
	return strlen(text) == 36 &&
	       strspn(text, "0123456789abcdefABCDEF-") == 36;
}

static bool same_issuer(const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (is_uuid(a) && strcasecmp(a, b) == 0);
}

static enum agreement compare(const struct key_value *fhir,
			      const struct key_value *dataset)
{
	bool issuer_agrees = false, is_issued = false;
	if (fhir->id != dataset->id || strcmp(fhir->text, dataset->text) != 0)
		return AGREES_NOT;
	for (size_t i = 0; i < fhir->issuer_count; i++) {
		is_issued = is_issued || fhir->issuer[i] || dataset->issuer[i];
		if (!fhir->issuer[i] || !dataset->issuer[i])
			continue;
		if (!same_issuer(fhir->issuer[i], dataset->issuer[i]))
			return AGREES_BUT_ISSUER;
		issuer_agrees = true;
	}
	return issuer_agrees ? AGREES_ISSUED : is_issued ? AGREES_LESS : AGREES;
}

enum agreement key_agreement(const struct key_values *fhir,
			     const struct key_values *dataset)
{
	enum agreement best = AGREES_NOT;
	for (size_t i = 0; i < fhir->count; i++)
		for (size_t k = 0; k < dataset->count; k++) {
			enum agreement one =
				compare(&fhir->at[i], &dataset->at[k]);
			best = one > best ? one : best;
		}
	return best;
}

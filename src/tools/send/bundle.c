#include "bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "json_read.h"
#include "memory.h"

enum { DEPTH_MAX = 128, UID_MAX = 64 };

/* ---- reading ---- */

json_object *json_of_text(const char *text, size_t length)
{
	json_object *value = NULL, *more = NULL;
	struct json_source source = json_source_of(text, length, DEPTH_MAX);
	bool good = json_read(&source, &value) == 1;
	if (good && json_read(&source, &more) != 0) {
		json_object_put(value);
		json_object_put(more);
		value = NULL;
	}
	json_source_free(&source);
	return good ? value : NULL;
}

static bool read_entry(struct bundle_entry *out, json_object *entry)
{
	json_object *request = json_member(entry, "request");
	const char *method = json_text(request, "method");
	const char *url = json_text(request, "url");
	*out = (struct bundle_entry){.resource = json_member(entry, "resource"),
				     .full_url = json_text(entry, "fullUrl"),
				     .condition =
					     json_text(request, "ifNoneExist")};
	out->type = json_text(out->resource, "resourceType");
	if (!method || !url || !out->type || !out->full_url)
		return false;
	out->updates = strcmp(method, "PUT") == 0;
	if (out->updates)
		out->condition = strchr(url, '?') ? strchr(url, '?') + 1 : NULL;
	return out->updates || strcmp(method, "POST") == 0;
}

static const struct bundle_entry *study_entry_of(const struct bundle *bundle)
{
	for (size_t i = 0; i < bundle->count; i++)
		if (kinds_are(bundle->kinds, bundle->entries[i].type,
			      DFH_ENTRY_STUDY))
			return &bundle->entries[i];
	return NULL;
}

/* What the study is asked by first, if that is a UID, with what stands before
 * it ("urn:oid:"): its length, or 0. */
static size_t study_uid_of(const struct bundle_entry *study, const char **uid)
{
	const char *bar = strchr(study->condition, '|');
	const char *value = bar ? bar + 1 : "";
	size_t length = strcspn(value, "&");
	*uid = value;
	for (size_t i = 0; i < length; i++)
		if (value[i] == ':')
			*uid = value + i + 1;
	length -= (size_t)(*uid - value);
	bool good = length && length <= UID_MAX && **uid != '.' &&
		    strspn(*uid, "0123456789.") == length;
	return good ? length : 0;
}

uint64_t bundle_entry_hash(const struct bundle_entry *entry)
{
	uint64_t hash =
		hash_bytes(HASH_START, entry->type, strlen(entry->type) + 1);
	return hash_bytes(hash, entry->condition, strlen(entry->condition));
}

/* The UID names the file where it is all that the study is asked by. */
static bool name_study(struct bundle *bundle)
{
	const struct bundle_entry *study = study_entry_of(bundle);
	char name[UID_MAX + 32];
	size_t length;
	const char *uid;
	if (!study || !study->condition)
		return false;
	length = study_uid_of(study, &uid);
	if (!length) {
		snprintf(name, sizeof name, "without-uid-%016llx",
			 (unsigned long long)bundle_entry_hash(study));
		bundle->study = xstrdup(name);
		bundle->name = xstrdup(name);
		return true;
	}
	bundle->study = memory_of(strndup(uid, length));
	if (!uid[length])
		snprintf(name, sizeof name, "%s", bundle->study);
	else
		snprintf(name, sizeof name, "%s-%016llx", bundle->study,
			 (unsigned long long)bundle_entry_hash(study));
	bundle->name = xstrdup(name);
	return true;
}

int bundle_read(struct bundle *bundle, const struct kinds *kinds,
		const char *text, size_t length)
{
	*bundle = (struct bundle){.kinds = kinds,
				  .json = json_of_text(text, length)};
	json_object *entries = json_member(bundle->json, "entry");
	size_t count = json_count(entries);
	bool good =
		same_text(json_text(bundle->json, "resourceType"), "Bundle") &&
		same_text(json_text(bundle->json, "type"), "transaction");
	bundle->entries = xmalloc((count + 1) * sizeof *bundle->entries);
	for (; good && bundle->count < count; bundle->count++)
		good = read_entry(&bundle->entries[bundle->count],
				  json_at(entries, bundle->count));
	if (good && name_study(bundle))
		return 0;
	bundle_free(bundle);
	return -1;
}

void bundle_free(struct bundle *bundle)
{
	json_object_put(bundle->json);
	free(bundle->entries);
	free(bundle->study);
	free(bundle->name);
	*bundle = (struct bundle){0};
}

/* ---- claims ---- */

struct claim *bundle_claims(const struct bundle *bundle, size_t *count)
{
	struct claim *claims = xmalloc((bundle->count + 1) * sizeof *claims);
	const struct bundle_entry *study = study_entry_of(bundle);
	*count = 0;
	for (size_t i = 0; i < bundle->count; i++) {
		const struct bundle_entry *entry = &bundle->entries[i];
		bool is_patient = kinds_are(bundle->kinds, entry->type,
					    DFH_ENTRY_PATIENT);
		if (entry->condition && (entry == study || !entry->updates))
			claims[(*count)++] =
				(struct claim){bundle_entry_hash(entry),
					       entry == study || is_patient};
	}
	return claims;
}

bool bundle_has_own_key(const struct bundle *bundle)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct bundle_entry *entry = &bundle->entries[i];
		bool matters = kinds_are_left(bundle->kinds, entry->type) ||
			       kinds_are(bundle->kinds, entry->type,
					 DFH_ENTRY_PATIENT);
		if (matters && entry->condition &&
		    kinds_have_key(bundle->kinds, entry->type,
				   entry->condition))
			return true;
	}
	return false;
}

/* ---- references ---- */

static bool is_reference_to_entry(const char *name, json_object *value,
				  const char *full_url)
{
	const char *text = json_string(value);
	return strcmp(name, "reference") == 0 && text &&
	       strcmp(text, full_url) == 0;
}

/* What a reference says besides (display) stays. */
static void replace_whole(json_object *reference, json_object *whole)
{
	json_object_object_del(reference, "reference");
	json_foreach (whole, name, value)
		json_add(reference, name, json_copy(value));
}

static void replace_in_object(json_object *object, const char *from,
			      const char *to, json_object *whole)
{
	bool is_here = is_reference_to_entry(
		"reference", json_member(object, "reference"), from);
	if (is_here && to)
		json_add(object, "reference", json_new_string(to));
	else if (is_here)
		replace_whole(object, whole);
	json_foreach (object, name, value)
		replace_references(value, from, to, whole);
}

void replace_references(json_object *value, const char *from, const char *to,
			json_object *whole)
{
	if (json_object_is_type(value, json_type_object))
		replace_in_object(value, from, to, whole);
	for (size_t i = 0; i < json_count(value); i++)
		replace_references(json_at(value, i), from, to, whole);
}

bool refers_to(json_object *value, const char *full_url)
{
	json_foreach (value, name, member)
		if (is_reference_to_entry(name, member, full_url) ||
		    refers_to(member, full_url))
			return true;
	for (size_t i = 0; i < json_count(value); i++)
		if (refers_to(json_at(value, i), full_url))
			return true;
	return false;
}

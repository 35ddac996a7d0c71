/* What a history or a transaction says was deleted. */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "fhir_index_parts.h"

static void note_deleted(struct fhir_index *index, char *key)
{
	if (lh_table_lookup_entry(index->deleted, key))
		free(key);
	else
		lh_add(index->deleted, key, NULL);
}

/* A history has the newest first (FHIR, history): what it says of a thing
 * before it tells of the deletion came after. */
static bool is_newer(const struct fhir_index *index, json_object *root,
		     json_object *bundle, const char *url)
{
	const char *type = json_text(bundle, "type");
	char *key = lh_key_within(root, url);
	const char *name = index->roots.count > 1 ? key : url;
	bool is_named = lh_table_lookup_entry(index->by_url, name) != NULL;
	free(key);
	return is_named && type && strcmp(type, "history") == 0;
}

void fhir_index_add_deleted(struct fhir_index *index, json_object *root,
			    json_object *bundle, json_object *entry)
{
	json_object *request = json_member(entry, "request");
	const char *method = json_text(request, "method");
	const char *full_url = json_text(entry, "fullUrl");
	const char *url = json_text(request, "url");
	if (!method || strcmp(method, "DELETE") != 0 ||
	    (full_url && is_newer(index, root, bundle, full_url)) ||
	    (url && is_newer(index, root, bundle, url)))
		return;
	if (full_url)
		note_deleted(index, xstrdup(full_url));
	if (url)
		note_deleted(index, lh_key_within(root, url));
}

bool fhir_index_is_deleted(const struct fhir_index *index,
			   json_object *resource)
{
	json_object *owner = fhir_index_owner(index, resource);
	struct lh_entry *named = lh_table_lookup_entry(index->full_url, owner);
	struct lh_entry *root = lh_table_lookup_entry(index->bundle, owner);
	const char *url = named ? (const char *)lh_entry_v(named) : NULL;
	if (!lh_table_head(index->deleted))
		return false;
	char *tail = resource_name(owner);
	char *key = lh_key_within(root ? lh_entry_v(root) : NULL, tail);
	bool is_deleted = (url && lh_table_lookup_entry(index->deleted, url)) ||
			  lh_table_lookup_entry(index->deleted, key);
	free(key);
	free(tail);
	return is_deleted;
}

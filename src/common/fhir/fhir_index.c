#include "fhir_index_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "fhir_modifier.h"
#include "fhir_version.h"
#include "json_pack.h"

static void free_stand_in(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
	json_object_put((json_object *)lh_entry_v(entry));
}

static void begin_index(struct fhir_index *index)
{
	index->by_url = lh_by_text(64, lh_free_key);
	index->by_identifier = lh_by_text(64, lh_free_key);
	index->contained_by = lh_by_text(64, lh_free_key);
	index->owner = lh_by_address(64, NULL);
	index->contained_id = lh_by_text(64, lh_free_key);
	index->bundle = lh_by_address(64, NULL);
	index->full_url = lh_by_address(64, NULL);
	index->account = lh_by_text(64, lh_free_key);
	index->torn = lh_by_address(64, NULL);
	index->twin = lh_by_address(64, NULL);
	index->modified = lh_by_address(64, NULL);
	index->replaced = lh_by_address(16, NULL);
	index->stand_in = lh_by_text(16, free_stand_in);
	index->deleted = lh_by_text(16, lh_free_key);
}

static void end_index(struct fhir_index *index)
{
	json_list_free(&index->entries);
	json_list_free(&index->contained);
	lh_table_free(index->by_url);
	lh_table_free(index->by_identifier);
	lh_table_free(index->contained_by);
	lh_table_free(index->owner);
	lh_table_free(index->contained_id);
	lh_table_free(index->bundle);
	lh_table_free(index->full_url);
	lh_table_free(index->account);
	lh_table_free(index->torn);
	lh_table_free(index->twin);
	lh_table_free(index->modified);
	lh_table_free(index->replaced);
	lh_table_free(index->stand_in);
	lh_table_free(index->deleted);
}

struct fhir_index *fhir_index_new(void)
{
	struct fhir_index *index = xmalloc(sizeof *index);
	*index = (struct fhir_index){.settled = 0};
	begin_index(index);
	return index;
}

void fhir_index_free(struct fhir_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->roots.count; i++)
		json_object_put(index->roots.at[i]);
	json_list_free(&index->roots);
	end_index(index);
	free(index);
}

const char *resource_type(json_object *resource)
{
	const char *label = json_packed(resource);
	const char *type = label ? label : json_text(resource, "resourceType");
	return type ? type : "";
}

/* For each place of each file that is stamped: without printf, which takes five
 * times as long. */
char *resource_name(json_object *resource)
{
	const char *type = resource_type(resource);
	json_object *member = json_peek(resource, "id");
	const char *id = json_string(member);
	size_t before = strlen(type), length = id ? strlen(id) : 0;
	char *name = xmalloc(before + length + 2);
	memcpy(name, type, before);
	name[before] = '/';
	memcpy(name + before + 1, id ? id : "", length + 1);
	json_object_put(member);
	return name;
}

json_object *fhir_index_look_up(struct lh_table *table, const char *key)
{
	struct lh_entry *entry = lh_table_lookup_entry(table, key);
	return entry ? (json_object *)lh_entry_v(entry) : NULL;
}

static void put_once(struct lh_table *table, json_object *resource,
		     const void *value)
{
	if (!lh_table_lookup_entry(table, resource))
		lh_add(table, resource, value);
}

/* ---- two accounts of one thing ---- */

static size_t count_members(json_object *object, bool but_id)
{
	return json_member_count(object) -
	       (json_member(object, "meta") != NULL) -
	       (but_id && json_member(object, "id"));
}

static bool same_members_but_meta(json_object *a, json_object *b, bool but_id)
{
	if (count_members(a, but_id) != count_members(b, but_id))
		return false;
	json_foreach (a, name, value) {
		json_object *other;
		if (strcmp(name, "meta") == 0 ||
		    (but_id && strcmp(name, "id") == 0))
			continue;
		if (!json_object_object_get_ex(b, name, &other) ||
		    !json_object_equal(value, other))
			return false;
	}
	return true;
}

/* In what they say: when it was last updated, and which version it is, say
 * nothing of the thing. */
static bool same_content(json_object *a, json_object *b, bool but_id)
{
	if (a == b)
		return true;
	struct json_loan of_a = json_lend(a), of_b = json_lend(b);
	bool same = same_members_but_meta(a, b, but_id);
	json_give_back(&of_a);
	json_give_back(&of_b);
	return same;
}

static bool is_torn(const struct fhir_index *index, json_object *resource)
{
	return lh_table_lookup_entry(index->torn, resource) != NULL;
}

/* Of two that say different things of what has one name. */
static void account_for(struct fhir_index *index, const char *key,
			json_object *resource)
{
	json_object *first = fhir_index_look_up(index->account, key);
	if (!first) {
		lh_add(index->account, xstrdup(key), resource);
		return;
	}
	if (same_content(first, resource, false))
		return;
	put_once(index->torn, first, NULL);
	put_once(index->torn, resource, NULL);
}

/* An id counts for the server that the fullUrl names, if it names one. */
static void account_resource(struct fhir_index *index, json_object *resource,
			     const char *full_url, const char *key)
{
	if (full_url)
		account_for(index, full_url, resource);
	if (*key && (!full_url || strncmp(full_url, "urn:", 4) == 0))
		account_for(index, key, resource);
}

/* The first resource of a name keeps it, but a name of two that say different
 * things is nobody's guess: it could be another patient's.  If they are two
 * accounts of one thing, any of them leads to what is refused. */
static void name_resource(struct fhir_index *index, struct lh_table *table,
			  const char *key, json_object *resource)
{
	struct lh_entry *entry = lh_table_lookup_entry(table, key);
	json_object *first = entry ? (json_object *)lh_entry_v(entry) : NULL;
	if (!entry)
		lh_add(table, xstrdup(key), resource);
	else if (first && !same_content(first, resource, false) &&
		 !(is_torn(index, first) && is_torn(index, resource)))
		lh_entry_set_val(entry, NULL);
}

/* Two resources of one identifier: the same in other words, or not. */
static void compare_twins(struct fhir_index *index, const char *key,
			  json_object *resource)
{
	json_object *first = fhir_index_look_up(index->by_identifier, key);
	if (!first || same_content(first, resource, true))
		return;
	put_once(index->twin, first, resource);
	put_once(index->twin, resource, first);
}

/* What is contained in several resources is told each time as far as that one
 * knows it; any of them will do. */
static void name_contained(struct lh_table *table, const char *key,
			   json_object *resource)
{
	if (!lh_table_lookup_entry(table, key))
		lh_add(table, xstrdup(key), resource);
}

char *fhir_index_identifier_key(const char *type, json_object *identifier)
{
	const char *system = json_text(identifier, "system");
	const char *value = json_text(identifier, "value");
	if (!value || !system)
		return NULL;
	size_t size = strlen(type) + strlen(value) + strlen(system) + 3;
	char *key = xmalloc(size);
	snprintf(key, size, "%s\n%s\n%s", type, system, value);
	return key;
}

static void name_identifiers(struct fhir_index *index, json_object *resource,
			     bool is_contained)
{
	json_object *list = json_peek(resource, "identifier");
	bool is_list = json_object_is_type(list, json_type_array);
	for (size_t i = 0; is_list && i < json_count(list); i++) {
		char *key = fhir_index_identifier_key(resource_type(resource),
						      json_at(list, i));
		if (key && is_contained)
			name_contained(index->contained_by, key, resource);
		else if (key) {
			compare_twins(index, key, resource);
			name_resource(index, index->by_identifier, key,
				      resource);
		}
		free(key);
	}
	json_object_put(list);
}

/* Of two that are contained with one id the first counts. */
static void name_by_id(struct fhir_index *index, json_object *owner,
		       json_object *resource)
{
	const char *id = json_text(resource, "id");
	char *key = id ? lh_key_within(owner, id) : NULL;
	if (key && !lh_table_lookup_entry(index->contained_id, key))
		lh_add(index->contained_id, key, resource);
	else
		free(key);
}

static void add_contained(struct fhir_index *index, json_object *owner)
{
	json_object *list = json_member(owner, "contained");
	if (!json_object_is_type(list, json_type_array))
		return;
	for (size_t i = 0; i < json_count(list); i++) {
		json_object *resource = json_at(list, i);
		json_list_add(&index->contained, resource);
		lh_add(index->owner, resource, owner);
		name_by_id(index, owner, resource);
		name_identifiers(index, resource, true);
	}
}

/* The same URL in two Bundles need not be the same account of a thing: inside
 * a Bundle its own comes first.  What came by itself has no others beside it,
 * and of one Bundle all names are its own. */
static void name_in(struct fhir_index *index, json_object *root,
		    const char *url, json_object *resource)
{
	if (root && index->roots.count > 1) {
		char *key = lh_key_within(root, url);
		name_resource(index, index->by_url, key, resource);
		free(key);
	}
	name_resource(index, index->by_url, url, resource);
}

/* The same in the same words, as pages of a search have that overlap; or
 * NULL. */
static json_object *repeated_resource(const struct fhir_index *index,
				      json_object *resource,
				      const char *full_url, const char *key)
{
	json_object *first =
		fhir_index_look_up(index->by_url, full_url ? full_url : key);
	struct lh_entry *entry =
		first ? lh_table_lookup_entry(index->full_url, first) : NULL;
	const char *url = entry ? (const char *)lh_entry_v(entry) : NULL;
	return first && same_text(url, full_url) &&
			       same_content(first, resource, false)
		       ? first
		       : NULL;
}

static void add_new(struct fhir_index *index, json_object *root,
		    json_object *resource, const char *full_url)
{
	if (root)
		lh_add(index->bundle, resource, root);
	if (fhir_has_modifier(resource))
		put_once(index->modified, resource, NULL);
	if (full_url)
		lh_add(index->full_url, resource, full_url);
	json_list_add(&index->entries, resource);
	name_identifiers(index, resource, false);
	add_contained(index, resource);
}

static bool resource_has_id(json_object *resource)
{
	json_object *id = json_peek(resource, "id");
	bool has = json_string(id) != NULL;
	json_object_put(id);
	return has;
}

static void index_resource(struct fhir_index *index, json_object *root,
			   json_object *resource, const char *full_url)
{
	bool id = resource_has_id(resource);
	if (lh_table_lookup_entry(index->outdated, resource))
		return;
	char *key = id ? resource_name(resource) : xstrdup("");
	json_object *first = repeated_resource(index, resource, full_url, key);
	json_object *named = first ? first : resource;
	if (!first)
		account_resource(index, resource, full_url, key);
	if (full_url)
		name_in(index, root, full_url, named);
	if (id)
		name_in(index, root, key, named);
	free(key);
	if (!first)
		add_new(index, root, resource, full_url);
}

static void index_bundle(struct fhir_index *index, json_object *root,
			 json_object *bundle)
{
	json_object *entries = json_member(bundle, "entry");
	if (!json_object_is_type(entries, json_type_array))
		return;
	for (size_t i = 0; i < json_count(entries); i++) {
		json_object *entry = json_at(entries, i);
		json_object *resource = json_member(entry, "resource");
		fhir_index_add_deleted(index, root, bundle, entry);
		if (!json_object_is_type(resource, json_type_object))
			continue;
		if (strcmp(resource_type(resource), "Bundle") == 0)
			index_bundle(index, root, resource);
		else
			index_resource(index, root, resource,
				       json_text(entry, "fullUrl"));
		if (fhir_says_modifier(bundle) || fhir_says_modifier(entry))
			put_once(index->modified, resource, NULL);
	}
}

int fhir_index_add(struct fhir_index *index, json_object *resource)
{
	if (!json_text(resource, "resourceType"))
		return -1;
	json_list_add(&index->roots, json_object_get(resource));
	return 0;
}

void fhir_index_settle(struct fhir_index *index)
{
	if (index->settled == index->roots.count)
		return;
	/* What came since can be newer than what was there. */
	if (index->settled) {
		end_index(index);
		index->entries = index->contained = (struct json_list){0};
		begin_index(index);
	}
	index->outdated = outdated_versions(&index->roots);
	for (size_t i = 0; i < index->roots.count; i++) {
		json_object *root = index->roots.at[i];
		if (strcmp(resource_type(root), "Bundle") == 0)
			index_bundle(index, root, root);
		else
			index_resource(index, NULL, root, NULL);
	}
	lh_table_free(index->outdated);
	index->settled = index->roots.count;
}

void fhir_index_type(const struct fhir_index *index, const char *type,
		     struct json_list *out)
{
	const struct json_list *lists[] = {&index->entries, &index->contained};
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < lists[k]->count; i++)
			if (strcmp(resource_type(lists[k]->at[i]), type) == 0) {
				json_unpack(lists[k]->at[i]);
				json_list_add(out, lists[k]->at[i]);
			}
}

size_t fhir_index_count(const struct fhir_index *index, const char *type,
			bool *differ)
{
	const struct json_list *lists[] = {&index->entries, &index->contained};
	json_object *first = NULL;
	size_t count = 0;
	*differ = false;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < lists[k]->count && !*differ; i++) {
			json_object *one = lists[k]->at[i];
			if (strcmp(resource_type(one), type) != 0)
				continue;
			if (!count++) {
				json_unpack(one);
				first = one;
				continue;
			}
			struct json_loan loan = json_lend(one);
			*differ = !json_object_equal(first, one);
			json_give_back(&loan);
		}
	return count;
}

const struct json_list *fhir_index_roots(const struct fhir_index *index)
{
	return &index->roots;
}

const struct json_list *fhir_index_entries(const struct fhir_index *index)
{
	return &index->entries;
}

json_object *fhir_index_owner(const struct fhir_index *index,
			      json_object *resource)
{
	struct lh_entry *entry = lh_table_lookup_entry(index->owner, resource);
	return entry ? (json_object *)lh_entry_v(entry) : resource;
}

bool fhir_index_is_torn(const struct fhir_index *index, json_object *resource)
{
	return is_torn(index, fhir_index_owner(index, resource));
}

bool fhir_index_is_modified(const struct fhir_index *index,
			    json_object *resource)
{
	return lh_table_lookup_entry(index->modified,
				     fhir_index_owner(index, resource)) != NULL;
}

void fhir_index_replace(struct fhir_index *index, json_object *resource,
			json_object *by)
{
	put_once(index->replaced, resource, by);
}

bool fhir_index_is_replaced(const struct fhir_index *index,
			    json_object *resource)
{
	return lh_table_lookup_entry(index->replaced, resource) != NULL;
}

json_object *fhir_index_current(const struct fhir_index *index,
				json_object *resource)
{
	struct lh_entry *entry =
		lh_table_lookup_entry(index->replaced, resource);
	json_object *by = entry ? (json_object *)lh_entry_v(entry) : NULL;
	json_unpack(by);
	return by ? by : resource;
}

json_object *fhir_index_twin(const struct fhir_index *index,
			     json_object *resource)
{
	struct lh_entry *entry = lh_table_lookup_entry(index->twin, resource);
	json_object *twin = entry ? (json_object *)lh_entry_v(entry) : NULL;
	json_unpack(twin);
	return twin;
}

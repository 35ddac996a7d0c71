#include "fhir_version.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "fhir_index.h"
#include "json_pack.h"
#include "moment.h"

struct version {
	json_object *resource, *entry, *bundle; /* the last two: or NULL */
};

/* ---- which of two is the newer ---- */

static const char *last_updated(const struct version *version)
{
	const char *text = json_text(json_member(version->resource, "meta"),
				     "lastUpdated");
	return text ? text
		    : json_text(json_member(version->entry, "response"),
				"lastModified");
}

/* Below zero: a is the older; 0: that is not told. */
static int compare_times(const char *a, const char *b)
{
	struct moment x = {0}, y = {0};
	if (!a || !b || !moment_read_fhir(a, &x) || !moment_read_fhir(b, &y))
		return 0;
	return moment_compare(&x, &y);
}

/* Versions are opaque, but where they are numbers they are counted. */
static int compare_numbers(const char *a, const char *b)
{
	if (!a || !b || !*a || !*b || a[strspn(a, "0123456789")] ||
	    b[strspn(b, "0123456789")])
		return 0;
	a += strspn(a, "0");
	b += strspn(b, "0");
	size_t of_a = strlen(a), of_b = strlen(b);
	return of_a != of_b ? (of_a < of_b ? -1 : 1) : strcmp(a, b);
}

static const char *version_id(const struct version *version)
{
	return json_text(json_member(version->resource, "meta"), "versionId");
}

static int compare_unpacked(const struct version *a, const struct version *b)
{
	int order = compare_times(last_updated(a), last_updated(b));
	if (!order)
		order = compare_numbers(version_id(a), version_id(b));
	if (!order && a->bundle && a->bundle == b->bundle &&
	    same_text(json_text(a->bundle, "type"), "history"))
		order = 1;
	return order;
}

/* b comes after a. */
static int compare_versions(const struct version *a, const struct version *b)
{
	struct json_loan of_a = json_lend(a->resource);
	struct json_loan of_b = json_lend(b->resource);
	int order = compare_unpacked(a, b);
	json_give_back(&of_a);
	json_give_back(&of_b);
	return order;
}

/* ---- all of them ---- */

struct resource_versions {
	struct lh_table *newest; /* of a name -> struct version */
	struct lh_table *outdated;
};

static void free_version(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
	free((struct version *)lh_entry_v(entry));
}

/* What it is the same resource by: its fullUrl, or its id where that is no URL;
 * NULL: nothing.  To be freed. */
static char *version_name_of(const struct version *version)
{
	const char *url = json_text(version->entry, "fullUrl");
	json_object *member = json_peek(version->resource, "id");
	const char *id = json_string(member);
	const char *type = resource_type(version->resource);
	const char *end = url ? strstr(url, "/_history/") : NULL;
	char *name = NULL;
	if (url)
		name = end ? strndup(url, (size_t)(end - url)) : xstrdup(url);
	else if (id && asprintf(&name, "%s/%s", type, id) < 0)
		name = NULL;
	json_object_put(member);
	return name;
}

static void add_version(struct resource_versions *all, struct version version)
{
	char *name = version_name_of(&version);
	void *found = NULL;
	if (!name)
		return;
	if (!lh_table_lookup_ex(all->newest, name, &found)) {
		struct version *first = xmalloc(sizeof *first);
		*first = version;
		lh_add(all->newest, name, first);
		return;
	}
	free(name);
	struct version *newest = found;
	int order = newest->resource == version.resource
			    ? 0
			    : compare_versions(newest, &version);
	if (!order)
		return;
	lh_add(all->outdated, order < 0 ? newest->resource : version.resource,
	       NULL);
	if (order < 0)
		*newest = version;
}

static void add_bundle_versions(struct resource_versions *all,
				json_object *bundle)
{
	json_object *entries = json_member(bundle, "entry");
	size_t count = json_object_is_type(entries, json_type_array)
			       ? json_count(entries)
			       : 0;
	for (size_t i = 0; i < count; i++) {
		json_object *entry = json_at(entries, i);
		json_object *resource = json_member(entry, "resource");
		if (!json_object_is_type(resource, json_type_object))
			continue;
		if (strcmp(resource_type(resource), "Bundle") == 0)
			add_bundle_versions(all, resource);
		else
			add_version(all,
				    (struct version){resource, entry, bundle});
	}
}

struct lh_table *outdated_versions(const struct json_list *roots)
{
	struct resource_versions all = {lh_by_text(64, free_version),
					lh_by_address(16, NULL)};
	for (size_t i = 0; i < roots->count; i++) {
		json_object *root = roots->at[i];
		if (strcmp(resource_type(root), "Bundle") == 0)
			add_bundle_versions(&all, root);
		else
			add_version(&all, (struct version){.resource = root});
	}
	lh_table_free(all.newest);
	return all.outdated;
}

/* What references lead to (FHIR R4 and R5, Bundle, resolving references). */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "fhir_index_parts.h"
#include "json_pack.h"
#include "json_print.h"

static json_object *find_contained(const struct fhir_index *index,
				   json_object *from, const char *id)
{
	char *key = lh_key_within(fhir_index_owner(index, from), id);
	json_object *found = fhir_index_look_up(index->contained_id, key);
	free(key);
	return found;
}

static json_object *find_by_url(const struct fhir_index *index,
				json_object *from, const char *url)
{
	struct lh_entry *entry = lh_table_lookup_entry(
		index->bundle, fhir_index_owner(index, from));
	char *key = lh_key_within(entry ? lh_entry_v(entry) : NULL, url);
	struct lh_entry *own = lh_table_lookup_entry(index->by_url, key);
	free(key);
	return own ? (json_object *)lh_entry_v(own)
		   : fhir_index_look_up(index->by_url, url);
}

/* Take "/text" off the end of url, which is length long; -1: it is not there.
 */
static int cut_segment(const char *url, size_t *length, const char *text)
{
	size_t cut = strlen(text) + 1;
	if (*length < cut || url[*length - cut] != '/' ||
	    memcmp(url + *length - cut + 1, text, cut - 1) != 0)
		return -1;
	*length -= cut;
	return 0;
}

static const char *full_url_of(const struct fhir_index *index,
			       json_object *resource)
{
	struct lh_entry *entry =
		lh_table_lookup_entry(index->full_url, resource);
	return entry ? (const char *)lh_entry_v(entry) : "";
}

/* A relative reference begins where the fullUrl of its owner does (FHIR R4 and
 * R5, Bundle, resolving references).  To be freed; NULL: that says no server.
 */
static char *absolute_of(const struct fhir_index *index, json_object *from,
			 const char *url)
{
	json_object *owner = fhir_index_owner(index, from);
	const char *own = full_url_of(index, owner);
	const char *id = json_text(owner, "id");
	size_t base = strlen(own);
	if (cut_segment(own, &base, id ? id : "") != 0 ||
	    cut_segment(own, &base, resource_type(owner)) != 0)
		return NULL;
	return xprintf("%.*s/%s", (int)base, own, url);
}

static json_object *find_by_base(const struct fhir_index *index,
				 json_object *from, const char *url)
{
	char *absolute = absolute_of(index, from, url);
	json_object *found =
		absolute ? find_by_url(index, from, absolute) : NULL;
	free(absolute);
	return found;
}

/* Without the version that it may name. */
static size_t length_of_reference(const char *url)
{
	const char *end = strstr(url, "/_history/");
	return end ? (size_t)(end - url) : strlen(url);
}

static bool says_server(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ||
	       strncmp(url, "https://", 8) == 0;
}

/* The same type and id at another server are another's. */
static bool is_of_another_server(const struct fhir_index *index,
				 json_object *from, const char *url,
				 json_object *found)
{
	const char *full = full_url_of(index, found);
	char *absolute = says_server(url) ? xprintf("%s", url)
					  : absolute_of(index, from, url);
	bool is_other =
		absolute && says_server(absolute) && says_server(full) &&
		(length_of_reference(absolute) != length_of_reference(full) ||
		 strncmp(absolute, full, length_of_reference(full)));
	free(absolute);
	return is_other;
}

/* "http://server/fhir/Patient/7/_history/2" -> "Patient/7", of that length */
static const char *tail_of_reference(const char *url, size_t *length)
{
	size_t end = length_of_reference(url), start = end;
	for (int slashes = 0; start > 0; start--)
		if (url[start - 1] == '/' && ++slashes == 2)
			break;
	*length = end - start;
	return url + start;
}

static json_object *find_by_tail(const struct fhir_index *index,
				 json_object *from, const char *url)
{
	size_t length;
	const char *tail = tail_of_reference(url, &length);
	char *key = xprintf("%.*s", (int)length, tail);
	json_object *found = find_by_url(index, from, key);
	free(key);
	return found && is_of_another_server(index, from, url, found) ? NULL
								      : found;
}

/* "http://hl7.org/fhir/StructureDefinition/Patient" -> "Patient" */
static const char *type_named(json_object *reference, const char *otherwise)
{
	const char *type = json_text(reference, "type");
	const char *slash = type ? strrchr(type, '/') : NULL;
	return !type ? otherwise : slash ? slash + 1 : type;
}

static json_object *find_by_identifier(const struct fhir_index *index,
				       json_object *reference,
				       const char *otherwise)
{
	const char *type = type_named(reference, otherwise);
	char *key = type ? fhir_index_identifier_key(
				   type, json_member(reference, "identifier"))
			 : NULL;
	json_object *found = NULL;
	if (key && lh_table_lookup_entry(index->by_identifier, key))
		found = fhir_index_look_up(index->by_identifier, key);
	else if (key)
		found = fhir_index_look_up(index->contained_by, key);
	free(key);
	return found;
}

static json_object *resolve(const struct fhir_index *index, json_object *from,
			    json_object *reference, const char *type)
{
	const char *url = json_text(reference, "reference");
	json_object *found = NULL;
	if (url && url[0] == '#')
		return url[1] ? find_contained(index, from, url + 1) : from;
	if (url)
		found = find_by_base(index, from, url);
	if (url && !found)
		found = find_by_url(index, from, url);
	if (url && !found)
		found = find_by_tail(index, from, url);
	return found ? found : find_by_identifier(index, reference, type);
}

/* ---- what is known by its identifier alone ---- */

/* "Patient/7" says the type of what it leads to, "urn:uuid:..." does not. */
static bool url_is_of_type(const char *url, const char *type)
{
	size_t length, named = strlen(type);
	const char *tail = tail_of_reference(url, &length);
	return !memchr(tail, '/', length) ||
	       (length > named && tail[named] == '/' &&
		memcmp(tail, type, named) == 0);
}

json_object *resource_numbered(const char *type, json_object *identifier)
{
	json_object *resource = json_new_object(), *all = json_new_array();
	json_append(all, json_object_get(identifier));
	json_add(resource, "resourceType", json_new_string(type));
	json_add(resource, "identifier", all);
	return resource;
}

/* The same number in the same words is the same thing; to be freed. */
static char *stand_in_key(const char *type, json_object *identifier)
{
	char *text = json_printed(identifier, JSON_C_TO_STRING_PLAIN);
	char *key = xprintf("%s\n%s", type, text);
	free(text);
	return key;
}

json_object *fhir_index_stand_in(const struct fhir_index *index,
				 json_object *reference, const char *type)
{
	json_object *identifier = json_member(reference, "identifier");
	const char *url = json_text(reference, "reference");
	if (!json_text(identifier, "value") ||
	    strcmp(type_named(reference, type), type) != 0 ||
	    (url && !url_is_of_type(url, type)))
		return NULL;
	char *key = stand_in_key(type, identifier);
	json_object *found = fhir_index_look_up(index->stand_in, key);
	if (found) {
		free(key);
		return found;
	}
	found = resource_numbered(type, identifier);
	lh_add(index->stand_in, key, found);
	return found;
}

json_object *fhir_index_resolve(const struct fhir_index *index,
				json_object *from, json_object *reference,
				const char *type)
{
	json_object *found = resolve(index, from, reference, type);
	json_unpack(found);
	return found;
}

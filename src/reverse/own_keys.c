#include "own_keys.h"

#include <string.h>

#include "json_pack.h"

static bool is_own_key(const dfh_rules *rules, json_object *identifier)
{
	const char *system = json_text(identifier, "system");
	for (size_t i = 0; system && i < rules->place_count; i++) {
		const char *key = rules->places[i].entry_key;
		if (key && strcmp(key, system) == 0)
			return true;
	}
	return false;
}

static void remove_from(const dfh_rules *rules, json_object *resource,
			const char *member)
{
	json_object *list = json_member(resource, member);
	if (!json_object_is_type(list, json_type_array))
		return;
	for (size_t i = json_count(list); i > 0; i--)
		if (is_own_key(rules, json_at(list, i - 1)))
			json_object_array_del_idx(list, i - 1, 1);
	if (!json_count(list))
		json_object_object_del(resource, member);
}

static void remove_from_resource(const dfh_rules *rules, json_object *resource)
{
	const char *done = NULL;
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		if (!place->entry_key || !place->entry_by ||
		    (done && strcmp(done, place->entry_by) == 0))
			continue;
		remove_from(rules, resource, place->entry_by);
		done = place->entry_by;
	}
}

static bool has_id(json_object *resource)
{
	json_object *id = json_peek(resource, "id");
	json_object_put(id);
	return id != NULL;
}

bool own_keys_name(json_object *entry)
{
	static const char scheme[] = "urn:uuid:";
	const char *url = json_text(entry, "fullUrl");
	json_object *resource = json_member(entry, "resource");
	if (!url || strncmp(url, scheme, sizeof scheme - 1) != 0 ||
	    !json_object_is_type(resource, json_type_object) ||
	    has_id(resource))
		return false;
	json_unpack(resource);
	json_add_text(resource, "id", url + sizeof scheme - 1);
	return true;
}

void own_keys_remove(const dfh_rules *rules, json_object *json)
{
	json_object *entries = json_member(json, "entry");
	remove_from_resource(rules, json);
	if (!json_object_is_type(entries, json_type_array))
		return;
	for (size_t i = 0; i < json_count(entries); i++) {
		own_keys_name(json_at(entries, i));
		own_keys_remove(rules,
				json_member(json_at(entries, i), "resource"));
	}
}

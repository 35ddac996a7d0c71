#include "packing.h"

#include <string.h>

#include "absent.h"
#include "aliases.h"
#include "fhir_modifier.h"
#include "json_pack.h"
#include "nulls.h"
#include "own_keys.h"

static bool is_patient(const struct dfh_import *im, json_object *resource)
{
	const struct place *place = view_level_place(im->rules, LEVEL_PATIENT);
	return place && same_text(place->type, resource_type(resource));
}

/* A record that was merged is looked for among all entries (merges.c), and what
 * is contained is found by its address. */
static bool has_parts(const struct dfh_import *im, json_object *resource)
{
	const struct place *place = view_level_place(im->rules, LEVEL_PATIENT);
	const char *merged = place->merged.list;
	return json_member(resource, "contained") ||
	       (merged && json_member(resource, merged));
}

static bool is_plain(const struct dfh_import *im, json_object *resource)
{
	return is_patient(im, resource) && !has_parts(im, resource) &&
	       !fhir_has_modifier(resource);
}

static void pack(struct dfh_import *im, json_object *resource)
{
	size_t type = json_word(im->words, resource_type(resource));
	json_pack(resource, im->words, json_word_text(im->words, type));
}

void pack_if_plain(struct dfh_import *im, json_object *resource, bool fits)
{
	if (fits && is_plain(im, resource))
		pack(im, resource);
}

void pack_patient(struct dfh_import *im, json_object *resource)
{
	if (!is_plain(im, resource) || !release_fits_all(resource))
		return;
	note_nulls(im, resource);
	absent_apply(im->rules, resource);
	aliases_apply(im->rules, resource);
	own_keys_remove(im->rules, resource);
	pack(im, resource);
}

void pack_finish(struct dfh_import *im, json_object *root)
{
	bool is_bundle = strcmp(resource_type(root), "Bundle") == 0;
	json_object *entries = json_member(root, "entry");
	for (size_t i = 0; i < json_count(entries); i++) {
		json_object *entry = json_at(entries, i);
		json_object *resource = json_member(entry, "resource");
		if (!json_packed(resource))
			continue;
		if (!is_bundle)
			json_unpack(resource);
		else if (own_keys_name(entry))
			pack(im, resource);
	}
}

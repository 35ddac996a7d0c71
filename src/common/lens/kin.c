#include "kin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

struct kin {
	const dfh_rules *rules;
	struct lh_table **of;	  /* for each place: Type/id -> json_list */
	struct json_list *others; /* for each place: they refer to nothing */
};

static void free_list(struct lh_entry *entry)
{
	struct json_list *list = (struct json_list *)lh_entry_v(entry);
	free(lh_entry_k(entry));
	json_list_free(list);
	free(list);
}

/* Two accounts in the same words are one resource (see leads_to in view.c), and
 * they have the same id; who has none shares a name with his like. */
static const char *name_of(char out[256], json_object *resource)
{
	const char *id = json_text(resource, "id");
	snprintf(out, 256, "%s/%s", resource_type(resource), id ? id : "");
	return out;
}

static void add(struct kin *kin, size_t place, json_object *to,
		json_object *resource)
{
	char name[256];
	void *found = NULL;
	if (!lh_table_lookup_ex(kin->of[place], name_of(name, to), &found)) {
		found = xmalloc(sizeof(struct json_list));
		*(struct json_list *)found = (struct json_list){0};
		lh_add(kin->of[place], xstrdup(name), found);
	}
	json_list_add(found, resource);
}

/* The element by which it is told whose it is. */
static json_object *last_ref(const struct place *place, json_object *resource)
{
	json_object *last = NULL;
	int level = -1;
	for (size_t i = 0; i < place->ref_count; i++) {
		json_object *member =
			json_member(resource, place->refs[i].element);
		if (!member || (int)place->refs[i].to->level < level)
			continue;
		last = member;
		level = (int)place->refs[i].to->level;
	}
	return last;
}

static void enter(struct kin *kin, size_t place, json_object *resource,
		  const struct fhir_index *index)
{
	json_object *member = last_ref(&kin->rules->places[place], resource);
	bool array = json_object_is_type(member, json_type_array);
	size_t count = !member ? 0 : array ? json_count(member) : 1;
	if (!count)
		json_list_add(&kin->others[place], resource);
	for (size_t i = 0; i < count; i++) {
		json_object *to = fhir_index_resolve(
			index, resource, array ? json_at(member, i) : member);
		if (to)
			add(kin, place, to, resource);
	}
}

static void enter_all(struct kin *kin, size_t at, enum fhir_release release,
		      const struct fhir_index *index)
{
	const struct place *place = &kin->rules->places[at];
	struct json_list all = {0};
	json_object *is = place->is[release];
	fhir_index_type(index, place->type, &all);
	for (size_t i = 0; i < all.count; i++)
		if (!is || json_matches(all.at[i], is))
			enter(kin, at, all.at[i], index);
	json_list_free(&all);
}

struct kin *kin_new(const dfh_rules *rules, enum fhir_release release,
		    const struct fhir_index *index)
{
	struct kin *kin = xmalloc(sizeof *kin);
	*kin = (struct kin){rules,
			    xmalloc(rules->place_count * sizeof *kin->of),
			    xmalloc(rules->place_count * sizeof *kin->others)};
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		kin->of[i] = lh_by_text(16, free_list);
		kin->others[i] = (struct json_list){0};
		if (place->in_release[release] && place->is_resource &&
		    !place->key_count && !place->via[release])
			enter_all(kin, i, release, index);
	}
	return kin;
}

void kin_free(struct kin *kin)
{
	if (!kin)
		return;
	for (size_t i = 0; i < kin->rules->place_count; i++) {
		lh_table_free(kin->of[i]);
		json_list_free(&kin->others[i]);
	}
	free(kin->of);
	free(kin->others);
	free(kin);
}

const struct json_list *kin_of(const struct kin *kin, const struct place *place,
			       json_object *to)
{
	size_t at = (size_t)(place - kin->rules->places);
	char name[256];
	void *found = NULL;
	if (!to)
		return &kin->others[at];
	lh_table_lookup_ex(kin->of[at], name_of(name, to), &found);
	return found;
}

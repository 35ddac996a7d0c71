#include "kin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "choose.h"
#include "codec.h"
#include "view.h"

struct kin {
	const dfh_rules *rules;
	enum fhir_release release;
	const struct fhir_index *index;
	/* Of lists, by their addresses, as they are asked for. */
	struct lh_table *candidates;
	struct lh_table **of;	  /* for each place: Type/id -> json_list */
	struct json_list *others; /* for each place: they refer to nothing */
	bool *of_several;	  /* for each place */
};

bool is_of_several(const struct fhir_index *index, const struct place *place)
{
	bool several = false;
	size_t count = 0;
	for (int level = LEVEL_PATIENT; !count && level <= LEVEL_STUDY;
	     level++) {
		const struct place *to = NULL;
		for (size_t i = 0; i < place->ref_count; i++)
			if ((int)place->refs[i].to->level == level)
				to = place->refs[i].to;
		if (to)
			count = fhir_index_count(index, to->type, &several);
	}
	return several;
}

static void free_list_entry(struct lh_entry *entry)
{
	struct json_list *list = (struct json_list *)lh_entry_v(entry);
	free(lh_entry_k(entry));
	json_list_free(list);
	free(list);
}

/* By name: two accounts in the same words are one resource (see leads_to in
 * view.c), and they have the same id; who has none shares a name with his like.
 */
static struct json_list *list_of(struct kin *kin, size_t place, json_object *to)
{
	char *name = resource_name(to);
	void *found = NULL;
	if (lh_table_lookup_ex(kin->of[place], name, &found)) {
		free(name);
		return found;
	}
	found = xmalloc(sizeof(struct json_list));
	*(struct json_list *)found = (struct json_list){0};
	lh_add(kin->of[place], name, found);
	return found;
}

/* The element by which it is told whose it is. */
static json_object *last_ref(const struct place *place, json_object *resource,
			     const char **type)
{
	json_object *last = NULL;
	int level = -1;
	for (size_t i = 0; i < place->ref_count; i++) {
		json_object *member =
			json_member(resource, place->refs[i].element);
		if (!member || (int)place->refs[i].to->level < level)
			continue;
		last = member;
		*type = place->refs[i].to->type;
		level = (int)place->refs[i].to->level;
	}
	return last;
}

static json_object *reference_at(json_object *member, size_t i)
{
	return json_object_is_type(member, json_type_array) ? json_at(member, i)
							    : member;
}

static size_t reference_count(json_object *member)
{
	bool array = json_object_is_type(member, json_type_array);
	return !member ? 0 : array ? json_count(member) : 1;
}

/* What it refers to, by the addresses: the same text for those who refer to
 * the same.  To be freed. */
static char *kinfolk_text(const struct place *place, json_object *resource,
			  const struct fhir_index *index)
{
	struct buffer text = {0};
	char one[32];
	for (size_t k = 0; k < place->ref_count; k++) {
		json_object *member =
			json_member(resource, place->refs[k].element);
		for (size_t i = 0; i < reference_count(member); i++) {
			json_object *to = fhir_index_resolve(
				index, resource, reference_at(member, i),
				place->refs[k].to->type);
			snprintf(one, sizeof one, " %zu %p", k, (void *)to);
			buffer_add(&text, one, strlen(one));
		}
	}
	buffer_add(&text, "", 1);
	return (char *)text.bytes;
}

/* While the lists of a place are made. */
struct kin_making {
	struct kin *kin;
	size_t place;
	const struct fhir_index *index;
	struct lh_table *kinfolks; /* each text once */
	struct lh_table *counts;   /* of a list and a text: how many */
};

static const char *kept_once(struct lh_table *texts, char *text)
{
	struct lh_entry *entry = lh_table_lookup_entry(texts, text);
	if (entry)
		free(text);
	else
		lh_add(texts, text, text);
	return entry ? (const char *)lh_entry_v(entry) : text;
}

static void add_kin(struct kin_making *making, struct json_list *list,
		    const char *kinfolk, json_object *resource)
{
	static const char one[] = "1", two[] = "2";
	char key[64];
	if (list->count && list->at[list->count - 1] == resource)
		return;
	snprintf(key, sizeof key, "%p %p", (void *)list, (const void *)kinfolk);
	struct lh_entry *entry = lh_table_lookup_entry(making->counts, key);
	const struct place *place = &making->kin->rules->places[making->place];
	/* Two say already that one cannot be told from the other. */
	if (entry && lh_entry_v(entry) == (void *)two && !place->choose_count &&
	    place->each.kind == EACH_NONE)
		return;
	if (entry)
		lh_entry_set_val(entry, (void *)two);
	else
		lh_add(making->counts, xstrdup(key), one);
	json_list_add(list, resource);
}

static void enter_kin(struct kin_making *making, json_object *resource)
{
	struct kin *kin = making->kin;
	const struct place *place = &kin->rules->places[making->place];
	const char *type = NULL;
	json_object *member = last_ref(place, resource, &type);
	size_t count = reference_count(member);
	const char *refers = kept_once(
		making->kinfolks, kinfolk_text(place, resource, making->index));
	if (!count)
		add_kin(making, &kin->others[making->place], refers, resource);
	for (size_t i = 0; i < count; i++) {
		json_object *to = fhir_index_resolve(
			making->index, resource, reference_at(member, i), type);
		if (to)
			add_kin(making, list_of(kin, making->place, to), refers,
				resource);
	}
}

static void enter_all_kin(struct kin *kin, size_t at, enum fhir_release release,
			  const struct fhir_index *index)
{
	const struct place *place = &kin->rules->places[at];
	const struct view view = {
		.rules = kin->rules, .release = release, .index = index};
	struct kin_making making = {kin, at, index, lh_by_text(16, lh_free_key),
				    lh_by_text(16, lh_free_key)};
	struct json_list all = {0};
	fhir_index_type(index, place->type, &all);
	for (size_t i = 0; i < all.count; i++)
		if (place_has(place, release, all.at[i]) &&
		    !view_refuses(&view, place, all.at[i]))
			enter_kin(&making, all.at[i]);
	lh_table_free(making.kinfolks);
	lh_table_free(making.counts);
	json_list_free(&all);
}

static void free_candidates(struct lh_entry *entry)
{
	candidates_free((struct candidates *)lh_entry_v(entry));
}

struct kin *kin_new(const dfh_rules *rules, enum fhir_release release,
		    const struct fhir_index *index)
{
	struct kin *kin = xmalloc(sizeof *kin);
	*kin = (struct kin){
		.rules = rules,
		.release = release,
		.index = index,
		.candidates = lh_by_address(16, free_candidates),
		.of = xmalloc(rules->place_count * sizeof *kin->of),
		.others = xmalloc(rules->place_count * sizeof *kin->others),
		.of_several = xmalloc(rules->place_count + 1)};
	for (size_t i = 0; i < rules->place_count; i++) {
		const struct place *place = &rules->places[i];
		kin->of[i] = lh_by_text(16, free_list_entry);
		kin->others[i] = (struct json_list){0};
		kin->of_several[i] = false;
		if (place->in_release[release] && place->is_resource &&
		    !place->key_count && !place->via[release]) {
			enter_all_kin(kin, i, release, index);
			kin->of_several[i] = is_of_several(index, place);
		}
	}
	return kin;
}

void kin_free(struct kin *kin)
{
	if (!kin)
		return;
	lh_table_free(kin->candidates);
	for (size_t i = 0; i < kin->rules->place_count; i++) {
		lh_table_free(kin->of[i]);
		json_list_free(&kin->others[i]);
	}
	free(kin->of);
	free(kin->others);
	free(kin->of_several);
	free(kin);
}

const struct json_list *kin_of(const struct kin *kin, const struct place *place,
			       json_object *to)
{
	size_t at = (size_t)(place - kin->rules->places);
	void *found = NULL;
	if (!to)
		return &kin->others[at];
	char *name = resource_name(to);
	lh_table_lookup_ex(kin->of[at], name, &found);
	free(name);
	return found;
}

const struct candidates *kin_candidates(const struct kin *kin,
					const struct place *place,
					json_object *to)
{
	const struct json_list *list = kin_of(kin, place, to);
	const struct view view = {.rules = kin->rules,
				  .release = kin->release,
				  .index = kin->index};
	struct candidates *made;
	if (!list)
		return NULL;
	struct lh_entry *entry =
		lh_table_lookup_entry(kin->candidates, (const void *)list);
	if (entry)
		return (const struct candidates *)lh_entry_v(entry);
	made = candidates_new(&view, place, list);
	lh_add(kin->candidates, (void *)list, made);
	return made;
}

bool kin_is_of_several(const struct kin *kin, const struct place *place)
{
	return kin->of_several[place - kin->rules->places];
}

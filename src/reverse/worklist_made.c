#include "worklist_made.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uuid.h"

/* ---- what must be there first ---- */

static void satisfy(const struct conditions *conditions,
		    struct dataset *dataset)
{
	for (size_t i = 0; i < conditions->when_count; i++) {
		const struct dcm_path *path = &conditions->when[i].path;
		if (path->depth == 1 && strcmp(path->vr, "SQ") == 0)
			dcm_item_need_item(&dataset->root, &path->tags[0], 0);
	}
}

void worklist_begin(const struct worklist_rules *worklist,
		    struct dataset *dataset)
{
	for (size_t i = 0; i < worklist->element_count; i++) {
		const struct rule *rule = worklist->elements[i].rule;
		satisfy(&rule->conditions, dataset);
		for (int r = 0; r < RELEASES; r++)
			if (rule->fhir[r])
				satisfy(&rule->fhir[r]->place->conditions,
					dataset);
	}
}

bool worklist_is_number(const struct worklist_rules *worklist, size_t element)
{
	/* So is the number of the step. */
	if (worklist->elements[element].several.count)
		return true;
	for (size_t i = 0; i < worklist->known_by_count; i++)
		for (size_t k = 0; k < worklist->known_by[i].count; k++)
			if (worklist->known_by[i].rules[k] == element)
				return true;
	return false;
}

const char *worklist_day(const struct dataset *dataset,
			 const struct worklist_element *element)
{
	const struct scope top = scope_root((struct dcm_item *)&dataset->root);
	const char *date =
		scope_read(&top, &element->rule->ports[0].path, dataset->arena)
			.text;
	return date && strlen(date) == 8
		       ? arena_printf(dataset->arena, "%.4s-%.2s-%.2s", date,
				      date + 4, date + 6)
		       : NULL;
}

/* ---- the patient ---- */

enum { LINKS_MAX = 16 };

/* Patient.link of a type, followed once; NULL: none, or it leads nowhere.
 * *lost: the latter. */
static json_object *linked(const struct scene *scene, json_object *patient,
			   const char *type, bool *lost)
{
	json_object *links = json_member(patient, "link");
	for (size_t i = 0; i < json_count(links); i++) {
		json_object *link = json_at(links, i);
		if (!same_text(json_text(link, "type"), type))
			continue;
		json_object *to = fhir_index_resolve(scene->im->index, patient,
						     json_member(link, "other"),
						     resource_type(patient));
		*lost = *lost || !to;
		if (to)
			return to;
	}
	return NULL;
}

/* Who says that he replaces this one? */
static json_object *replacing(const struct scene *scene, json_object *patient)
{
	struct json_list all = {0};
	json_object *found = NULL;
	bool lost = false;
	fhir_index_type(scene->im->index, resource_type(patient), &all);
	for (size_t i = 0; i < all.count && !found; i++)
		if (all.at[i] != patient &&
		    linked(scene, all.at[i], "replaces", &lost) == patient)
			found = all.at[i];
	json_list_free(&all);
	return found;
}

static bool has_number(json_object *list, json_object *number)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (same_text(json_text(json_at(list, i), "system"),
			      json_text(number, "system")) &&
		    same_text(json_text(json_at(list, i), "value"),
			      json_text(number, "value")))
			return true;
	return false;
}

/* The merge itself may have brought them already. */
static void add_old_numbers(json_object *of, json_object *to)
{
	json_object *numbers = json_member(of, "identifier");
	json_object *list = json_member(to, "identifier");
	if (!json_object_is_type(list, json_type_array)) {
		list = json_new_array();
		json_add(to, "identifier", list);
	}
	for (size_t i = 0; i < json_count(numbers); i++) {
		if (has_number(list, json_at(numbers, i)))
			continue;
		json_object *copy = json_copy(json_at(numbers, i));
		json_add(copy, "use", json_new_string("old"));
		json_append(list, copy);
	}
}

/* A copy of the one who is meant, with the numbers of those before; NULL: he
 * is not here. */
static json_object *survivor(const struct scene *scene, json_object *patient)
{
	json_object *chain[LINKS_MAX];
	size_t count = 0;
	bool lost = false;
	for (json_object *next = patient; next;) {
		for (size_t i = 0; i < count; i++)
			if (chain[i] == next || count == LINKS_MAX)
				return NULL;
		chain[count++] = next;
		next = linked(scene, chain[count - 1], "replaced-by", &lost);
		if (!next && !lost && count < LINKS_MAX)
			next = replacing(scene, chain[count - 1]);
	}
	if (lost)
		return NULL;
	json_object *copy = json_copy(chain[count - 1]);
	for (size_t i = 0; i + 1 < count; i++)
		add_old_numbers(chain[i], copy);
	return copy;
}

void worklist_put_patient(const struct scene *scene, const struct lens *lens,
			  struct dataset *dataset)
{
	const struct json_list *patients =
		&scene->fit[scene->worklist->fixed[ROLE_PATIENT]];
	const struct place *place =
		view_level_place(lens->rules, LEVEL_PATIENT);
	struct view view = {.rules = lens->rules,
			    .release = scene->release,
			    .index = scene->im->index,
			    .today = scene->im->today};
	json_object *copy =
		patients->count ? survivor(scene, patients->at[0]) : NULL;
	if (!copy || !place)
		return;
	view.at[LEVEL_PATIENT] = copy;
	if (!view_refuses(&view, place, copy))
		put_place(lens, &view, place, dataset, true);
	json_object_put(copy);
}

/* ---- Study UID ---- */

/* The 32 digits of a UUID as one decimal number. */
static void decimal_of(const char *uuid, char out[UID_TEXT])
{
	char digits[40] = {0};
	size_t length = 1;
	for (; *uuid; uuid++) {
		if (*uuid == '-')
			continue;
		int carry = *uuid <= '9' ? *uuid - '0' : *uuid - 'a' + 10;
		for (size_t i = 0; i < length; i++) {
			int value = digits[i] * 16 + carry;
			digits[i] = (char)(value % 10);
			carry = value / 10;
		}
		for (; carry; carry /= 10)
			digits[length++] = (char)(carry % 10);
	}
	char *end = out;
	while (length)
		*end++ = (char)('0' + digits[--length]);
	*end = '\0';
}

void uid_from_name(const char *name, char out[UID_TEXT])
{
	char uuid[UUID_TEXT], decimal[UID_TEXT];
	uuid_from_name(name, uuid);
	decimal_of(uuid, decimal);
	snprintf(out, UID_TEXT, "2.25.%.39s", decimal);
}

/* The kind of the order's own number, its system and its value; of an accession
 * the procedure, too.  NULL: it has none. */
static const char *own_number(const struct scene *scene,
			      const struct lens *lens,
			      const struct dataset *dataset)
{
	const struct worklist_rules *worklist = scene->worklist;
	const char *name = NULL;
	for (size_t i = 0; i < worklist->study_uid_of.count && !name; i++) {
		struct json_list values = {0};
		scene_values_of(scene, &worklist->study_uid_of.at[i], &values);
		json_object *one = values.count ? values.at[0] : NULL;
		const char *value = json_text(one, "value");
		const char *system = json_text(one, "system");
		if (value)
			name = arena_printf(lens->arena, "%zu\n%s\n%s", i,
					    system ? system : "", value);
		json_list_free(&values);
	}
	/* An accession may be of several procedures. */
	for (size_t i = 0; name && i < worklist->known_by_count; i++) {
		const struct known_by *by = &worklist->known_by[i];
		const struct scope top =
			scope_root((struct dcm_item *)&dataset->root);
		if (by->count < 2 || name[0] != (char)('0' + i))
			continue;
		for (size_t k = 1; k < by->count; k++) {
			const struct rule *rule =
				worklist->elements[by->rules[k]].rule;
			const char *text =
				scope_read(&top, &rule->ports[0].path,
					   lens->arena)
					.text;
			name = arena_printf(lens->arena, "%s\n%s", name,
					    text ? text : "");
		}
	}
	return name;
}

void worklist_put_study_uid(const struct scene *scene,
			    const struct dataset *served,
			    const struct lens *lens, struct dataset *dataset)
{
	const struct place *study = view_level_place(lens->rules, LEVEL_STUDY);
	struct scope top = scope_root(&dataset->root);
	char uid[UID_TEXT];
	if (!study ||
	    scope_read(&top, &study->key[0], lens->arena).state == VALUE_TEXT)
		return;
	const struct scope before =
		served ? scope_root((struct dcm_item *)&served->root) : top;
	const char *text =
		scope_read(&before, &study->key[0], lens->arena).text;
	const char *name = text ? NULL : own_number(scene, lens, dataset);
	if (name) {
		uid_from_name(arena_printf(lens->arena, "study of %s", name),
			      uid);
		text = uid;
	}
	if (text)
		scope_write(&top, &study->key[0],
			    &(struct port_value){VALUE_TEXT, text});
}

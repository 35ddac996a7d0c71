#include "worklist_made.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uuid.h"

/* ---- what must be there first ---- */

static void satisfy_sequences(const struct conditions *conditions,
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
		satisfy_sequences(&rule->conditions, dataset);
		for (enum fhir_release r = 0; r < RELEASES; r++)
			if (rule->fhir[r])
				satisfy_sequences(
					&rule->fhir[r]->place->conditions,
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
	/* Of a merged one who took his place, with the numbers of both. */
	json_object *patient =
		patients->count
			? fhir_index_current(scene->im->index, patients->at[0])
			: NULL;
	if (!patient || !place)
		return;
	view.at[LEVEL_PATIENT] = patient;
	if (!view_refuses(&view, place, patient))
		put_place(lens, &view, place, dataset, true);
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
static const char *order_own_number(const struct scene *scene,
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
	const char *name = text ? NULL : order_own_number(scene, lens, dataset);
	if (name) {
		uid_from_name(arena_printf(lens->arena, "study of %s", name),
			      uid);
		text = uid;
	}
	if (text)
		scope_write(&top, &study->key[0],
			    &(struct port_value){VALUE_TEXT, text});
}

#include "worklist_entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "codec.h"
#include "current.h"
#include "moment.h"
#include "utf8.h"
#include "uuid.h"
#include "vr.h"
#include "worklist_made.h"
#include "zone.h"
#include "scheme.h"

struct entry_making {
	struct scene *scene;
	const struct entry_options *how;
	struct worklist_entry *entry;
	struct lens lens;
	struct scope top;
	/* What the lens said since it was last asked. */
	bool refused, silent;
	struct note_context notes;
};

/* ---- values for a rule ---- */

static json_object *keep_made(struct entry_making *making, json_object *value)
{
	json_append(making->entry->made, value);
	return value;
}

static void tell_entry_note(struct entry_making *making,
			    const struct rule *rule, enum note_kind kind,
			    const char *text)
{
	if (!making->silent)
		import_note(&making->notes, rule, kind, text);
}

/* A text of at most so many characters. */
static const char *cut_text(struct entry_making *making,
			    const struct worklist_element *element,
			    const char *text)
{
	size_t end = 0;
	if (!element->cut || utf8_count(text, strlen(text)) <= element->cut)
		return text;
	for (size_t i = 0; i < element->cut; i++) {
		end++;
		while (((unsigned char)text[end] & 0xC0) == 0x80)
			end++;
	}
	tell_entry_note(making, element->rule, NOTE_LOST,
			"it is longer than the attribute may be, and is cut");
	return arena_strndup(making->lens.arena, text, end);
}

static json_object *cut_to_fit(struct entry_making *making,
			       const struct worklist_element *element,
			       json_object *value)
{
	const char *text = json_string(value);
	const char *fits = text ? cut_text(making, element, text) : NULL;
	return fits == text ? value : keep_made(making, json_new_string(fits));
}

static bool is_moment_element(const struct worklist_element *element)
{
	return strcmp(element->rule->codec->name, "date-time") == 0;
}

/* An instant by the clock of the site; a day as it is.  NULL: it cannot be
 * told. */
static json_object *by_the_clock(struct entry_making *making,
				 const struct worklist_element *element,
				 json_object *value)
{
	const struct zone *zone = making->scene->im->zone;
	const char *text = json_string(value);
	struct moment moment, local;
	int offset;
	if (!text || !moment_read_fhir(text, &moment))
		return NULL;
	if (!moment.has_time || !moment.has_zone)
		return element->is_time ? NULL : value;
	if (!zone) {
		making->entry->lacks_zone |= element->needed;
		tell_entry_note(making, element->rule, NOTE_LOST,
				"an instant, and no zone of the site says "
				"which time of "
				"day that is; name one with --timezone");
		return NULL;
	}
	if (!zone_offset_at(zone, moment_utc(&moment), &offset) ||
	    !moment_at_offset(&moment, offset, &local))
		return NULL;
	return keep_made(making, json_new_string(moment_fhir(
					 &local, making->lens.arena)));
}

/* The earliest of several appointments; of other times only one can be meant.
 */
static json_object *one_time(struct entry_making *making,
			     const struct worklist_element *element,
			     const struct way *way,
			     const struct json_list *values)
{
	const size_t *fixed = making->scene->worklist->fixed;
	json_object *best = NULL;
	struct moment a, b;
	if (!values->count ||
	    (values->count > 1 && way->role != fixed[ROLE_APPOINTMENT]))
		return NULL;
	for (size_t i = 0; i < values->count; i++) {
		const char *text = json_string(values->at[i]);
		if (!text || !moment_read_fhir(text, &a) || !a.has_time ||
		    !a.has_zone)
			continue;
		const char *old = json_string(best);
		if (!old || (moment_read_fhir(old, &b) &&
			     moment_utc(&a) < moment_utc(&b)))
			best = values->at[i];
	}
	return best ? by_the_clock(making, element, best) : NULL;
}

/* The elements of names, addresses and numbers that are current. */
static void leave_current(struct entry_making *making, const struct rule *rule,
			  struct json_list *values)
{
	const struct fhir_path *path = rule->fhir[making->lens.release];
	if (path && path->slot >= 0 && (size_t)path->slot + 1 == path->depth)
		current_of(making->lens.rules, path, making->scene->im->today,
			   true, values);
}

static bool put_by_rule(struct entry_making *making,
			const struct worklist_element *element,
			const struct json_list *values)
{
	making->refused = false;
	lens_put(&making->lens, element->rule, &making->top, values);
	return !making->refused;
}

/* ---- concepts ---- */

static bool is_code_excepted(const struct worklist_element *element,
			     const char *code)
{
	for (size_t i = 0; i < element->except_count; i++)
		if (strcmp(element->except[i], code) == 0)
			return true;
	return false;
}

/* wlmscpfs has no use for a Long Code Value. */
enum { CODE_MAX = 16 };

static bool is_usable(const struct worklist_element *element,
		      json_object *coding)
{
	const char *code = json_text(coding, "code");
	const char *system = json_text(coding, "system");
	if (!code || !system || !*code ||
	    utf8_count(code, strlen(code)) > CODE_MAX)
		return false;
	return !element->among ||
	       (table_by_code(element->among, system, code) &&
		same_text(system, element->among->system) &&
		!is_code_excepted(element, code));
}

static json_object *usable_coding(struct entry_making *making,
				  const struct worklist_element *element)
{
	json_object *found = NULL;
	bool any = false;
	for (size_t i = 0; i < element->coding.count && !found; i++) {
		struct json_list values = {0};
		scene_values_of(making->scene, &element->coding.at[i], &values);
		for (size_t k = 0; k < values.count && !found; k++) {
			any = any || json_text(values.at[k], "code");
			if (is_usable(element, values.at[k]))
				found = values.at[k];
		}
		json_list_free(&values);
	}
	if (any && !found && !element->among)
		tell_entry_note(
			making, element->rule, NOTE_REFUSED,
			"no code has a system and at most 16 characters, as a "
			"Code Value");
	return found;
}

/* Of a code that nothing describes the meaning is the code. */
static json_object *described_coding(struct entry_making *making,
				     json_object *coding)
{
	json_object *copy = json_copy(coding);
	if (!json_text(copy, "display"))
		json_add_text(copy, "display", json_text(copy, "code"));
	return keep_made(making, copy);
}

static json_object *concept_of(struct entry_making *making,
			       const struct worklist_element *element,
			       json_object *coding, const char *text)
{
	json_object *concept = keep_made(making, json_new_object());
	if (coding) {
		json_object *list = json_new_array();
		json_append(list,
			    json_object_get(described_coding(making, coding)));
		json_add(concept, "coding", list);
	}
	if (text)
		json_add_text(concept, "text", cut_text(making, element, text));
	return concept;
}

static json_object *coding_of_system_and_code(struct entry_making *making,
					      const char *system,
					      const char *code)
{
	json_object *coding = keep_made(making, json_new_object());
	json_add_text(coding, "system", system);
	json_add_text(coding, "code", code);
	return coding;
}

/* ---- the site's lists ---- */

static bool is_coding_said(const struct json_list *values, const char *member,
			   const char *system, const char *value)
{
	for (size_t i = 0; i < values->count; i++)
		if (same_text(json_text(values->at[i], "system"), system) &&
		    same_text(json_text(values->at[i], member), value))
			return true;
	return false;
}

static const char *modality_by_code(struct entry_making *making,
				    const struct ways *ways)
{
	const dfh_rules *rules = making->lens.rules;
	struct json_list codes = {0};
	const char *found = NULL;
	for (size_t i = 0; i < ways->count; i++)
		scene_values_of(making->scene, &ways->at[i], &codes);
	for (size_t i = 0; i < rules->procedure_count && !found; i++)
		if (is_coding_said(&codes, "code", rules->procedures[i].system,
				   rules->procedures[i].value))
			found = rules->procedures[i].modality;
	json_list_free(&codes);
	return found;
}

static const struct worklist_element *
element_with(const struct worklist_rules *worklist, bool stations)
{
	for (size_t i = 0; i < worklist->element_count; i++)
		if (stations ? worklist->elements[i].station_of.count
			     : worklist->elements[i].modality_of.count)
			return &worklist->elements[i];
	return NULL;
}

/* The station that a device or a room is, else the one that does this
 * modality. */
static const char *station_of_site(struct entry_making *making,
				   const struct worklist_element *element)
{
	const dfh_rules *rules = making->lens.rules;
	const struct worklist_element *modality =
		element_with(making->scene->worklist, false);
	struct json_list numbers = {0};
	const char *does =
		modality ? entry_text(making->entry->dataset, modality->rule, 0)
			 : NULL;
	const char *found = NULL;
	for (size_t i = 0; i < element->station_of.count; i++)
		scene_values_of(making->scene, &element->station_of.at[i],
				&numbers);
	for (int by_place = 1; by_place >= 0; by_place--)
		for (size_t i = 0; i < rules->station_count && !found; i++) {
			const struct station *one = &rules->stations[i];
			if (by_place ? one->value &&
					       is_coding_said(&numbers, "value",
							      one->system,
							      one->value)
				     : does && same_text(one->modality, does))
				found = one->aet;
		}
	json_list_free(&numbers);
	return found ? found : making->how->aet;
}

static const char *modality_of_station(const struct entry_making *making)
{
	const dfh_rules *rules = making->lens.rules;
	const struct worklist_element *station =
		element_with(making->scene->worklist, true);
	const char *aet =
		station ? entry_text(making->entry->dataset, station->rule, 0)
			: NULL;
	for (size_t i = 0; aet && i < rules->station_count; i++)
		if (strcmp(rules->stations[i].aet, aet) == 0)
			return rules->stations[i].modality;
	return NULL;
}

/* ---- elements ---- */

static void put_one(struct entry_making *making,
		    const struct worklist_element *element, json_object *value)
{
	struct json_list values = {0};
	json_list_add(&values, value);
	put_by_rule(making, element, &values);
	json_list_free(&values);
}

static void put_modality(struct entry_making *making,
			 const struct worklist_element *element,
			 const char *modality)
{
	if (modality)
		put_one(making, element,
			concept_of(making, element,
				   coding_of_system_and_code(
					   making,
					   element->among
						   ? element->among->system
						   : NULL,
					   modality),
				   NULL));
}

static void put_concept(struct entry_making *making,
			const struct worklist_element *element)
{
	struct json_list texts = {0};
	json_object *coding = usable_coding(making, element);
	scene_values(making->scene, &element->text, &texts);
	const char *text = texts.count ? json_string(texts.at[0]) : NULL;
	if (coding || text)
		put_one(making, element,
			concept_of(making, element, coding, text));
	else if (element->modality_of.count)
		put_modality(making, element,
			     modality_by_code(making, &element->modality_of));
	json_list_free(&texts);
}

/* All of them as the values of one attribute. */
static void put_as_one_attribute(struct entry_making *making,
				 const struct worklist_element *element,
				 const struct json_list *values)
{
	const struct dcm_path *path = &element->rule->ports[0].path;
	char *all = NULL;
	for (size_t i = 0; i < values->count; i++) {
		const char *text = json_string(values->at[i]);
		if (!text || strchr(text, '\\'))
			continue;
		text = cut_text(making, element, text);
		size_t size = strlen(text) + (all ? strlen(all) : 0) + 2;
		char *longer = xmalloc(size);
		snprintf(longer, size, "%s%s%s", all ? all : "",
			 all ? "\\" : "", text);
		free(all);
		all = longer;
	}
	if (all)
		scope_write(&making->top, path,
			    &(struct port_value){VALUE_TEXT, all});
	free(all);
}

static void put_element_values(struct entry_making *making,
			       const struct worklist_element *element,
			       const struct way *way, struct json_list *values)
{
	if (element->all) {
		put_as_one_attribute(making, element, values);
		return;
	}
	if (is_moment_element(element)) {
		json_object *value = one_time(making, element, way, values);
		if (!element->is_time && !value && values->count)
			value = by_the_clock(making, element, values->at[0]);
		values->count = 0;
		if (value)
			json_list_add(values, value);
	}
	leave_current(making, element->rule, values);
	for (size_t i = 0; i < values->count; i++)
		values->at[i] = cut_to_fit(making, element, values->at[i]);
	if (values->count)
		put_by_rule(making, element, values);
}

/* The first that the attribute has room for, without a word about others. */
static void put_first_that_fits(struct entry_making *making,
				const struct worklist_element *element,
				const struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		struct json_list values = {0};
		scene_values_of(making->scene, &ways->at[i], &values);
		making->silent = true;
		bool done = values.count == 1 &&
			    put_by_rule(making, element, &values);
		making->silent = false;
		json_list_free(&values);
		if (done)
			return;
	}
}

static void copy_value(struct entry_making *making,
		       const struct worklist_element *element)
{
	const char *text = entry_text(making->entry->dataset, element->as, 0);
	if (text)
		scope_write(&making->top, &element->rule->ports[0].path,
			    &(struct port_value){VALUE_TEXT, text});
}

/* What the entries of this order that are there already agree in, it keeps. */
static bool put_served(struct entry_making *making,
		       const struct worklist_element *element)
{
	const struct entry_options *how = making->how;
	const char *text =
		how->served_count && element->stays
			? entry_text(how->served[0], element->rule, 0)
			: NULL;
	for (size_t i = 1; text && i < how->served_count; i++)
		if (!same_text(text,
			       entry_text(how->served[i], element->rule, 0)))
			text = NULL;
	if (text)
		scope_write(&making->top, &element->rule->ports[0].path,
			    &(struct port_value){VALUE_TEXT, text});
	return text != NULL;
}

/* Is what this way gives the number of a step that is served? */
static bool is_served(const struct entry_making *making,
		      const struct worklist_element *element,
		      const struct way *way)
{
	const struct entry_options *how = making->how;
	struct json_list values = {0};
	bool found = false;
	scene_values_of(making->scene, way, &values);
	for (size_t i = 0; i < how->served_count && values.count == 1; i++)
		found = found ||
			same_text(entry_text(how->served[i], element->rule, 0),
				  json_string(values.at[0]));
	json_list_free(&values);
	return found;
}

/* Of several steps each has a number of its own, also where the others are not
 * told of any more. */
static void put_number_of_step(struct entry_making *making,
			       const struct worklist_element *element)
{
	for (size_t i = 0; i < element->several.count; i++) {
		const struct ways one = {&element->several.at[i], 1};
		if (making->how->step_count > 1 ||
		    is_served(making, element, one.at))
			put_first_that_fits(making, element, &one);
	}
}

/* Has nobody promised a time yet, though one was asked for? */
static bool is_unpromised(const struct entry_making *making,
			  const struct worklist_element *element)
{
	const struct scene *scene = making->scene;
	size_t at = scene->worklist->fixed[ROLE_APPOINTMENT];
	return element->is_time && scene->all[at].count &&
	       !scene->fit[at].count;
}

static void put_worklist_element(struct entry_making *making,
				 const struct worklist_element *element)
{
	struct json_list values = {0};
	if (element->text.count || element->coding.count) {
		put_concept(making, element);
		return;
	}
	const struct way *way =
		is_unpromised(making, element)
			? NULL
			: scene_values(making->scene, &element->from, &values);
	if (way)
		put_element_values(making, element, way, &values);
	else if ((element->several.count && making->how->step_count) ||
		 !put_served(making, element)) {
		put_first_that_fits(making, element, &element->otherwise);
		put_number_of_step(making, element);
		if (element->as &&
		    !entry_text(making->entry->dataset, element->rule, 0))
			copy_value(making, element);
	}
	const char *aet = !way && element->station_of.count
				  ? station_of_site(making, element)
				  : NULL;
	if (aet)
		put_one(making, element,
			keep_made(making, json_new_string(aet)));
	json_list_free(&values);
}

const char *entry_text(const struct dataset *dataset, const struct rule *rule,
		       size_t port)
{
	const struct scope top = scope_root((struct dcm_item *)&dataset->root);
	return rule->ports[port].port
		       ? scope_read(&top, &rule->ports[port].path,
				    dataset->arena)
				 .text
		       : NULL;
}

/* ---- what is missing ---- */

static void miss_attribute(struct worklist_entry *entry,
			   const struct dcm_path *path)
{
	array_room(entry->missing, entry->missing_count);
	entry->missing[entry->missing_count++] = path;
}

static bool entry_has_value(const struct entry_making *making,
			    const struct dcm_path *path)
{
	return scope_read(&making->top, path, making->lens.arena).state ==
	       VALUE_TEXT;
}

/* Of a code and its text either will do; of a date and a time both. */
static void look_for_needed(struct entry_making *making,
			    const struct worklist_element *element)
{
	const struct rule *rule = element->rule;
	const struct dcm_path *first = NULL;
	bool any = false;
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];
		if (!port->port || port->read_only || port->shared)
			continue;
		bool has = entry_has_value(making, &port->path);
		if (!has && element->is_time)
			miss_attribute(making->entry, &port->path);
		if (!first)
			first = &port->path;
		any = any || has;
	}
	if (!any && first && !element->is_time)
		miss_attribute(making->entry, first);
}

static void check_needed_values(struct entry_making *making)
{
	const struct worklist_rules *worklist = making->scene->worklist;
	for (size_t i = 0; i < worklist->type1_count; i++)
		if (!entry_has_value(making, &worklist->type1[i]))
			miss_attribute(making->entry, &worklist->type1[i]);
	for (size_t i = 0; i < worklist->element_count; i++)
		if (worklist->elements[i].needed)
			look_for_needed(making, &worklist->elements[i]);
}

/* ---- all ---- */

static void note_entry(void *context, const struct rule *rule,
		       enum note_kind kind, const char *text)
{
	struct entry_making *making = context;
	making->refused = making->refused || kind == NOTE_REFUSED;
	/* The zone is not written: times are by the clock of the site. */
	if (kind != NOTE_SUPPLIED)
		tell_entry_note(making, rule, kind, text);
}

static void note_at(void *context, const struct rule *rule,
		    const struct dcm_path *attribute, enum note_kind kind,
		    const char *text)
{
	struct entry_making *making = context;
	making->refused = making->refused || kind == NOTE_REFUSED;
	if (!making->silent)
		import_note_at(&making->notes, rule, attribute, kind, text);
}

/* What several rules share, the zone, is not said: PS3.4 K.4.1.1.3.2. */
static void drop_shared(const struct entry_making *making)
{
	const struct worklist_rules *worklist = making->scene->worklist;
	for (size_t i = 0; i < worklist->element_count; i++) {
		const struct rule *rule = worklist->elements[i].rule;
		for (size_t k = 0; rule->codec->ports[k].name; k++)
			if (rule->ports[k].port && rule->ports[k].shared)
				scope_write(&making->top, &rule->ports[k].path,
					    &(struct port_value){VALUE_ABSENT,
								 NULL});
	}
}

const char *order_name(json_object *order, struct arena *arena)
{
	const char *id = json_text(order, "id");
	const char *number = json_text(
		json_at(json_member(order, "identifier"), 0), "value");
	return arena_printf(arena, "%s/%s", resource_type(order),
			    id	     ? id
			    : number ? number
				     : "without id");
}

static void begin_entry(struct entry_making *making, struct scene *scene)
{
	const dfh_rules *rules = scene->im->rules;
	struct worklist_entry *entry = making->entry;
	struct dataset *dataset = entry->dataset;
	entry->name =
		order_name(scene->all[scene->worklist->fixed[ROLE_ORDER]].at[0],
			   dataset->arena);
	entry->made = json_new_array();
	making->notes = (struct note_context){.im = scene->im,
					      .release = scene->release,
					      .file = entry->name};
	making->lens = (struct lens){
		.rules = rules,
		.release = scene->release,
		.arena = dataset->arena,
		.schemes = schemes_of(rules, &dataset->root, dataset->arena),
		.note = note_entry,
		.note_at = note_at,
		.note_context = making,
	};
	making->top = scope_root(&dataset->root);
	making->top.is_top_level = true;
	worklist_begin(scene->worklist, dataset);
}

static void put_elements(struct entry_making *making, bool numbers_only)
{
	const struct worklist_rules *worklist = making->scene->worklist;
	const struct worklist_element *modality = element_with(worklist, false);
	for (size_t i = 0; i < worklist->element_count; i++) {
		const struct worklist_element *element = &worklist->elements[i];
		if (numbers_only && !worklist_is_number(worklist, i))
			continue;
		put_worklist_element(making, element);
		if (element->is_time)
			making->scene->day =
				worklist_day(making->entry->dataset, element);
	}
	if (!numbers_only && modality &&
	    !entry_text(making->entry->dataset, modality->rule, 0))
		put_modality(making, modality, modality_of_station(making));
}

struct worklist_entry *entry_new(struct scene *scene,
				 const struct entry_options *how,
				 bool numbers_only)
{
	struct worklist_entry *entry = xmalloc(sizeof *entry);
	*entry = (struct worklist_entry){.dataset = dataset_new()};
	struct entry_making making = {
		.scene = scene, .how = how, .entry = entry};
	begin_entry(&making, scene);
	making.silent = numbers_only;
	put_elements(&making, numbers_only);
	if (numbers_only)
		return entry;
	worklist_put_patient(scene, &making.lens, entry->dataset);
	worklist_put_study_uid(scene, how->served_count ? how->served[0] : NULL,
			       &making.lens, entry->dataset);
	drop_shared(&making);
	schemes_write(making.lens.schemes, &entry->dataset->root);
	check_needed_values(&making);
	for (size_t i = 0; i < scene->worklist->type2_count; i++)
		put_type2_one(&scene->worklist->type2[i], entry->dataset);
	return entry;
}

void entry_free(struct worklist_entry *entry)
{
	if (!entry)
		return;
	json_object_put(entry->made);
	dataset_free(entry->dataset);
	free(entry->missing);
	free(entry);
}

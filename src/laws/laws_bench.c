/* What a law is tried on: a dataset made of a test, with the lens and the
 * position of the rule. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "base64.h"
#include "dcm_number.h"
#include "laws.h"
#include "zone.h"
#include "scheme.h"

/* ---- datasets and JSON ---- */

static void set_bytes(struct dcm_item *item, const struct dcm_entry *entry,
		      json_object *holder)
{
	size_t length;
	const char *coded = json_text(holder, "bytes");
	void *bytes = coded ? base64_decode(coded, &length) : NULL;
	if (bytes)
		dcm_item_set_bytes(item, &entry->tag, entry->vr, bytes, length);
	free(bytes);
}

const struct dcm_entry *keyword_entry(struct keywords *keywords,
				      const char *name)
{
	struct keyword *found = NULL;
	for (size_t i = 0; i < keywords->count && !found; i++)
		if (strcmp(keywords->at[i].name, name) == 0)
			found = &keywords->at[i];
	if (found)
		return found->known ? &found->entry : NULL;
	array_room(keywords->at, keywords->count);
	found = &keywords->at[keywords->count++];
	found->name = arena_strdup(keywords->arena, name);
	found->known =
		dcm_entry_find(found->name, keywords->arena, &found->entry);
	return found->known ? &found->entry : NULL;
}

void item_of_json(struct dcm_item *item, json_object *json,
		  struct keywords *keywords)
{
	if (!json_object_is_type(json, json_type_object))
		return;
	json_foreach (json, name, value) {
		const struct dcm_entry *known = keyword_entry(keywords, name);
		if (!known)
			continue;
		struct dcm_entry entry = *known;
		if (json_object_is_type(value, json_type_object)) {
			set_bytes(item, &entry, value);
			continue;
		}
		bool items = json_object_is_type(value, json_type_array);
		dcm_number_set(item, &entry.tag, items ? "SQ" : entry.vr,
			       items ? "" : json_object_get_string(value));
		size_t count = items ? json_count(value) : 0;
		for (size_t i = 0; i < count; i++)
			item_of_json(dcm_item_need_item(item, &entry.tag, i),
				     json_at(value, i), keywords);
	}
}

static json_object *json_of_element(const struct dcm_element *element)
{
	if (strcmp(element->vr, "SQ") == 0) {
		json_object *items = json_new_array();
		for (size_t i = 0; i < element->item_count; i++)
			json_append(items, json_of_item(element->items[i]));
		return items;
	}
	if (!element->length)
		return json_new_string(element->text ? element->text : "");
	char *coded = base64_encode(element->bytes, element->length);
	json_object *holder = json_new_object();
	json_add_text(holder, "bytes", coded);
	free(coded);
	return holder;
}

json_object *json_of_item(const struct dcm_item *item)
{
	json_object *json = json_new_object();
	for (size_t i = 0; i < item->count; i++) {
		char name[128];
		dcm_tag_name(&item->elements[i].tag, name);
		json_add(json, name, json_of_element(&item->elements[i]));
	}
	return json;
}

json_object *json_of_ports(const struct rule *rule,
			   const struct port_value *ports)
{
	json_object *json = json_new_object();
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (ports[i].state != VALUE_ABSENT)
			json_add(json, rule->codec->ports[i].name,
				 json_new_string(ports[i].text ? ports[i].text
							       : ""));
	return json;
}

const char *law_text(json_object *json)
{
	return json ? json_object_to_json_string_ext(
			      json, JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE)
		    : "nothing";
}

/* ---- positions ---- */

void bench_ports(const struct bench *bench, const struct trial *trial,
		 json_object *test, size_t index, struct port_value *ports)
{
	json_object *list = json_member(test, "positions");
	json_object *one = json_object_is_type(list, json_type_array)
				   ? json_at(list, index)
				   : NULL;
	memset(ports, 0, CODEC_PORTS_MAX * sizeof *ports);
	for (size_t i = 0; trial->rule->codec->ports[i].name; i++) {
		const char *text =
			json_text(one, trial->rule->codec->ports[i].name);
		if (!text || !trial->rule->ports[i].port)
			continue;
		size_t length = strlen(text);
		while (length && text[length - 1] == ' ')
			length--;
		ports[i].state = length ? VALUE_TEXT : VALUE_EMPTY;
		ports[i].text = length ? arena_strndup(bench->dataset->arena,
						       text, length)
				       : NULL;
	}
}

static struct dcm_item *bench_item_at(struct bench *bench,
				      const struct dcm_path *path, size_t index)
{
	struct dcm_item *item = bench->scope.item;
	for (size_t i = 0; i < path->depth; i++)
		item = dcm_item_need_item(item, &path->tags[i],
					  i + 1 == path->depth ? index : 0);
	return item;
}

/* The position at index, as lens.c would make it; false: there is no such
 * position. */
static bool position_at(struct bench *bench, const struct each *each,
			size_t home, size_t index, struct scope *out)
{
	*out = bench->scope;
	if (each->kind == EACH_ITEM || each->kind == EACH_ONE_OF) {
		const struct dcm_path *path = &each->paths[home % each->count];
		if (path->items) {
			*out = scope_new_item(&bench->scope, path);
			return true;
		}
		out->item = bench_item_at(bench, path, index);
		out->is_top_level = path->depth == 0;
		return path->depth || index == 0;
	}
	if (each->kind == EACH_VALUE) {
		out->value_of = &each->paths[0];
		out->value_index = (int)index;
		return true;
	}
	return index == 0;
}

static void write_position(struct bench *bench, const struct trial *trial,
			   json_object *test, size_t index)
{
	struct port_value ports[CODEC_PORTS_MAX];
	struct scope scope;
	size_t home = (size_t)json_object_get_int(json_member(test, "home"));
	if (!position_at(bench, &trial->rule->each, home, index, &scope))
		return;
	bench_ports(bench, trial, test, index, ports);
	for (size_t i = 0; trial->rule->codec->ports[i].name; i++)
		if (trial->rule->ports[i].port &&
		    ports[i].state != VALUE_ABSENT)
			scope_write(&scope, &trial->rule->ports[i].path,
				    &ports[i]);
}

/* ---- the bench ---- */

static void count_note(void *context, const struct rule *rule,
		       enum note_kind kind, const char *text)
{
	struct bench *bench = context;
	(void)rule;
	(void)text;
	bench->notes[kind]++;
}

/* The rule takes part. */
static void satisfy_conditions(struct dcm_item *root,
			       const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->when_count; i++) {
		const struct condition *one = &conditions->when[i];
		const struct dcm_path *path = &one->path;
		struct dcm_item *item = root;
		for (size_t k = 0; k + 1 < path->depth; k++)
			item = dcm_item_need_item(item, &path->tags[k], 0);
		const struct dcm_tag *tag = &path->tags[path->depth - 1];
		if (strcmp(path->vr, "SQ") == 0)
			dcm_item_need_item(item, tag, 0);
		else if (!dcm_item_find(item, tag) || one->values)
			dcm_item_set_text(item, tag, path->vr,
					  one->values ? one->values[0] : "1");
	}
}

void bench_open(struct bench *bench, const struct trial *trial,
		json_object *test)
{
	const struct place *place = trial->path->place;
	const char *zone = json_text(test, "zone");
	*bench = (struct bench){.dataset = dataset_new()};
	bench->zone = zone ? zone_open(zone, NULL) : NULL;
	struct dcm_item *root = &bench->dataset->root;
	item_of_json(root, json_member(test, "dataset"), trial->keywords);
	satisfy_conditions(root, &trial->rule->conditions);
	bench->scope = scope_root(root);
	/* One of a list of joined names and items is put so: put.c. */
	if (place->each.kind == EACH_JOIN)
		bench->scope.join = &place->each;
	json_object *positions = json_member(test, "positions");
	size_t count = json_count(positions);
	for (size_t i = 0; i < count; i++)
		write_position(bench, trial, test, i);
	bench->lens = (struct lens){
		.rules = trial->rules,
		.release = trial->release,
		.arena = bench->dataset->arena,
		.schemes =
			schemes_of(trial->rules, root, bench->dataset->arena),
		.zone = bench->zone,
		.note = count_note,
		.note_context = bench,
	};
}

void bench_close(struct bench *bench)
{
	zone_close(bench->zone);
	dataset_free(bench->dataset);
}

static void count_codec_note(void *context, enum note_kind kind,
			     const char *text)
{
	count_note(context, NULL, kind, text);
}

struct codec_call bench_call(struct bench *bench, const struct trial *trial)
{
	return (struct codec_call){
		.rules = trial->rules,
		.rule = trial->rule,
		.release = trial->release,
		.type = trial->path->type,
		.arena = bench->dataset->arena,
		.schemes = bench->lens.schemes,
		.zone = bench->zone,
		.note = count_codec_note,
		.note_context = bench,
	};
}

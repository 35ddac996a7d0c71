#include "codec_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules_build.h"
#include "zone.h"
#include "scheme.h"

static _Noreturn void bad_case(const char *what, const char *name)
{
	fprintf(stderr, "bad case: %s %s\n", what, name ? name : "");
	exit(2);
}

static const char *text_at(json_object *row, size_t index)
{
	json_object *text = json_at(row, index);
	return text ? json_object_get_string(text) : NULL;
}

static struct table_row *rows_of(struct arena *arena, json_object *rows,
				 size_t *count)
{
	*count = json_count(rows);
	struct table_row *out = arena_alloc(arena, (*count + 1) * sizeof *out);
	for (size_t i = 0; i < *count; i++) {
		json_object *row = json_at(rows, i);
		out[i] = (struct table_row){
			.dicom = text_at(row, 0),
			.code = text_at(row, 1),
			.display = text_at(row, 2),
			.system = text_at(row, 3),
		};
	}
	return out;
}

static struct table *table_of(struct arena *arena, json_object *from)
{
	struct table *table = arena_alloc(arena, sizeof *table);
	const char *others = json_text(from, "others");
	table->system = json_text(from, "system");
	table->default_value = json_text(from, "default");
	table->none_value = json_text(from, "none");
	table->others = !others			      ? OTHERS_NONE
			: strcmp(others, "code") == 0 ? OTHERS_CODE
						      : OTHERS_TEXT;
	table->rows =
		rows_of(arena, json_member(from, "rows"), &table->row_count);
	table->also =
		rows_of(arena, json_member(from, "also"), &table->also_count);
	table->formerly = rows_of(arena, json_member(from, "formerly"),
				  &table->formerly_count);
	table->index = table_index_new(table, arena);
	return table;
}

static void set_options(struct codec_case *it)
{
	json_object *with = json_member(it->group, "with");
	json_object *tables = json_member(it->group, "tables");
	size_t count = with ? (size_t)json_member_count(with) : 0;
	it->rule.options =
		arena_alloc(it->arena, (count + 1) * sizeof(struct option));
	if (!with)
		return;
	json_foreach (with, name, value) {
		struct option *option =
			&it->rule.options[it->rule.option_count++];
		json_object *table =
			json_object_is_type(value, json_type_string)
				? json_member(tables,
					      json_object_get_string(value))
				: NULL;
		option->name = name;
		option->value = value;
		option->table = table ? table_of(it->arena, table) : NULL;
	}
}

static void set_ports(struct codec_case *it)
{
	const struct codec_port *declared = it->rule.codec->ports;
	json_object *ports = json_member(it->group, "ports");
	while (declared[it->port_count].name)
		it->port_count++;
	json_foreach (ports, name, value) {
		const char *text = json_object_get_string(value);
		size_t i = 0;
		while (declared[i].name && strcmp(declared[i].name, name) != 0)
			i++;
		if (!declared[i].name)
			bad_case("no port", name);
		it->ports[i].port = &declared[i];
		memcpy(it->ports[i].path.vr, text, 2);
		it->ports[i].path.vm_max = strstr(text, " n") ? -1 : 1;
		it->ports[i].read_only = strstr(text, "read-only") != NULL;
		if (strcmp(declared[i].vrs, "*") != 0 &&
		    !strstr(declared[i].vrs, it->ports[i].path.vr))
			bad_case("VR", name);
	}
	it->rule.ports = it->ports;
}

void codec_case_open(struct codec_case *it, json_object *group)
{
	const char *name = json_text(group, "codec");
	const char *zone = json_text(group, "zone");
	json_object *schemes = json_member(group, "schemes");
	*it = (struct codec_case){.group = group, .arena = arena_new()};
	it->rule.codec = codec_find(name ? name : "");
	if (!it->rule.codec)
		bad_case("no codec", name);
	set_ports(it);
	set_options(it);
	it->path.slot = -1;
	it->path.is = json_member(group, "is");
	it->path.type = json_text(group, "type");
	if (!it->path.type || !strstr(it->rule.codec->types, it->path.type))
		bad_case("type of", name);
	for (int i = 0; i < RELEASES; i++)
		it->rule.fhir[i] = &it->path;
	it->rules.schemes.table = schemes ? table_of(it->arena, schemes) : NULL;
	it->rules.schemes.unknown = json_text(group, "unknown");
	it->zone = zone ? zone_open(zone, NULL) : NULL;
}

void codec_case_close(struct codec_case *it)
{
	zone_close(it->zone);
	arena_free(it->arena);
}

static void count_note(void *context, enum note_kind kind, const char *text)
{
	struct codec_case *it = context;
	if (!text || !*text)
		bad_case("a note without", "text");
	it->notes[kind]++;
}

struct codec_call codec_case_call(struct codec_case *it)
{
	memset(it->notes, 0, sizeof it->notes);
	return (struct codec_call){
		.rules = &it->rules,
		.rule = &it->rule,
		.release = FHIR_R5,
		.type = it->path.type,
		.arena = it->arena,
		.schemes = schemes_of(&it->rules, NULL, it->arena),
		.zone = it->zone,
		.note = count_note,
		.note_context = it,
	};
}

static void set_text(struct port_value *port, const char *text)
{
	*port = *text ? (struct port_value){VALUE_TEXT, text}
		      : (struct port_value){VALUE_EMPTY, NULL};
}

void codec_case_ports(struct codec_case *it, json_object *from,
		      struct port_value *out)
{
	const struct codec_port *declared = it->rule.codec->ports;
	for (size_t i = 0; i < it->port_count; i++)
		out[i] = (struct port_value){VALUE_ABSENT, NULL};
	if (json_object_is_type(from, json_type_string)) {
		set_text(&out[0], json_object_get_string(from));
		return;
	}
	if (!from)
		return;
	json_foreach (from, name, value) {
		size_t i = 0;
		while (i < it->port_count &&
		       strcmp(declared[i].name, name) != 0)
			i++;
		if (i == it->port_count || !it->ports[i].port)
			bad_case("a port that the group has not:", name);
		set_text(&out[i], json_object_get_string(value));
	}
}

const char *codec_case_differ(struct codec_case *it, const struct port_value *a,
			      const struct port_value *b)
{
	for (size_t i = 0; i < it->port_count; i++) {
		if (!it->ports[i].port || it->ports[i].read_only)
			continue;
		if (a[i].state != b[i].state ||
		    (a[i].state == VALUE_TEXT &&
		     strcmp(a[i].text, b[i].text) != 0))
			return it->rule.codec->ports[i].name;
	}
	return NULL;
}

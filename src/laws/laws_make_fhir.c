/*
 * Values of FHIR types, made from the definitions: any element of a type may
 * be there, those that people use more often than the others.
 */
#include <stdlib.h>
#include <string.h>

#include "fhir_schema.h"
#include "laws.h"
#include "calendar.h"
#include "vr.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define ONE_OF(maker, list)                                                    \
	((list)[random_below((maker)->random, LENGTH(list))])

enum { DEPTH_MAX = 4 };

struct fhir_making {
	const struct maker *maker;
	const struct trial *trial;
	int depth;
};

static json_object *make_of_type(const struct fhir_making *making,
				 const char *type);

/* ---- primitives ---- */

static const char *trimmed_text(const struct maker *maker, const char *text)
{
	const char *from = text + strspn(text, " \t\r\n\f\a");
	size_t length = strlen(from);
	while (length && strchr(" \t\r\n\f\a", from[length - 1]))
		length--;
	return arena_strndup(maker->arena, from, length);
}

/* What one of the rule's attributes could hold. */
static const char *make_of_port(const struct fhir_making *making)
{
	const struct maker *maker = making->maker;
	const struct rule *rule = making->trial->rule;
	size_t count = codec_port_count(rule->codec);
	const struct rule_port *port =
		&rule->ports[random_below(maker->random, count)];
	if (!port->port)
		return "";
	return trimmed_text(maker, make_dicom(maker, port->path.vr, 1, NULL));
}

static const char *make_string(const struct fhir_making *making)
{
	static const char *const around[] = {" ", "  ", "\n", "\t", "\r\n"};
	const struct maker *maker = making->maker;
	const char *text = NULL;
	size_t kind = random_below(maker->random, 10);
	if (kind < 4)
		text = make_of_port(making);
	else if (kind == 4)
		text = make_word(maker, &maker->words->displays);
	else if (kind == 5)
		text = make_word(maker, &maker->words->terms);
	else if (kind == 6)
		text = make_word(maker, &maker->words->codes);
	else if (kind == 7)
		text = make_uri(maker);
	if (!text || !*trimmed_text(maker, text))
		text = make_text(maker, make_length(maker));
	if (!*trimmed_text(maker, text))
		text = "A";
	if (random_chance(maker->random, 4))
		text = arena_printf(maker->arena, "%s%s", ONE_OF(maker, around),
				    text);
	if (random_chance(maker->random, 4))
		text = arena_printf(maker->arena, "%s%s", text,
				    ONE_OF(maker, around));
	return text;
}

static const char *make_code(const struct fhir_making *making)
{
	static const char *const others[] = {
		"official",
		"usual",
		"old",
		"male",
		"a",
		"CT",
		"MR",
		"PI",
		"kg",
		"<",
		"1234-5",
		"a b",
		"99X",
		"é",
		"a-code-of-more-than-sixteen-letters",
		"urn:oid:1.2.3"};
	const struct maker *maker = making->maker;
	const char *code = NULL;
	if (random_chance(maker->random, 70))
		code = make_word(maker, &maker->words->codes);
	else if (random_chance(maker->random, 40))
		code = make_word(maker, &maker->words->terms);
	else if (random_chance(maker->random, 40))
		code = make_of_port(making);
	json_object *json = json_new_string(code ? code : "");
	bool legal = fhir_is_legal(making->trial->release, "code", json);
	json_object_put(json);
	return legal ? code : ONE_OF(maker, others);
}

static const char *make_id(const struct fhir_making *making)
{
	static const char *const others[] = {"a-1.B", "7", "x"};
	return random_chance(making->maker->random, 60)
		       ? make_uid(making->maker)
		       : ONE_OF(making->maker, others);
}

static const char *make_moment(const struct fhir_making *making, bool day_only,
			       bool time_only)
{
	const struct maker *maker = making->maker;
	size_t precision = time_only ? 3
			   : random_chance(maker->random, 20)
				   ? random_below(maker->random, 2)
			   : day_only ? 2
				      : 2 + random_below(maker->random, 4);
	static const char *const zones[] = {
		"Z",	  "+00:00", "-00:00", "+01:00", "-05:00", "+14:00",
		"-12:00", "-14:00", "+05:45", "-00:30", "+12:59"};
	static const size_t years[] = {1, 999, 1899, 2000, 2024, 9999};
	size_t year = random_chance(maker->random, 20)
			      ? ONE_OF(maker, years)
			      : 1890 + random_below(maker->random, 200);
	size_t month = 1 + random_below(maker->random, 12);
	size_t days = (size_t)calendar_month_days((int64_t)year, (int)month);
	const char *text = arena_printf(maker->arena, "%04zu", year);
	if (precision >= 1)
		text = arena_printf(maker->arena, "%s-%02zu", text, month);
	if (precision >= 2)
		text = arena_printf(maker->arena, "%s-%02zu", text,
				    1 + random_below(maker->random, days));
	if (precision < 3)
		return text;
	text = arena_printf(maker->arena, "%sT%02zu:%02zu:%02zu", text,
			    random_below(maker->random, 24),
			    random_below(maker->random, 60),
			    random_chance(maker->random, 5)
				    ? 60
				    : random_below(maker->random, 60));
	size_t digits = random_chance(maker->random, 50)
				? random_below(maker->random, 10)
				: 0;
	for (size_t i = 0; i < digits; i++)
		text = arena_printf(maker->arena, "%s%s%zu", text, i ? "" : ".",
				    random_below(maker->random, 10));
	return arena_printf(maker->arena, "%s%s", text, ONE_OF(maker, zones));
}

static json_object *make_fhir_integer(const struct fhir_making *making,
				      int64_t least)
{
	static const int64_t limits[] = {
		0, 1, -1, 999, 2147483647, -2147483647 - 1, 2147483646};
	struct random *random = making->maker->random;
	int64_t number = random_chance(random, 40)
				 ? ONE_OF(making->maker, limits)
				 : (int64_t)random_below(random, 100000);
	return json_new_integer(number < least ? least : number);
}

static json_object *make_fhir_decimal(const struct fhir_making *making)
{
	static const char *const odd[] = {"0",
					  "0.0",
					  "-0",
					  "-3.5",
					  "1e3",
					  "1E-3",
					  "1.50e+1",
					  "0.0010",
					  "72.500",
					  "42.0",
					  "999",
					  "1000",
					  "12345678901234567890",
					  "0.1234567890123456",
					  "1e300",
					  "100000",
					  "-7"};
	const struct maker *maker = making->maker;
	const char *text =
		random_chance(maker->random, 40) ? ONE_OF(maker, odd)
		: random_chance(maker->random, 50)
			? arena_printf(maker->arena, "%zu",
				       random_below(maker->random, 1200))
			: arena_printf(maker->arena, "%zu.%zu",
				       random_below(maker->random, 300),
				       random_below(maker->random, 1000));
	return json_tokener_parse(text);
}

/* NULL: no primitive. */
static json_object *make_primitive(const struct fhir_making *making,
				   const char *type)
{
	const char *text;
	if (strcmp(type, "boolean") == 0)
		return json_new_boolean(
			random_chance(making->maker->random, 50));
	if (strcmp(type, "decimal") == 0)
		return make_fhir_decimal(making);
	if (strcmp(type, "integer") == 0)
		return make_fhir_integer(making, INT32_MIN);
	if (strcmp(type, "unsignedInt") == 0)
		return make_fhir_integer(making, 0);
	if (strcmp(type, "positiveInt") == 0)
		return make_fhir_integer(making, 1);
	if (strcmp(type, "string") == 0 || strcmp(type, "markdown") == 0)
		text = make_string(making);
	else if (strcmp(type, "code") == 0)
		text = make_code(making);
	else if (strcmp(type, "id") == 0)
		text = make_id(making);
	else if (strcmp(type, "uri") == 0 || strcmp(type, "url") == 0 ||
		 strcmp(type, "canonical") == 0)
		text = make_uri(making->maker);
	else if (strcmp(type, "oid") == 0)
		text = arena_printf(making->maker->arena, "urn:oid:%s",
				    make_uid(making->maker));
	else if (strcmp(type, "dateTime") == 0 || strcmp(type, "date") == 0)
		text = make_moment(making, type[4] == '\0', false);
	else if (strcmp(type, "instant") == 0)
		text = make_moment(making, false, true);
	else
		return NULL;
	return json_new_string(text);
}

/* ---- objects ---- */

/* Elements that are seldom there, or have no counterpart in DICOM: with all
 * of them there would hardly be a value that DICOM can hold. */
static bool is_rare(const char *name)
{
	static const char *const names[] = {
		"id",	    "extension",  "period",	  "use",
		"text",	    "rank",	  "userSelected", "version",
		"assigner", "identifier", "comparator",	  "reference",
		"type",	    "district"};
	for (size_t i = 0; i < LENGTH(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static json_object *make_extension(const struct fhir_making *making)
{
	json_object *extension = json_new_object();
	const char *url = make_uri(making->maker);
	bool coded = random_chance(making->maker->random, 80);
	json_add(extension, "url", json_new_string(url));
	json_add(extension, coded ? "valueCode" : "valueString",
		 json_new_string(coded ? make_code(making)
				       : make_string(making)));
	return extension;
}

static json_object *wrapped_in_array(json_object *element)
{
	json_object *array = json_new_array();
	json_append(array, element);
	return array;
}

static json_object *make_extended(const struct fhir_making *making)
{
	json_object *holder = json_new_object();
	json_add(holder, "extension", wrapped_in_array(make_extension(making)));
	return holder;
}

/* What a primitive has beside its value: "_given": [null, {...}]. */
static void add_beside(const struct fhir_making *making, json_object *object,
		       const char *name, json_object *value)
{
	const char *beside = arena_printf(making->maker->arena, "_%s", name);
	bool array = json_object_is_type(value, json_type_array);
	size_t count = array ? json_count(value) : 0;
	json_object *list = array ? json_new_array() : NULL;
	size_t which = count ? random_below(making->maker->random, count) : 0;
	for (size_t i = 0; i < which; i++)
		json_append(list, NULL);
	if (array)
		json_append(list, make_extended(making));
	else
		list = make_extended(making);
	json_add(object, beside, list);
}

static void add_made_element(const struct fhir_making *making,
			     json_object *object,
			     const struct fhir_element *element)
{
	struct random *random = making->maker->random;
	size_t count = 1;
	json_object *value = element->many ? json_new_array() : NULL;
	if (element->many)
		while (count < 3 && random_chance(random, 25))
			count++;
	for (size_t i = 0; i < count; i++) {
		json_object *one = make_of_type(making, element->type);
		if (!one)
			continue;
		if (element->many)
			json_append(value, one);
		else
			value = one;
	}
	if (!value || (element->many && !json_count(value))) {
		json_object_put(value);
		return;
	}
	json_add(object, element->name, value);
	if (fhir_type_is_primitive(element->type) &&
	    random_chance(random, element->many ? 12 : 2))
		add_beside(making, object, element->name, value);
}

/* System, code and display that belong together. */
static void add_row(const struct fhir_making *making, json_object *coding)
{
	const struct table_list *tables = &making->maker->words->tables;
	struct random *random = making->maker->random;
	if (!tables->count)
		return;
	const struct table *table =
		tables->at[random_below(random, tables->count)];
	size_t earlier = table->formerly_count;
	bool formerly = earlier && random_chance(random, 15);
	size_t count = formerly ? earlier : table->row_count;
	if (!count)
		return;
	const struct table_row *row =
		&(formerly ? table->formerly
			   : table->rows)[random_below(random, count)];
	const char *system = row->system ? row->system : table->system;
	if (!row->code || strchr(row->code, ':'))
		return;
	if (system && random_chance(random, 90))
		json_add(coding, "system", json_new_string(system));
	json_add(coding, "code", json_new_string(row->code));
	if (row->display && random_chance(random, 70))
		json_add(coding, "display", json_new_string(row->display));
}

static json_object *make_object(const struct fhir_making *making,
				const char *type)
{
	struct random *random = making->maker->random;
	json_object *object = json_new_object();
	struct fhir_making inner = *making;
	size_t count;
	const struct fhir_element *all =
		fhir_elements_of(making->trial->release, type, &count);
	inner.depth++;
	for (int again = 0; again < 3 && !json_member_count(object); again++)
		for (size_t i = 0; i < count; i++) {
			bool rare = is_rare(all[i].name);
			if (!random_chance(random, rare ? 8 : 60) ||
			    strcmp(all[i].type, "Resource") == 0)
				continue;
			add_made_element(&inner, object, &all[i]);
		}
	if (strcmp(type, "Coding") == 0 && random_chance(random, 60))
		add_row(making, object);
	if (json_member_count(object))
		return object;
	json_object_put(object);
	return NULL;
}

static json_object *make_of_type(const struct fhir_making *making,
				 const char *type)
{
	if (fhir_type_is_primitive(type))
		return make_primitive(making, type);
	if (making->depth > DEPTH_MAX)
		return NULL;
	if (strcmp(type, "Extension") == 0)
		return make_extension(making);
	return make_object(making, type);
}

json_object *make_fhir(const struct maker *maker, const struct trial *trial,
		       const char *type)
{
	struct fhir_making making = {maker, trial, 0};
	json_object *value = NULL;
	for (int i = 0; i < 20 && !value; i++)
		value = make_of_type(&making, type);
	return value;
}

/* ---- something of both ---- */

static json_object *mixed_objects(const struct maker *maker, json_object *a,
				  json_object *b)
{
	json_object *out = json_new_object();
	json_foreach (a, name, value) {
		json_object *other = NULL;
		bool both = json_object_object_get_ex(b, name, &other);
		if (both)
			json_add(out, name, make_mixed(maker, value, other));
		else if (random_chance(maker->random, 85))
			json_add(out, name, json_object_get(value));
	}
	json_foreach (b, key, more) {
		if (!json_object_object_get_ex(a, key, NULL) &&
		    random_chance(maker->random, 15))
			json_add(out, key, json_object_get(more));
	}
	return out;
}

json_object *make_mixed(const struct maker *maker, json_object *a,
			json_object *b)
{
	bool objects = json_object_is_type(a, json_type_object) &&
		       json_object_is_type(b, json_type_object);
	if (objects)
		return mixed_objects(maker, a, b);
	if (!json_object_is_type(a, json_type_array) ||
	    !json_object_is_type(b, json_type_array))
		return json_object_get(random_chance(maker->random, 75) ? a
									: b);
	json_object *out = json_new_array();
	size_t of_a = json_count(a);
	size_t of_b = json_count(b);
	for (size_t i = 0; i < of_a; i++) {
		json_object *one = json_at(a, i);
		json_append(out, i < of_b
					 ? make_mixed(maker, one, json_at(b, i))
					 : json_object_get(one));
	}
	return out;
}

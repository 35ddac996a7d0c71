/* A record as a line of JSON, and back: how instances travel between
 * machines. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "error.h"
#include "export.h"
#include "fhir_path.h"
#include "hash.h"
#include "json_print.h"
#include "json_read.h"
#include "utf8.h"
#include "uuid.h"
#include "source.h"

/* ---- the version ---- */

static void add_wants(struct buffer *text, const struct dcm_want *list,
		      size_t count)
{
	char line[32];
	for (size_t i = 0; i < count; i++) {
		const struct dcm_tag *tag = &list[i].tag;
		snprintf(line, sizeof line, "%04x%04x%s%d(", tag->group,
			 tag->element, list[i].vr, list[i].whole);
		if (tag->creator)
			buffer_add(text, tag->creator, strlen(tag->creator));
		buffer_add(text, line, strlen(line));
		add_wants(text, list[i].in_items, list[i].in_items_count);
		buffer_add(text, ")", 1);
	}
}

/* Records are good for all rules that read the same in the same way. */
void record_version(const dfh_rules *rules, char out[40])
{
	const char *charset = rules->wants.assumed_charset;
	struct buffer text = {0};
	char uuid[UUID_TEXT];
	add_wants(&text, rules->wants.list, rules->wants.count);
	buffer_add_text(&text, charset ? charset : "");
	uuid_from_name((const char *)text.bytes, uuid);
	snprintf(out, 40, "1-%.8s", uuid);
	free(text.bytes);
}

/* ---- the keys ---- */

/* '#' and what comes before it are written as #hh.  So nothing comes before
 * the quote that ends a key, a key comes before those that it begins, and
 * lines are sorted as keys are. */
char *record_sortable(const char *key)
{
	char *out = xmalloc(3 * strlen(key) + 1), *end = out;
	for (const unsigned char *p = (const unsigned char *)key; *p; p++) {
		if (*p > '#')
			*end++ = (char)*p;
		else
			end += sprintf(end, "#%02x", *p);
	}
	*end = '\0';
	return out;
}

const char *dfh_record_study(dfh_record *record)
{
	if (record->study)
		return record->study;
	char *const *keys = record->instance.keys;
	char *patient = record_sortable(keys[LEVEL_PATIENT]);
	char *study = record_sortable(keys[LEVEL_STUDY]);
	size_t size = strlen(patient) + strlen(study) + 2;
	record->study = xmalloc(size);
	snprintf(record->study, size, "%s\"%s", patient, study);
	free(patient);
	free(study);
	return record->study;
}

const char *dfh_record_file(const dfh_record *record)
{
	return record->instance.file;
}

unsigned long long dfh_record_digest(const dfh_record *record)
{
	const struct dcm_item *root = &record->instance.dataset->root;
	struct buffer bytes = {0};
	uint64_t hash;
	for (size_t i = 0; i < root->count; i++)
		compact_element(&bytes, &root->elements[i]);
	hash = hash_bytes(HASH_START, bytes.bytes, bytes.length);
	free(bytes.bytes);
	return hash;
}

/* ---- to JSON ---- */

static void print(struct buffer *out, const char *text)
{
	buffer_add(out, text, strlen(text));
}

/* Empty text is there, too: a key may be empty. */
static void print_member(struct buffer *out, const char *before,
			 const char *text)
{
	print(out, before);
	json_print_string(text, strlen(text), JSON_C_TO_STRING_NOSLASHESCAPE,
			  out);
}

static void print_bytes(struct buffer *out, const char *before,
			const void *bytes, size_t length)
{
	char *text = base64_encode(bytes, length);
	print_member(out, before, text);
	free(text);
}

static void print_items(struct buffer *out, const struct dcm_item *item);

static void print_element(struct buffer *out, const struct dcm_element *element)
{
	print_member(out, "{\"vr\":", element->vr);
	if (element->text)
		print_member(out, ",\"text\":", element->text);
	if (element->length)
		print_bytes(out, ",\"bytes\":", element->bytes,
			    element->length);
	for (size_t i = 0; i < element->item_count; i++) {
		print(out, i ? "," : ",\"items\":[");
		print_items(out, element->items[i]);
	}
	print(out, element->item_count ? "]}" : "}");
}

/* "00100020", or "00091010 CREATOR". */
static void print_tag(struct buffer *out, const struct dcm_tag *tag)
{
	static const char digits[] = "0123456789ABCDEF";
	uint32_t number = (uint32_t)tag->group << 16 | tag->element;
	struct buffer name = {0};
	char text[] = "00000000";
	for (int i = 7; i >= 0; i--, number >>= 4)
		text[i] = digits[number & 0xf];
	if (tag->creator) {
		print(&name, text);
		print(&name, " ");
		buffer_add_text(&name, tag->creator);
	}
	print_member(out, "", name.bytes ? (const char *)name.bytes : text);
	free(name.bytes);
}

static void print_items(struct buffer *out, const struct dcm_item *item)
{
	print(out, "{");
	for (size_t i = 0; i < item->count; i++) {
		print(out, i ? "," : "");
		print_tag(out, &item->elements[i].tag);
		print(out, ":");
		print_element(out, &item->elements[i]);
	}
	print(out, "}");
}

/* A name that is not UTF-8 cannot be in JSON (RFC 8259 8.1): it is there for
 * people, and its bytes beside it. */
static void print_file(struct buffer *out, const char *file)
{
	char *name = xmalloc(utf8_repaired_size(file));
	utf8_repair(file, name);
	print_member(out, ",\"file\":", name);
	if (strcmp(name, file) != 0)
		print_bytes(out, ",\"file-bytes\":", file, strlen(file));
	free(name);
}

static const char *const names[LEVELS] = {"patient", "study", "series",
					  "instance"};

/* As it is gone through: to make a tree of it first would take three times as
 * long. */
char *dfh_record_json(dfh_export *ex, dfh_record *record)
{
	const struct instance *instance = &record->instance;
	struct buffer out = {0};
	for (int level = 0; level < LEVELS; level++) {
		char *key = record_sortable(instance->keys[level]);
		print(&out, level ? ",\"" : "{\"");
		print(&out, names[level]);
		print_member(&out, "\":", key);
		free(key);
	}
	print_file(&out, instance->file);
	print_member(&out, ",\"version\":", ex->version);
	print(&out, instance->dataset->mislabelled
			    ? ",\"mislabelled\":true,\"dataset\":"
			    : ",\"dataset\":");
	print_items(&out, &instance->dataset->root);
	buffer_add_text(&out, "}");
	return (char *)out.bytes;
}

/* ---- from JSON ---- */

static const char *text_of(json_object *object, const char *name)
{
	json_object *text = json_member(object, name);
	return json_object_is_type(text, json_type_string)
		       ? json_object_get_string(text)
		       : NULL;
}

/* free() it; NULL: there is none. */
static char *file_of(json_object *line)
{
	const char *file = text_of(line, "file");
	const char *base64 = text_of(line, "file-bytes");
	size_t length;
	if (!file || !base64)
		return file ? xstrdup(file) : NULL;
	char *name = base64_decode(base64, &length);
	if (!name)
		return NULL;
	name = xrealloc(name, length + 1);
	name[length] = '\0';
	return name;
}

static int take_items(struct dcm_item *item, json_object *from, int depth);

static int take_value(struct dcm_item *item, const struct dcm_tag *tag,
		      json_object *from, int depth)
{
	const char *vr = text_of(from, "vr");
	const char *text = text_of(from, "text");
	const char *base64 = text_of(from, "bytes");
	json_object *items = json_member(from, "items");
	if (!vr || strlen(vr) > 2)
		return -1;
	dcm_item_need(item, tag, vr);
	if (text)
		dcm_item_set_text(item, tag, vr, text);
	if (base64) {
		size_t length;
		void *bytes = base64_decode(base64, &length);
		if (bytes)
			dcm_item_set_bytes(item, tag, vr, bytes, length);
		free(bytes);
		if (!bytes)
			return -1;
	}
	if (!items)
		return 0;
	if (!json_object_is_type(items, json_type_array) ||
	    strcmp(vr, "SQ") != 0)
		return -1;
	for (size_t i = 0; i < json_count(items); i++)
		if (take_items(dcm_item_need_item(item, tag, i),
			       json_at(items, i), depth + 1) < 0)
			return -1;
	return 0;
}

static int take_items(struct dcm_item *item, json_object *from, int depth)
{
	if (!json_object_is_type(from, json_type_object) ||
	    depth > DCM_DEPTH_MAX)
		return -1;
	json_foreach (from, name, value) {
		unsigned int group, element;
		/* as it is printed, which sscanf does not see to */
		if (strspn(name, "0123456789ABCDEF") != 8 ||
		    sscanf(name, "%4x%4x", &group, &element) != 2 ||
		    (name[8] && name[8] != ' '))
			return -1;
		struct dcm_tag tag = {(uint16_t)group, (uint16_t)element,
				      name[8] ? name + 9 : NULL};
		if (take_value(item, &tag, value, depth) < 0)
			return -1;
	}
	return 0;
}

/* The keys are made of the dataset; those in the line must be the same. */
static bool has_keys(const dfh_record *record, json_object *line)
{
	bool same = true;
	for (int level = 0; same && level < LEVELS; level++) {
		char *key = record_sortable(record->instance.keys[level]);
		const char *text = text_of(line, names[level]);
		same = text && strcmp(key, text) == 0;
		free(key);
	}
	return same;
}

static dfh_record *from_json(dfh_export *ex, const char *name,
			     json_object *line, dfh_error **error)
{
	const char *version = text_of(line, "version");
	if (!version) {
		error_because(error, DFH_NOT_RECORD, "%s: is no record", name);
		return NULL;
	}
	if (strcmp(version, ex->version) != 0) {
		error_because(error, DFH_NOT_RECORD,
			      "%s: was read by other rules or another version: "
			      "make the records again",
			      name);
		return NULL;
	}
	struct dataset *dataset = dataset_new();
	char *file = file_of(line);
	dataset->mislabelled = json_member(line, "mislabelled") != NULL;
	if (!file ||
	    take_items(&dataset->root, json_member(line, "dataset"), 0) < 0) {
		free(file);
		dataset_free(dataset);
		error_because(error, DFH_NOT_RECORD, "%s: is no record", name);
		return NULL;
	}
	dfh_record *record = record_new(ex->rules, dataset, file);
	free(file);
	if (has_keys(record, line))
		return record;
	dfh_record_free(record);
	error_because(error, DFH_NOT_RECORD,
		      "%s: its keys are not those of its values", name);
	return NULL;
}

/* The line is in the name. */
static void fail_json(const struct json_source *source, const char *name,
		      dfh_error **error)
{
	size_t line, column;
	json_where(source, &line, &column);
	error_because(error, DFH_NOT_RECORD, "%s:%zu: not JSON: %s", name,
		      column, source->fault);
}

dfh_record *dfh_export_read_json(dfh_export *ex, const char *name,
				 const char *json, size_t length,
				 dfh_error **error)
{
	if (text_given(json, length, error) < 0)
		return NULL;
	struct json_source source =
		json_source_of(json, length, 3 * DCM_DEPTH_MAX);
	json_object *line = NULL, *more = NULL;
	dfh_record *record = NULL;
	source.limit = memory_limit(ex->limit, length);
	int got = json_read(&source, &line);
	if (got > 0 && (got = json_read(&source, &more)) > 0)
		error_because(error, DFH_NOT_RECORD, "%s: more than one record",
			      name);
	else if (got < 0)
		fail_json(&source, name, error);
	else
		record = from_json(ex, name, line, error);
	json_object_put(line);
	json_object_put(more);
	json_source_free(&source);
	return record;
}

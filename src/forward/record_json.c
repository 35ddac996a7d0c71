/* A record as a line of JSON: how instances travel between machines. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "export.h"
#include "hash.h"
#include "json_print.h"
#include "utf8.h"
#include "uuid.h"

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

/* In place, where the length of most is known. */
static inline __attribute__((always_inline)) void
print_string(struct buffer *out, const char *text)
{
	buffer_add(out, text, strlen(text));
}

/* Empty text is there, too: a key may be empty. */
static void print_member(struct buffer *out, const char *before,
			 const char *text)
{
	print_string(out, before);
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
		print_string(out, i ? "," : ",\"items\":[");
		print_items(out, element->items[i]);
	}
	print_string(out, element->item_count ? "]}" : "}");
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
		print_string(&name, text);
		print_string(&name, " ");
		buffer_add_text(&name, tag->creator);
	}
	print_member(out, "", name.bytes ? (const char *)name.bytes : text);
	free(name.bytes);
}

static void print_items(struct buffer *out, const struct dcm_item *item)
{
	print_string(out, "{");
	for (size_t i = 0; i < item->count; i++) {
		print_string(out, i ? "," : "");
		print_tag(out, &item->elements[i].tag);
		print_string(out, ":");
		print_element(out, &item->elements[i]);
	}
	print_string(out, "}");
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

const char *const record_keys[LEVELS] = {"patient", "study", "series",
					 "instance"};

/* As it is gone through: to make a tree of it first would take three times as
 * long. */
char *dfh_record_json(dfh_export *ex, dfh_record *record)
{
	const struct instance *instance = &record->instance;
	struct buffer out = {0};
	for (int level = 0; level < LEVELS; level++) {
		char *key = record_sortable(instance->keys[level]);
		print_string(&out, level ? ",\"" : "{\"");
		print_string(&out, record_keys[level]);
		print_member(&out, "\":", key);
		free(key);
	}
	print_file(&out, instance->file);
	print_member(&out, ",\"version\":", ex->version);
	print_string(&out, instance->dataset->mislabelled
				   ? ",\"mislabelled\":true,\"dataset\":"
				   : ",\"dataset\":");
	print_items(&out, &instance->dataset->root);
	buffer_add_text(&out, "}");
	return (char *)out.bytes;
}

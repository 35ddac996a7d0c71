#include "beside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "base64.h"
#include "codec.h"
#include "dcm_number.h"
#include "dcm_text.h"
#include "decimal.h"
#include "hash.h"

/* ---- which attributes count ---- */

static bool path_begins_with_tag(const struct dcm_path *path,
				 const struct dcm_tag *tag)
{
	return path->depth && dcm_tag_compare(&path->tags[0], tag) == 0;
}

static bool begin_with(const struct positions *positions,
		       const struct dcm_tag *tag)
{
	for (size_t i = 0; i < positions->count; i++)
		if (dcm_tag_compare(positions->at[i].tags, tag) == 0)
			return true;
	return false;
}

bool rule_writes_tag(const struct rule *rule, const struct dcm_tag *tag)
{
	if (!rule->can_put)
		return false;
	for (size_t i = 0; rule->codec->ports[i].name; i++)
		if (rule->ports[i].port && !rule->ports[i].read_only &&
		    begin_with(&rule->ports[i].at, tag))
			return true;
	return begin_with(&rule->through, tag);
}

/* A rule of the attribute itself before one of its home, and the first. */
const struct rule *rule_of_tag(const dfh_rules *rules,
			       const struct dcm_tag *tag)
{
	const struct writers writers = rules_writers(rules, tag, 1);
	const struct rule *found = NULL;

	for (size_t i = 0; i < writers.count; i++) {
		const struct rule *rule = writers.at[i].rule;
		bool is_better = found && rule->each.kind == EACH_NONE &&
				 found->each.kind != EACH_NONE;
		bool is_worse = found && rule->each.kind != EACH_NONE &&
				found->each.kind == EACH_NONE;

		if (!found || is_better || (!is_worse && rule < found))
			found = rule;
	}
	return found;
}

static bool is_derived(const dfh_rules *rules, const struct dcm_tag *tag)
{
	const struct rule *rule = rule_of_tag(rules, tag);
	return rule && rule->derive.kind != DERIVE_NONE;
}

bool beside_counts(const dfh_rules *rules, const struct dcm_tag *tag)
{
	/* It is there only where something came as bytes. */
	if (path_begins_with_tag(&rules->schemes.identification, tag) ||
	    dcm_tag_compare(tag, &dcm_charset_tag) == 0)
		return true;
	for (size_t i = 0; i < rules->carry_count; i++)
		if (path_begins_with_tag(&rules->carry[i], tag))
			return true;
	return rule_of_tag(rules, tag) != NULL;
}

/* ---- what a sequence holds ---- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return hash_bytes(hash, text ? text : "-", text ? strlen(text) + 1 : 1);
}

static uint64_t hash_item(uint64_t hash, const struct dcm_item *item)
{
	hash = hash_text(hash, "(");
	for (size_t k = 0; k < item->count; k++) {
		const struct dcm_element *e = &item->elements[k];
		char name[128];
		hash = hash_text(hash, dcm_tag_name(&e->tag, name));
		hash = hash_text(hash, e->vr);
		hash = hash_text(hash, e->text);
		hash = hash_bytes(hash, e->bytes, e->length);
		for (size_t i = 0; i < e->item_count; i++)
			hash = hash_item(hash, e->items[i]);
	}
	return hash_text(hash, ")");
}

struct items_digest items_digest(const struct dcm_element *sequence)
{
	struct items_digest out = {""};
	uint64_t hash = HASH_START;
	if (sequence && sequence->digest) {
		snprintf(out.text, sizeof out.text, "%s", sequence->digest);
		return out;
	}
	for (size_t i = 0; sequence && i < sequence->item_count; i++)
		hash = hash_item(hash, sequence->items[i]);
	if (sequence && sequence->item_count)
		snprintf(out.text, sizeof out.text, "items %016" PRIx64, hash);
	return out;
}

struct items_digest item_digest(const struct dcm_element *sequence,
				size_t index)
{
	struct items_digest out = {""};
	if (sequence && index < sequence->item_count)
		snprintf(out.text, sizeof out.text, "item %016" PRIx64,
			 hash_item(HASH_START, sequence->items[index]));
	return out;
}

/* ---- making the extension ---- */

static void add_extension_part(json_object *parts, const char *url,
			       const char *member, json_object *value)
{
	json_object *part = json_new_object();
	json_add(part, "url", json_new_string(url));
	json_add(part, member, value);
	json_append(parts, part);
}

/* A FHIR string has no control characters but TAB, LF and CR. */
static bool fits_string(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 32 && *p != '\t' && *p != '\n' && *p != '\r')
			return false;
	return true;
}

static void add_text_part(json_object *parts, const char *url, const char *text)
{
	if (fits_string(text)) {
		add_extension_part(parts, url, "valueString",
				   json_new_string(text));
		return;
	}
	char *coded = base64_encode(text, strlen(text));
	add_extension_part(parts, url, "valueBase64Binary",
			   json_new_string(coded));
	free(coded);
}

static void add_vr(json_object *parts, const struct dcm_element *element)
{
	struct dcm_entry entry;
	if (!dcm_entry_of(&element->tag, &entry) ||
	    strcmp(entry.vr, element->vr) != 0)
		add_extension_part(parts, "vr", "valueCode",
				   json_new_string(element->vr));
}

/* Numbers of binary VRs in their digits. */
static void add_mapped(json_object *parts, const struct dcm_element *mapped)
{
	struct arena *arena = arena_new();
	const char *text = dcm_element_text(mapped, arena);
	if (text)
		add_text_part(parts, "mapped", text);
	arena_free(arena);
}

static json_object *extension_of(const dfh_rules *rules, const char *path,
				 const struct dcm_element *actual,
				 const struct dcm_element *mapped,
				 const char *within)
{
	json_object *extension = json_new_object();
	json_object *parts = json_new_array();
	json_add(extension, "url", json_new_string(rules->carried_beside));
	json_add(extension, "extension", parts);
	add_extension_part(parts, "path", "valueString", json_new_string(path));
	if (!actual)
		add_extension_part(parts, "absent", "valueBoolean",
				   json_new_boolean(true));
	else if (actual->text)
		add_text_part(parts, "value", actual->text);
	else if (actual->bytes) {
		char *coded = base64_encode(actual->bytes, actual->length);
		add_extension_part(parts, "bytes", "valueBase64Binary",
				   json_new_string(coded));
		free(coded);
	}
	if (actual)
		add_vr(parts, actual);
	if (mapped)
		add_mapped(parts, mapped);
	if (*within)
		add_text_part(parts, "within", within);
	return extension;
}

/* ---- comparing ---- */

struct mapped_comparison {
	const dfh_rules *rules;
	struct beside_list *out;
	struct dcm_tag top;
	/* What the mapping makes of the sequence at the top that we are in. */
	bool is_in_sequence;
	struct items_digest within;
};

static void emit_beside(const struct mapped_comparison *c, const char *path,
			const struct dcm_element *actual,
			const struct dcm_element *mapped)
{
	struct beside_list *out = c->out;
	array_room(out->at, out->count);
	out->at[out->count++] = (struct beside){
		.path = xstrdup(path),
		.top = c->top,
		.extension = extension_of(c->rules, path, actual, mapped,
					  c->within.text),
	};
}

static bool has_leaves(const struct dcm_element *sequence, bool inside);

/* Is there any value in the item, or an attribute that is empty?  An empty
 * item counts only inside another. */
static bool item_has_leaves(const struct dcm_item *item, bool inside)
{
	if (inside && !item->count)
		return true;
	for (size_t k = 0; k < item->count; k++) {
		const struct dcm_element *e = &item->elements[k];
		if (strcmp(e->vr, "SQ") != 0 || !e->item_count ||
		    has_leaves(e, true))
			return true;
	}
	return false;
}

static bool has_leaves(const struct dcm_element *sequence, bool inside)
{
	for (size_t i = 0; i < sequence->item_count; i++)
		if (item_has_leaves(sequence->items[i], inside))
			return true;
	return false;
}

/* Will anything in the item be told?  An empty sequence is only where it is
 * carried whole. */
static bool item_is_told(const struct dcm_item *item,
			 const struct dcm_want *wants, size_t want_count)
{
	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *e = &item->elements[i];
		const struct dcm_want *want =
			dcm_want_find(wants, want_count, &e->tag);
		if (strcmp(e->vr, "SQ") != 0 || (want && want->whole))
			return true;
		for (size_t k = 0; k < e->item_count; k++)
			if (item_is_told(e->items[k],
					 want ? want->in_items : NULL,
					 want ? want->in_items_count : 0))
				return true;
	}
	return false;
}

/* How many items there are up to the last that has leaves: before that, one
 * without must be told, too, for items come one after the other. */
static size_t count_told(const struct dcm_element *sequence,
			 const struct dcm_want *wants, size_t want_count)
{
	size_t count = sequence->item_count;
	while (count &&
	       !item_is_told(sequence->items[count - 1], wants, want_count))
		count--;
	return count;
}

static void compare_mapped_items(const struct mapped_comparison *c,
				 const char *prefix,
				 const struct dcm_item *actual,
				 const struct dcm_item *mapped,
				 const struct dcm_want *wants,
				 size_t want_count, bool whole);

/* Where there are as many items, each is for itself; else one may stand where
 * another was. */
static struct mapped_comparison compare_in(const struct mapped_comparison *c,
					   const struct dcm_element *actual,
					   const struct dcm_element *mapped,
					   size_t index)
{
	struct mapped_comparison inner = *c;
	if (c->is_in_sequence)
		return inner;
	inner.is_in_sequence = true;
	if (actual->item_count == (mapped ? mapped->item_count : 0))
		inner.within = item_digest(mapped, index);
	return inner;
}

static void compare_mapped_sequences(const struct mapped_comparison *outer,
				     const char *path,
				     const struct dcm_element *actual,
				     const struct dcm_element *mapped,
				     const struct dcm_want *want, bool whole)
{
	size_t of_mapped = mapped ? mapped->item_count : 0;
	struct mapped_comparison whole_of = *outer;
	const struct mapped_comparison *c = &whole_of;
	if (!outer->is_in_sequence)
		whole_of.within = items_digest(mapped);
	/* A sequence that is not carried whole matters by its attributes. */
	if (actual && !whole && !has_leaves(actual, false))
		actual = NULL;
	if (!actual) {
		if (mapped && (whole || has_leaves(mapped, false)))
			emit_beside(c, path, NULL, mapped);
		return;
	}
	if (!actual->item_count) {
		if (!mapped || of_mapped)
			emit_beside(c, path, actual, mapped);
		return;
	}
	size_t size = strlen(path) + 24;
	char *inner = xmalloc(size);
	const struct dcm_want *wants = want ? want->in_items : NULL;
	size_t want_count = want ? want->in_items_count : 0;
	size_t told = whole ? actual->item_count
			    : count_told(actual, wants, want_count);
	size_t most =
		actual->item_count > of_mapped ? actual->item_count : of_mapped;
	for (size_t i = 0; i < most; i++) {
		static const struct dcm_item none = {0};
		snprintf(inner, size, "%s[%zu]", path, i);
		if (i >= actual->item_count) {
			emit_beside(c, inner, NULL, mapped);
			break;
		}
		const struct dcm_item *item = actual->items[i];
		const struct dcm_item *other =
			i < of_mapped ? mapped->items[i] : &none;
		if (i >= of_mapped && i < told &&
		    (whole ? !item->count
			   : !item_is_told(item, wants, want_count))) {
			struct dcm_element empty = {.tag = actual->tag,
						    .vr = "SQ"};
			emit_beside(c, inner, &empty, mapped);
		}
		strcat(inner, ".");
		struct mapped_comparison in = compare_in(c, actual, mapped, i);
		compare_mapped_items(&in, inner, item, other, wants, want_count,
				     whole);
	}
	free(inner);
}

/* Do the digits say more than the number: 72.50, 7E1?  Servers keep of it what
 * a number is. */
static bool has_own_digits(const struct dcm_element *element)
{
	if (!element || !element->text || strcmp(element->vr, "DS") != 0)
		return false;
	struct arena *arena = arena_new();
	struct decimal number;
	bool own = decimal_read(element->text, arena, &number) &&
		   (number.has_exponent ||
		    (number.count > number.point &&
		     number.digits[number.count - 1] == '0'));
	arena_free(arena);
	return own;
}

static bool differs_from_mapped(const struct mapped_comparison *c,
				const struct dcm_element *actual,
				const struct dcm_element *mapped)
{
	return !actual || !mapped || !dcm_element_equal(actual, mapped) ||
	       (c->out->with_digits && has_own_digits(actual));
}

static void compare_mapped_elements(const struct mapped_comparison *c,
				    const char *path,
				    const struct dcm_element *actual,
				    const struct dcm_element *mapped,
				    const struct dcm_want *want, bool whole)
{
	whole = whole || (want && want->whole);
	if (strcmp((actual ? actual : mapped)->vr, "SQ") == 0)
		compare_mapped_sequences(c, path, actual, mapped, want, whole);
	else if (differs_from_mapped(c, actual, mapped))
		emit_beside(c, path, actual, mapped);
}

/* With its VR, where no dictionary tells that to who reads it. */
static void element_name_of(const struct dcm_element *element, char out[128])
{
	const struct dcm_tag *tag = &element->tag;
	struct dcm_entry entry;
	if (tag->creator || dcm_entry_of(tag, &entry))
		dcm_tag_name(tag, out);
	else
		snprintf(out, 128, "(%04X,%04X,%s)", tag->group, tag->element,
			 element->vr);
}

/* One attribute; a or m is there. */
static void compare_one(const struct mapped_comparison *c, const char *prefix,
			const struct dcm_element *a,
			const struct dcm_element *m,
			const struct dcm_want *want, bool whole)
{
	const struct dcm_tag *tag = a ? &a->tag : &m->tag;
	struct mapped_comparison inner = *c;
	if (!*prefix) {
		inner.top = *tag;
		/* What is counted is there whether or not it was. */
		if (!beside_counts(c->rules, tag) ||
		    (!a && is_derived(c->rules, tag)))
			return;
	}
	char name[128];
	element_name_of(a ? a : m, name);
	size_t size = strlen(prefix) + strlen(name) + 1;
	char *path = xmalloc(size);
	snprintf(path, size, "%s%s", prefix, name);
	compare_mapped_elements(&inner, path, a, m, want, whole);
	free(path);
}

static void compare_mapped_items(const struct mapped_comparison *c,
				 const char *prefix,
				 const struct dcm_item *actual,
				 const struct dcm_item *mapped,
				 const struct dcm_want *wants,
				 size_t want_count, bool whole)
{
	struct dcm_pair pair = {0};
	while (dcm_pair_next(&pair, actual, mapped)) {
		const struct dcm_tag *tag =
			pair.a ? &pair.a->tag : &pair.b->tag;
		compare_one(c, prefix, pair.a, pair.b,
			    dcm_want_find(wants, want_count, tag), whole);
	}
}

void beside_compare(const dfh_rules *rules, const struct dataset *actual,
		    const struct dataset *mapped, struct beside_list *out)
{
	struct mapped_comparison c = {.rules = rules, .out = out};
	compare_mapped_items(&c, "", &actual->root, &mapped->root,
			     rules->wants.list, rules->wants.count, false);
}

void beside_compare_one(const dfh_rules *rules, const struct dcm_tag *tag,
			const struct dataset *actual,
			const struct dataset *mapped, struct beside_list *out)
{
	const struct dcm_element *a = dcm_item_find(&actual->root, tag);
	const struct dcm_element *m = dcm_item_find(&mapped->root, tag);
	struct mapped_comparison c = {.rules = rules, .out = out};
	if ((!a && !m) || (a && m && strcmp(a->vr, "SQ") != 0 &&
			   !differs_from_mapped(&c, a, m)))
		return;
	compare_one(&c, "", a, m,
		    dcm_want_find(rules->wants.list, rules->wants.count, tag),
		    false);
}

void beside_list_free(struct beside_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->at[i].path);
		json_object_put(list->at[i].extension);
	}
	free(list->at);
	*list = (struct beside_list){0};
}

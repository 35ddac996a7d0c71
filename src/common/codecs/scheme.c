/*
 * Coding schemes have a designator in DICOM and a URI in FHIR (PS3.16 chapter
 * 8).  Those that no table knows are explained in the dataset itself, by the
 * Coding Scheme Identification Sequence (PS3.3 C.12.1).
 */
#include "codecs.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "hash.h"
#include "vr.h"

enum { DESIGNATOR_MAX = 16 };

static const char oid_prefix[] = "urn:oid:";

struct scheme {
	const char *designator, *system;
	struct scheme *next;
	bool is_used, is_identified; /* in the dataset that is written */
};

/* A hash table of the last scheme with a designator, or with a system. */
struct scheme_table {
	bool by_system;
	struct scheme **slots;
	size_t count, size;
};

struct schemes {
	const dfh_rules *rules;
	struct arena *arena;
	struct scheme *first; /* the last that was remembered */
	struct scheme_table by_designator, by_system;
};

/* ---- tables ---- */

static struct scheme **scheme_slot_of(const struct scheme_table *table,
				      const char *text)
{
	uint64_t hash = hash_bytes(HASH_START, text, strlen(text));
	size_t i = (size_t)(hash ^ hash >> 32);
	for (;; i++) {
		struct scheme **slot = &table->slots[i & (table->size - 1)];
		const struct scheme *scheme = *slot;
		if (!scheme || strcmp(table->by_system ? scheme->system
						       : scheme->designator,
				      text) == 0)
			return slot;
	}
}

static void enter_scheme(struct arena *arena, struct scheme_table *table,
			 struct scheme *scheme)
{
	const char *text =
		table->by_system ? scheme->system : scheme->designator;
	if (2 * table->count >= table->size) {
		struct scheme **old = table->slots;
		size_t size = table->size;
		table->size = size ? 2 * size : 8;
		table->slots = arena_alloc(arena, table->size * sizeof(scheme));
		table->count = 0;
		for (size_t i = 0; i < size; i++)
			if (old[i])
				enter_scheme(arena, table, old[i]);
	}
	struct scheme **slot = scheme_slot_of(table, text);
	table->count += !*slot;
	*slot = scheme;
}

static struct scheme *look_up(const struct scheme_table *table,
			      const char *text)
{
	return table->size ? *scheme_slot_of(table, text) : NULL;
}

/* ---- reading the dataset's own ---- */

static const struct dcm_tag *last_tag(const struct dcm_path *path)
{
	return &path->tags[path->depth - 1];
}

static const char *text_in(const struct dcm_item *item,
			   const struct dcm_path *path)
{
	const struct dcm_element *e =
		path->depth ? dcm_item_find(item, last_tag(path)) : NULL;
	return e ? e->text : NULL;
}

/* A scheme may have several resources; the one of FHIR has its type. */
static const char *scheme_url_of(const struct coding_schemes *paths,
				 const struct dcm_item *item)
{
	const struct dcm_path *url = &paths->url;
	if (url->depth < 2)
		return text_in(item, url);
	const struct dcm_element *resources =
		dcm_item_find(item, &url->tags[0]);
	for (size_t i = 0; resources && i < resources->item_count; i++) {
		const struct dcm_item *one = resources->items[i];
		if (!paths->url_type_value ||
		    same_text(text_in(one, &paths->url_type),
			      paths->url_type_value))
			return text_in(one, url);
	}
	return NULL;
}

/* Blanks around a designator are padding (PS3.5 6.2); of nothing but blanks
 * it designates nothing. */
static void remember_scheme(struct schemes *schemes, const char *designator,
			    const char *system)
{
	designator += strspn(designator, " ");
	size_t length = strlen(designator);
	while (length && designator[length - 1] == ' ')
		length--;
	if (!length)
		return;
	struct scheme *scheme = arena_alloc(schemes->arena, sizeof *scheme);
	*scheme = (struct scheme){
		.designator = arena_printf(schemes->arena, "%.*s", (int)length,
					   designator),
		.system = arena_strdup(schemes->arena, system),
		.next = schemes->first,
	};
	schemes->first = scheme;
	enter_scheme(schemes->arena, &schemes->by_designator, scheme);
	enter_scheme(schemes->arena, &schemes->by_system, scheme);
}

struct schemes *schemes_of(const dfh_rules *rules, const struct dcm_item *root,
			   struct arena *arena)
{
	const struct coding_schemes *paths = &rules->schemes;
	struct schemes *schemes = arena_alloc(arena, sizeof *schemes);
	schemes->rules = rules;
	schemes->arena = arena;
	schemes->by_system.by_system = true;
	const struct dcm_element *sequence =
		root && paths->identification.depth
			? dcm_item_find(root, last_tag(&paths->identification))
			: NULL;
	for (size_t i = 0; sequence && i < sequence->item_count; i++) {
		const struct dcm_item *item = sequence->items[i];
		const char *designator = text_in(item, &paths->designator);
		const char *system = scheme_url_of(paths, item);
		const char *uid = text_in(item, &paths->uid);
		if (!system && uid)
			system = arena_printf(arena, "%s%s", oid_prefix, uid);
		if (designator && system && !fhir_text_fault("uri", system))
			remember_scheme(schemes, designator, system);
	}
	return schemes;
}

static void copy_table(struct scheme_table *to, struct arena *arena)
{
	size_t size = to->size * sizeof(struct scheme *);
	if (size)
		to->slots = memcpy(arena_alloc(arena, size), to->slots, size);
}

struct schemes *schemes_copy(const struct schemes *from, struct arena *arena)
{
	struct schemes *copy = arena_alloc(arena, sizeof *copy);
	*copy = *from;
	copy->arena = arena;
	copy_table(&copy->by_designator, arena);
	copy_table(&copy->by_system, arena);
	return copy;
}

const void *schemes_last(const struct schemes *schemes)
{
	return schemes->first;
}

/* ---- between the two ---- */

static const struct scheme *find_by_designator(const struct schemes *schemes,
					       const char *designator)
{
	return schemes ? look_up(&schemes->by_designator, designator) : NULL;
}

/* Percent-encoding (RFC 3986 2.1). */
static const char *percent_encoded(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, 3 * strlen(text) + 1), *to = out;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x80 && (isalnum(c) || strchr("-._~", c))) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = "0123456789ABCDEF"[c >> 4];
		*to++ = "0123456789ABCDEF"[c & 15];
	}
	return out;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789ABCDEF";
	const char *found =
		c ? strchr(digits, toupper((unsigned char)c)) : NULL;
	return found ? (int)(found - digits) : -1;
}

static const char *percent_decoded(struct arena *arena, const char *text)
{
	char *out = arena_alloc(arena, strlen(text) + 1), *to = out;
	for (; *text; text++) {
		int high = *text == '%' ? hex_digit(text[1]) : -1;
		int low = high >= 0 ? hex_digit(text[2]) : -1;
		if (low < 0) {
			*to++ = *text;
			continue;
		}
		*to++ = (char)(high << 4 | low);
		text += 2;
	}
	return out;
}

const char *scheme_system(const struct codec_call *call, const char *designator)
{
	const struct coding_schemes *known = &call->rules->schemes;
	const struct table_row *row =
		known->table ? table_by_dicom(known->table, designator) : NULL;
	if (row && row->code)
		return row->code;
	const struct scheme *scheme =
		find_by_designator(call->schemes, designator);
	if (scheme)
		return scheme->system;
	if (!known->unknown)
		return NULL;
	return arena_printf(call->arena, "%s%s", known->unknown,
			    percent_encoded(call->arena, designator));
}

/* The designator that an earlier scheme_system put behind `unknown`. */
static const char *designator_behind(const struct codec_call *call,
				     const char *system)
{
	const char *unknown = call->rules->schemes.unknown;
	size_t length = unknown ? strlen(unknown) : 0;
	if (!length || strncmp(system, unknown, length) != 0)
		return NULL;
	const char *designator = percent_decoded(call->arena, system + length);
	if (!*designator || strchr(designator, '\\') ||
	    vr_fault("SH", 1, designator) ||
	    !same_text(scheme_system(call, designator), system))
		return NULL;
	return designator;
}

static const char *known_designator(const struct codec_call *call,
				    const char *system)
{
	const struct table *table = call->rules->schemes.table;
	const struct table_row *row =
		table ? table_by_code(table, NULL, system) : NULL;
	if (row)
		return row->dicom;
	const struct scheme *scheme =
		call->schemes ? look_up(&call->schemes->by_system, system)
			      : NULL;
	/* A designator that the table knows means what the table says. */
	if (scheme &&
	    same_text(scheme_system(call, scheme->designator), system))
		return scheme->designator;
	return designator_behind(call, system);
}

bool scheme_is_known(const struct codec_call *call, const char *system)
{
	return system && known_designator(call, system);
}

/* 99 is for private schemes (PS3.3 8.2).  From the system alone, so that all
 * datasets have the same one: FNV-1a, its lower 56 bits. */
static const char *new_designator(const struct codec_call *call,
				  const char *system)
{
	uint64_t hash = 0xCBF29CE484222325;
	for (const char *p = system; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 0x100000001B3;
	for (;; hash++) {
		const char *designator = arena_printf(
			call->arena, "99%014" PRIX64, hash & 0xFFFFFFFFFFFFFF);
		const struct scheme *other =
			find_by_designator(call->schemes, designator);
		if (!other || strcmp(other->system, system) == 0)
			return designator;
	}
}

const char *scheme_designator(const struct codec_call *call, const char *system)
{
	if (!system || !*system)
		return NULL;
	const char *designator = known_designator(call, system);
	if (designator)
		return designator;
	designator = new_designator(call, system);
	if (!call->schemes)
		codec_note(call, NOTE_LOST, "the system of a code");
	else if (!find_by_designator(call->schemes, designator))
		remember_scheme(call->schemes, designator, system);
	return designator;
}

/* ---- writing ---- */

/* A code that was refused in the end leaves a scheme that nobody uses. */
static void mark_used(const struct schemes *schemes,
		      const struct dcm_item *item, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *e = &item->elements[i];
		struct scheme *scheme =
			e->text && dcm_tag_compare(&e->tag, tag) == 0
				? look_up(&schemes->by_designator, e->text)
				: NULL;
		if (scheme)
			scheme->is_used = true;
		for (size_t k = 0; k < e->item_count; k++)
			mark_used(schemes, e->items[k], tag);
	}
}

static void mark_identified(const struct schemes *schemes,
			    const struct dcm_item *root)
{
	const struct coding_schemes *paths = &schemes->rules->schemes;
	const struct dcm_element *sequence =
		dcm_item_find(root, last_tag(&paths->identification));
	for (size_t i = 0; sequence && i < sequence->item_count; i++) {
		const char *text =
			text_in(sequence->items[i], &paths->designator);
		struct scheme *scheme =
			text ? look_up(&schemes->by_designator, text) : NULL;
		if (scheme)
			scheme->is_identified = true;
	}
}

static void set_text(struct dcm_item *item, const struct dcm_path *path,
		     const char *text)
{
	for (size_t i = 0; i + 1 < path->depth; i++)
		item = dcm_item_need_item(item, &path->tags[i], 0);
	if (path->depth && text)
		dcm_item_set_text(item, last_tag(path), path->vr, text);
}

static void identify_scheme(const struct coding_schemes *paths,
			    struct dcm_item *root, const struct scheme *scheme)
{
	const struct dcm_tag *tag = last_tag(&paths->identification);
	const struct dcm_element *sequence = dcm_item_find(root, tag);
	struct dcm_item *item = dcm_item_need_item(
		root, tag, sequence ? sequence->item_count : 0);
	const char *uid = scheme->system + sizeof oid_prefix - 1;
	set_text(item, &paths->designator, scheme->designator);
	if (strncmp(scheme->system, oid_prefix, sizeof oid_prefix - 1) == 0 &&
	    paths->uid.depth && !vr_uid_fault(uid)) {
		set_text(item, &paths->uid, uid);
		return;
	}
	set_text(item, &paths->url_type, paths->url_type_value);
	set_text(item, &paths->url, scheme->system);
}

void schemes_write(const struct schemes *schemes, struct dcm_item *root)
{
	const struct coding_schemes *paths = &schemes->rules->schemes;
	if (!paths->identification.depth || !paths->designator.depth ||
	    !schemes->first)
		return;
	for (struct scheme *s = schemes->first; s; s = s->next)
		s->is_used = s->is_identified = false;
	mark_used(schemes, root, last_tag(&paths->designator));
	mark_identified(schemes, root);
	for (const struct scheme *s = schemes->first; s; s = s->next)
		if (s->is_used && !s->is_identified)
			identify_scheme(paths, root, s);
}

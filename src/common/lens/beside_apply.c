#include "beside.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "base64.h"
#include "beside_check.h"
#include "codec.h"

/* ---- one step of a path: KEYWORD, KEYWORD[index] ---- */

/* A creator may hold dots and brackets: those inside quotes do not count. */
size_t step_length(const char *path)
{
	bool quoted = false;
	size_t length = 0;
	for (; path[length]; length++) {
		if (path[length] == '"')
			quoted = !quoted;
		else if (path[length] == '.' && !quoted)
			break;
	}
	return length;
}

bool parse_step(const char *path, size_t length, struct arena *arena,
		struct beside_step *out)
{
	char *name = arena_strndup(arena, path, length);
	out->has_index = false;
	out->index = 0;
	char *bracket =
		length && name[length - 1] == ']' ? strrchr(name, '[') : NULL;
	if (bracket) {
		char *end;
		out->has_index = true;
		out->index = strtoul(bracket + 1, &end, 10);
		/* More items than a sequence ever has are no sequence. */
		if (*end != ']' || end == bracket + 1 || out->index > 65535)
			return false;
		*bracket = '\0';
	}
	return dcm_entry_find(name, arena, &out->entry);
}

/* ---- what one extension says ---- */

static char *decoded_text(json_object *part)
{
	size_t length;
	const char *coded = json_text(part, "valueBase64Binary");
	char *bytes = coded ? base64_decode(coded, &length) : NULL;
	if (!bytes)
		return NULL;
	char *text = xmalloc(length + 1);
	memcpy(text, bytes, length);
	text[length] = '\0';
	free(bytes);
	return text;
}

static const char *part_text(json_object *part, char **decoded)
{
	const char *text = json_text(part, "valueString");
	if (!text && !*decoded)
		text = *decoded = decoded_text(part);
	return text;
}

/* A part that is named twice, or whose value is none, says nothing that could
 * be trusted: "no value" would be an empty one. */
static void take_text(struct parts *out, const char **part, const char *text)
{
	out->is_broken = out->is_broken || *part || !text;
	*part = text;
}

static void take_absent(struct parts *out, json_object *value)
{
	out->is_broken = out->is_broken || out->absent ||
			 !json_object_is_type(value, json_type_boolean);
	out->absent = json_object_get_boolean(value);
}

static void read_parts(json_object *extension, struct parts *out)
{
	json_object *list = json_member(extension, "extension");
	size_t count = json_count(list);
	for (size_t i = 0; i < count; i++) {
		json_object *part = json_at(list, i);
		const char *url = json_text(part, "url");
		if (!url)
			continue;
		if (strcmp(url, "path") == 0)
			take_text(out, &out->path,
				  json_text(part, "valueString"));
		else if (strcmp(url, "value") == 0)
			take_text(out, &out->value,
				  part_text(part, &out->decoded[0]));
		else if (strcmp(url, "mapped") == 0)
			take_text(out, &out->mapped,
				  part_text(part, &out->decoded[1]));
		else if (strcmp(url, "within") == 0)
			take_text(out, &out->within,
				  json_text(part, "valueString"));
		else if (strcmp(url, "bytes") == 0)
			take_text(out, &out->bytes,
				  json_text(part, "valueBase64Binary"));
		else if (strcmp(url, "vr") == 0)
			take_text(out, &out->vr, json_text(part, "valueCode"));
		else if (strcmp(url, "absent") == 0)
			take_absent(out, json_member(part, "valueBoolean"));
	}
}

/* ---- putting it back ---- */

static void put_back_leaf(struct dcm_item *item, const struct beside_step *step,
			  const struct parts *parts)
{
	const struct dcm_tag *tag = &step->entry.tag;
	const char *vr = parts->vr ? parts->vr : step->entry.vr;
	if (parts->absent) {
		dcm_item_remove(item, tag);
	} else if (parts->bytes) {
		size_t length;
		void *bytes = base64_decode(parts->bytes, &length);
		if (bytes)
			dcm_item_set_bytes(item, tag, vr, bytes, length);
		free(bytes);
	} else {
		dcm_item_set_text(item, tag, vr,
				  parts->value ? parts->value : "");
	}
}

static void put_back_sequence(struct dcm_item *item,
			      const struct beside_step *step,
			      const struct parts *parts)
{
	const struct dcm_tag *tag = &step->entry.tag;
	struct dcm_element *sequence = dcm_item_find(item, tag);
	if (parts->absent && !step->has_index)
		dcm_item_remove(item, tag);
	else if (parts->absent && sequence &&
		 sequence->item_count > step->index)
		sequence->item_count = step->index;
	else if (!parts->absent && step->has_index)
		dcm_item_need_item(item, tag, step->index);
	else if (!parts->absent)
		dcm_item_set_text(item, tag, "SQ", "");
}

/* What beside_check let through. */
static void put_back_beside(const struct parts *parts, struct dataset *dataset)
{
	struct dcm_item *item = &dataset->root;
	const char *path = parts->path;
	for (int depth = 0; depth < DCM_DEPTH_MAX; depth++) {
		struct beside_step step;
		size_t length = step_length(path);
		if (!parse_step(path, length, dataset->arena, &step))
			return;
		if (!path[length]) {
			if (step.has_index || strcmp(step.entry.vr, "SQ") == 0)
				put_back_sequence(item, &step, parts);
			else
				put_back_leaf(item, &step, parts);
			return;
		}
		const struct dcm_element *there =
			dcm_item_find(item, &step.entry.tag);
		if (parts->absent &&
		    (!there || there->item_count <= step.index))
			return;
		item = dcm_item_need_item(item, &step.entry.tag, step.index);
		path += length + 1;
	}
}

/* ---- no more than a header has ---- */

/* How much of what travels beside an instance takes: a Bundle that an attacker
 * made is no header. */
enum { PARTS_MAX = 200000, BYTES_MAX = 64 * 1024 * 1024 };

/* To see that a name is none takes long: DCMTK is asked. */
enum { UNKNOWN_MAX = 64 };

struct beside_room {
	size_t parts; /* attributes and new items */
	size_t bytes;
	size_t unknown; /* paths with a name that is none */
};

static bool names_attributes(const char *path, struct arena *arena)
{
	for (int depth = 0; depth < DCM_DEPTH_MAX; depth++) {
		struct beside_step step;
		size_t length = step_length(path);
		if (!parse_step(path, length, arena, &step))
			return false;
		if (!path[length])
			return true;
		path += length + 1;
	}
	return false;
}

/* false: so many names were none that no more are looked up. */
static bool may_look_up(const struct lens *lens, const struct parts *parts,
			struct arena *arena, struct beside_room *room)
{
	if (!room->unknown && lens->note_at)
		lens->note_at(lens->note_context, NULL, NULL, NOTE_REFUSED,
			      "travels beside, behind too many paths that are "
			      "none");
	if (!room->unknown)
		return false;
	room->unknown -= !names_attributes(parts->path, arena);
	return true;
}

/* What a path adds: -1, there is no such place, for items come one after the
 * other. */
static int count_added(const struct parts *parts, struct dataset *dataset,
		       size_t *added)
{
	const struct dcm_item *item = &dataset->root;
	const char *path = parts->path;
	*added = 1;
	for (int depth = 0; depth < DCM_DEPTH_MAX; depth++) {
		struct beside_step step;
		size_t length = step_length(path);
		if (!parse_step(path, length, dataset->arena, &step))
			return -1;
		const struct dcm_element *there =
			item ? dcm_item_find(item, &step.entry.tag) : NULL;
		size_t items = there ? there->item_count : 0;
		if (step.index > items)
			return -1;
		bool is_new =
			(path[length] || step.has_index) && step.index == items;
		*added += is_new;
		if (!path[length])
			return 0;
		item = is_new ? NULL : there->items[step.index];
		path += length + 1;
	}
	return -1;
}

/* By the attribute at the top, whatever the path says below it. */
static void tell_beyond(const struct lens *lens, const struct parts *parts,
			struct arena *arena, const char *text)
{
	struct beside_step step;
	char name[128];
	if (!lens->note_at ||
	    !parse_step(parts->path, step_length(parts->path), arena, &step))
		return;
	const struct dcm_path top = {
		.text = dcm_tag_name(&step.entry.tag, name),
		.tags = &step.entry.tag,
		.depth = 1,
		.from_root = true,
	};
	lens->note_at(lens->note_context,
		      rule_of_tag(lens->rules, &step.entry.tag), &top,
		      NOTE_LOST, text);
}

static bool fits_header(const struct lens *lens, const struct parts *parts,
			struct dataset *dataset, struct beside_room *room)
{
	size_t added, bytes = (parts->value ? strlen(parts->value) : 0) +
			      (parts->bytes ? strlen(parts->bytes) / 4 * 3 : 0);
	if (count_added(parts, dataset, &added) < 0) {
		tell_beyond(lens, parts, dataset->arena,
			    "what was beside: there is no such item, nor is it "
			    "the next one");
		return false;
	}
	if (added > room->parts || bytes > room->bytes) {
		tell_beyond(lens, parts, dataset->arena,
			    "what was beside: it is more than a header has");
		return false;
	}
	room->parts -= added;
	room->bytes -= bytes;
	return true;
}

/* ---- what is still as it was mapped ---- */

/* The digests of the sequences and items that are asked for: of each once. */
static const char *step_digest_of(struct lh_table *digests,
				  struct dataset *dataset,
				  const struct beside_step *step, bool whole)
{
	const struct dcm_tag *tag = &step->entry.tag;
	const struct dcm_element *sequence = dcm_item_find(&dataset->root, tag);
	const char *creator = tag->creator ? tag->creator : "";
	void *found = NULL;
	char *key = arena_printf(
		dataset->arena, "%04x%04x %zd %s", tag->group, tag->element,
		whole ? (ssize_t)-1 : (ssize_t)step->index, creator);
	if (lh_table_lookup_ex(digests, key, &found))
		return found;
	const struct items_digest digest =
		whole ? items_digest(sequence)
		      : item_digest(sequence, step->index);
	char *text = arena_strdup(dataset->arena, digest.text);
	lh_add(digests, key, text);
	return text;
}

/* Is what is put into a sequence still what belongs there?  A code with the
 * meaning of another would be the worst of both: so all of an item goes back,
 * or of the sequence, or nothing.  To be asked before any of it is put back. */
static bool parts_belong(const struct lens *lens, struct dataset *dataset,
			 struct lh_table *digests, const struct parts *parts)
{
	struct beside_step step;
	const char *within = parts->within ? parts->within : "";
	if (!parse_step(parts->path, step_length(parts->path), dataset->arena,
			&step))
		return true; /* that is told later */
	if (!step.has_index && strcmp(step.entry.vr, "SQ") != 0)
		return true;
	if (strcmp(step_digest_of(digests, dataset, &step,
				  strncmp(within, "item ", 5) != 0),
		   within) == 0)
		return true;
	const struct rule *rule = rule_of_tag(lens->rules, &step.entry.tag);
	if (rule && (parts->value || parts->bytes) && !lens->stamps &&
	    lens->note)
		lens->note(lens->note_context, rule, NOTE_LOST,
			   "what was beside items that changed since");
	return false;
}

/* ---- all of them ---- */

struct parts_list {
	struct parts *at;
	size_t count;
};

static void read_carried(const dfh_rules *rules, json_object *object,
			 struct parts_list *out)
{
	json_object *list = json_member(object, "extension");
	size_t count = json_count(list);
	for (size_t i = 0; rules->carried_beside && i < count; i++) {
		json_object *extension = json_at(list, i);
		const char *url = json_text(extension, "url");
		struct parts parts = {0};
		if (!url || strcmp(url, rules->carried_beside) != 0)
			continue;
		read_parts(extension, &parts);
		array_room(out->at, out->count);
		out->at[out->count++] = parts;
	}
}

static void free_carried(struct parts_list *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->at[i].decoded[0]);
		free(all->at[i].decoded[1]);
	}
	free(all->at);
}

bool beside_speaks_of(const dfh_rules *rules, json_object *const *objects,
		      size_t count, const struct dcm_tag *tag,
		      struct arena *arena)
{
	struct parts_list all = {0};
	bool speaks = false;
	for (size_t i = 0; i < count; i++)
		read_carried(rules, objects[i], &all);
	for (size_t i = 0; i < all.count && !speaks; i++) {
		const char *path = all.at[i].path;
		struct beside_step step;
		speaks = path &&
			 parse_step(path, step_length(path), arena, &step) &&
			 dcm_tag_compare(&step.entry.tag, tag) == 0;
	}
	free_carried(&all);
	return speaks;
}

void beside_apply(const struct lens *lens, json_object *const *objects,
		  size_t count, struct dataset *dataset)
{
	struct parts_list all = {0};
	for (size_t i = 0; i < count; i++)
		read_carried(lens->rules, objects[i], &all);
	if (!all.count)
		return;
	struct lh_table *digests = lh_by_text(16, NULL);
	struct beside_room room = {PARTS_MAX, BYTES_MAX, UNKNOWN_MAX};
	for (size_t i = 0; i < all.count; i++) {
		struct parts *parts = &all.at[i];
		if (parts->path &&
		    (!may_look_up(lens, parts, dataset->arena, &room) ||
		     !parts_belong(lens, dataset, digests, parts)))
			parts->path = NULL;
	}
	for (size_t i = 0; i < all.count; i++) {
		const struct parts *parts = &all.at[i];
		if (parts->path && beside_check(lens, parts, dataset) &&
		    (parts->absent || fits_header(lens, parts, dataset, &room)))
			put_back_beside(parts, dataset);
	}
	lh_table_free(digests);
	free_carried(&all);
}

#include "beside_check.h"

#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "beside.h"
#include "dcm_number.h"
#include "dcm_text.h"
#include "decimal.h"
#include "vr.h"

/* ---- which attributes may travel ---- */

/* Where a path has come to. */
struct beside_way {
	const struct dcm_item *now;    /* NULL: it is not there */
	const struct dcm_item *before; /* the same before the stamp */
	/* What the rules want here; `whole`: everything. */
	const struct dcm_want *wants;
	size_t want_count;
	bool whole;
	size_t depth;
	/* Why it may not be put back, and why it need not. */
	const char *fault, *kept;
};

/* PS3.5 7.1, 7.5 and PS3.10 7.1: the groups of commands, of the meta header
 * and of delimiters, and what is no header. */
static bool is_of_header(const struct dcm_tag *tag)
{
	return tag->group >= 0x0008 && tag->group < 0x7FE0;
}

static bool is_wanted_on_way(const struct lens *lens,
			     const struct beside_way *way,
			     const struct dcm_tag *tag)
{
	if (!way->depth && !beside_counts(lens->rules, tag))
		return false;
	return is_of_header(tag) &&
	       (way->whole ||
		dcm_want_find(way->wants, way->want_count, tag) != NULL);
}

static bool path_begins_with(const struct dcm_path *path,
			     const struct dcm_tag *tag)
{
	return path->depth && dcm_tag_compare(&path->tags[0], tag) == 0;
}

/* An attribute that datasets are found by, and whatever is said of whom it is
 * of: under any name, in an item too. */
static bool is_identity(const struct lens *lens, const struct dcm_tag *tag)
{
	const dfh_rules *rules = lens->rules;
	for (size_t k = 0; k < rules->match_count; k++) {
		const struct match_key *key = &rules->match[k];
		for (size_t i = 0; i < key->id_count; i++)
			for (size_t p = 0; p < key->ids[i].count; p++)
				if (path_begins_with(&key->ids[i].paths[p],
						     tag))
					return true;
		for (size_t i = 0; i < key->same_count; i++)
			if (path_begins_with(&key->same[i], tag))
				return true;
	}
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		const struct fhir_path *path = rule->fhir[lens->release];
		if (path && path->place->level == LEVEL_PATIENT &&
		    path->place->per && rule_writes_tag(rule, tag))
			return true;
	}
	return false;
}

static bool is_sequence_step(const struct beside_step *step)
{
	return step->has_index || strcmp(step->entry.vr, "SQ") == 0;
}

/* Of an attribute that nobody knows, any file may say that it is one. */
static bool can_be_sequence(const struct dcm_entry *entry)
{
	return strcmp(entry->vr, "SQ") == 0 || strcmp(entry->vr, "UN") == 0 ||
	       entry->tag.creator;
}

/* Of what travels as bytes, for its set does not explain it. */
static bool is_character_set_tag(const struct dcm_tag *tag)
{
	return dcm_tag_compare(tag, &dcm_charset_tag) == 0;
}

static const char *step_fault(const struct lens *lens,
			      const struct beside_way *way,
			      const struct beside_step *step, bool is_last)
{
	const struct dcm_entry *entry = &step->entry;
	if (!is_wanted_on_way(lens, way, &entry->tag) &&
	    !(is_last && is_character_set_tag(&entry->tag)))
		return "no rule lets it travel beside";
	if ((step->has_index || !is_last) && !can_be_sequence(entry))
		return "is no sequence";
	return NULL;
}

/* What a stamp leaves to the dataset and to FHIR. */
static const char *step_kept(const struct lens *lens,
			     const struct dcm_entry *entry)
{
	if (!lens->stamps)
		return NULL;
	if (strcmp(entry->vr, "UI") == 0)
		return "a UID is never stamped";
	if (is_character_set_tag(&entry->tag))
		return "the character set is that of the dataset";
	return is_identity(lens, &entry->tag)
		       ? "whose it is does not travel beside"
		       : NULL;
}

/* ---- its value ---- */

static bool is_uid_vr(const char *vr)
{
	return strcmp(vr, "UI") == 0;
}

/* Files do not always have the VR of the dictionary; but text is text. */
static bool can_have_vr(const struct dcm_entry *entry, const char *vr)
{
	if (strcmp(vr, entry->vr) == 0 || strcmp(vr, "UN") == 0 ||
	    strcmp(entry->vr, "UN") == 0 || entry->tag.creator)
		return strcmp(vr, "SQ") != 0;
	return vr_is_known(vr) && strcmp(vr, "SQ") != 0 &&
	       is_uid_vr(vr) == is_uid_vr(entry->vr);
}

static const char *parts_value_fault(const struct beside_step *step,
				     const struct parts *parts)
{
	const struct dcm_entry *entry = &step->entry;
	const char *vr = parts->vr ? parts->vr : entry->vr;
	int said =
		parts->absent + (parts->value != NULL) + (parts->bytes != NULL);
	if (said > 1)
		return "two things are said of it";
	if (is_sequence_step(step))
		return parts->value || parts->bytes ? "is a sequence" : NULL;
	if (parts->vr && !can_have_vr(entry, vr))
		return "is of another VR";
	if (parts->value && !vr_is_text(vr) && strcmp(vr, "UN") != 0)
		return "is of a VR of no text";
	size_t length;
	void *bytes =
		parts->bytes ? base64_decode(parts->bytes, &length) : NULL;
	bool is_bad = parts->bytes && !bytes;
	free(bytes);
	return is_bad ? "is no base 64" : NULL;
}

/* ---- against what is there ---- */

/* Servers keep of a number its value alone: of 72.50 comes 72.5. */
static bool same_decimals(const char *a, const char *b)
{
	struct arena *arena = arena_new();
	struct decimal x, y;
	bool same = decimal_read(a, arena, &x) && decimal_read(b, arena, &y) &&
		    decimal_same(&x, &y);
	arena_free(arena);
	return same;
}

/* Does the attribute hold what the mapping made when this was written? */
static bool is_as_mapped(const struct dcm_element *element,
			 const struct parts *parts)
{
	if (!element || dcm_element_is_empty(element))
		return !parts->mapped;
	struct arena *arena = arena_new();
	const char *text = dcm_element_text(element, arena);
	bool is = text && parts->mapped &&
		  (strcmp(text, parts->mapped) == 0 ||
		   (strcmp(element->vr, "DS") == 0 &&
		    same_decimals(text, parts->mapped)));
	arena_free(arena);
	return is;
}

static const struct dcm_element *find_in_item(const struct dcm_item *item,
					      const struct dcm_tag *tag)
{
	return item ? dcm_item_find(item, tag) : NULL;
}

static const struct dcm_item *
sequence_item_at(const struct dcm_element *sequence, size_t index)
{
	return sequence && index < sequence->item_count ? sequence->items[index]
							: NULL;
}

static bool element_has_value(const struct dcm_element *element)
{
	return element && !dcm_element_is_empty(element);
}

static bool says_same_as_parts(const struct dcm_element *now,
			       const struct parts *parts)
{
	if (parts->absent)
		return now == NULL;
	if (!parts->value && !parts->bytes)
		return now && dcm_element_is_empty(now);
	return now && now->text && parts->value &&
	       strcmp(now->text, parts->value) == 0;
}

/* Onto a dataset that is there only what it lacks is put; and nothing that is
 * beside FHIR makes of a key another. */
static bool step_has_room(const struct lens *lens, const struct beside_way *way,
			  const struct beside_step *step,
			  const struct parts *parts)
{
	const struct dcm_element *now =
		find_in_item(way->now, &step->entry.tag);
	const struct dcm_element *was =
		find_in_item(way->before, &step->entry.tag);
	if (lens->identifies)
		return !parts->absent && !element_has_value(now);
	if (!lens->stamps)
		return true;
	if (step->has_index)
		return sequence_item_at(was, step->index) == NULL;
	return !element_has_value(was);
}

/* Items come one after the other: a path leads to one that is there, or to the
 * next one. */
static bool is_beyond(const struct beside_way *way,
		      const struct beside_step *step)
{
	const struct dcm_element *now =
		find_in_item(way->now, &step->entry.tag);
	return step->index > (now ? now->item_count : 0);
}

/* ---- telling ---- */

/* The rule of the attribute, or of the sequence at the top that it is in. */
static const struct rule *rule_of_path(const struct lens *lens,
				       const struct parts *parts,
				       const struct dcm_tag *tag)
{
	const struct rule *rule = rule_of_tag(lens->rules, tag);
	struct beside_step top;
	if (rule || !parse_step(parts->path, step_length(parts->path),
				lens->arena, &top))
		return rule;
	return rule_of_tag(lens->rules, &top.entry.tag);
}

/* By the whole path, each step of which is an attribute's name. */
static void tell_of_parts(const struct lens *lens, const struct parts *parts,
			  const struct beside_step *step, enum note_kind kind,
			  const char *text)
{
	const struct dcm_tag tag = step->entry.tag;
	if (!lens->note_at)
		return;
	struct dcm_path path = {.text = parts->path,
				.tags = (struct dcm_tag *)&tag,
				.depth = 1,
				.from_root = true};
	lens->note_at(lens->note_context, rule_of_path(lens, parts, &tag),
		      &path, kind, text);
}

static void tell_path(const struct lens *lens)
{
	if (lens->note_at)
		lens->note_at(lens->note_context, NULL, NULL, NOTE_REFUSED,
			      "travels beside, and its path is none, or is "
			      "deeper than any header");
}

/* ---- all of it ---- */

static void go_into(struct beside_way *way, const struct beside_step *step)
{
	const struct dcm_tag *tag = &step->entry.tag;
	const struct dcm_want *want =
		dcm_want_find(way->wants, way->want_count, tag);
	way->whole = way->whole || (want && want->whole);
	way->wants = want ? want->in_items : NULL;
	way->want_count = want ? want->in_items_count : 0;
	way->now = sequence_item_at(find_in_item(way->now, tag), step->index);
	way->before =
		sequence_item_at(find_in_item(way->before, tag), step->index);
	way->depth++;
}

static bool check_last(const struct lens *lens, struct beside_way *way,
		       const struct beside_step *step,
		       const struct parts *parts)
{
	const struct dcm_element *now =
		find_in_item(way->now, &step->entry.tag);
	if (!parts->is_broken && !is_sequence_step(step) &&
	    (!is_as_mapped(now, parts) ||
	     (says_same_as_parts(now, parts) && !parts->vr)))
		return false;
	if (!way->fault)
		way->fault = parts_value_fault(step, parts);
	if (!way->kept && !step_has_room(lens, way, step, parts))
		way->kept = "what travels beside completes, and does not "
			    "replace";
	if (way->fault)
		tell_of_parts(lens, parts, step, NOTE_REFUSED, way->fault);
	else if (way->kept)
		tell_of_parts(lens, parts, step, NOTE_KEPT, way->kept);
	return !way->fault && !way->kept;
}

bool beside_check(const struct lens *lens, const struct parts *parts,
		  const struct dataset *dataset)
{
	const char *path = parts->path;
	struct beside_way way = {.now = &dataset->root,
				 .before = lens->before ? &lens->before->root
							: NULL,
				 .wants = lens->rules->wants.list,
				 .want_count = lens->rules->wants.count};
	if (parts->is_broken)
		way.fault = "what travels beside is not as it was written";
	while (way.depth < DCM_DEPTH_MAX) {
		struct beside_step step;
		size_t length = step_length(path);
		if (!parse_step(path, length, dataset->arena, &step)) {
			tell_path(lens);
			return false;
		}
		if (!way.fault)
			way.fault =
				step_fault(lens, &way, &step, !path[length]);
		if (!way.fault && !parts->absent && is_beyond(&way, &step))
			way.fault = "there is no such item, nor is it the next "
				    "one";
		if (!way.kept)
			way.kept = step_kept(lens, &step.entry);
		if (!path[length])
			return check_last(lens, &way, &step, parts);
		go_into(&way, &step);
		path += length + 1;
	}
	tell_path(lens);
	return false;
}

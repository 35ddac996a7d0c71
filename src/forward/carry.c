/* What goes beside, and at which level. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differ.h"
#include "json_print.h"
#include "scheme.h"

struct carried {
	const struct assembly *assembly;
	struct lh_table *kinds; /* by their text */
	/* How many instances below a node have a kind. */
	struct counts having;
};

/* ---- kinds ---- */

static void free_kind(struct lh_entry *entry)
{
	struct beside_kind *kind = (void *)(uintptr_t)lh_entry_v(entry);
	free(kind->beside.path);
	json_object_put(kind->beside.extension);
	free(kind->creator);
	free(kind->text);
	free(kind->attribute);
	free(kind);
}

struct carried *carried_new(const struct assembly *assembly)
{
	struct carried *carried = xmalloc(sizeof *carried);
	*carried = (struct carried){
		.assembly = assembly,
		.kinds = lh_by_text(64, free_kind),
	};
	return carried;
}

void carried_free(struct carried *carried)
{
	lh_table_free(carried->kinds);
	counts_free(&carried->having);
	free(carried);
}

/* How high may it go?  What is an instance's own stays there. */
static enum level highest_level(const struct assembly *assembly,
				const struct rule *rule)
{
	const struct fhir_path *path =
		rule ? rule->fhir[assembly->release] : NULL;
	if (!path)
		return LEVEL_SERIES;
	return path->place->level < LEVEL_STUDY ? LEVEL_STUDY
						: path->place->level;
}

/* "RequestAttributesSequence[0].X" -> "RequestAttributesSequence.X": reports
 * count by attribute, not by item. */
static char *attribute_of(const char *path)
{
	char *out = xstrdup(path), *end = out;
	bool in_index = false;
	for (const char *p = path; *p; p++) {
		in_index = in_index || *p == '[';
		if (!in_index)
			*end++ = *p;
		in_index = in_index && *p != ']';
	}
	*end = '\0';
	return out;
}

struct beside_kind *carried_kind(struct carried *carried, struct beside *beside)
{
	char *text = json_printed(beside->extension, JSON_C_TO_STRING_PLAIN);
	struct lh_entry *entry = lh_table_lookup_entry(carried->kinds, text);
	if (entry) {
		free(text);
		free(beside->path);
		json_object_put(beside->extension);
		return (struct beside_kind *)(uintptr_t)lh_entry_v(entry);
	}
	struct beside_kind *kind = xmalloc(sizeof *kind);
	*kind = (struct beside_kind){
		.beside = *beside,
		.text = text,
		.rule = rule_of_tag(carried->assembly->rules, &beside->top),
	};
	/* It outlives the dataset whose it was. */
	if (beside->top.creator)
		kind->beside.top.creator = kind->creator =
			xstrdup(beside->top.creator);
	kind->highest = highest_level(carried->assembly, kind->rule);
	kind->attribute = attribute_of(beside->path);
	lh_add(carried->kinds, kind->text, kind);
	return kind;
}

/* ---- the report ---- */

/* The value of a part of the extension; "" if it has none. */
static const char *extension_part_of(const struct beside *beside,
				     const char *url)
{
	json_object *list = json_member(beside->extension, "extension");
	for (size_t i = 0; i < json_count(list); i++) {
		json_object *part = json_at(list, i);
		const char *text = json_text(part, "valueString");
		if (text && strcmp(json_text(part, "url"), url) == 0)
			return text;
	}
	return "";
}

static void take_reason(void *context, const struct rule *rule,
			enum note_kind kind, const char *text)
{
	const char **reason = context;
	(void)rule;
	if (kind == NOTE_LOST)
		*reason = text;
}

/* What the rule says of it when it reads this very dataset: a constant text. */
static const char *reason_of_rule(const struct assembly *assembly,
				  const struct rule *rule,
				  struct dataset *dataset)
{
	const char *reason = "the FHIR element has no form for it";
	const struct fhir_path *path =
		rule ? rule->fhir[assembly->release] : NULL;
	if (!path || !rule->can_get)
		return reason;
	struct arena *arena = arena_new();
	const struct lens lens = {
		.rules = assembly->rules,
		.release = assembly->release,
		.arena = arena,
		.zone = assembly->zone,
		.schemes = schemes_of(assembly->rules, &dataset->root, arena),
		.note = take_reason,
		.note_context = &reason,
	};
	struct scope root = scope_root(&dataset->root);
	struct scope_list at = scopes_of(&path->place->each, &root);
	for (size_t i = 0; i < at.count; i++) {
		struct json_list values = {0};
		if (lens_applies(rule, &at.at[i]))
			lens_get(&lens, rule, &at.at[i], &values);
		lens_values_free(&values);
	}
	scope_list_free(&at);
	arena_free(arena);
	return reason;
}

/* The same, asked once of each rule: many items can have what does not fit.
 * *reasons: of the rules of the rule set; NULL: none was asked yet. */
static const char *reason_once(const struct assembly *assembly,
			       const struct rule *rule, struct dataset *dataset,
			       const char ***reasons)
{
	const dfh_rules *rules = assembly->rules;
	if (!rule)
		return reason_of_rule(assembly, NULL, dataset);
	size_t index = (size_t)(rule - rules->rules);
	if (!*reasons) {
		*reasons = xmalloc(rules->rule_count * sizeof **reasons);
		memset(*reasons, 0, rules->rule_count * sizeof **reasons);
	}
	if (!(*reasons)[index])
		(*reasons)[index] = reason_of_rule(assembly, rule, dataset);
	return (*reasons)[index];
}

static void report_kind_in(const struct assembly *assembly,
			   struct beside_kind *kind, const char *file,
			   struct dataset *dataset, const char ***reasons)
{
	if (kind->issue) {
		report_again(assembly->report, kind->issue, file);
		return;
	}
	const char *text = reason_once(assembly, kind->rule, dataset, reasons);
	struct arena *arena = arena_new();
	if (report_has_values(assembly->report))
		text = arena_printf(arena, "was '%s', FHIR says '%s'",
				    extension_part_of(&kind->beside, "value"),
				    extension_part_of(&kind->beside, "mapped"));
	kind->issue = report_add(
		assembly->report,
		assembly_carries(assembly) ? REPORT_BESIDE : REPORT_LOST,
		kind->rule, assembly->release, kind->attribute, file, text);
	arena_free(arena);
}

void carried_report(const struct carried *carried,
		    const struct differing *differing, const char *file,
		    struct dataset *dataset)
{
	const char **reasons = NULL;
	for (size_t i = 0; i < differing->count; i++)
		report_kind_in(carried->assembly, differing->kinds[i], file,
			       dataset, &reasons);
	free(reasons);
}

/* ---- as high as all agree ---- */

static void attach_extension(struct node *node, const struct beside_kind *kind)
{
	json_object *list = NULL;
	if (!json_object_object_get_ex(node->object, "extension", &list)) {
		list = json_new_array();
		json_add(node->object, "extension", list);
	}
	json_append(list, json_object_get(kind->beside.extension));
}

/* The node that it goes beside: the highest at which every instance has the
 * same. */
static void place_one(struct carried *carried, const struct differing *d,
		      const struct beside_kind *kind)
{
	static const size_t placed = (size_t)-1;
	struct node *last = NULL;
	int level = (int)kind->highest;
	/* Without a series or an instance of its own, it is the study's. */
	while (level > LEVEL_STUDY && !d->at[level])
		level--;
	for (; level < LEVELS; level++) {
		struct node *node = d->at[level];
		if (!node)
			break;
		last = node;
		size_t *count = counts_of(&carried->having, node, kind, NULL);
		if (*count == placed)
			return;
		if (*count == node->members) {
			*count = placed;
			attach_extension(node, kind);
			return;
		}
	}
	if (!last || *counts_of(&carried->having, last, kind, NULL) == placed)
		return;
	if (last->place->level != LEVEL_INSTANCE) {
		/* It would be said of the others there, too. */
		report_add(carried->assembly->report, REPORT_LOST, kind->rule,
			   carried->assembly->release, kind->attribute, NULL,
			   "belongs to an instance without a UID, which cannot "
			   "be told from others");
		return;
	}
	/* Two files of one instance differ. */
	*counts_of(&carried->having, last, kind, NULL) = placed;
	attach_extension(last, kind);
}

void carried_place(struct carried *carried, const struct differing *all,
		   size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int level = LEVEL_STUDY; level < LEVELS; level++) {
			struct node *node = all[i].at[level];
			if (!node)
				continue;
			node->members++;
			for (size_t k = 0; k < all[i].count; k++)
				++*counts_of(&carried->having, node,
					     all[i].kinds[k], NULL);
		}
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < all[i].count; k++)
			place_one(carried, &all[i], all[i].kinds[k]);
}

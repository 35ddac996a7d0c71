/* What is listed of a rule set, and in what order. */
#include "rules_list.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "codec.h"
#include "error.h"
#include "json_text.h"
#include "rules_build.h"

/* ---- FHIR side ---- */

/* The type of the place instead of its name, which nobody else knows. */
static const char *listed_path_of(struct arena *arena,
				  const struct fhir_path *path)
{
	const char *rest = path ? strchr(path->text, '.') : NULL;

	return rest ? arena_printf(arena, "%s%s", path->place->type, rest)
		    : NULL;
}

static void add_listed_line(struct arena *arena, struct line_list *list,
			    const char *line)
{
	array_room_in(arena, list->at, list->count);
	list->at[list->count++] = line;
}

static const char *join_name(struct arena *arena, const char *prefix,
			     const char *name)
{
	return *prefix ? arena_printf(arena, "%s.%s", prefix, name) : name;
}

/* A pattern, one line for each of its values; codes as FHIR searches have
 * them, SYSTEM|CODE.  Displays are not compared. */
static void add_pattern_lines(struct arena *arena, struct line_list *list,
			      const char *prefix, json_object *pattern)
{
	const char *system = json_text(pattern, "system");
	const char *code = json_text(pattern, "code");
	char room[JSON_SCALAR_ROOM];

	if (system && code) {
		add_listed_line(arena, list,
				arena_printf(arena, "%s = %s|%s", prefix,
					     system, code));
	} else if (json_object_is_type(pattern, json_type_object)) {
		json_foreach (pattern, name, value) {
			if (strcmp(name, "display") != 0)
				add_pattern_lines(
					arena, list,
					join_name(arena, prefix, name), value);
		}
	} else if (json_object_is_type(pattern, json_type_array)) {
		for (size_t i = 0; i < json_count(pattern); i++)
			add_pattern_lines(arena, list, prefix,
					  json_at(pattern, i));
	} else if (pattern) {
		add_listed_line(arena, list,
				arena_printf(arena, "%s = %s", prefix,
					     json_scalar(pattern, room)));
	}
}

/* `is` starts in an element of the slot. */
static const char *slot_text(struct arena *arena, const struct fhir_path *path)
{
	const char *text = "";

	for (int i = 0; i <= path->slot; i++)
		text = join_name(arena, text, path->steps[i].name);
	return text;
}

static void add_path_patterns(struct arena *arena, struct line_list *list,
			      const struct fhir_path *path)
{
	add_pattern_lines(arena, list, slot_text(arena, path), path->is);
	for (size_t i = 0; i < path->depth; i++) {
		const char *url = path->steps[i].extension;

		if (url)
			add_listed_line(
				arena, list,
				arena_printf(
					arena, "%s = %s",
					join_name(arena,
						  i ? path->steps[i - 1].name
						    : "",
						  "extension.url"),
					url));
	}
}

static void list_release(struct arena *arena, const struct rule *rule,
			 enum fhir_release r, struct listed_rule *out)
{
	const struct fhir_path *path = rule->fhir[r], *via;
	struct line_list link = {0};

	out->path[r] = listed_path_of(arena, path);
	out->otherwise[r] = listed_path_of(arena, rule->otherwise[r]);
	if (!path)
		return;
	via = path->place->via[r];
	if (via) {
		out->via[r] = listed_path_of(arena, via);
		add_pattern_lines(arena, &link, slot_text(arena, via), via->is);
	}
	for (size_t i = 0; i < link.count; i++)
		out->via[r] = arena_printf(arena, "%s%s%s", out->via[r],
					   i ? ", " : " where ", link.at[i]);
	add_pattern_lines(arena, &out->where[r], "", path->place->is[r]);
	add_path_patterns(arena, &out->where[r], path);
}

static const char *derived_text(struct arena *arena, const struct rule *rule)
{
	static const char *const starts[] = {
		[DERIVE_COUNT] = "number of", [DERIVE_DISTINCT] = "distinct"};
	const struct derive *derive = &rule->derive;
	const char *text = NULL;

	for (enum fhir_release r = 0; r < RELEASES && !text; r++) {
		const struct fhir_path *of = derive->of[r];

		if (!of || derive->kind == DERIVE_NONE)
			continue;
		text = of->place->type;
		for (size_t i = 0; i < of->depth; i++)
			text = join_name(arena, text, of->steps[i].name);
		text = arena_printf(arena, "%s %s", starts[derive->kind], text);
	}
	for (enum fhir_release r = 0; text && r < RELEASES; r++)
		for (size_t i = 0; i < derive->except_count[r]; i++)
			text = arena_printf(arena, "%s%s %s", text,
					    i ? ","
					      : arena_printf(arena,
							     "; %s without",
							     release_names[r]),
					    derive->except[r][i]);
	return text;
}

/* ---- DICOM side ---- */

static struct tag_list copy_tag_list(struct arena *arena,
				     const struct dcm_tag *tags, size_t count)
{
	struct dcm_tag *copy = arena_alloc(arena, (count + 1) * sizeof *copy);

	if (count)
		memcpy(copy, tags, count * sizeof *copy);
	return (struct tag_list){copy, count};
}

/* What of a position is the rule's own, of that depth, and its homes. */
static void list_positions(struct arena *arena,
			   const struct positions *positions, size_t depth,
			   struct listed_port *port)
{
	struct tag_list *homes =
		arena_alloc(arena, (positions->count + 1) * sizeof *homes);

	for (size_t i = 0; i < positions->count; i++) {
		const struct position *at = &positions->at[i];

		if (depth > at->depth)
			depth = at->depth;
		port->path = copy_tag_list(arena, at->tags + at->depth - depth,
					   depth);
		homes[port->home_count++] =
			copy_tag_list(arena, at->tags, at->depth - depth);
	}
	port->homes = homes;
}

/* How much of a position is the rule's own: the rest is a home, in which all
 * of its place, or the rule's own one-of, may be. */
static size_t own_depth(const struct rule *rule, const struct dcm_path *path)
{
	if (rule->each.kind == EACH_ITEM && !path->from_root)
		return rule->each.paths[0].depth + path->depth;
	return path->depth;
}

static void list_ports(struct arena *arena, const struct rule *rule,
		       struct listed_rule *out)
{
	out->ports = arena_alloc(arena, CODEC_PORTS_MAX * sizeof *out->ports);
	for (size_t i = 0; rule->codec->ports[i].name; i++) {
		const struct rule_port *port = &rule->ports[i];
		struct listed_port *listed = &out->ports[out->port_count];

		if (!port->path.depth)
			continue;
		listed->port = rule->codec->ports[i].name;
		listed->vr = port->path.vr;
		listed->is_written = !port->read_only;
		list_positions(arena, &port->at, own_depth(rule, &port->path),
			       listed);
		if (listed->path.count)
			out->port_count++;
	}
}

/* ---- order ---- */

static const char *sort_path(const struct listed_rule *listed)
{
	const char *path = NULL;

	for (enum fhir_release r = 0; !path && r < RELEASES; r++)
		path = listed->path[r];
	return path;
}

/* By type, then place, then path: what belongs together stays together. */
static int compare_rules(const void *left, const void *right)
{
	const struct listed_rule *a = left, *b = right;
	int order = strcmp(a->place->type, b->place->type);

	if (!order)
		order = (a->place > b->place) - (a->place < b->place);
	if (!order)
		order = strcmp(sort_path(a), sort_path(b));
	return order ? order : (a->rule > b->rule) - (a->rule < b->rule);
}

static struct listing listing_of(const dfh_rules *rules)
{
	struct arena *arena = arena_new();
	struct listing listing = {.arena = arena, .rules = rules};

	listing.at = arena_alloc(arena,
				 (rules->rule_count + 1) * sizeof *listing.at);
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		struct listed_rule *out = &listing.at[listing.count];

		/* Of a release that this file does not have. */
		if (!rule_place(rule))
			continue;
		out->rule = rule;
		out->place = rule_place(rule);
		for (enum fhir_release r = 0; r < RELEASES; r++)
			list_release(arena, rule, r, out);
		out->derived = derived_text(arena, rule);
		list_ports(arena, rule, out);
		listing.count++;
	}
	qsort(listing.at, listing.count, sizeof *listing.at, compare_rules);
	return listing;
}

/* ---- all ---- */

char *dfh_rules_list(const dfh_rules *rules, const char *format,
		     dfh_error **error)
{
	static const struct {
		const char *name;
		void (*print)(const struct listing *listing, FILE *out);
	} formats[] = {{"text", list_text},
		       {"tsv", list_tsv},
		       {"json", list_json},
		       {"html", list_html}};
	size_t count = sizeof formats / sizeof *formats, i = 0, size;
	struct listing listing;
	char *text = NULL, *page = NULL;
	FILE *out;

	while (format && i < count && strcmp(formats[i].name, format) != 0)
		i++;
	if (i == count) {
		error_set(error, DFH_USAGE,
			  "a mapping is listed as text, tsv, json or html, not "
			  "as '%s'",
			  format);
		return NULL;
	}
	if (formats[i].print == list_html && !(page = list_page(error)))
		return NULL;
	out = memory_of(open_memstream(&text, &size));
	listing = listing_of(rules);
	listing.page = page;
	formats[i].print(&listing, out);
	arena_free(listing.arena);
	free(page);
	if (fclose(out) != 0) /* a stream of memory */
		out_of_memory();
	/* As all texts of the library: without the last newline. */
	if (size && text[size - 1] == '\n')
		text[size - 1] = '\0';
	return text;
}

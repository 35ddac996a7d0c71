/* FHIR paths and patterns, against the schema of a release. */
#include "rules_build.h"

#include <string.h>

#include "fhir_path.h"
#include "fhir_schema.h"

/* ---- steps ---- */

/* Up to a '.' that is not within extension(NAME). */
static size_t fhir_step_length(const char *text)
{
	bool in_parentheses = false;
	size_t at = 0;

	for (; text[at] && (in_parentheses || text[at] != '.'); at++) {
		if (text[at] == '(')
			in_parentheses = true;
		else if (text[at] == ')')
			in_parentheses = false;
	}
	return at;
}

static size_t count_steps(const char *text)
{
	size_t count = 1;

	for (text += fhir_step_length(text); *text;
	     text += fhir_step_length(text)) {
		text++;
		count++;
	}
	return count;
}

const char *build_none_has(struct build *build)
{
	const char *text = NULL;
	size_t count = 0;

	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (build->rules->in_release[r])
			text = !count++
				       ? release_names[r]
				       : arena_printf(build->arena, "%s nor %s",
						      text, release_names[r]);
	return count == 1 ? arena_printf(build->arena, "%s has no", text)
			  : arena_printf(build->arena, "neither %s has", text);
}

static const char *lacking(struct build *build, enum fhir_release release,
			   const char *type, const char *name)
{
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (build->rules->in_release[r] &&
		    fhir_element_find(r, type, name))
			return arena_printf(build->arena, "%s has no",
					    release_names[release]);
	return build_none_has(build);
}

const char *build_no_element(struct build *build, enum fhir_release release,
			     const char *type, const char *name)
{
	struct nearest nearest = nearest_to(name);
	const struct fhir_element *elements;
	size_t count;

	elements = fhir_elements_of(release, type, &count);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, elements[i].name);
	return arena_printf(build->arena, "%s %s.%s%s",
			    lacking(build, release, type, name), type, name,
			    nearest_hint(&nearest, build->arena));
}

static void tell_missing(struct build *build, const struct yaml_node *node,
			 size_t offset, enum fhir_release release,
			 const char *type, const char *name)
{
	if (!*name) {
		part_fault(build, node, offset, 1, "a name is missing here");
		return;
	}
	if (fhir_type_is_primitive(type)) {
		part_fault(build, node, offset, strlen(name),
			   "%s is a primitive type and has no %s", type, name);
		return;
	}
	part_fault(build, node, offset, strlen(name), "%s",
		   build_no_element(build, release, type, name));
}

/* The part of an extension may go by a name; all else is absolute. */
static const char *checked_url(struct build *build,
			       const struct yaml_node *node, bool is_part)
{
	const char *url = node_text(build, node);
	const char *colon = url ? strchr(url, ':') : NULL;

	if (!url)
		return NULL;
	if (url[strcspn(url, " \t\r\n<>\"")] || (!is_part && !colon) ||
	    colon == url) {
		node_fault(build, node, "'%s' is no absolute URI", url);
		return NULL;
	}
	return url;
}

void build_check_extensions(struct build *build)
{
	for (size_t i = 0; i < build->extensions.count; i++) {
		const struct yaml_node *node = build->extensions.at[i].value;

		node_check_releases(build, node);
		for (enum fhir_release r = 0; r < RELEASES; r++)
			if (node_for(node, r))
				checked_url(build, node_for(node, r), true);
	}
}

/* is_part: of another extension. */
static const char *extension_url(struct build *build,
				 const struct yaml_node *node, size_t offset,
				 const char *name, enum fhir_release release,
				 bool is_part)
{
	const struct pair_list *list = &build->extensions;
	size_t at = build_named(build, list, name);
	struct nearest nearest;

	if (at != SIZE_MAX) {
		const struct yaml_node *url =
			node_for(list->at[at].value, release);

		node_check_releases(build, list->at[at].value);
		if (!url)
			part_fault(build, node, offset, strlen(name),
				   "'%s' has no URL in %s", name,
				   release_names[release]);
		return url ? checked_url(build, url, is_part) : NULL;
	}
	nearest = nearest_to(name);
	for (size_t i = 0; i < list->count; i++)
		nearest_offer(&nearest, list->at[i].key->text);
	part_fault(build, node, offset, strlen(name),
		   "no '%s' under 'extensions'%s", name,
		   nearest_hint(&nearest, build->arena));
	return NULL;
}

static bool take_step(struct build *build, const struct yaml_node *node,
		      size_t offset, const char *name,
		      enum fhir_release release, const char *type,
		      struct fhir_step *step)
{
	const char *extension = build_bracketed(build, name, "extension");
	const struct fhir_element *element;

	if (extension) {
		step->name = "extension";
		step->type = "Extension";
		step->many = true;
		step->on_primitive = fhir_type_is_primitive(type);
		step->extension = extension_url(
			build, node, offset + strlen("extension("), extension,
			release, strcmp(type, "Extension") == 0);
		return step->extension != NULL;
	}
	element = fhir_element_find(release, type, name);
	if (!element || fhir_type_is_primitive(type)) {
		tell_missing(build, node, offset, release, type, name);
		return false;
	}
	step->name = element->name;
	step->type = element->type;
	step->codes = element->codes;
	step->many = element->many;
	return true;
}

int build_fhir_steps(struct build *build, const struct yaml_node *node,
		     size_t offset, enum fhir_release release, const char *type,
		     struct fhir_step **out)
{
	const char *at = node->text + offset;
	int count = (int)count_steps(at);
	struct fhir_step *steps =
		arena_alloc(build->arena, (size_t)count * sizeof *steps);

	for (int i = 0; i < count; i++) {
		size_t length = fhir_step_length(at);

		if (!take_step(build, node, (size_t)(at - node->text),
			       arena_strndup(build->arena, at, length), release,
			       type, &steps[i]))
			return -1;
		type = steps[i].type;
		at += length + 1;
	}
	*out = steps;
	return count;
}

/* ---- paths ---- */

void fhir_path_finish(struct fhir_path *path)
{
	path->slot = -1;
	for (size_t i = 0; i < path->depth; i++)
		if (path->steps[i].many && !path->steps[i].extension)
			path->slot = (int)i;
	path->type = path->steps[path->depth - 1].type;
}

void fhir_path_repeat(struct build *build, struct fhir_path *path)
{
	for (size_t i = path->depth; i > 0 && path->slot < 0; i--) {
		const char *url = path->steps[i - 1].extension;

		if (!url)
			continue;
		path->slot = (int)i - 1;
		path->is = build_keep(build, json_new_object());
		json_add(path->is, "url", json_new_string(url));
	}
}

static const struct place *find_named_place(struct build *build,
					    const struct yaml_node *node,
					    const char *name)
{
	const struct place *place = build_find_place(build, name);
	struct nearest nearest = nearest_to(name);
	const char *hint;

	if (place)
		return place;
	for (size_t i = 0; i < build->rules->place_count; i++)
		nearest_offer(&nearest, build->rules->places[i].name);
	hint = nearest_hint(&nearest, build->arena);
	if (!*hint && !build->includes)
		hint = "; a site's file begins with 'include: rules.yaml'";
	part_fault(build, node, 0, strlen(name), "no place '%s'%s", name, hint);
	return NULL;
}

struct fhir_path *build_fhir_path(struct build *build,
				  const struct yaml_node *node,
				  enum fhir_release release)
{
	const char *text = node_text(build, node);
	struct fhir_path *path;
	size_t length;
	int depth;

	if (!text)
		return NULL;
	path = arena_alloc(build->arena, sizeof *path);
	length = fhir_step_length(text);
	path->text = text;
	path->place = find_named_place(
		build, node, arena_strndup(build->arena, text, length));
	/* A place without a type has a fault of its own. */
	if (!path->place || !path->place->type)
		return NULL;
	if (!text[length]) {
		node_fault(build, node,
			   "'%s' is a place; an element of it "
			   "should be here",
			   text);
		return NULL;
	}
	if (!path->place->in_release[release]) {
		part_fault(build, node, 0, length, "%s has no place '%s'",
			   release_names[release], path->place->name);
		return NULL;
	}
	depth = build_fhir_steps(build, node, length + 1, release,
				 path->place->type, &path->steps);
	if (depth < 0)
		return NULL;
	path->depth = (size_t)depth;
	fhir_path_finish(path);
	return path;
}

/* ---- patterns ---- */

static bool runs_through(const struct fhir_step *steps, int depth,
			 const struct fhir_path *path)
{
	if (depth <= path->slot)
		return false;
	for (int i = 0; i <= path->slot; i++)
		if (strcmp(steps[i].name, path->steps[i].name) != 0)
			return false;
	return true;
}

static json_object *array_first(json_object *array)
{
	if (!json_count(array))
		json_append(array, json_new_object());
	return json_at(array, 0);
}

static void put_at(json_object *object, const struct fhir_step *steps,
		   int depth, json_object *value)
{
	json_object *next;

	for (int i = 0; i + 1 < depth; i++) {
		if (!json_object_object_get_ex(object, steps[i].name, &next)) {
			next = steps[i].many ? json_new_array()
					     : json_new_object();
			json_add(object, steps[i].name, next);
		}
		object = steps[i].many ? array_first(next) : next;
	}
	if (depth)
		json_add(object, steps[depth - 1].name, value);
	else {
		json_fill(object, value);
		json_object_put(value);
	}
}

static void
add_pattern_of_pair(struct build *build, const struct yaml_pair *pair,
		    enum fhir_release release, const struct place *place,
		    const struct fhir_path *path, json_object *pattern)
{
	struct fhir_step *steps, *last;
	int skip = path ? path->slot + 1 : 0;
	int depth = build_fhir_steps(build, pair->key, 0, release, place->type,
				     &steps);

	if (depth < 0)
		return;
	if (path && !runs_through(steps, depth, path)) {
		node_fault(build, pair->key,
			   "this must go through '%s', of which %s is written",
			   path->steps[path->slot].name, path->text);
		return;
	}
	for (int i = 0; i < depth; i++) {
		if (!steps[i].extension)
			continue;
		node_fault(build, pair->key,
			   "an extension cannot be part of a pattern");
		return;
	}
	last = &steps[depth - 1];
	json_check(build, pair->value, release, last->type,
		   last->many && depth > skip);
	json_check_codes(build, pair->value, last->codes);
	put_at(pattern, steps + skip, depth - skip, json_of(pair->value));
}

json_object *build_pattern(struct build *build, const struct yaml_node *map,
			   enum fhir_release release, const struct place *place,
			   const struct fhir_path *path)
{
	json_object *pattern;

	if (!map || !place || !place->type || !node_is_map(build, map))
		return NULL;
	if (path && path->slot < 0)
		path = NULL;
	pattern = build_keep(build, json_new_object());
	for (size_t i = 0; i < map->count; i++)
		add_pattern_of_pair(build, &map->pairs[i], release, place, path,
				    pattern);
	return pattern;
}

json_object *pattern_of_value(const struct fhir_path *path)
{
	json_object *part = path->is;

	for (size_t i = (size_t)(path->slot + 1); part && i < path->depth; i++)
		if (!json_object_object_get_ex(part, path->steps[i].name,
					       &part))
			return NULL;
	return part;
}

/* DICOM paths and `each`. */
#include "rules_build.h"

#include <stdlib.h>
#include <string.h>

#include "dcm_number.h"
#include "vr.h"

bool build_at_top(struct build *build, const struct yaml_node *node,
		  const struct dcm_path *path)
{
	if (path->depth != 1)
		node_fault(build, node, "%s is not at the top level",
			   path->text);
	return path->depth == 1;
}

bool is_sequence(const struct dcm_path *path)
{
	return path->depth && strcmp(path->vr, "SQ") == 0;
}

/* ---- paths ---- */

/* How long the first name is: up to a '.' that is not within the
 * parentheses or the quotes of (gggg,ee,"CREATOR"). */
static size_t name_length(const char *text)
{
	bool in_quotes = false, in_parentheses = false;
	size_t at = strcspn(text, "\".()");

	for (; text[at]; at++) {
		if (text[at] == '"')
			in_quotes = !in_quotes;
		else if (!in_quotes && text[at] == '(')
			in_parentheses = true;
		else if (!in_quotes && text[at] == ')')
			in_parentheses = false;
		else if (!in_quotes && !in_parentheses && text[at] == '.')
			break;
	}
	return at;
}

static size_t count_path_names(const char *text)
{
	size_t count = 1;

	for (text += name_length(text); *text; text += name_length(text)) {
		text++;
		count++;
	}
	return count;
}

static void tell_unknown(struct build *build, const struct yaml_node *node,
			 size_t offset, const char *name)
{
	struct nearest nearest = nearest_to(name);
	struct dcm_entry entry;
	char keyword[64] = "";

	if (!*name) {
		part_fault(build, node, offset, 1, "a name is missing here");
		return;
	}
	if (*name != '(' && !diag_is_full(build->diag))
		dcm_keyword_nearest(name, keyword);
	if (*keyword && dcm_entry_find(keyword, build->arena, &entry))
		nearest_offer(&nearest, keyword);
	part_fault(build, node, offset, strlen(name),
		   "unknown DICOM keyword '%s'%s", name,
		   nearest_hint(&nearest, build->arena));
}

/* "PixelSpacing[2]": cuts the number off; 0: there is none. */
static size_t take_value_number(char *name)
{
	size_t length = strlen(name);
	char *bracket =
		length && name[length - 1] == ']' ? strrchr(name, '[') : NULL;
	char *end = NULL;
	size_t number = bracket ? (size_t)strtoul(bracket + 1, &end, 10) : 0;

	if (!number || end == bracket + 1 || strcmp(end, "]") != 0)
		return 0;
	*bracket = '\0';
	return number;
}

/* One value of an attribute that may have so many. */
static bool take_numbered_value(struct build *build,
				const struct yaml_node *node, size_t offset,
				const char *name, size_t number,
				struct dcm_path *out)
{
	if ((!vr_is_multiple(out->vr) && !dcm_number_is(out->vr)) ||
	    (out->vm_max >= 0 && number > (size_t)out->vm_max)) {
		part_fault(build, node, offset, strlen(name),
			   "%s has no value of number %zu (its VR is %s)", name,
			   number, out->vr);
		return false;
	}
	out->value = number;
	out->vm_max = 1;
	return true;
}

static bool take_attribute(struct build *build, const struct yaml_node *node,
			   size_t offset, char *name, bool is_last,
			   struct dcm_path *out)
{
	struct dcm_entry entry;
	size_t number = is_last ? take_value_number(name) : 0;

	if (!dcm_entry_find(name, build->arena, &entry)) {
		tell_unknown(build, node, offset, name);
		return false;
	}
	if (!is_last && strcmp(entry.vr, "SQ") != 0) {
		part_fault(build, node, offset, strlen(name),
			   "%s is no sequence (its VR is %s), so that nothing "
			   "can be in it",
			   name, entry.vr);
		return false;
	}
	out->tags[out->depth++] = entry.tag;
	memcpy(out->vr, entry.vr, sizeof out->vr);
	out->vm_max = entry.vm_max;
	return !number ||
	       take_numbered_value(build, node, offset, name, number, out);
}

static bool take_named_items(struct build *build, const struct yaml_node *node,
			     size_t offset, const char *name,
			     struct dcm_path *out)
{
	const struct items *items =
		build_find_items(build, node, offset + strlen("item("), name);

	if (!items)
		return false;
	if (!out->items)
		out->items = arena_alloc(
			build->arena, DCM_DEPTH_MAX / 2 * sizeof *out->items);
	out->items[out->depth] = items;
	out->tags[out->depth++] = items->tag;
	memcpy(out->vr, "SQ", sizeof out->vr);
	out->vm_max = 1;
	return true;
}

static bool take_path_name(struct build *build, const struct yaml_node *node,
			   size_t offset, char *name, bool is_last,
			   struct dcm_path *out)
{
	const char *items = build_bracketed(build, name, "item");

	return items ? take_named_items(build, node, offset, items, out)
		     : take_attribute(build, node, offset, name, is_last, out);
}

/* As keywords, for messages and lists. */
static const char *keywords_of(struct build *build, const struct dcm_path *path)
{
	const char *text = "";
	char name[128];

	for (size_t i = 0; i < path->depth; i++)
		text = arena_printf(build->arena, "%s%s%s", text, i ? "." : "",
				    dcm_tag_name(&path->tags[i], name));
	return text;
}

static bool parse_path(struct build *build, const struct yaml_node *node,
		       struct dcm_path *out)
{
	const char *text = node_text(build, node), *at;
	size_t length, names;

	*out = (struct dcm_path){.text = text};
	if (!text)
		return false;
	out->from_root = *text == '/';
	at = text + out->from_root;
	for (; strncmp(at, "../", 3) == 0; at += 3)
		out->up++;
	names = count_path_names(at);
	if (names > DCM_DEPTH_MAX / 2) {
		node_fault(build, node, "a path of more than %d names",
			   DCM_DEPTH_MAX / 2);
		return false;
	}
	out->tags = arena_alloc(build->arena, names * sizeof *out->tags);
	for (; names; names--) {
		length = name_length(at);
		if (!take_path_name(build, node, (size_t)(at - text),
				    arena_strndup(build->arena, at, length),
				    names == 1, out))
			return false;
		at += length + 1;
	}
	if (out->items || out->up)
		out->text = keywords_of(build, out);
	return true;
}

bool build_dicom_path(struct build *build, const struct yaml_node *node,
		      struct dcm_path *out)
{
	struct dcm_path path;

	*out = (struct dcm_path){0};
	if (!parse_path(build, node, &path))
		return false;
	*out = path;
	return true;
}

bool build_dicom_paths(struct build *build, const struct yaml_node *node,
		       struct dcm_path **out, size_t *count)
{
	const struct yaml_node *const *items = &node;
	size_t total = 1, made = 0;

	if (node->kind == YAML_LIST) {
		items = node->items;
		total = node->count;
	}
	*out = arena_alloc(build->arena, (total + 1) * sizeof **out);
	for (size_t i = 0; i < total; i++)
		if (build_dicom_path(build, items[i], &(*out)[made]))
			made++;
	*count = made;
	return made == total;
}

/* ---- each ---- */

/* The homes of a one-of: sequences, and "." for the top level. */
static bool build_each_homes(struct build *build, const struct yaml_node *list,
			     struct each *out)
{
	bool good = true;

	out->paths = arena_alloc(build->arena,
				 (list->count + 1) * sizeof *out->paths);
	for (size_t i = 0; i < list->count; i++) {
		struct dcm_path *path = &out->paths[out->count];
		const struct yaml_node *item = list->items[i];

		if (item->kind == YAML_TEXT && strcmp(item->text, ".") == 0) {
			path->text = item->text;
			path->from_root = true;
		} else if (!build_dicom_path(build, item, path)) {
			good = false;
			continue;
		} else if (!is_sequence(path)) {
			node_fault(build, item,
				   "%s is no sequence (its VR is "
				   "%s)",
				   path->text, path->vr);
			good = false;
			continue;
		}
		out->count++;
	}
	return good;
}

static void check_home(struct build *build, const struct yaml_node *node,
		       const struct each *each, const struct mark *mark,
		       const char *name)
{
	struct nearest nearest;

	if (!name)
		return;
	for (size_t i = 0; i < each->count; i++)
		if (strcmp(each->paths[i].text, name) == 0)
			return;
	nearest = nearest_to(name);
	for (size_t i = 0; i < each->count; i++)
		nearest_offer(&nearest, each->paths[i].text);
	node_fault(build, node,
		   "table '%s' names '%s' (line %d), which is none of these "
		   "homes%s",
		   each->table->name, name, mark->line,
		   nearest_hint(&nearest, build->arena));
}

static bool build_one_of(struct build *build, const struct yaml_node *node,
			 struct each *out)
{
	static const char *const keys[] = {"one-of", "by", "table", NULL};
	const struct yaml_node *homes = yaml_get(node, "one-of");
	const struct yaml_node *by = yaml_get(node, "by");
	const struct yaml_node *name = yaml_get(node, "table");
	const struct table *table;

	node_check_keys(build, node, keys);
	out->kind = EACH_ONE_OF;
	if (!by || !name) {
		node_fault(build, node,
			   "'one-of' needs 'by' and 'table', which say where "
			   "a new one goes");
		return false;
	}
	if (!node_is_list(build, homes) ||
	    !build_each_homes(build, homes, out) ||
	    !build_dicom_path(build, by, &out->by))
		return false;
	out->by.from_root = true;
	out->table = table = build_find_table(build, name);
	if (!table)
		return false;
	check_home(build, homes, out, &table->mark, table->default_value);
	check_home(build, homes, out, &table->mark, table->none_value);
	for (size_t i = 0; i < table->row_count; i++)
		check_home(build, homes, out, &table->rows[i].mark,
			   table->rows[i].code);
	return true;
}

static bool build_join(struct build *build, const struct yaml_node *node,
		       bool for_place, struct each *out)
{
	static const char *const keys[] = {"join", NULL};
	const struct yaml_node *list = yaml_get(node, "join");

	node_check_keys(build, node, keys);
	out->kind = EACH_JOIN;
	if (!for_place) {
		node_fault(build, list, "only a place can join");
		return false;
	}
	if (!node_is_list(build, list) ||
	    !build_dicom_paths(build, list, &out->paths, &out->count))
		return false;
	if (out->count < 2 || out->count > JOIN_MAX) {
		node_fault(build, list, "from 2 to %d attributes can be joined",
			   JOIN_MAX);
		return false;
	}
	for (size_t i = 0; i < out->count; i++) {
		if (out->paths[i].depth == 1)
			continue;
		node_fault(build, list->items[i],
			   "only attributes at the top level can be joined");
		return false;
	}
	return true;
}

bool build_each(struct build *build, const struct yaml_node *node,
		bool for_place, struct each *out)
{
	static const char *const keys[] = {"one-of", "join", NULL};

	if (yaml_get(node, "one-of"))
		return build_one_of(build, node, out);
	if (yaml_get(node, "join"))
		return build_join(build, node, for_place, out);
	if (node->kind == YAML_MAP) {
		node_check_keys(build, node, keys);
		return false;
	}
	out->paths = arena_alloc(build->arena, sizeof *out->paths);
	if (!build_dicom_path(build, node, out->paths))
		return false;
	out->count = 1;
	out->kind = is_sequence(out->paths) ? EACH_ITEM : EACH_VALUE;
	if (out->kind == EACH_ITEM || (!for_place && out->paths->vm_max != 1))
		return true;
	/* A place for each value of one list: as if it were joined to others.
	 */
	if (for_place && out->paths->vm_max != 1 && out->paths->depth == 1) {
		out->kind = EACH_JOIN;
		return true;
	}
	node_fault(build, node,
		   for_place ? "%s is no sequence, and no list at the top "
			       "level (its VR is %s)"
			     : "%s has no more than one value (its VR is %s)",
		   out->paths->text, out->paths->vr);
	out->kind = EACH_NONE;
	out->count = 0;
	return false;
}

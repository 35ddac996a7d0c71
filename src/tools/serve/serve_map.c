/* The mapping as the rules list it, turned to what a search needs: of each
 * parameter, the attributes that a server of DICOMweb can be asked by. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "cli.h"
#include "dicomweb.h"
#include "json_read.h"
#include "serve_parameters.h"

enum { RELEASES_MOST = 16, DEPTH_MOST = 64 };

struct serve_map {
	/* by release */
	struct serve_keys keys[RELEASES_MOST][SERVE_PARAMETERS];
};

/* ---- does a rule make the element? ---- */

/* The element, or its value where the rule makes a part of it. */
static bool is_path(const char *path, const char *wanted)
{
	size_t length = wanted ? strlen(wanted) : 0;
	return path && wanted && strncmp(path, wanted, length) == 0 &&
	       (!path[length] || strcmp(path + length, ".value") == 0);
}

/* What each study refers to need not say by which reference. */
static bool makes(json_object *rule, const char *release,
		  const struct serve_search_parameter *parameter)
{
	json_object *here = json_member(rule, release);
	const char *path = json_text(here, "path");
	const char *via = json_text(here, "via");
	return (!via && is_path(path, parameter->path)) ||
	       ((!via || same_text(via, parameter->via)) &&
		is_path(path, parameter->linked));
}

/* What stands for all of something in the study: "distinct PATH; ..." */
static bool sums_up(json_object *rule,
		    const struct serve_search_parameter *parameter)
{
	static const char distinct[] = "distinct ";
	const char *derived = json_text(rule, "derived");
	size_t length = parameter->path ? strlen(parameter->path) : 0;
	if (!derived || !length ||
	    strncmp(derived, distinct, sizeof distinct - 1) != 0)
		return false;
	derived += sizeof distinct - 1;
	return strncmp(derived, parameter->path, length) == 0 &&
	       (!derived[length] || derived[length] == ';');
}

/* ---- what it is made from ---- */

static bool is_at_top(json_object *attribute)
{
	json_object *homes = json_member(attribute, "homes");
	if (json_count(json_member(attribute, "in")))
		return false;
	for (size_t i = 0; i < json_count(homes); i++)
		if (!json_count(json_at(homes, i)))
			return true;
	return false;
}

/* "(0020,000D)" */
static bool take_tag(const char *text, char tag[9])
{
	if (!text || strlen(text) != 11)
		return false;
	memcpy(tag, text + 1, 4);
	memcpy(tag + 4, text + 6, 4);
	tag[8] = '\0';
	return true;
}

/* "identifier.system = SYSTEM": what is behind the equals sign, of one whose
 * name ends so; or NULL. */
static const char *told_of(json_object *where, const char *end)
{
	for (size_t i = 0; i < json_count(where); i++) {
		const char *text = json_string(json_at(where, i));
		const char *equals = text ? strstr(text, " = ") : NULL;
		size_t before = equals ? (size_t)(equals - text) : 0;
		if (before < strlen(end) ||
		    strncmp(equals - strlen(end), end, strlen(end)) != 0)
			continue;
		return equals + 3;
	}
	return NULL;
}

static bool has_key(const struct serve_keys *keys, const char *tag)
{
	for (size_t i = 0; i < keys->count; i++)
		if (strcmp(keys->at[i].tag, tag) == 0)
			return true;
	return false;
}

static void add_key(struct serve_keys *keys, json_object *attribute,
		    json_object *where)
{
	struct serve_key key = {.level = -1};
	const char *vr = json_text(attribute, "vr");
	if (is_at_top(attribute) &&
	    take_tag(json_text(attribute, "tag"), key.tag))
		key.level = dicomweb_level_of(key.tag);
	if (key.level < 0 || has_key(keys, key.tag))
		return;
	const char *system = told_of(where, ".system");
	key.system = system ? xstrdup(system) : NULL;
	memcpy(key.vr, vr && strlen(vr) == 2 ? vr : "UN", sizeof key.vr);
	array_room(keys->at, keys->count);
	keys->at[keys->count++] = key;
}

/* Of several sources of an element only the first is what others search by, and
 * of a moment its day. */
static void add_rule_keys(struct serve_keys *keys, json_object *rule,
			  const char *release)
{
	json_object *attributes = json_member(rule, "dicom");
	json_object *order = json_member(rule, "source-order");
	json_object *where = json_member(json_member(rule, release), "where");
	if (order && json_object_get_int(order) != 1)
		return;
	for (size_t i = 0; i < json_count(attributes); i++) {
		json_object *attribute = json_at(attributes, i);
		const char *port = json_text(attribute, "port");
		if (same_text(port, "value") || same_text(port, "date"))
			add_key(keys, attribute, where);
	}
}

/* ---- all of it ---- */

static void enter_rules(struct serve_keys *keys, json_object *rules,
			const char *release,
			const struct serve_search_parameter *parameter)
{
	for (size_t i = 0; i < json_count(rules); i++)
		if (sums_up(json_at(rules, i), parameter))
			add_rule_keys(keys, json_at(rules, i), release);
	keys->are_summed_up = keys->count > 0;
	for (size_t i = 0; !keys->are_summed_up && i < json_count(rules); i++)
		if (makes(json_at(rules, i), release, parameter))
			add_rule_keys(keys, json_at(rules, i), release);
}

struct serve_map *serve_map_new(const dfh_rules *rules)
{
	dfh_error *error = NULL;
	char *text = dfh_rules_list(rules, "json", &error);
	if (!text) {
		cli_fail(error);
		return NULL;
	}
	struct json_source source =
		json_source_of(text, strlen(text), DEPTH_MOST);
	json_object *list = NULL;
	struct serve_map *map = xmalloc(sizeof *map);
	*map = (struct serve_map){0};
	json_read(&source, &list);
	for (int r = 0; r < RELEASES_MOST; r++) {
		const char *name = dfh_release_name((dfh_release)r);
		for (size_t i = 0; name && serve_parameters[i].name; i++)
			enter_rules(&map->keys[r][i], list, name,
				    &serve_parameters[i]);
	}
	json_object_put(list);
	json_source_free(&source);
	free(text);
	return map;
}

static void free_keys(struct serve_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++)
		free(keys->at[i].system);
	free(keys->at);
}

void serve_map_free(struct serve_map *map)
{
	for (size_t i = 0; map && i < RELEASES_MOST * SERVE_PARAMETERS; i++)
		free_keys(
			&map->keys[i / SERVE_PARAMETERS][i % SERVE_PARAMETERS]);
	free(map);
}

const struct serve_keys *
serve_map_keys(const struct serve_map *map, dfh_release release,
	       const struct serve_search_parameter *parameter)
{
	/* an id is the study's UID, which is an identifier, too */
	if (strcmp(parameter->name, "_id") == 0)
		parameter = serve_parameter_find("identifier");
	return &map->keys[release][parameter - serve_parameters];
}

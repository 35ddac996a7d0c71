/* Files and what they include, laid over one another. */
#include "rules_build.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "yaml_made.h"

enum { INCLUDE_DEPTH_MAX = 16 };

/* The files that are being read, to find one that includes itself. */
struct include_chain {
	const struct include_chain *above;
	const char *path;
	size_t depth;
};

static void read_rules_file(struct build *build, const char *path,
			    const struct include_chain *above);

/* ---- include ---- */

static const char *path_beside(struct build *build, const char *path,
			       const char *name)
{
	const char *slash = strrchr(path, '/');

	if (*name == '/' || !slash)
		return name;
	return arena_printf(build->arena, "%.*s/%s", (int)(slash - path), path,
			    name);
}

/* A site's rules.yaml includes the shipped one by its name. */
static bool is_same_rules_file(const char *a, const char *b)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* The path of a file that is included, or NULL with the fault told. */
static const char *find_file(struct build *build, const struct yaml_node *node,
			     const char *name,
			     const struct include_chain *chain)
{
	const char *path = path_beside(build, chain->path, name), *shipped;
	int why = access(path, R_OK) == 0 ? 0 : errno;

	if (!why && !is_same_rules_file(path, chain->path))
		return path;
	shipped = arena_printf(build->arena, "%s/%s", PKGDATADIR, name);
	if (*name != '/' && access(shipped, R_OK) == 0)
		return shipped;
	if (!why)
		return path;
	node_fault(build, node, "cannot open '%s': %s", name, strerror(why));
	return NULL;
}

/* The same of rules in memory: it goes by the name that it is included by. */
static const char *find_text_in_memory(struct build *build,
				       const struct yaml_node *node,
				       const char *name)
{
	const dfh_rules_text *in_memory = build->in_memory;
	const char *text;
	size_t length;

	if (diag_has_source(build->diag, name))
		return name;
	if (in_memory->include &&
	    in_memory->include(name, &text, &length, in_memory->context) == 0) {
		diag_give_source(build->diag, name, text, length);
		return name;
	}
	node_fault(build, node, "'%s' is not given with these rules", name);
	return NULL;
}

static void include_file(struct build *build, const struct yaml_node *node,
			 const struct include_chain *chain)
{
	const char *name = node_text(build, node), *path;

	if (!name)
		return;
	path = build->in_memory ? find_text_in_memory(build, node, name)
				: find_file(build, node, name, chain);
	if (!path) {
		build->unread = true;
		return;
	}
	/* Two files may both include a third. */
	if (build_file_order(build, path) < build->files.count)
		return;
	for (const struct include_chain *c = chain; c; c = c->above) {
		if (strcmp(c->path, path) != 0)
			continue;
		node_fault(build, node, "'%s' includes itself", name);
		return;
	}
	if (chain->depth == INCLUDE_DEPTH_MAX) {
		node_fault(build, node, "includes more than %d deep",
			   INCLUDE_DEPTH_MAX);
		return;
	}
	read_rules_file(build, path, chain);
}

static void include_all(struct build *build, const struct yaml_node *node,
			const struct include_chain *chain)
{
	if (!node)
		return;
	build->includes = true;
	if (node->kind == YAML_TEXT) {
		include_file(build, node, chain);
		return;
	}
	if (!node_is_list(build, node))
		return;
	for (size_t i = 0; i < node->count; i++)
		include_file(build, node->items[i], chain);
}

/* ---- laying one file over those before ---- */

static void lay_setting(const struct yaml_node *root, const char *key,
			const struct yaml_node **setting)
{
	const struct yaml_node *node = yaml_get(root, key);

	if (node)
		*setting = node;
}

/* How a value is laid over the one of the same key before it. */
typedef const struct yaml_node *overlay(struct build *build,
					const struct yaml_node *under,
					const struct yaml_node *over);

static const struct yaml_node *take_over(struct build *build,
					 const struct yaml_node *under,
					 const struct yaml_node *over)
{
	(void)build;
	(void)under;
	return over;
}

static void lay_map(struct build *build, const struct yaml_node *root,
		    const char *key, overlay *lay, struct pair_list *list)
{
	const struct yaml_node *map = yaml_get(root, key);

	if (!map || yaml_is_null(map) || !node_is_map(build, map))
		return;
	for (size_t i = 0; i < map->count; i++) {
		struct yaml_pair pair = map->pairs[i];
		size_t at = build_named(build, list, pair.key->text);

		if (at == SIZE_MAX) {
			build_name(build, list, pair.key->text, list->count);
			pair_list_add(build, list, pair);
			continue;
		}
		pair.value = lay(build, list->at[at].value, pair.value);
		list->at[at] = pair;
	}
}

/* {NAME: URI} are rows of the table of issuers. */
static void lay_issuers(struct build *build, const struct yaml_node *map)
{
	struct pair_list *tables = &build->tables;
	size_t at;

	if (!map || yaml_is_null(map) || !node_is_map(build, map))
		return;
	at = build_named(build, tables, "issuers");
	if (at == SIZE_MAX)
		node_fault(build, map, "there is no table 'issuers'");
	else
		tables->at[at].value = overlay_table(
			build, tables->at[at].value, table_of_map(build, map));
}

/* Lists add up: who wants one more sequence should not repeat the others. */
static void lay_list(struct build *build, const struct yaml_node *root,
		     const char *key, struct node_list *list)
{
	const struct yaml_node *node = yaml_get(root, key);

	if (!node || yaml_is_null(node) || !node_is_list(build, node))
		return;
	for (size_t i = 0; i < node->count; i++)
		node_list_add(build, list, node->items[i]);
}

static const char *rule_id(const struct yaml_node *rule)
{
	const struct yaml_node *id = yaml_get(rule, "id");

	return id && id->kind == YAML_TEXT ? id->text : "";
}

/* The index of the rule with this id, if it is not switched off; or SIZE_MAX.
 */
static size_t find_rule_by_id(const struct build *build, const char *id)
{
	size_t at = build_named(build, &build->rule_list, id);

	return at != SIZE_MAX && build->rule_list.at[at] ? at : SIZE_MAX;
}

static void add_rule_node(struct build *build, const struct yaml_node *rule,
			  const char *id)
{
	struct node_list *list = &build->rule_list;

	/* The first that is too many tells it. */
	if (list->count > RULES_MAX)
		return;
	if (list->count == RULES_MAX)
		node_fault(build, rule, "there are more than %d rules",
			   RULES_MAX);
	build_name(build, list, id, list->count);
	node_list_add(build, list, rule);
}

static void forget_switched_off(struct node_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->at[i])
			list->at[kept++] = list->at[i];
	list->count = kept;
}

static const char *rule_hint(const struct build *build, const char *id)
{
	struct nearest nearest = nearest_to(id);

	for (size_t i = 0; i < build->rule_list.count; i++)
		if (build->rule_list.at[i])
			nearest_offer(&nearest,
				      rule_id(build->rule_list.at[i]));
	return nearest_hint(&nearest, build->arena);
}

static void switch_off(struct build *build, const struct yaml_node *rule)
{
	static const char *const keys[] = {"id", "off", NULL};
	static const char *const words[] = {"true", NULL};
	const struct yaml_node *id = yaml_get(rule, "id");
	size_t at = find_rule_by_id(build, id->text);

	node_check_keys(build, rule, keys);
	if (node_word(build, yaml_get(rule, "off"), words) < 0)
		return;
	if (at == SIZE_MAX)
		node_fault(build, id, "no rule '%s' to switch off%s", id->text,
			   rule_hint(build, id->text));
	else
		build->rule_list.at[at] = NULL;
}

static void lay_rule(struct build *build, const struct yaml_node *rule)
{
	const struct yaml_node *id, *other;
	size_t at;

	if (!node_is_map(build, rule))
		return;
	id = yaml_get(rule, "id");
	if (!id) {
		node_fault(build, rule, "a rule needs an 'id'");
		return;
	}
	if (!node_text(build, id))
		return;
	if (yaml_get(rule, "off")) {
		switch_off(build, rule);
		return;
	}
	at = find_rule_by_id(build, id->text);
	if (at == SIZE_MAX) {
		if (rule->count == 2 && overlays_rule(rule))
			node_fault(build, id, "no rule '%s' to change%s",
				   id->text, rule_hint(build, id->text));
		else
			add_rule_node(build, rule, id->text);
		return;
	}
	if (overlays_rule(rule)) {
		build->rule_list.at[at] =
			node_overlay(build, build->rule_list.at[at], rule);
		return;
	}
	rule = node_without(build, rule, "replace");
	other = yaml_get(build->rule_list.at[at], "id");
	if (strcmp(other->mark.file, id->mark.file) == 0)
		node_fault(build, id, "rule '%s' is there already, in line %d",
			   id->text, other->mark.line);
	else
		build->rule_list.at[at] = rule;
}

static void lay_rules(struct build *build, const struct yaml_node *root)
{
	const struct yaml_node *list = yaml_get(root, "rules");

	if (!list || yaml_is_null(list) || !node_is_list(build, list))
		return;
	for (size_t i = 0; i < list->count; i++)
		lay_rule(build, list->items[i]);
}

size_t build_file_order(const struct build *build, const char *file)
{
	size_t at = 0;

	while (at < build->files.count &&
	       strcmp(build->files.at[at], file) != 0)
		at++;
	return at;
}

static void add_rules_file(struct build *build, const char *path)
{
	struct file_list *files = &build->files;

	array_room_in(build->arena, files->at, files->count);
	/* dfh_rules_file() gives it when the caller's own may be gone. */
	files->at[files->count++] = arena_strdup(build->arena, path);
}

/* One key of it can be said anew. */
static void lay_worklist(struct build *build, const struct yaml_node *map)
{
	if (map && build->worklist && node_is_map(build, map))
		map = node_overlay(build, build->worklist, map);
	if (map)
		build->worklist = map;
}

static void read_rules_file(struct build *build, const char *path,
			    const struct include_chain *above)
{
	static const char *const keys[] = {
		"include",	  "fhir",	  "carried-beside",
		"data-absent",	  "timezone",	  "charset",
		"macros",	  "extensions",	  "carry",
		"type-2",	  "places",	  "rules",
		"coding-schemes", "tables",	  "match",
		"type-1",	  "provenance",	  "aliases",
		"home",		  "issuers",	  "current",
		"leads-on",	  "displayed-by", "assigned-by",
		"de-identified",  "legal",	  "new-items",
		"worklist",	  "stations",	  "modalities",
		"origin",	  "items",	  NULL};
	struct include_chain chain = {above, path,
				      above ? above->depth + 1 : 0};
	const struct yaml_node *root =
		yaml_read(path, build->arena, build->diag);

	if (!root) {
		build->unread = true;
		return;
	}
	node_check_keys(build, root, keys);
	include_all(build, yaml_get(root, "include"), &chain);
	lay_setting(root, "fhir", &build->fhir);
	lay_setting(root, "carried-beside", &build->carried_beside);
	lay_setting(root, "data-absent", &build->data_absent);
	lay_setting(root, "timezone", &build->timezone);
	lay_setting(root, "charset", &build->charset);
	lay_setting(root, "coding-schemes", &build->schemes);
	lay_setting(root, "provenance", &build->provenance);
	lay_setting(root, "de-identified", &build->deidentified);
	lay_setting(root, "origin", &build->origin);
	lay_map(build, root, "extensions", take_over, &build->extensions);
	lay_map(build, root, "places", overlay_place, &build->places);
	lay_map(build, root, "tables", overlay_table, &build->tables);
	lay_list(build, root, "carry", &build->carry);
	lay_map(build, root, "match", take_over, &build->match);
	lay_map(build, root, "aliases", take_over, &build->aliases);
	lay_map(build, root, "current", node_overlay, &build->current);
	lay_map(build, root, "leads-on", take_over, &build->leads_on);
	lay_map(build, root, "displayed-by", take_over, &build->displayed_by);
	lay_map(build, root, "assigned-by", take_over, &build->assigned_by);
	lay_map(build, root, "legal", take_over, &build->legal);
	lay_map(build, root, "new-items", take_over, &build->new_items);
	lay_map(build, root, "home", take_over, &build->homes);
	lay_map(build, root, "items", take_over, &build->items);
	lay_map(build, root, "stations", take_over, &build->stations);
	lay_map(build, root, "modalities", take_over, &build->modalities);
	lay_worklist(build, yaml_get(root, "worklist"));
	lay_issuers(build, yaml_get(root, "issuers"));
	lay_list(build, root, "type-1", &build->type1);
	lay_list(build, root, "type-2", &build->type2);
	lay_rules(build, root);
	add_rules_file(build, path);
}

void build_read(struct build *build, const char *path)
{
	read_rules_file(build, path, NULL);
	forget_switched_off(&build->rule_list);
}

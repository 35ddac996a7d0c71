/* Loading a rule file: its parts in the order in which they need each other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "charset.h"
#include "error.h"
#include "rules_build.h"
#include "rules_made.h"
#include "rules_worklist.h"
#include "sized.h"
#include "zone.h"

/* ---- settings ---- */

static void build_releases(struct build *build)
{
	const struct yaml_node *list = build->fhir;

	/* All, unless the file says less. */
	for (enum fhir_release r = 0; r < RELEASES; r++)
		build->rules->in_release[r] = !list;
	if (!list || !node_is_list(build, list))
		return;
	for (size_t i = 0; i < list->count; i++) {
		int release = node_word(build, list->items[i], release_names);

		if (release >= 0)
			build->rules->in_release[release] = true;
	}
	if (!list->count)
		node_fault(build, list, "no release is named");
}

/* What datasets are read by when there is something to read is told now. */
static const char *build_zone(struct build *build)
{
	const char *name = node_text(build, build->timezone);
	struct zone *zone = name ? zone_open(name, NULL) : NULL;

	if (name && !zone)
		node_fault(
			build, build->timezone,
			"'%s' is no time zone: +HHMM, -HHMM, or an IANA name "
			"such as Europe/Berlin",
			name);
	zone_close(zone);
	return zone ? name : NULL;
}

static const char *build_charset(struct build *build)
{
	const char *term = node_text(build, build->charset);
	struct charset *charset = term ? charset_open(term) : NULL;

	if (term && (!*term || !charset))
		node_fault(build, build->charset,
			   "'%s' is no character set: a defined term of "
			   "Specific Character Set, such as ISO_IR 100",
			   term);
	charset_close(charset);
	return charset ? term : NULL;
}

static void build_settings(struct build *build)
{
	struct dfh_rules *rules = build->rules;

	build_releases(build);
	build_check_extensions(build);
	if (build->carried_beside)
		rules->carried_beside = node_text(build, build->carried_beside);
	if (build->data_absent)
		rules->data_absent = node_text(build, build->data_absent);
	if (build->timezone && !yaml_is_null(build->timezone))
		rules->timezone = build_zone(build);
	if (build->charset && !yaml_is_null(build->charset))
		rules->wants.assumed_charset = build_charset(build);
}

static void build_origin(struct build *build)
{
	struct dcm_path *path = arena_alloc(build->arena, sizeof *path);

	if (!build->origin || !build_dicom_path(build, build->origin, path))
		return;
	path->from_root = true;
	if (path->depth == 1 && strcmp(path->vr, "UR") == 0)
		build->rules->origin = path;
	else
		node_fault(build, build->origin,
			   "%s is no attribute of VR UR at the top level",
			   path->text);
}

static void build_provenance(struct build *build)
{
	static const char *const keys[] = {"activity", "agent-type",
					   "entity-role", NULL};
	struct dfh_rules *rules = build->rules;
	const struct yaml_node *map = build->provenance, *role;

	if (!map || !node_is_map(build, map))
		return;
	node_check_keys(build, map, keys);
	rules->provenance_activity =
		json_concept(build, yaml_get(map, "activity"));
	rules->provenance_agent =
		json_concept(build, yaml_get(map, "agent-type"));
	role = yaml_get(map, "entity-role");
	if (role)
		rules->provenance_role = node_text(build, role);
}

/* ---- sequences that come back whole, attributes that are never absent ---- */

static void build_path_list(struct build *build, const struct node_list *list,
			    bool sequences, struct dcm_path **paths,
			    size_t *count)
{
	*paths = arena_alloc(build->arena, (list->count + 1) * sizeof **paths);
	for (size_t i = 0; i < list->count; i++) {
		struct dcm_path *path = &(*paths)[*count];

		if (!build_dicom_path(build, list->at[i], path))
			continue;
		path->from_root = true;
		if (sequences && !is_sequence(path))
			node_fault(build, list->at[i],
				   "%s is no sequence (its VR is %s)",
				   path->text, path->vr);
		else
			++*count;
	}
}

/* ---- coding schemes ---- */

static void build_scheme_path(struct build *build, const char *key,
			      struct dcm_path *path)
{
	const struct yaml_node *node = yaml_get(build->schemes, key);

	if (node)
		build_dicom_path(build, node, path);
	else
		node_fault(build, build->schemes, "'coding-schemes' needs '%s'",
			   key);
}

static void build_schemes(struct build *build)
{
	static const char *const keys[] = {
		"table", "unknown", "identification", "designator",
		"uid",	 "url",	    "url-type",	      NULL};
	struct coding_schemes *out = &build->rules->schemes;
	const struct yaml_node *map = build->schemes, *part;

	if (!map || !node_is_map(build, map))
		return;
	node_check_keys(build, map, keys);
	if ((part = yaml_get(map, "table")))
		out->table = build_find_table(build, part);
	else
		node_fault(build, map, "'coding-schemes' needs 'table'");
	if ((part = yaml_get(map, "unknown")))
		out->unknown = node_text(build, part);
	else
		node_fault(build, map, "'coding-schemes' needs 'unknown'");
	build_scheme_path(build, "identification", &out->identification);
	build_scheme_path(build, "designator", &out->designator);
	build_scheme_path(build, "uid", &out->uid);
	build_scheme_path(build, "url", &out->url);
	part = yaml_get(map, "url-type");
	if (!part)
		return;
	if (part->kind != YAML_MAP || part->count != 1) {
		node_fault(build, part, "'url-type' is {PATH: VALUE}");
		return;
	}
	build_dicom_path(build, part->pairs[0].key, &out->url_type);
	out->url_type_value = node_text(build, part->pairs[0].value);
}

/* ---- systems ---- */

static void build_home_systems(struct build *build)
{
	static const char *const words[] = {"patient", "accession", "placer",
					    "filler",  "specimen",  NULL};
	struct dfh_rules *rules = build->rules;

	rules->homes = arena_alloc(build->arena, (build->homes.count + 1) *
							 sizeof *rules->homes);
	for (size_t i = 0; i < build->homes.count; i++) {
		const struct yaml_pair *pair = &build->homes.at[i];
		const char *system = node_text(build, pair->value);

		if (node_word(build, pair->key, words) >= 0 && system)
			rules->homes[rules->home_count++] =
				(struct home_system){pair->key->text, system};
	}
}

const char *rules_home_system(const dfh_rules *rules, const char *kind)
{
	for (size_t i = 0; kind && i < rules->home_count; i++)
		if (strcmp(rules->homes[i].kind, kind) == 0)
			return rules->homes[i].system;
	return NULL;
}

/* ---- all of it ---- */

static void build_all(struct build *build)
{
	struct dfh_rules *rules = build->rules;

	build_settings(build);
	build_provenance(build);
	build_aliases(build);
	build_home_systems(build);
	build_current(build);
	build_references(build);
	build_deidentified(build);
	build_origin(build);
	build_legal(build);
	build_new_items(build);
	build_tables(build);
	build_items(build);
	build_schemes(build);
	build_places(build);
	build_rules(build);
	build_known_by(build);
	build_path_list(build, &build->carry, true, &rules->carry,
			&rules->carry_count);
	build_path_list(build, &build->type2, false, &rules->type2,
			&rules->type2_count);
	build_path_list(build, &build->type1, false, &rules->type1,
			&rules->type1_count);
	build_match(build);
	build_worklist(build);
	build_positions(rules);
	build_types(build);
	build_check(build);
}

/* The site's own are there to be used: where they cannot be read that is told,
 * and the shipped ones do not stand in for them. */
static const char *default_path(void)
{
	const char *path = getenv("DCMFHIR_RULES");

	if (path && *path)
		return path;
	return access(SITE_RULES, F_OK) == 0 || errno != ENOENT ? SITE_RULES
								: PKGDATADIR
		       "/rules.yaml";
}

/* in_memory NULL: from the disk. */
static dfh_rules *compile_rules(const char *path,
				const dfh_rules_text *in_memory,
				struct diag *diag, dfh_error **error)
{
	struct arena *arena = arena_new();
	dfh_rules *rules = arena_alloc(arena, sizeof *rules);
	struct build build = {.rules = rules,
			      .arena = arena,
			      .diag = diag,
			      .in_memory = in_memory,
			      .names = lh_by_text(256, lh_free_key)};

	rules->arena = arena;
	rules->json = json_new_array();
	build_read(&build, path);
	rules->digest = build_digest(&build);
	/* Where a file could not be read at all, everything would seem to be
	 * missing. */
	if (!build.unread)
		build_all(&build);
	rules->files = build.files.at;
	rules->file_count = build.files.count;
	if (diag_finish(diag, error) < 0) {
		dfh_rules_free(rules);
		rules = NULL;
	} else {
		build_rules_of_places(rules);
		build_writers(rules);
		build_wants(rules);
		build_attributes(rules);
		build_yields(rules);
		build_fallbacks(rules);
	}
	lh_table_free(build.names);
	return rules;
}

/* The file is read once, whichever way it goes. */
static dfh_rules *load_rules(const char *path, const dfh_rules_text *in_memory,
			     dfh_error **error)
{
	struct diag *diag = diag_new();
	dfh_rules *rules;
	const char *text, *why;
	size_t length;

	if (in_memory)
		diag_give_source(diag, path, in_memory->text,
				 in_memory->length);
	text = diag_source(diag, path, &length, &why);
	rules = text ? rules_made(path, text, length) : NULL;
	if (!rules)
		rules = compile_rules(path, in_memory, diag, error);
	diag_free(diag);
	return rules;
}

dfh_rules *dfh_rules_load(const char *path, dfh_error **error)
{
	return load_rules(path ? path : default_path(), NULL, error);
}

dfh_rules *dfh_rules_load_text(const dfh_rules_text *given, dfh_error **error)
{
	dfh_rules_text own;

	if (sized_take(&own, sizeof own, given, "dfh_rules_text", error) < 0)
		return NULL;
	if (!own.text) {
		error_set(error, DFH_USAGE, "no rules are given");
		return NULL;
	}
	return load_rules(own.name ? own.name : "the rules", &own, error);
}

const char *dfh_rules_file(const dfh_rules *rules, unsigned long index)
{
	return index < rules->file_count ? rules->files[index] : NULL;
}

void dfh_rules_free(dfh_rules *rules)
{
	if (!rules)
		return;
	json_object_put(rules->json);
	arena_free(rules->arena);
}

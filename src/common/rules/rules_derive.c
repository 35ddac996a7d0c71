/* `derive`: what is counted or gathered from the places below. */
#include "rules_build.h"

#include <string.h>

#include "codec.h"
#include "fhir_schema.h"

/* The place whose array hangs in this one, by its name; or NULL. */
static const struct place *nested_place(const struct build *build,
					const struct place *in,
					const char *name, size_t length,
					enum fhir_release release)
{
	for (size_t i = 0; i < build->rules->place_count; i++) {
		const struct place *place = &build->rules->places[i];

		if (place->in[release] && place->in[release]->place == in &&
		    strlen(place->name) == length &&
		    strncmp(place->name, name, length) == 0)
			return place;
	}
	return NULL;
}

static void append_steps(struct build *build, struct fhir_path *path,
			 const struct fhir_step *steps, size_t count)
{
	struct fhir_step *all =
		arena_alloc(build->arena, (path->depth + count) * sizeof *all);

	if (path->depth)
		memcpy(all, path->steps, path->depth * sizeof *all);
	memcpy(all + path->depth, steps, count * sizeof *all);
	path->steps = all;
	path->depth += count;
}

static void tell_no_nested(struct build *build, const struct yaml_node *node,
			   const struct place *in, enum fhir_release release)
{
	struct nearest nearest = nearest_to(node->text);

	for (size_t i = 0; i < build->rules->place_count; i++) {
		const struct place *place = &build->rules->places[i];

		if (place->in[release] && place->in[release]->place == in)
			nearest_offer(&nearest, place->name);
	}
	node_fault(build, node, "'%s' is no place within '%s'%s", node->text,
		   in->name, nearest_hint(&nearest, build->arena));
}

/* Names of nested places, then (for distinct) elements of the last of them. */
static struct fhir_path *build_below(struct build *build,
				     const struct yaml_node *node,
				     const struct place *place,
				     enum fhir_release release,
				     bool of_elements)
{
	struct fhir_path *path = arena_alloc(build->arena, sizeof *path);
	const char *at = node->text;
	const struct place *in = place, *next;
	struct fhir_step *steps;
	int count;

	path->text = node->text;
	path->place = place;
	while (*at) {
		size_t length = strcspn(at, ".");

		next = nested_place(build, in, at, length, release);
		if (!next)
			break;
		append_steps(build, path, next->in[release]->steps,
			     next->in[release]->depth);
		in = next;
		at += length + (at[length] == '.');
	}
	if (!path->depth || (*at && !of_elements)) {
		tell_no_nested(build, node, place, release);
		return NULL;
	}
	if (of_elements) {
		count = build_fhir_steps(build, node, (size_t)(at - node->text),
					 release, in->type, &steps);
		if (count < 0)
			return NULL;
		append_steps(build, path, steps, (size_t)count);
	}
	fhir_path_finish(path);
	return path;
}

static void build_except(struct build *build, struct derive *derive,
			 const struct yaml_node *node,
			 enum fhir_release release)
{
	const struct yaml_node *list = node_for(node, release);
	const char **codes;

	if (!list || !node_is_list(build, list))
		return;
	codes = arena_alloc(build->arena, (list->count + 1) * sizeof *codes);
	derive->except[release] = codes;
	for (size_t i = 0; i < list->count; i++) {
		const char *code = node_text(build, list->items[i]);

		if (code)
			codes[derive->except_count[release]++] = code;
	}
}

/* What is gathered becomes of the element's own type where both are coded. */
static void check_types(struct build *build, const struct rule *rule,
			const struct yaml_node *node)
{
	static const char coded[] = "Coding CodeableConcept CodeableReference";

	for (enum fhir_release r = 0; r < RELEASES; r++) {
		const struct fhir_path *of = rule->derive.of[r];
		const struct fhir_path *path = rule->fhir[r];

		if (!of || !path || strcmp(of->type, path->type) == 0 ||
		    (strstr(coded, of->type) && strstr(coded, path->type)))
			continue;
		node_fault(build, node, "%s is a %s, but %s is a %s", of->text,
			   of->type, path->text, path->type);
		return;
	}
}

void build_derive(struct build *build, struct rule *rule,
		  const struct yaml_node *node)
{
	static const char *const keys[] = {"count", "distinct", "except", NULL};
	const struct yaml_node *count = yaml_get(node, "count");
	const struct yaml_node *of = count ? count : yaml_get(node, "distinct");
	const struct yaml_node *except = yaml_get(node, "except");

	if (!node || !node_is_map(build, node))
		return;
	node_check_keys(build, node, keys);
	if (!of || (count && (except || yaml_get(node, "distinct")))) {
		node_fault(build, node,
			   "'derive' takes either 'count' or 'distinct'; "
			   "'except' goes with the latter");
		return;
	}
	if (!node_text(build, of))
		return;
	rule->derive.kind = count ? DERIVE_COUNT : DERIVE_DISTINCT;
	for (enum fhir_release r = 0; r < RELEASES; r++) {
		if (!rule->fhir[r])
			continue;
		rule->derive.of[r] =
			build_below(build, of, rule->fhir[r]->place, r, !count);
		if (except)
			build_except(build, &rule->derive, except, r);
	}
	if (!count)
		check_types(build, rule, of);
}

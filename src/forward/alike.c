/*
 * An instance that differs from the one before in nothing but its own: what the
 * rules of instances say of both is kept, and only its own is read.
 */
#include "assemble.h"

#include <stdlib.h>
#include <string.h>

static bool is_written_here(const struct own *own, const struct rule *rule,
			    enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];
	return path && path->place == own->place && rule->can_get &&
	       rule->derive.kind == DERIVE_NONE;
}

/*
 * What is its own, and whether it comes back.  The way back is gone value by
 * value: where a rule makes of its one value the one attribute again, and no
 * other rule has to do with either, there is no need of a dataset to see that
 * (compare_own() in differ.c).
 */
static bool read_own_values(const struct own *own, const struct lens *lens,
			    const struct scope *scope, struct json_list *values)
{
	bool comes_back = own->is_direct[lens->release];
	for (size_t i = 0; i < own->rule_count; i++) {
		const struct rule *rule = own->rules[i].rule;
		if (!own->rules[i].is_apart ||
		    !is_written_here(own, rule, lens->release))
			continue;
		if (!own->is_direct[lens->release])
			lens_get(lens, rule, scope, &values[i]);
		else if (!lens_get_back(lens, rule, scope, &values[i]))
			comes_back = false;
	}
	return comes_back;
}

/* What is not its own.  What was noted of that is remembered, and said again.
 */
static void read_shared_values(const struct own *own, const struct lens *lens,
			       const struct scope *scope,
			       struct json_list *values)
{
	const struct lens quiet = lens_quiet(lens);
	for (size_t i = 0; i < own->rule_count; i++)
		if (!own->rules[i].is_apart &&
		    is_written_here(own, own->rules[i].rule, lens->release))
			lens_get(&quiet, own->rules[i].rule, scope, &values[i]);
}

static void write_all_values(const struct own *own, enum fhir_release release,
			     const struct json_list *values, struct node *node)
{
	for (size_t i = 0; i < own->rule_count; i++)
		for (size_t k = 0; k < values[i].count; k++)
			fhir_path_write(node->object,
					own->rules[i].rule->fhir[release],
					values[i].at[k], &node->known);
}

/* The value of its own that is this member; NULL: it is not its own. */
static json_object *own_member(const struct own *own, enum fhir_release release,
			       const struct json_list *values, const char *name)
{
	for (size_t i = 0; i < own->rule_count; i++)
		if (own->rules[i].is_apart && values[i].count &&
		    strcmp(own->rules[i].rule->fhir[release]->steps[0].name,
			   name) == 0)
			return values[i].at[0];
	return NULL;
}

/* A list of the same, to which more can be added. */
static json_object *list_of_same(json_object *list)
{
	json_object *copy = json_new_array();
	for (size_t i = 0; i < json_count(list); i++)
		json_append(copy, json_object_get(json_at(list, i)));
	return copy;
}

/* Both have all that is their own; the rest they have in common, which does
 * not change any more, but that what travels beside comes into its
 * extensions. */
static void write_like(const struct own *own, enum fhir_release release,
		       const struct json_list *values, const struct node *like,
		       struct node *node)
{
	json_foreach (like->object, name, value) {
		json_object *mine = own_member(own, release, values, name);
		json_object *both = mine ? mine : value;
		json_add(node->object, name,
			 strcmp(name, "extension") == 0
				 ? list_of_same(both)
				 : json_object_get(both));
	}
}

static void write_instance(const struct assembly *assembly,
			   const struct lens *lens, const struct scope *scope,
			   struct node *node)
{
	const struct own *own = assembly->own;
	const struct node *like = assembly->last[LEVEL_INSTANCE];
	struct json_list *values =
		arena_alloc(lens->arena, own->rule_count * sizeof *values);
	bool is_new = !json_member_count(node->object);
	node->comes_back = read_own_values(own, lens, scope, values) && is_new;
	if (node->comes_back && like && like->comes_back) {
		write_like(own, lens->release, values, like, node);
	} else {
		read_shared_values(own, lens, scope, values);
		write_all_values(own, lens->release, values, node);
	}
	for (size_t i = 0; i < own->rule_count; i++)
		lens_values_free(&values[i]);
}

void assembly_add_alike(struct assembly *assembly, const struct lens *lens,
			const struct instance *instance)
{
	const struct scope scope = scope_root(&instance->dataset->root);
	struct node *at[LEVELS], *node;
	memcpy(at, assembly->last, sizeof at);
	at[LEVEL_INSTANCE] = NULL;
	node = node_keyed(assembly, assembly->own->place, instance, at);
	at[LEVEL_INSTANCE] = node;
	if (node) {
		memcpy(node->at, at, sizeof at);
		write_instance(assembly, lens, &scope, node);
	}
	for (size_t i = 0; i < assembly->said_count; i++)
		report_again(assembly->report, assembly->said[i],
			     instance->file);
	assembly->last[LEVEL_INSTANCE] = node;
}

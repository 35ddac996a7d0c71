/*
 * An instance that differs from the one before in nothing but its own: what the
 * rules of instances say of both is kept, and only its own is read.
 */
#include "assemble.h"

#include <stdlib.h>
#include <string.h>

void assembly_forget_alike(struct assembly *assembly)
{
	for (size_t i = 0; assembly->alike && i < assembly->own->rule_count;
	     i++)
		lens_values_free(&assembly->alike[i]);
	free(assembly->alike);
	assembly->alike = NULL;
}

static bool is_written_here(const struct own *own, const struct rule *rule,
			    enum fhir_release release)
{
	const struct fhir_path *path = rule->fhir[release];
	return path && path->place == own->place && rule->can_get &&
	       rule->derive.kind == DERIVE_NONE;
}

/* What was noted of them is remembered, and said again. */
static void read_alike(struct assembly *assembly, const struct lens *lens,
		       const struct scope *scope)
{
	const struct own *own = assembly->own;
	const struct lens quiet = lens_quiet(lens);
	size_t size = own->rule_count * sizeof *assembly->alike;
	if (assembly->alike)
		return;
	assembly->alike = memset(xmalloc(size + 1), 0, size);
	for (size_t i = 0; i < own->rule_count; i++)
		if (!own->rules[i].is_apart &&
		    is_written_here(own, own->rules[i].rule, lens->release))
			lens_get(&quiet, own->rules[i].rule, scope,
				 &assembly->alike[i]);
}

static void write_all_values(struct node *node, const struct fhir_path *path,
			     const struct json_list *values)
{
	for (size_t k = 0; k < values->count; k++)
		fhir_path_write(node->object, path, values->at[k],
				&node->known);
}

/*
 * The way back is gone value by value: where a rule makes of its one value the
 * one attribute again, and no other rule has to do with either, there is no
 * need of a dataset to see that (compare_own() in differ.c).
 */
static void write_own(struct assembly *assembly, const struct lens *lens,
		      const struct scope *scope, struct node *node)
{
	const struct own *own = assembly->own;
	node->comes_back = own->is_direct[lens->release] &&
			   !json_member_count(node->object);
	for (size_t i = 0; i < own->rule_count; i++) {
		const struct rule *rule = own->rules[i].rule;
		struct json_list values = {0};
		if (!is_written_here(own, rule, lens->release))
			continue;
		if (!own->rules[i].is_apart)
			values = assembly->alike[i];
		else if (!own->is_direct[lens->release])
			lens_get(lens, rule, scope, &values);
		else if (!lens_get_back(lens, rule, scope, &values))
			node->comes_back = false;
		write_all_values(node, rule->fhir[lens->release], &values);
		if (own->rules[i].is_apart)
			lens_values_free(&values);
	}
}

void assembly_add_alike(struct assembly *assembly, const struct lens *lens,
			const struct instance *instance)
{
	const struct own *own = assembly->own;
	const struct scope scope = scope_root(&instance->dataset->root);
	struct node *at[LEVELS], *node;
	memcpy(at, assembly->last, sizeof at);
	at[LEVEL_INSTANCE] = NULL;
	node = node_keyed(assembly, own->place, instance, at);
	at[LEVEL_INSTANCE] = node;
	if (node) {
		memcpy(node->at, at, sizeof at);
		read_alike(assembly, lens, &scope);
		write_own(assembly, lens, &scope, node);
	}
	for (size_t i = 0; i < assembly->said_count; i++)
		report_again(assembly->report, assembly->said[i],
			     instance->file);
}

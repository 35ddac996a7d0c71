/* What references lead to: by which element they lead on, and what they are
 * called. */
#include "rules_build.h"

#include <string.h>

/* {TYPE: element}; of: the FHIR type that the elements have. */
static void build_elements_of_types(struct build *build,
				    const struct pair_list *pairs,
				    const char *of, struct elements_of *out)
{
	out->at =
		arena_alloc(build->arena, (pairs->count + 1) * sizeof *out->at);
	for (size_t i = 0; i < pairs->count; i++) {
		const struct yaml_node *node = pairs->at[i].value;
		const char *type = pairs->at[i].key->text;
		struct fhir_step *steps = NULL;
		bool fits = node_text(build, node) != NULL;

		for (enum fhir_release r = 0; fits && r < RELEASES; r++)
			fits = build_fhir_steps(build, node, 0, r, type,
						&steps) == 1;
		if (!fits)
			continue;
		if (strcmp(steps->type, of) != 0)
			node_fault(build, node, "%s is a %s, no %s", node->text,
				   steps->type, of);
		else
			out->at[out->count++] =
				(struct element_of){type, steps->name};
	}
}

void build_references(struct build *build)
{
	build_elements_of_types(build, &build->leads_on, "Reference",
				&build->rules->leads_on);
	build_elements_of_types(build, &build->displayed_by, "string",
				&build->rules->displayed_by);
	build_elements_of_types(build, &build->assigned_by, "Reference",
				&build->rules->assigned_by);
}

const char *element_named(const struct elements_of *all, const char *type)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->at[i].type, type) == 0)
			return all->at[i].element;
	return NULL;
}

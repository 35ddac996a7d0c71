/* `when` and `unless`: in which datasets a rule or a place takes part. */
#include "rules_build.h"

#include <string.h>

/* "ATTRIBUTE", or a pair of it and the value, or values, that it has; nothing:
 * any. */
static bool build_condition(struct build *build, const struct yaml_node *path,
			    const struct yaml_node *value,
			    struct condition *out)
{
	*out = (struct condition){0};
	if (!build_dicom_path(build, path, &out->path))
		return false;
	out->path.from_root = true;
	if (!value || yaml_is_null(value))
		return true;
	if (is_sequence(&out->path)) {
		node_fault(build, value, "%s is a sequence and has no value",
			   out->path.text);
		return false;
	}
	size_t count = value->kind == YAML_LIST ? value->count : 1;

	out->values =
		arena_alloc(build->arena, (count + 1) * sizeof *out->values);
	for (size_t i = 0; i < count; i++) {
		const char *text = node_text(build, value->kind == YAML_LIST
							    ? value->items[i]
							    : value);
		if (text)
			out->values[out->value_count++] = text;
	}
	if (!count)
		node_fault(build, value, "this never holds");
	return out->value_count > 0;
}

static void build_condition_list(struct build *build,
				 const struct yaml_node *node,
				 struct condition **out, size_t *count)
{
	size_t room = node && node->kind == YAML_MAP ? node->count : 1;

	if (!node)
		return;
	*out = arena_alloc(build->arena, (room + 1) * sizeof **out);
	if (node->kind == YAML_TEXT) {
		*count += build_condition(build, node, NULL, *out);
		return;
	}
	if (!node_is_map(build, node))
		return;
	for (size_t i = 0; i < node->count; i++)
		*count +=
			build_condition(build, node->pairs[i].key,
					node->pairs[i].value, &(*out)[*count]);
	if (!node->count)
		node_fault(build, node, "no attribute is named");
}

void build_conditions(struct build *build, const struct yaml_node *node,
		      struct conditions *out)
{
	build_condition_list(build, yaml_get(node, "when"), &out->when,
			     &out->when_count);
	build_condition_list(build, yaml_get(node, "unless"), &out->unless,
			     &out->unless_count);
}

static bool same_values(const struct condition *a, const struct condition *b)
{
	for (size_t i = 0; i < a->value_count; i++)
		for (size_t k = 0; k < b->value_count; k++)
			if (strcmp(a->values[i], b->values[k]) == 0)
				return true;
	return false;
}

/* Where the one holds, does the other not? */
static bool are_opposed(const struct condition *when, bool same_sense,
			const struct condition *other)
{
	if (strcmp(when->path.text, other->path.text) != 0 ||
	    when->path.items || other->path.items)
		return false;
	/* A list of values may have both. */
	if (same_sense)
		return when->path.vm_max == 1 && when->values &&
		       other->values && !same_values(when, other);
	/* `unless` of any value excludes each. */
	if (!other->values)
		return true;
	for (size_t i = 0; i < when->value_count; i++) {
		const struct condition one = {when->path, &when->values[i], 1};

		if (!same_values(&one, other))
			return false;
	}
	return when->values != NULL;
}

static bool conditions_exclude(const struct conditions *a,
			       const struct conditions *b)
{
	for (size_t i = 0; i < a->when_count; i++) {
		for (size_t k = 0; k < b->unless_count; k++)
			if (are_opposed(&a->when[i], false, &b->unless[k]))
				return true;
		for (size_t k = 0; k < b->when_count; k++)
			if (are_opposed(&a->when[i], true, &b->when[k]))
				return true;
	}
	return false;
}

static const struct conditions *of_place(const struct rule *rule)
{
	static const struct conditions none = {0};
	const struct place *place = rule_place(rule);

	return place ? &place->conditions : &none;
}

bool rules_exclude_each_other(const struct rule *a, const struct rule *b)
{
	const struct conditions *x[] = {&a->conditions, of_place(a)};
	const struct conditions *y[] = {&b->conditions, of_place(b)};

	for (int i = 0; i < 2; i++)
		for (int k = 0; k < 2; k++)
			if (conditions_exclude(x[i], y[k]) ||
			    conditions_exclude(y[k], x[i]))
				return true;
	return false;
}

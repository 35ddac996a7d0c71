/* The resources of an assembly, and those that it shares with others. */
#include <stdlib.h>
#include <string.h>

#include "assemble.h"
#include "json_text.h"

struct assembly *assembly_new(const dfh_rules *rules, enum fhir_release release,
			      const struct zone *zone, dfh_report *report,
			      bool plain)
{
	struct assembly *assembly = xmalloc(sizeof *assembly);
	*assembly = (struct assembly){
		.rules = rules,
		.release = release,
		.zone = zone,
		.report = report,
		.plain = plain,
		.by_identity = lh_by_text(256, lh_free_key),
	};
	return assembly;
}

bool assembly_carries(const struct assembly *assembly)
{
	return assembly->rules->carried_beside && !assembly->plain;
}

void values_free(const dfh_rules *rules, struct json_list *values)
{
	for (size_t i = 0; values && i < rules->rule_count; i++)
		lens_values_free(&values[i]);
	free(values);
}

void assembly_free(struct assembly *assembly)
{
	if (!assembly)
		return;
	for (size_t i = 0; i < assembly->node_count; i++) {
		struct node *node = assembly->nodes[i];
		if (node->home != assembly)
			continue;
		if (node->root == node)
			json_object_put(node->object);
		values_free(assembly->rules, node->values);
		free(node->identity);
		free(node->links);
		json_known_free(&node->known);
		free(node);
	}
	lh_table_free(assembly->by_identity);
	free(assembly->nodes);
	counts_free(&assembly->met);
	counts_free(&assembly->linked);
	free(assembly->said);
	free(assembly);
}

/* ---- nodes ---- */

struct node *assembly_find(const struct assembly *assembly,
			   const char *identity)
{
	struct lh_entry *entry = NULL;
	for (; assembly && !entry; assembly = assembly->outer)
		entry = lh_table_lookup_entry(assembly->by_identity, identity);
	return entry ? (struct node *)lh_entry_v(entry) : NULL;
}

static void list_node(struct assembly *assembly, struct node *node)
{
	size_t count = assembly->node_count++;
	/* A power of two is full. */
	if (!(count & (count - 1)))
		assembly->nodes = xrealloc(
			assembly->nodes, (count ? 2 * count : 1) * sizeof node);
	assembly->nodes[count] = node;
}

/* It may be of an outer assembly; then it is in this one, too. */
void node_meet(struct assembly *assembly, struct node *node)
{
	if (node->home != assembly &&
	    !(*counts_of(&assembly->met, node, NULL, NULL))++)
		list_node(assembly, node);
}

struct node *node_add(struct assembly *assembly, const struct place *place,
		      const char *identity, json_object *object,
		      struct node *root)
{
	struct node *node = xmalloc(sizeof *node);
	*node = (struct node){.place = place,
			      .identity = xstrdup(identity),
			      .object = object,
			      .home = assembly,
			      .first = assembly->surveyed};
	node->root = root ? root : node;
	if (root)
		root->last_part->next_part = node;
	node->root->last_part = node;
	list_node(assembly, node);
	lh_add(assembly->by_identity, xstrdup(identity), node);
	return node;
}

static json_object *append_element(const struct fhir_path *path,
				   json_object *parent)
{
	const char *name = path->steps[path->depth - 1].name;
	json_object *array = NULL;
	if (!json_object_object_get_ex(parent, name, &array)) {
		array = json_new_array();
		json_add(parent, name, array);
	}
	json_object *element = json_new_object();
	json_append(array, element);
	return element;
}

/* The node of a keyed place; NULL if the instance has no such level. */
struct node *node_keyed(struct assembly *assembly, const struct place *place,
			const struct instance *instance,
			struct node *const at[LEVELS])
{
	char *identity = instance_identity(place, instance);
	struct node *node = identity ? assembly_find(assembly, identity) : NULL;
	if (!node && identity && place->is_resource) {
		node = node_add(assembly, place, identity, json_new_object(),
				NULL);
	} else if (!node && identity) {
		const struct fhir_path *in = place->in[assembly->release];
		struct node *parent = in ? at[in->place->level] : NULL;
		if (parent && parent->home == assembly)
			node = node_add(assembly, place, identity,
					append_element(in, parent->object),
					parent->root);
	}
	free(identity);
	return node;
}

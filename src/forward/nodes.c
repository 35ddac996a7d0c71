/* The resources of an assembly, and those that it shares with others. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "assemble.h"
#include "json_text.h"
#include "only_item.h"

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
		.here = xmalloc((rules->place_count + 1) *
				sizeof *assembly->here),
	};
	memset(assembly->here, 0,
	       (rules->place_count + 1) * sizeof *assembly->here);
	return assembly;
}

bool assembly_carries(const struct assembly *assembly)
{
	return assembly->rules->carried_beside && !assembly->plain;
}

static void node_free(struct node *node)
{
	if (node->root == node)
		json_object_put(node->object);
	accounts_free(node->home->rules, node->accounts);
	free(node->identity);
	free(node->within);
	free(node->links);
	free(node->refs);
	json_known_free(&node->known);
	free(node);
}

void assembly_free(struct assembly *assembly)
{
	if (!assembly)
		return;
	for (size_t i = 0; i < assembly->node_count; i++)
		if (assembly->nodes[i]->home == assembly)
			node_free(assembly->nodes[i]);
	for (size_t i = 0; i < assembly->left_out.count; i++)
		node_free(assembly->left_out.at[i]);
	free(assembly->left_out.at);
	only_item_free(assembly);
	for (size_t i = 0; i < assembly->rules->place_count; i++)
		free(assembly->here[i].at);
	free(assembly->here);
	lh_table_free(assembly->by_identity);
	free(assembly->nodes);
	counts_free(&assembly->met);
	counts_free(&assembly->linked);
	free(assembly->said);
	free(assembly->instances.at);
	free(assembly);
}

void met_nodes_add(struct met_nodes *list, struct node *node)
{
	array_room(list->at, list->count);
	list->at[list->count++] = node;
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
	array_room(assembly->nodes, assembly->node_count);
	assembly->nodes[assembly->node_count++] = node;
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

/* Of an element of a backbone: most have no more. */
enum { MEMBERS = 4 };

static json_object *append_element(const struct fhir_path *path,
				   json_object *parent)
{
	const char *name = path->steps[path->depth - 1].name;
	json_object *array = NULL;
	if (!json_object_object_get_ex(parent, name, &array)) {
		array = json_new_array();
		json_add(parent, name, array);
	}
	json_object *element = json_new_object_of(MEMBERS);
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

/* ---- objects ---- */

/* Is the member the array of another place, and not of rules? */
static bool is_of_nested(const struct assembly *assembly,
			 const struct place *place, const char *name)
{
	for (size_t i = 0; i < assembly->rules->place_count; i++) {
		const struct fhir_path *in =
			assembly->rules->places[i].in[assembly->release];
		if (in && in->place == place &&
		    strcmp(in->steps[0].name, name) == 0)
			return true;
	}
	return false;
}

/* What is nested comes last, as the resources' own definitions have it. */
static void write_object(const struct assembly *assembly, struct node *node)
{
	json_object *nested = json_new_object();
	json_foreach (node->object, name, value) {
		if (is_of_nested(assembly, node->place, name))
			json_add(nested, name, json_object_get(value));
		json_object_object_del(node->object, name);
	}
	json_known_free(&node->known);
	node->known = (struct json_known){0};
	accounts_write(assembly->rules, assembly->release, node->accounts,
		       node->object, &node->known);
	json_foreach (nested, member, element)
		json_add(node->object, member, json_object_get(element));
	json_object_put(nested);
}

void assembly_write_accounts(const struct assembly *assembly)
{
	for (size_t i = 0; i < assembly->node_count; i++)
		if (assembly->nodes[i]->home == assembly &&
		    assembly->nodes[i]->accounts)
			write_object(assembly, assembly->nodes[i]);
}

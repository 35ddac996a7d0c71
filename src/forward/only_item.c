#include "only_item.h"

#include <stdlib.h>
#include <string.h>

json_object *only_item_values(const struct lens *lens,
			      const struct place *place,
			      const struct account *accounts)
{
	const dfh_rules *rules = lens->rules;
	json_object *values = NULL;
	for (size_t i = 0;
	     place->each.kind == EACH_ONE_OF && i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		if (!rule->of_only_item || !accounts[i].values.count)
			continue;
		json_object *one = json_new_array();
		json_append(one, json_new_string(rule->id));
		json_append(one, json_object_get(accounts[i].values.at[0]));
		if (!values)
			values = json_new_array();
		json_append(values, one);
	}
	return values;
}

/* Where the top level is the home, it is the item. */
static bool is_item(const struct node *node, const struct scope *scope)
{
	struct arena *arena = arena_new();
	const struct each *each = &node->place->each;
	bool is = !scope->is_top_level ||
		  each->paths[lens_home(each, scope->root, arena)].depth == 0;
	arena_free(arena);
	return is;
}

static void say_in_only_item(struct only_item *only, json_object *values)
{
	if (!only->said)
		only->said = json_new_array();
	for (size_t i = 0; i < json_count(values); i++) {
		json_object *one = json_at(values, i);
		if (!json_known_has(&only->known, only->said, one))
			json_append(only->said, json_object_get(one));
	}
}

void only_item_meet(struct assembly *assembly, struct node *node,
		    const struct scope *scope, json_object *values)
{
	struct only_item *only = &assembly->only_item;
	if (node->home == assembly && node->first == NOT_MET)
		node->first = assembly->surveyed;
	if (!values)
		return;
	if (is_item(node, scope)) {
		say_in_only_item(only, values);
	} else if (!(*counts_of(&only->met, node, NULL, NULL))++) {
		met_nodes_add(&only->nodes, node);
		if (!only->values)
			only->values = json_new_array();
		json_append(only->values, json_object_get(values));
	}
	json_object_put(values);
}

/* Is what the top level says all that it says, or does an item say it? */
static bool says_more(const struct assembly *assembly, const struct node *node)
{
	const dfh_rules *rules = assembly->rules;
	for (size_t i = 0; i < rules->rule_count; i++)
		if (node->accounts[i].values.count &&
		    !rules->rules[i].of_only_item)
			return true;
	return false;
}

static bool order_gives_way(struct assembly *assembly, const struct node *node,
			    json_object *values)
{
	struct only_item *only = &assembly->only_item;
	bool said = only->said != NULL;
	for (size_t i = 0; said && i < json_count(values); i++)
		said = json_known_has(&only->known, only->said,
				      json_at(values, i));
	/* Contained it would say what the study says, and no more. */
	return said || (!node_may_be_entry(node) && !says_more(assembly, node));
}

/* Of all that is the study's own the links to what gave way. */
static void unlink_gone(const struct assembly *assembly, struct counts *gone)
{
	for (size_t i = 0; i < assembly->node_count; i++) {
		struct node *node = assembly->nodes[i];
		size_t kept = 0;
		if (node->home != assembly)
			continue;
		for (size_t k = 0; k < node->link_count; k++)
			if (!*counts_of(gone, node->links[k].to, NULL, NULL))
				node->links[kept++] = node->links[k];
		node->link_count = kept;
	}
}

/* What is shared stays with those that share it; its own is freed last. */
static void leave_out(struct assembly *assembly, struct counts *gone)
{
	size_t kept = 0;
	unlink_gone(assembly, gone);
	for (size_t i = 0; i < assembly->node_count; i++) {
		struct node *node = assembly->nodes[i];
		if (!*counts_of(gone, node, NULL, NULL))
			assembly->nodes[kept++] = node;
		else if (node->home == assembly)
			met_nodes_add(&assembly->left_out, node);
	}
	assembly->node_count = kept;
}

void only_item_end_study(struct assembly *assembly, size_t from)
{
	struct only_item *only = &assembly->only_item;
	struct counts gone = {0};
	bool any = false;
	for (size_t i = 0; i < only->nodes.count; i++) {
		struct node *node = only->nodes.at[i];
		if (!order_gives_way(assembly, node, json_at(only->values, i)))
			continue;
		if (!assembly->survey)
			(*counts_of(&gone, node, NULL, NULL))++;
		else if (node->first >= from)
			node->first = NOT_MET;
		any = true;
	}
	if (any && !assembly->survey)
		leave_out(assembly, &gone);
	counts_free(&gone);
	only_item_free(assembly);
}

void only_item_free(struct assembly *assembly)
{
	struct only_item *only = &assembly->only_item;
	json_known_free(&only->known);
	counts_free(&only->met);
	json_object_put(only->said);
	json_object_put(only->values);
	free(only->nodes.at);
	*only = (struct only_item){0};
}

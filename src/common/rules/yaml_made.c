#include "yaml_made.h"

#include <string.h>

#include "arena.h"

/* A node, and where what it holds begins: its text in made_texts; in made_nodes
 * its items, or its keys and values by turns. */
struct made_node {
	unsigned at, count;
	int line, column, width;
	unsigned char kind, plain;
};

#include "rules_tree.inc"

enum { MADE_COUNT = sizeof made_nodes / sizeof *made_nodes };

static void link_items(struct yaml_node *node, const struct yaml_node *held,
		       struct arena *arena)
{
	node->items = arena_room(arena, node->count * sizeof *node->items);
	for (size_t i = 0; i < node->count; i++)
		node->items[i] = &held[i];
}

static void link_pairs(struct yaml_node *node, const struct yaml_node *held,
		       struct arena *arena)
{
	node->pairs = arena_room(arena, node->count * sizeof *node->pairs);
	for (size_t i = 0; i < node->count; i++)
		node->pairs[i] =
			(struct yaml_pair){&held[2 * i], &held[2 * i + 1]};
}

static const struct yaml_node *make_tree(const char *file, struct arena *arena)
{
	struct yaml_node *nodes = arena_room(arena, MADE_COUNT * sizeof *nodes);

	for (size_t i = 0; i < MADE_COUNT; i++) {
		const struct made_node *made = &made_nodes[i];
		struct yaml_node *node = &nodes[i];

		*node = (struct yaml_node){.kind = (enum yaml_kind)made->kind,
					   .mark = {.file = file,
						    .line = made->line,
						    .column = made->column},
					   .width = made->width,
					   .plain = made->plain,
					   .count = made->count};
		if (node->kind == YAML_TEXT)
			node->text = (const char *)&made_texts[made->at];
		else if (node->kind == YAML_LIST)
			link_items(node, &nodes[made->at], arena);
		else
			link_pairs(node, &nodes[made->at], arena);
	}
	return nodes;
}

bool yaml_is_made(const char *text, size_t length)
{
	return length == sizeof made_source &&
	       memcmp(text, made_source, length) == 0;
}

const struct yaml_node *yaml_read(const char *file, struct arena *arena,
				  struct diag *diag)
{
	size_t length;
	const char *why, *text = diag_source(diag, file, &length, &why);

	if (text && yaml_is_made(text, length))
		return make_tree(arena_strdup(arena, file), arena);
	return yaml_load(file, arena, diag);
}

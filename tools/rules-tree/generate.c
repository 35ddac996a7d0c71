/*
 * The tree of a rule file as a table in C, on standard output: libfyaml takes
 * most of a start for the shipped one.  See yaml_made.c, which makes the tree
 * of it again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "diag.h"
#include "error.h"
#include "json_make.h"
#include "yaml.h"

/* Level by level, so that what a node holds stands together; what an anchor
 * names is there once for each of its uses. */
struct tree {
	const struct yaml_node **nodes;
	size_t count;
};

static void add_node(struct tree *tree, const struct yaml_node *node)
{
	if (tree->count == YAML_NODES_MAX) {
		fputs("generate: too many values\n", stderr);
		exit(1);
	}
	tree->nodes[tree->count++] = node;
}

static void gather(struct tree *tree, const struct yaml_node *root)
{
	add_node(tree, root);
	for (size_t i = 0; i < tree->count; i++) {
		const struct yaml_node *node = tree->nodes[i];

		for (size_t j = 0; j < node->count; j++) {
			if (node->kind == YAML_LIST) {
				add_node(tree, node->items[j]);
				continue;
			}
			add_node(tree, node->pairs[j].key);
			add_node(tree, node->pairs[j].value);
		}
	}
}

static void print_string(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%d,%s", (unsigned char)text[i],
		       i % 20 == 19 ? "\n" : "");
}

/* Each text once, with the NUL that ends it; the offsets, by the text. */
static struct lh_table *print_texts(const struct tree *tree)
{
	struct lh_table *offsets = lh_by_text(1024, NULL);
	size_t length = 0;

	puts("static const unsigned char made_texts[] = {");
	for (size_t i = 0; i < tree->count; i++) {
		const char *text = tree->nodes[i]->text;

		if (!text || lh_table_lookup_entry(offsets, text))
			continue;
		lh_add(offsets, text, (void *)length);
		print_string(text, strlen(text) + 1);
		length += strlen(text) + 1;
	}
	puts("};\n");
	return offsets;
}

static void print_nodes(const struct tree *tree, struct lh_table *offsets)
{
	size_t next = 1; /* child */

	puts("static const struct made_node made_nodes[] = {");
	for (size_t i = 0; i < tree->count; i++) {
		const struct yaml_node *node = tree->nodes[i];
		size_t at = next;

		if (node->kind == YAML_TEXT)
			at = (size_t)lh_entry_v(
				lh_table_lookup_entry(offsets, node->text));
		printf("{%zu, %zu, %d, %d, %d, %d, %d},\n", at, node->count,
		       node->mark.line, node->mark.column, node->width,
		       (int)node->kind, node->plain);
		next += node->kind == YAML_MAP ? 2 * node->count : node->count;
	}
	puts("};");
}

static void print_tree(const struct yaml_node *root, const char *source,
		       size_t length)
{
	struct tree tree = {
		.nodes = xmalloc(YAML_NODES_MAX * sizeof *tree.nodes)};
	struct lh_table *offsets;

	gather(&tree, root);
	puts("/* Made by tools/rules-tree/generate of rules.yaml. */");
	puts("static const unsigned char made_source[] = {");
	print_string(source, length);
	puts("};\n");
	offsets = print_texts(&tree);
	print_nodes(&tree, offsets);
	lh_table_free(offsets);
	free(tree.nodes);
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct diag *diag = diag_new();
	dfh_error *error = NULL;
	const struct yaml_node *root;
	const char *source, *why;
	size_t length;

	if (argc != 2) {
		fputs("usage: generate RULES.yaml\n", stderr);
		return 2;
	}
	root = yaml_load(argv[1], arena, diag);
	if (diag_finish(diag, &error) != 0) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		return 1;
	}
	source = diag_source(diag, argv[1], &length, &why);
	print_tree(root, source, length);
	diag_free(diag);
	arena_free(arena);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}

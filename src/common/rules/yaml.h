/*
 * A YAML file as a tree of our own, in which every node knows where it
 * stands.  Aliases share the node of their anchor; `<<` is resolved.
 */
#ifndef YAML_H
#define YAML_H

#include "diag.h"

struct arena;

enum {
	YAML_DEPTH_MAX = 64,
	/* Of nodes, were every alias written out: what walks the tree walks
	 * that many. */
	YAML_NODES_MAX = 200000
};

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	struct mark mark;
	int width;  /* in columns, to underline */
	bool plain; /* YAML_TEXT: without quotes */
	const char *text;
	struct yaml_pair *pairs;	/* YAML_MAP */
	const struct yaml_node **items; /* YAML_LIST */
	size_t count;
	size_t size, height; /* aliases written out */
};

struct yaml_pair {
	const struct yaml_node *key, *value;
};

/* The root, a map, all in the arena; NULL: faults are in diag. */
const struct yaml_node *yaml_load(const char *file, struct arena *arena,
				  struct diag *diag);

/* The value of a key, or NULL; map may be NULL or no map. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* Nothing, "~" or "null". */
bool yaml_is_null(const struct yaml_node *node);

#endif

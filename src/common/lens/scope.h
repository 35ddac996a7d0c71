/*
 * Where the DICOM paths of a rule start: at the top of the dataset, in an item
 * of a sequence, or at one position of joined lists.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include "codec.h"

enum { NO_INDEX = -1 };

struct scope {
	struct dcm_item *root;
	struct dcm_item *item; /* where relative paths start; NULL: it is not
				  there (yet) */
	/* What the item is in, from the innermost; those further out are not
	 * known. */
	struct dcm_item *above[ABOVE_MAX];
	size_t above_count;
	/* EACH_JOIN: each name of `join` stands for its value or item at its
	 * index, NO_INDEX for none. */
	const struct each *join;
	int index[JOIN_MAX];
	/* EACH_VALUE: this path stands for its value at value_index. */
	const struct dcm_path *value_of;
	int value_index;
	/* Where the value at its index begins in a text, so that it is not
	 * looked for from the first one; of value_of or of each name of join.
	 * NULL: not known. */
	struct value_place {
		const char *text, *at;
	} values[JOIN_MAX];
	bool is_top_level; /* EACH_ONE_OF: the home is "." */
	bool is_only; /* EACH_ONE_OF: the only item; the top level, where there
			 is none */
	/* Paths through this sequence (each->list) go through its item at
	 * list_index, and others lead to nothing but from the first one. */
	const struct dcm_path *list;
	size_t list_index;
};

struct scope_list {
	struct scope *at;
	size_t count;
};

/* All positions of `each` below outer, in order; for EACH_NONE outer itself. */
struct scope_list scopes_of(const struct each *each, const struct scope *outer);
void scope_list_free(struct scope_list *list);

/* A new item behind those that a path from outer leads to, or in the first
 * sequence that it could be in; what tells it from others is in it. */
struct scope scope_new_item(const struct scope *outer,
			    const struct dcm_path *path);
/* One item further in. */
struct scope scope_in(const struct scope *outer, struct dcm_item *item);

struct scope scope_root(struct dcm_item *root);

/* The element at a path from here, or NULL. */
struct dcm_element *scope_element(const struct scope *scope,
				  const struct dcm_path *path);

/* The value at a path as a codec takes it; one value of a list where the
 * scope says so.  Texts are made in arena where they must be. */
struct port_value scope_read(const struct scope *scope,
			     const struct dcm_path *path, struct arena *arena);

/* Does the path lead to nothing here, whatever is there? */
bool scope_hides(const struct scope *scope, const struct dcm_path *path);

/* The item that holds the last tag of a path; NULL: not there. */
struct dcm_item *scope_holder(const struct scope *scope,
			      const struct dcm_path *path);

/* Make the element at a path say what value says; makes the items above it. */
void scope_write(const struct scope *scope, const struct dcm_path *path,
		 const struct port_value *value);

/* How many values a text of several holds; 0 for NULL. */
size_t value_count(const char *text);
/* The value at index (which exists), in the arena. */
const char *value_at(const char *text, size_t index, struct arena *arena);

#endif

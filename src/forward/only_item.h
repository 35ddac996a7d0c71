/*
 * What the top level says of an order is an order where no item is.  In a study
 * of which another instance has an item that says the same and more, that
 * item's order is meant: the other gives way.
 */
#ifndef ONLY_ITEM_H
#define ONLY_ITEM_H

#include "assemble.h"

/* The values of rules that the top level has, too, of one position: a new
 * array; NULL: the place has none. */
json_object *only_item_values(const struct lens *lens,
			      const struct place *place,
			      const struct account *accounts);

/* A node was met at a position of a place; values are taken over. */
void only_item_meet(struct assembly *assembly, struct node *node,
		    const struct scope *scope, json_object *values);

/* The instances of a study, from this one of the store on, were added: what
 * gives way is in it no more.  In a survey it is not first met here. */
void only_item_end_study(struct assembly *assembly, size_t from);

void only_item_free(struct assembly *assembly);

#endif

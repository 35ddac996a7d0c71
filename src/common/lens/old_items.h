/*
 * The items that a place's objects may belong to, as they were before anything
 * was put: which of them is an object's is found by what the rules read of it,
 * not by trying each.
 */
#ifndef OLD_ITEMS_H
#define OLD_ITEMS_H

#include "lens.h"

struct old_items;

/* at: the positions in the dataset; taken over. */
struct old_items *old_items_new(const struct lens *lens,
				const struct place *place,
				struct scope_list at);
void old_items_free(struct old_items *items);

/* The first that an object is about, or that is free, and is not taken yet;
 * NULL if there is none.  values: what view_values gives of the object.
 * Identifiers decide what it is about; where none speaks against it, anything
 * else in common is enough. */
const struct scope *old_items_find(struct old_items *items,
				   const struct json_list *values);

/* An item of which the rules of this place read nothing: another rule made it,
 * or nobody filled it in yet. */
const struct scope *old_items_find_free(struct old_items *items);

void old_items_take(struct old_items *items, const struct scope *scope);

/* Does one that is not taken say anything? */
bool old_items_say(const struct old_items *items);

/* The one item that there is, if there is but one and it is not taken; or NULL.
 */
const struct scope *old_items_sole(const struct old_items *items);

#endif

#include "scope.h"

#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dcm_number.h"

size_t value_count(const char *text)
{
	if (!text)
		return 0;
	size_t count = 1;
	for (const char *p = text; (p = strchr(p, '\\')); p++)
		count++;
	return count;
}

const char *value_at(const char *text, size_t index, struct arena *arena)
{
	for (; index; index--)
		text = strchr(text, '\\') + 1;
	return arena_strndup(arena, text, strcspn(text, "\\"));
}

struct scope scope_root(struct dcm_item *root)
{
	return (struct scope){.root = root, .item = root};
}

/* ---- paths from a scope ---- */

/* Which of the joined attributes a path begins with; -1: none. */
static int joined_index(const struct scope *scope, const struct dcm_path *path)
{
	if (!scope->join || path->from_root)
		return -1;
	for (size_t i = 0; i < scope->join->count; i++)
		if (dcm_tag_compare(&scope->join->paths[i].tags[0],
				    &path->tags[0]) == 0)
			return (int)i;
	return -1;
}

/* ---- which items ---- */

static bool item_says(const struct dcm_item *item,
		      const struct item_value *value)
{
	const struct scope scope = scope_root((struct dcm_item *)item);
	const struct dcm_element *element = scope_element(&scope, &value->path);
	return element && element->text &&
	       strcmp(element->text, value->text) == 0;
}

/* which NULL: any. */
static bool is_meant(const struct dcm_item *item, const struct items *which)
{
	for (size_t i = 0; which && i < which->where_count; i++)
		if (!item_says(item, &which->says[i]))
			return false;
	return true;
}

static const struct items *items_at(const struct dcm_path *path, size_t step)
{
	return path->items ? path->items[step] : NULL;
}

/* The item at an index; of those that are told by what they say the first. */
static struct dcm_item *meant_item_of(const struct dcm_element *sequence,
				      const struct items *which, int index)
{
	if (!which)
		return index >= 0 && (size_t)index < sequence->item_count
			       ? sequence->items[index]
			       : NULL;
	for (size_t i = 0; i < sequence->item_count; i++)
		if (is_meant(sequence->items[i], which))
			return sequence->items[i];
	return NULL;
}

/* Where a path begins. */
static struct dcm_item *path_start_of(const struct scope *scope,
				      const struct dcm_path *path)
{
	size_t up =
		path->up < scope->above_count ? path->up : scope->above_count;
	if (path->from_root)
		return scope->root;
	return up ? scope->above[up - 1] : scope->item;
}

static bool is_through_list(const struct scope *scope,
			    const struct dcm_path *path)
{
	return scope->list && !path->from_root && path->depth &&
	       dcm_tag_compare(&scope->list->tags[0], &path->tags[0]) == 0;
}

bool scope_hides(const struct scope *scope, const struct dcm_path *path)
{
	return scope->list && scope->list_index &&
	       !is_through_list(scope, path);
}

/* Which item of the first sequence of a path is meant; -1: none. */
static int first_index(const struct scope *scope, const struct dcm_path *path)
{
	int joined = joined_index(scope, path);
	if (joined >= 0)
		return scope->index[joined];
	return is_through_list(scope, path) ? (int)scope->list_index : 0;
}

struct dcm_item *scope_holder(const struct scope *scope,
			      const struct dcm_path *path)
{
	struct dcm_item *item = path_start_of(scope, path);
	if (scope_hides(scope, path))
		return NULL;
	for (size_t i = 0; item && i + 1 < path->depth; i++) {
		int index = i == 0 ? first_index(scope, path) : 0;
		struct dcm_element *sequence =
			dcm_item_find(item, &path->tags[i]);
		item = sequence ? meant_item_of(sequence, items_at(path, i),
						index)
				: NULL;
	}
	return item;
}

struct dcm_element *scope_element(const struct scope *scope,
				  const struct dcm_path *path)
{
	struct dcm_item *item = scope_holder(scope, path);
	return item && path->depth
		       ? dcm_item_find(item, &path->tags[path->depth - 1])
		       : NULL;
}

enum { OF_ALL = -1 };

/* Does the path stand for one value of a list here?  Then at which index;
 * *which: of scope->values, or OF_ALL, counted from the first. */
static bool is_one_value(const struct scope *scope, const struct dcm_path *path,
			 int *index, int *which)
{
	int joined = path->depth == 1 ? joined_index(scope, path) : -1;
	*which = joined >= 0 ? joined : 0;
	if (path->value) {
		*index = (int)(path->value - 1);
		*which = OF_ALL;
		return true;
	}
	if (joined >= 0) {
		*index = scope->index[joined];
		return true;
	}
	if (scope->value_of && path->depth == scope->value_of->depth &&
	    strcmp(path->text, scope->value_of->text) == 0) {
		*index = scope->value_index;
		return true;
	}
	return false;
}

/* The value at an index of the text; NULL: it has not so many. */
static const char *one_value(const struct value_place *place, const char *text,
			     size_t index, struct arena *arena)
{
	if (text && place->text == text)
		return value_at(place->at, 0, arena);
	return index < value_count(text) ? value_at(text, index, arena) : NULL;
}

struct port_value scope_read(const struct scope *scope,
			     const struct dcm_path *path, struct arena *arena)
{
	struct port_value value = {VALUE_ABSENT, NULL};
	const struct dcm_element *element = scope_element(scope, path);
	if (!element)
		return value;
	const char *text = dcm_element_text(element, arena);
	int index, which;
	if (is_one_value(scope, path, &index, &which)) {
		if (index < 0)
			return value;
		const struct value_place none = {NULL, NULL};
		text = one_value(which == OF_ALL ? &none
						 : &scope->values[which],
				 text, (size_t)index, arena);
	}
	value.state = text && *text ? VALUE_TEXT : VALUE_EMPTY;
	value.text = value.state == VALUE_TEXT ? text : NULL;
	return value;
}

/* ---- writing ---- */

static struct dcm_item *new_item_in_sequence(struct dcm_item *in,
					     const struct dcm_tag *tag,
					     const struct items *which)
{
	const struct dcm_element *sequence = dcm_item_find(in, tag);
	struct dcm_item *item = dcm_item_need_item(
		in, tag, sequence ? sequence->item_count : 0);
	const struct scope scope = scope_root(item);
	for (size_t i = 0; which && i < which->count; i++)
		scope_write(
			&scope, &which->says[i].path,
			&(struct port_value){VALUE_TEXT, which->says[i].text});
	return item;
}

static struct dcm_item *need_item(struct dcm_item *in,
				  const struct dcm_tag *tag,
				  const struct items *which, int index)
{
	const struct dcm_element *sequence = dcm_item_find(in, tag);
	struct dcm_item *item =
		sequence && which ? meant_item_of(sequence, which, 0) : NULL;
	if (item)
		return item;
	return which ? new_item_in_sequence(in, tag, which)
		     : dcm_item_need_item(in, tag,
					  index < 0 ? 0 : (size_t)index);
}

static struct dcm_item *need_holder(const struct scope *scope,
				    const struct dcm_path *path)
{
	struct dcm_item *item = path_start_of(scope, path);
	for (size_t i = 0; i + 1 < path->depth; i++) {
		int index = i == 0 ? first_index(scope, path) : 0;
		item = need_item(item, &path->tags[i], items_at(path, i),
				 index < 0 ? 0 : index);
	}
	return item;
}

/* The list with the value at index replaced, and lengthened to reach it. */
static char *with_value(const char *list, int index, const char *value)
{
	size_t count = value_count(list), want = (size_t)index + 1;
	size_t size = (list ? strlen(list) : 0) + strlen(value) + want + 1;
	char *out = xmalloc(size);
	char *end = out;
	const char *from = list ? list : "";
	for (size_t i = 0; i < (count > want ? count : want); i++) {
		size_t length = i < count ? strcspn(from, "\\") : 0;
		if (i)
			*end++ = '\\';
		if (i == (size_t)index) {
			memcpy(end, value, strlen(value));
			end += strlen(value);
		} else {
			memcpy(end, from, length);
			end += length;
		}
		if (i < count)
			from += length + (from[length] == '\\');
	}
	*end = '\0';
	return out;
}

static const char *old_text(struct dcm_item *item, const struct dcm_tag *tag)
{
	const struct dcm_element *old = dcm_item_find(item, tag);
	return old ? dcm_element_text(old, item->arena) : NULL;
}

void scope_write(const struct scope *scope, const struct dcm_path *path,
		 const struct port_value *value)
{
	const struct dcm_tag *tag = &path->tags[path->depth - 1];
	int index, which;
	if (value->state == VALUE_ABSENT) {
		struct dcm_item *item = scope_holder(scope, path);
		if (item && !is_one_value(scope, path, &index, &which))
			dcm_item_remove(item, tag);
		return;
	}
	struct dcm_item *item = need_holder(scope, path);
	const char *text = value->text ? value->text : "";
	if (is_one_value(scope, path, &index, &which)) {
		char *list = with_value(old_text(item, tag),
					index < 0 ? 0 : index, text);
		dcm_number_set(item, tag, path->vr, list);
		free(list);
	} else {
		dcm_number_set(item, tag, path->vr, text);
	}
}

/* ---- positions ---- */

static void add_scope(struct scope_list *list, struct scope scope)
{
	array_room(list->at, list->count);
	list->at[list->count++] = scope;
}

void scope_list_free(struct scope_list *list)
{
	free(list->at);
	*list = (struct scope_list){0};
}

struct scope scope_in(const struct scope *outer, struct dcm_item *item)
{
	struct scope scope = {.root = outer->root, .item = item};
	scope.above[scope.above_count++] = outer->item;
	for (size_t i = 0;
	     i < outer->above_count && scope.above_count < ABOVE_MAX; i++)
		scope.above[scope.above_count++] = outer->above[i];
	return scope;
}

/* Where a path begins, as a scope. */
static struct scope scope_at_start(const struct scope *outer,
				   const struct dcm_path *path)
{
	struct scope scope = {.root = outer->root,
			      .item = path_start_of(outer, path)};
	size_t up = path->from_root ? outer->above_count : path->up;
	for (size_t i = up; i < outer->above_count; i++)
		scope.above[scope.above_count++] = outer->above[i];
	return scope;
}

static void add_items_from(struct scope_list *list, const struct scope *outer,
			   const struct dcm_path *path, size_t step, int only)
{
	const struct dcm_element *sequence =
		outer->item ? dcm_item_find(outer->item, &path->tags[step])
			    : NULL;
	for (size_t i = 0; sequence && i < sequence->item_count; i++) {
		if ((only >= 0 && i != (size_t)only) ||
		    !is_meant(sequence->items[i], items_at(path, step)))
			continue;
		struct scope inner = scope_in(outer, sequence->items[i]);
		if (step + 1 == path->depth)
			add_scope(list, inner);
		else
			add_items_from(list, &inner, path, step + 1, -1);
	}
}

/* Of a joined sequence only the item at hand, and all in it. */
static void add_scope_items(struct scope_list *list, const struct scope *outer,
			    const struct dcm_path *path)
{
	int joined = path->depth > 1 ? joined_index(outer, path) : -1;
	const struct scope start = scope_at_start(outer, path);
	if (joined >= 0 && outer->index[joined] < 0)
		return;
	add_items_from(list, &start, path, 0,
		       joined >= 0 ? outer->index[joined] : -1);
}

struct scope scope_new_item(const struct scope *outer,
			    const struct dcm_path *path)
{
	struct scope scope = scope_at_start(outer, path);
	int joined = path->depth > 1 ? joined_index(outer, path) : -1;
	for (size_t i = 0; i < path->depth; i++) {
		const struct items *which = items_at(path, i);
		int index = i == 0 && joined >= 0 ? outer->index[joined] : 0;
		scope = scope_in(&scope,
				 i + 1 < path->depth
					 ? need_item(scope.item, &path->tags[i],
						     which, index)
					 : new_item_in_sequence(scope.item,
								&path->tags[i],
								which));
	}
	return scope;
}

/* The first value of a text, and the one behind another. */
static struct value_place first_value(const struct dcm_element *element)
{
	const char *text = element ? element->text : NULL;
	return (struct value_place){text, text};
}

static void next_value_place(struct value_place *place)
{
	const char *end = place->at ? strchr(place->at, '\\') : NULL;
	*place = (struct value_place){end ? place->text : NULL,
				      end ? end + 1 : NULL};
}

static void add_values(struct scope_list *list, const struct scope *outer,
		       const struct dcm_path *path)
{
	const struct dcm_element *element = scope_element(outer, path);
	size_t count = element ? value_count(element->text) : 0;
	struct value_place at = first_value(element);
	for (size_t i = 0; i < count; i++, next_value_place(&at)) {
		struct scope scope = *outer;
		scope.value_of = path;
		scope.value_index = (int)i;
		scope.values[0] = at;
		add_scope(list, scope);
	}
}

/* Names and items belong together by position, but only if there are as many
 * of the one as of the other (PS3.3 C.7.3.1.1.1 "shall correspond"); otherwise
 * each stands alone, names first. */
static void add_joined(struct scope_list *list, const struct scope *outer,
		       const struct each *each)
{
	size_t counts[JOIN_MAX] = {0};
	struct value_place places[JOIN_MAX];
	bool equal = true;
	for (size_t i = 0; i < each->count; i++) {
		const struct dcm_element *e =
			scope_element(outer, &each->paths[i]);
		counts[i] = !e		    ? 0
			    : e->item_count ? e->item_count
					    : value_count(e->text);
		places[i] = first_value(e);
		equal = equal && counts[i] == counts[0];
	}
	for (size_t i = 0; i < (equal ? 1 : each->count); i++)
		for (size_t k = 0; k < counts[i]; k++) {
			struct scope scope = *outer;
			scope.join = each;
			for (size_t j = 0; j < each->count; j++) {
				bool has = equal || j == i;
				scope.index[j] = has ? (int)k : NO_INDEX;
				if (!has)
					continue;
				scope.values[j] = places[j];
				next_value_place(&places[j]);
			}
			add_scope(list, scope);
		}
}

static void add_homes(struct scope_list *list, const struct scope *outer,
		      const struct each *each)
{
	size_t items = 0;
	for (size_t i = 0; i < each->count; i++) {
		size_t before = list->count;
		if (each->paths[i].depth) {
			add_scope_items(list, outer, &each->paths[i]);
			items += list->count - before;
			continue;
		}
		struct scope scope = *outer;
		scope.is_top_level = true;
		add_scope(list, scope);
	}
	for (size_t i = 0; i < list->count; i++)
		list->at[i].is_only =
			items == (list->at[i].is_top_level ? 0 : 1);
}

static struct scope_list positions_of(const struct each *each,
				      const struct scope *outer)
{
	struct scope_list list = {0};
	switch (each->kind) {
	case EACH_NONE:
		add_scope(&list, *outer);
		break;
	case EACH_ITEM:
		add_scope_items(&list, outer, &each->paths[0]);
		break;
	case EACH_VALUE:
		add_values(&list, outer, &each->paths[0]);
		break;
	case EACH_JOIN:
		add_joined(&list, outer, each);
		break;
	case EACH_ONE_OF:
		add_homes(&list, outer, each);
		break;
	}
	return list;
}

/* The items of the list in one position; the position itself where it has
 * none. */
static void add_listed(struct scope_list *list, const struct scope *outer,
		       const struct dcm_path *path)
{
	const struct dcm_element *sequence = scope_element(outer, path);
	size_t count = sequence ? sequence->item_count : 0;
	struct scope scope = *outer;
	scope.list = path;
	for (scope.list_index = 0; scope.list_index < (count ? count : 1);
	     scope.list_index++)
		add_scope(list, scope);
}

struct scope_list scopes_of(const struct each *each, const struct scope *outer)
{
	struct scope_list outers = positions_of(each, outer), list = {0};
	if (!each->list.depth)
		return outers;
	for (size_t i = 0; i < outers.count; i++)
		add_listed(&list, &outers.at[i], &each->list);
	scope_list_free(&outers);
	return list;
}

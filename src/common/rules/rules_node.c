#include "array.h"
#include "rules_build.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void node_fault(struct build *build, const struct yaml_node *node,
		const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	diag_vfault(build->diag, &node->mark, node->width, format, arguments);
	va_end(arguments);
}

void part_fault(struct build *build, const struct yaml_node *node,
		size_t offset, size_t length, const char *format, ...)
{
	struct mark mark = node->mark;
	int width = node->width;
	va_list arguments;

	/* With escapes or line breaks in it the text is not as in the file. */
	if ((size_t)width == strlen(node->text)) {
		mark.column += (int)offset;
		width = (int)length;
	}
	va_start(arguments, format);
	diag_vfault(build->diag, &mark, width, format, arguments);
	va_end(arguments);
}

const char *node_text(struct build *build, const struct yaml_node *node)
{
	if (node->kind != YAML_TEXT) {
		node_fault(build, node, "a %s where a text should be",
			   node->kind == YAML_LIST ? "list" : "map");
		return NULL;
	}
	if (yaml_is_null(node)) {
		node_fault(build, node, "nothing is said here");
		return NULL;
	}
	return node->text;
}

bool node_is_map(struct build *build, const struct yaml_node *node)
{
	if (node->kind == YAML_MAP)
		return true;
	node_fault(build, node, "a map, {key: value}, should be here");
	return false;
}

bool node_is_list(struct build *build, const struct yaml_node *node)
{
	if (node->kind == YAML_LIST)
		return true;
	node_fault(build, node, "a list, [a, b], should be here");
	return false;
}

/* Which is near is only looked for if there is none: it takes long. */
static int word_index(const char *text, const char *const *words,
		      struct nearest *nearest)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	*nearest = nearest_to(text);
	for (int i = 0; words[i]; i++)
		nearest_offer(nearest, words[i]);
	return -1;
}

void node_check_keys(struct build *build, const struct yaml_node *map,
		     const char *const *keys)
{
	struct nearest nearest;

	for (size_t i = 0; map->kind == YAML_MAP && i < map->count; i++) {
		const struct yaml_node *key = map->pairs[i].key;

		if (word_index(key->text, keys, &nearest) < 0)
			node_fault(build, key, "unknown key '%s'%s", key->text,
				   nearest_hint(&nearest, build->arena));
	}
}

int node_word(struct build *build, const struct yaml_node *node,
	      const char *const *words)
{
	struct nearest nearest;
	const char *text = node_text(build, node), *list = NULL;
	int index = text ? word_index(text, words, &nearest) : -1;

	if (!text || index >= 0)
		return index;
	if (nearest.best) {
		node_fault(build, node, "unknown word '%s'%s", text,
			   nearest_hint(&nearest, build->arena));
		return -1;
	}
	for (int i = 0; words[i]; i++)
		list = list ? arena_printf(build->arena, "%s, %s", list,
					   words[i])
			    : words[i];
	node_fault(build, node, "'%s' is none of %s", text, list);
	return -1;
}

const struct yaml_node *node_for(const struct yaml_node *node,
				 enum fhir_release release)
{
	if (!node || node->kind != YAML_MAP || !node->count)
		return node;
	for (size_t i = 0; i < node->count; i++) {
		const char *key = node->pairs[i].key->text;

		/* No FHIR element is called like this; R3 is a fault. */
		if (key[0] != 'R' || !isdigit((unsigned char)key[1]))
			return node;
	}
	return yaml_get(node, release_names[release]);
}

void node_check_releases(struct build *build, const struct yaml_node *node)
{
	if (node && node->kind == YAML_MAP && node->count &&
	    node_for(node, 0) != node)
		node_check_keys(build, node, release_names);
}

/* ---- lists ---- */

void pair_list_add(struct build *build, struct pair_list *list,
		   struct yaml_pair pair)
{
	array_room_in(build->arena, list->at, list->count);
	list->at[list->count++] = pair;
}

void node_list_add(struct build *build, struct node_list *list,
		   const struct yaml_node *node)
{
	array_room_in(build->arena, list->at, list->count);
	list->at[list->count++] = node;
}

/* ---- names ---- */

const char *build_bracketed(struct build *build, const char *text,
			    const char *word)
{
	size_t before = strlen(word), length = strlen(text);

	if (strncmp(text, word, before) != 0 || text[before] != '(' ||
	    text[length - 1] != ')')
		return NULL;
	return arena_strndup(build->arena, text + before + 1,
			     length - before - 2);
}

size_t build_named(const struct build *build, const void *list,
		   const char *name)
{
	char *key = lh_key_within(list, name);
	struct lh_entry *entry = lh_table_lookup_entry(build->names, key);

	free(key);
	return entry ? (size_t)(uintptr_t)lh_entry_v(entry) - 1 : SIZE_MAX;
}

void build_name(struct build *build, const void *list, const char *name,
		size_t at)
{
	char *key = lh_key_within(list, name);
	void *value = (void *)(uintptr_t)(at + 1);
	struct lh_entry *entry = lh_table_lookup_entry(build->names, key);

	if (!entry) {
		lh_add(build->names, key, value);
		return;
	}
	lh_entry_set_val(entry, value);
	free(key);
}

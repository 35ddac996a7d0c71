#include "yaml.h"

#include <stdlib.h>
#include <string.h>

#include <libfyaml.h>

#include "arena.h"
#include "array.h"
#include "json_text.h"
#include "utf8.h"

/* A list or a map that is not at its end yet. */
struct yaml_frame {
	struct yaml_node *node;
	const char *anchor;
	const struct yaml_node *key; /* waits for its value */
};

struct loader {
	struct arena *arena;
	struct diag *diag;
	const char *file;
	struct yaml_frame stack[YAML_DEPTH_MAX];
	size_t depth;
	struct lh_table *anchors; /* the nodes, by name */
	size_t made;		  /* nodes, and pairs that `<<` brought */
	const struct yaml_node *root;
	struct mark last; /* of the node before */
	bool stopped;
};

static void yaml_fault(struct loader *loader, const struct yaml_node *node,
		       const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void yaml_fault(struct loader *loader, const struct yaml_node *node,
		       const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	diag_vfault(loader->diag, &node->mark, node->width, format, arguments);
	va_end(arguments);
}

/* A fault after which the tree is not worth building. */
static void stop_loading(struct loader *loader, const struct yaml_node *node,
			 const char *text)
{
	if (!loader->stopped)
		yaml_fault(loader, node, "%s", text);
	loader->stopped = true;
}

/* ---- nodes ---- */

static const char *token_text(struct loader *loader, struct fy_token *token)
{
	size_t length = 0;
	const char *text = token ? fy_token_get_text(token, &length) : NULL;

	return text ? arena_strndup(loader->arena, text, length) : "";
}

static struct yaml_node *new_node(struct loader *loader, enum yaml_kind kind,
				  struct fy_token *token)
{
	struct yaml_node *node = arena_alloc(loader->arena, sizeof *node);
	const struct fy_mark *start = token ? fy_token_start_mark(token) : NULL;
	const struct fy_mark *end = token ? fy_token_end_mark(token) : NULL;

	node->kind = kind;
	node->size = 1;
	node->height = 1;
	node->width = 1;
	/* A value that is not there stands where its key does. */
	node->mark = loader->last;
	if (start) {
		node->mark.line = start->line + 1;
		node->mark.column = start->column + 1;
	}
	if (start && end && kind == YAML_TEXT)
		node->width = end->line == start->line
				      ? end->column - start->column
				      : YAML_NODES_MAX;
	loader->last = node->mark;
	if (++loader->made > YAML_NODES_MAX)
		stop_loading(loader, node,
			     "the file has more than 200000 values");
	return node;
}

static void add_pair(struct loader *loader, struct yaml_frame *frame,
		     const struct yaml_node *key, const struct yaml_node *value)
{
	struct yaml_node *map = frame->node;

	array_room_in(loader->arena, map->pairs, map->count);
	map->pairs[map->count++] = (struct yaml_pair){key, value};
}

static void add_list_item(struct loader *loader, struct yaml_frame *frame,
			  const struct yaml_node *item)
{
	struct yaml_node *list = frame->node;

	array_room_in(loader->arena, list->items, list->count);
	list->items[list->count++] = item;
}

/* where: what to point at if the child makes it too much. */
static void count_in(struct loader *loader, struct yaml_node *parent,
		     const struct yaml_node *child,
		     const struct yaml_node *where)
{
	parent->size += child->size;
	if (child->height >= parent->height)
		parent->height = child->height + 1;
	if (parent->size > YAML_NODES_MAX)
		stop_loading(loader, where,
			     "written out, the aliases make more than 200000 "
			     "values");
	if (loader->depth + child->height > YAML_DEPTH_MAX)
		stop_loading(loader, where, "nested more than 64 deep");
}

/* where: the node itself, or the alias that stands for it. */
static void add_node(struct loader *loader, const struct yaml_node *node,
		     const struct yaml_node *where)
{
	struct yaml_frame *frame;

	if (!loader->depth) {
		if (loader->root)
			stop_loading(loader, where, "a second document");
		loader->root = node;
		return;
	}
	frame = &loader->stack[loader->depth - 1];
	count_in(loader, frame->node, node, where);
	if (frame->node->kind == YAML_LIST) {
		add_list_item(loader, frame, node);
	} else if (frame->key) {
		add_pair(loader, frame, frame->key, node);
		frame->key = NULL;
	} else if (node->kind == YAML_TEXT) {
		frame->key = node;
	} else {
		stop_loading(loader, where, "a key must be plain text");
	}
}

/* ---- maps ---- */

struct key_place {
	const struct yaml_node *key;
	size_t number;
};

static int compare_yaml_keys(const void *left, const void *right)
{
	const struct key_place *a = left, *b = right;
	int order = strcmp(a->key->text, b->key->text);

	if (order)
		return order;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void check_duplicates(struct loader *loader, const struct yaml_node *map)
{
	struct key_place *keys = xmalloc((map->count + 1) * sizeof *keys);

	for (size_t i = 0; i < map->count; i++)
		keys[i] = (struct key_place){map->pairs[i].key, i};
	qsort(keys, map->count, sizeof *keys, compare_yaml_keys);
	for (size_t i = 1, first = 0; i < map->count; i++) {
		if (strcmp(keys[first].key->text, keys[i].key->text) != 0) {
			first = i;
			continue;
		}
		yaml_fault(loader, keys[i].key,
			   "duplicate key '%s'; the first is in line %d",
			   keys[i].key->text, keys[first].key->mark.line);
	}
	free(keys);
}

static bool is_merge(const struct yaml_node *key)
{
	return key->plain && strcmp(key->text, "<<") == 0;
}

/* keys: those that the map has. */
static void merge_map(struct loader *loader, struct yaml_frame *frame,
		      const struct yaml_node *from, struct lh_table *keys)
{
	if (from->kind != YAML_MAP) {
		yaml_fault(loader, from, "'<<' takes a map or a list of maps");
		return;
	}
	for (size_t i = 0; i < from->count && !loader->stopped; i++) {
		const struct yaml_pair *pair = &from->pairs[i];

		if (lh_table_lookup_entry(keys, pair->key->text))
			continue;
		lh_add(keys, pair->key->text, NULL);
		if (++loader->made > YAML_NODES_MAX)
			stop_loading(loader, from,
				     "the file has more than 200000 values");
		add_pair(loader, frame, pair->key, pair->value);
	}
}

/* Own keys come before merged ones, and these in the order of the merges
 * (yaml.org/type/merge). */
static void resolve_merges(struct loader *loader, struct yaml_frame *frame)
{
	struct yaml_node *map = frame->node;
	const struct yaml_node *merge = NULL;
	struct lh_table *keys;
	size_t kept = 0;

	for (size_t i = 0; i < map->count; i++) {
		if (is_merge(map->pairs[i].key))
			merge = map->pairs[i].value;
		else
			map->pairs[kept++] = map->pairs[i];
	}
	map->count = kept;
	if (!merge)
		return;
	keys = lh_by_text(16, NULL);
	for (size_t i = 0; i < map->count; i++)
		lh_add(keys, map->pairs[i].key->text, NULL);
	if (merge->kind != YAML_LIST)
		merge_map(loader, frame, merge, keys);
	else
		for (size_t i = 0; i < merge->count; i++)
			merge_map(loader, frame, merge->items[i], keys);
	lh_table_free(keys);
}

/* ---- anchors ---- */

/* A name may be given again, and then means the last one. */
static void set_anchor(struct loader *loader, const char *name,
		       const struct yaml_node *node)
{
	struct lh_entry *entry;

	if (!name)
		return;
	entry = lh_table_lookup_entry(loader->anchors, name);
	if (entry)
		lh_entry_set_val(entry, (void *)(uintptr_t)node);
	else
		lh_add(loader->anchors, name, node);
}

static const struct yaml_node *find_anchor(const struct loader *loader,
					   const char *name)
{
	struct lh_entry *entry = lh_table_lookup_entry(loader->anchors, name);

	return entry ? lh_entry_v(entry) : NULL;
}

static void add_alias(struct loader *loader, struct fy_token *token)
{
	struct yaml_node *alias = new_node(loader, YAML_TEXT, token);
	const struct yaml_node *node;

	alias->text = token_text(loader, token);
	/* The token begins behind the '*'. */
	alias->mark.column--;
	alias->width++;
	for (size_t i = 0; i < loader->depth; i++) {
		const char *open = loader->stack[i].anchor;

		if (!open || strcmp(open, alias->text) != 0)
			continue;
		stop_loading(loader, alias,
			     "an alias within what it stands for");
		return;
	}
	node = find_anchor(loader, alias->text);
	if (!node) {
		yaml_fault(loader, alias, "no anchor '&%s' comes before this",
			   alias->text);
		node = alias;
	}
	add_node(loader, node, alias);
}

/* ---- events ---- */

static void add_text_node(struct loader *loader,
			  const struct fy_event_scalar_data *event)
{
	struct yaml_node *node = new_node(loader, YAML_TEXT, event->value);

	node->text = token_text(loader, event->value);
	node->plain = !event->value ||
		      fy_token_scalar_style(event->value) == FYSS_PLAIN;
	if (event->value &&
	    strlen(node->text) != fy_token_get_text_length(event->value))
		yaml_fault(loader, node, "a NUL character in the text");
	if (event->tag)
		yaml_fault(loader, node, "tags are not used here");
	if (event->anchor)
		set_anchor(loader, token_text(loader, event->anchor), node);
	add_node(loader, node, node);
}

static void open_node(struct loader *loader, enum yaml_kind kind,
		      struct fy_token *token, struct fy_token *anchor,
		      struct fy_token *tag)
{
	struct yaml_node *node = new_node(loader, kind, token);
	struct yaml_frame *frame = &loader->stack[loader->depth];

	if (tag)
		yaml_fault(loader, node, "tags are not used here");
	if (loader->depth == YAML_DEPTH_MAX) {
		stop_loading(loader, node, "nested more than 64 deep");
		return;
	}
	*frame = (struct yaml_frame){.node = node};
	if (anchor)
		frame->anchor = token_text(loader, anchor);
	loader->depth++;
}

static void close_node(struct loader *loader)
{
	struct yaml_frame *frame = &loader->stack[loader->depth - 1];
	struct yaml_node *node = frame->node;

	if (node->kind == YAML_MAP) {
		check_duplicates(loader, node);
		resolve_merges(loader, frame);
	}
	loader->depth--;
	set_anchor(loader, frame->anchor, node);
	add_node(loader, node, node);
}

static void take_yaml_event(struct loader *loader, const struct fy_event *event)
{
	switch (event->type) {
	case FYET_SCALAR:
		add_text_node(loader, &event->scalar);
		break;
	case FYET_ALIAS:
		add_alias(loader, event->alias.anchor);
		break;
	case FYET_SEQUENCE_START:
		open_node(loader, YAML_LIST,
			  event->sequence_start.sequence_start,
			  event->sequence_start.anchor,
			  event->sequence_start.tag);
		break;
	case FYET_MAPPING_START:
		open_node(loader, YAML_MAP, event->mapping_start.mapping_start,
			  event->mapping_start.anchor,
			  event->mapping_start.tag);
		break;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		close_node(loader);
		break;
	default:
		break;
	}
}

static void take_syntax_errors(struct loader *loader, struct fy_diag *errors)
{
	struct fy_diag_error *error;
	void *next = NULL;
	struct mark mark = {.file = loader->file};

	while ((error = fy_diag_errors_iterate(errors, &next))) {
		mark.line = error->line;
		mark.column = error->column;
		diag_fault(loader->diag, &mark, 1, "%s", error->msg);
		loader->stopped = true;
	}
}

/* YAML 1.2, 5.1: but for these a text has no control characters. */
static bool is_control(unsigned char c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

/* libfyaml 0.7.12 does not come to an end on some texts that are not UTF-8,
 * and loses memory on some with control characters. */
static void check_encoding(struct loader *loader, const char *text,
			   size_t length)
{
	struct yaml_node place = {.mark = loader->last, .width = 1};
	size_t good = utf8_length(text, length), i;

	for (i = 0; i < good && !is_control((unsigned char)text[i]); i++) {
		if (text[i] == '\n') {
			place.mark.line++;
			place.mark.column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			place.mark.column++;
		}
	}
	if (i < good)
		stop_loading(loader, &place,
			     "a control character, which YAML has not");
	else if (good < length)
		stop_loading(loader, &place, "this is not UTF-8");
}

static void parse_yaml(struct loader *loader, const char *text, size_t length)
{
	struct fy_diag_cfg told;
	struct fy_parse_cfg how = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG};
	struct fy_parser *parser;
	struct fy_event *event;
	bool at_end = false;

	fy_diag_cfg_default(&told);
	told.fp = NULL;
	how.diag = memory_of(fy_diag_create(&told));
	fy_diag_set_collect_errors(how.diag, true);
	parser = memory_of(fy_parser_create(&how));
	if (fy_parser_set_string(parser, text, length) != 0)
		out_of_memory();
	while (!loader->stopped && (event = fy_parser_parse(parser))) {
		at_end = event->type == FYET_STREAM_END;
		take_yaml_event(loader, event);
		fy_parser_event_free(parser, event);
	}
	if (!loader->stopped)
		take_syntax_errors(loader, how.diag);
	if (!loader->stopped && !at_end)
		stop_loading(loader, &(struct yaml_node){.mark = loader->last},
			     "this is not YAML");
	fy_parser_destroy(parser);
	fy_diag_destroy(how.diag);
}

const struct yaml_node *yaml_load(const char *file, struct arena *arena,
				  struct diag *diag)
{
	struct loader loader = {
		.arena = arena, .diag = diag, .anchors = lh_by_text(64, NULL)};
	struct mark whole = {.file = arena_strdup(arena, file)};
	size_t length;
	const char *why, *text = diag_source(diag, file, &length, &why);

	if (!text) {
		diag_fault(diag, &whole, 0, "cannot open: %s", why);
		lh_table_free(loader.anchors);
		return NULL;
	}
	loader.file = whole.file;
	loader.last = (struct mark){.file = whole.file, .line = 1, .column = 1};
	check_encoding(&loader, text, length);
	if (!loader.stopped)
		parse_yaml(&loader, text, length);
	lh_table_free(loader.anchors);
	if (loader.stopped)
		return NULL;
	if (!loader.root || loader.root->kind != YAML_MAP) {
		diag_fault(diag, &whole, 0,
			   "this is no file of keys and their values");
		return NULL;
	}
	return loader.root;
}

/* ---- looking ---- */

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++) {
		const char *name = map->pairs[i].key->text;

		/* most differ in their first letter */
		if (*name == *key && strcmp(name, key) == 0)
			return map->pairs[i].value;
	}
	return NULL;
}

bool yaml_is_null(const struct yaml_node *node)
{
	return node->kind == YAML_TEXT && node->plain &&
	       (!*node->text || strcmp(node->text, "~") == 0 ||
		strcmp(node->text, "null") == 0);
}

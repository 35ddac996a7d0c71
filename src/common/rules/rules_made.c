#include "rules_made.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "codec.h"
#include "rules.h"
#include "yaml_made.h"

/* What a word of made_words has to become. */
enum made_kind {
	MADE_INSIDE,	/* an offset among them, in bytes */
	MADE_TEXT,	/* ... among made_rules_texts */
	MADE_FILE_NAME, /* of the file that has the rules */
	MADE_JSON,	/* a number among made_values */
	MADE_CODEC,	/* ... among those of codec_all() */
	MADE_PORT	/* ... of a codec, and, in 16 bits, of its port */
};

struct made_pointer {
	unsigned at;
	unsigned char kind;
};

/* JSON: what a value holds comes before it. */
enum made_type {
	MADE_ARRAY,
	MADE_OBJECT, /* count: of its made_links, which come in order */
	MADE_STRING,
	MADE_INTEGER,
	MADE_NUMBER, /* at: in made_rules_texts */
	MADE_BOOLEAN
};

struct made_value {
	unsigned char type;
	unsigned at;
};

enum { MADE_NULL = -1 };

struct made_link {
	unsigned name;
	int value;
	bool again; /* something else has it already */
};

#include "rules_image.inc"

#ifdef RULES_ARE_MADE

enum {
	VALUE_COUNT = sizeof made_values / sizeof *made_values,
	POINTER_COUNT = sizeof made_pointers / sizeof *made_pointers
};

/* ---- JSON ---- */

static json_object *linked_value(json_object *const *values,
				 const struct made_link *link)
{
	if (link->value == MADE_NULL)
		return NULL;
	return link->again ? json_object_get(values[link->value])
			   : values[link->value];
}

static json_object *made_array(json_object *const *values,
			       const struct made_link *links, size_t count)
{
	json_object *array = json_new_array();

	for (size_t i = 0; i < count; i++)
		json_append(array, linked_value(values, &links[i]));
	return array;
}

static json_object *made_object(json_object *const *values,
				const struct made_link *links, size_t count)
{
	json_object *object = json_new_object_of(count);

	for (size_t i = 0; i < count; i++)
		json_add_lasting(object, made_rules_texts + links[i].name,
				 linked_value(values, &links[i]));
	return object;
}

static json_object *made_scalar(const struct made_value *made)
{
	const char *text = made_rules_texts + made->at;

	switch (made->type) {
	case MADE_STRING:
		return json_new_string(text);
	case MADE_INTEGER:
		return json_new_integer(strtoll(text, NULL, 10));
	case MADE_NUMBER:
		return json_new_number(strtod(text, NULL), text);
	default:
		return json_new_boolean(made->at);
	}
}

/* All of them; the last is the array that owns the others. */
static json_object **make_json(void)
{
	json_object **values = xmalloc(VALUE_COUNT * sizeof *values);
	const struct made_link *links = made_links;

	for (size_t i = 0; i < VALUE_COUNT; i++) {
		const struct made_value *made = &made_values[i];

		if (made->type == MADE_ARRAY)
			values[i] = made_array(values, links, made->at);
		else if (made->type == MADE_OBJECT)
			values[i] = made_object(values, links, made->at);
		else
			values[i] = made_scalar(made);
		if (made->type == MADE_ARRAY || made->type == MADE_OBJECT)
			links += made->at;
	}
	return values;
}

/* ---- the rest ---- */

static void *made_target(unsigned char *image, enum made_kind kind,
			 uintptr_t word, json_object *const *values,
			 const char *file)
{
	size_t count;

	switch (kind) {
	case MADE_INSIDE:
		return image + word;
	case MADE_TEXT:
		return (char *)made_rules_texts + word;
	case MADE_FILE_NAME:
		return (char *)file;
	case MADE_JSON:
		return values[word];
	case MADE_CODEC:
		return (struct codec *)codec_all(&count)[word];
	case MADE_PORT:
		return (struct codec_port *)&codec_all(&count)[word >> 16]
			->ports[word & 0xFFFF];
	}
	return NULL;
}

static dfh_rules *make_rules(const char *path)
{
	struct arena *arena = arena_new();
	unsigned char *image = arena_room(arena, sizeof made_words);
	const char *file = arena_strdup(arena, path);
	json_object **values = make_json();
	dfh_rules *rules = (dfh_rules *)(void *)image;

	memcpy(image, made_words, sizeof made_words);
	for (size_t i = 0; i < POINTER_COUNT; i++) {
		const struct made_pointer *pointer = &made_pointers[i];
		void *target =
			made_target(image, pointer->kind,
				    made_words[pointer->at], values, file);

		memcpy(image + pointer->at * sizeof *made_words, &target,
		       sizeof target);
	}
	rules->arena = arena;
	free(values);
	return rules;
}

#endif

dfh_rules *rules_made(const char *path, const char *text, size_t length)
{
#ifdef RULES_ARE_MADE
	if (yaml_is_made(text, length))
		return make_rules(path);
#endif
	(void)path;
	(void)text;
	(void)length;
	return NULL;
}

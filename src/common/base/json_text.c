#define JSON_MAKE_WITH_JSON_C
#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_print.h"
#include "memory.h"
#include "utf8.h"

size_t json_count(json_object *array)
{
	return json_object_is_type(array, json_type_array)
		       ? json_object_array_length(array)
		       : 0;
}

size_t json_member_count(json_object *object)
{
	return json_object_is_type(object, json_type_object)
		       ? (size_t)json_object_object_length(object)
		       : 0;
}

json_object *json_at(json_object *array, size_t index)
{
	return json_object_is_type(array, json_type_array)
		       ? json_object_array_get_idx(array, index)
		       : NULL;
}

struct lh_entry *json_first(json_object *object)
{
	return json_object_is_type(object, json_type_object)
		       ? lh_table_head(json_object_get_object(object))
		       : NULL;
}

const char *json_string(json_object *value)
{
	if (!json_object_is_type(value, json_type_string))
		return NULL;
	const char *text = json_object_get_string(value);
	size_t length = (size_t)json_object_get_string_len(value);
	/* A NUL is legal in neither, and would cut the text short. */
	return strlen(text) == length ? text : NULL;
}

const char *json_scalar(json_object *value, char room[JSON_SCALAR_ROOM])
{
	const char *written;
	switch (json_object_get_type(value)) {
	case json_type_string:
		return json_object_get_string(value);
	case json_type_boolean:
		return json_object_get_boolean(value) ? "true" : "false";
	case json_type_int:
		snprintf(room, JSON_SCALAR_ROOM, "%lld",
			 (long long)json_object_get_int64(value));
		return room;
	case json_type_double:
		/* where json-c keeps the text of a number that was read */
		written = json_object_get_userdata(value);
		if (written)
			return written;
		snprintf(room, JSON_SCALAR_ROOM, "%.17g",
			 json_object_get_double(value));
		return room;
	default:
		return "";
	}
}

json_object *json_member(json_object *object, const char *member)
{
	json_object *found = NULL;
	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, member, &found);
	return found;
}

const char *json_text(json_object *object, const char *member)
{
	return json_string(json_member(object, member));
}

void json_add_text(json_object *object, const char *member, const char *text)
{
	if (text && *text)
		json_add(object, member, json_new_string(text));
}

static char *printed_and_put(json_object *object, int flags)
{
	char *text =
		json_printed(object, flags | JSON_C_TO_STRING_NOSLASHESCAPE);
	json_object_put(object);
	return text;
}

void json_add_repaired(json_object *object, const char *member,
		       const char *text)
{
	char *repaired = xmalloc(utf8_repaired_size(text));
	utf8_repair(text, repaired);
	json_add_text(object, member, repaired);
	free(repaired);
}

char *json_to_line(json_object *object)
{
	return printed_and_put(object, JSON_C_TO_STRING_PLAIN);
}

char *json_to_pages(json_object *object)
{
	return printed_and_put(object, JSON_C_TO_STRING_PRETTY |
					       JSON_C_TO_STRING_SPACED);
}

bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (; *words; words += strspn(words, " ")) {
		size_t next = strcspn(words, " ");

		if (next == length && strncmp(words, word, length) == 0)
			return true;
		words += next;
	}
	return false;
}

bool json_says_all(json_object *whole, json_object *part)
{
	if (json_object_get_type(whole) != json_object_get_type(part))
		return false;
	if (json_object_is_type(part, json_type_object)) {
		json_foreach (part, name, value) {
			if (!json_says_all(json_member(whole, name), value))
				return false;
		}
		return true;
	}
	if (!json_object_is_type(part, json_type_array))
		return json_object_equal(whole, part);
	size_t count = json_count(part);
	bool all = json_count(whole) == count;
	for (size_t i = 0; all && i < count; i++)
		all = json_says_all(json_at(whole, i), json_at(part, i));
	return all;
}

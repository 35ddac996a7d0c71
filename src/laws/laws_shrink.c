/*
 * Of a test for which a law fails, the smallest that still does: members and
 * elements are left out, texts halved, letters made plain, one change at a
 * time, and from the start again after each that leaves the failure.
 */
#include <stdlib.h>
#include <string.h>

#include "laws.h"
#include "utf8.h"

enum { TRIES_MAX = 4000, LETTERS_MAX = 80 };

/* How many changes are to be passed over before the one to be made. */
struct shrink_choice {
	size_t left;
	bool made;
};

static bool is_chosen(struct shrink_choice *choice)
{
	if (choice->made)
		return false;
	choice->made = choice->left-- == 0;
	return choice->made;
}

/* Text without the bytes from..to, with fill in their place. */
static json_object *text_without(const char *text, size_t from, size_t to,
				 const char *fill)
{
	size_t size = strlen(text) + 8;
	char *copy = xmalloc(size);
	snprintf(copy, size, "%.*s%s%s", (int)from, text, fill, text + to);
	json_object *json = json_new_string(copy);
	free(copy);
	return json;
}

/* The text changed, or NULL: the choice lies further on. */
static json_object *shrink_text(const char *text, struct shrink_choice *choice)
{
	size_t length = strlen(text), half = length / 2, letters = 0;
	while (half && !utf8_is_start(text[half]))
		half--;
	if (half && is_chosen(choice))
		return text_without(text, half, length, "");
	if (half && is_chosen(choice))
		return text_without(text, 0, half, "");
	for (size_t i = 0; i < length && letters < LETTERS_MAX; letters++) {
		size_t end = i + 1;
		while (!utf8_is_start(text[end]) && text[end])
			end++;
		if (is_chosen(choice))
			return text_without(text, i, end, "");
		const char *plain =
			text[i] >= '0' && text[i] <= '9' ? "1" : "a";
		if (text[i] != *plain && is_chosen(choice))
			return text_without(text, i, end, plain);
		i = end;
	}
	return NULL;
}

static json_object *shrink_value(json_object *value,
				 struct shrink_choice *choice);

static json_object *shrink_object(json_object *object,
				  struct shrink_choice *choice)
{
	json_foreach (object, name, value) {
		if (is_chosen(choice)) {
			json_object *copy = json_copy(object);
			json_object_object_del(copy, name);
			return copy;
		}
		json_object *smaller = shrink_value(value, choice);
		if (smaller) {
			json_object *copy = json_copy(object);
			json_add(copy, name, smaller);
			return copy;
		}
	}
	return NULL;
}

static json_object *shrink_array(json_object *array,
				 struct shrink_choice *choice)
{
	for (size_t i = 0; i < json_count(array); i++) {
		if (is_chosen(choice)) {
			json_object *copy = json_copy(array);
			json_object_array_del_idx(copy, i, 1);
			return copy;
		}
		json_object *smaller = shrink_value(json_at(array, i), choice);
		if (smaller) {
			json_object *copy = json_copy(array);
			json_put_at(copy, i, smaller);
			return copy;
		}
	}
	return NULL;
}

/* A changed copy, or NULL: it has fewer changes than that. */
static json_object *shrink_value(json_object *value,
				 struct shrink_choice *choice)
{
	switch (json_object_get_type(value)) {
	case json_type_object:
		return shrink_object(value, choice);
	case json_type_array:
		return shrink_array(value, choice);
	case json_type_string:
		return shrink_text(json_object_get_string(value), choice);
	case json_type_int:
	case json_type_double:
		return json_object_get_double(value) != 1 && is_chosen(choice)
			       ? json_new_integer(1)
			       : NULL;
	case json_type_null:
	case json_type_boolean:
		break;
	}
	return NULL;
}

json_object *law_shrink(const struct law *law, const struct trial *trial,
			json_object *test)
{
	size_t at = 0;
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		struct shrink_choice choice = {.left = at};
		json_object *smaller = shrink_value(test, &choice);
		if (!smaller)
			break;
		if (law->check(trial, smaller, NULL) == LAW_FAILS) {
			json_object_put(test);
			test = smaller;
			at = 0;
		} else {
			json_object_put(smaller);
			at++;
		}
	}
	return test;
}

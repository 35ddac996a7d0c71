#include "tables.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "memory.h"

/* ---- texts ---- */

void texts_open(struct texts *texts)
{
	*texts = (struct texts){.at = lh_by_text(1024, lh_free_key)};
}

void texts_close(struct texts *texts)
{
	lh_table_free(texts->at);
}

size_t texts_add(struct texts *texts, const char *text)
{
	struct lh_entry *entry = lh_table_lookup_entry(texts->at, text);

	if (entry)
		return (size_t)(uintptr_t)lh_entry_v(entry);
	lh_add(texts->at, xstrdup(text), (void *)(uintptr_t)texts->size);
	texts->size += strlen(text) + 1;
	return texts->size - strlen(text) - 1;
}

void texts_print(const struct texts *texts)
{
	struct lh_entry *entry;

	puts("static const char made_rules_texts[] = {");
	lh_foreach(texts->at, entry)
	{
		const char *text = lh_entry_k(entry);

		for (size_t i = 0; i <= strlen(text); i++)
			printf("%d,", (signed char)text[i]);
		putchar('\n');
	}
	puts("};\n");
}

/* ---- JSON ---- */

static void number_value(struct lh_table *numbers, json_object *value)
{
	if (!value || lh_table_lookup_entry(numbers, value))
		return;
	for (size_t i = 0; i < json_count(value); i++)
		number_value(numbers, json_at(value, i));
	json_foreach (value, name, member)
		number_value(numbers, member);
	lh_add(numbers, value, (void *)(uintptr_t)lh_table_length(numbers));
}

struct lh_table *json_numbers(json_object *array)
{
	struct lh_table *numbers = lh_by_address(1024, NULL);

	number_value(numbers, array);
	return numbers;
}

/* The first that holds a value has it, and others refer to it. */
struct holder {
	struct lh_table *numbers;
	bool *is_held;
	struct texts *texts;
};

static void print_link(struct holder *holder, const char *name,
		       json_object *value)
{
	size_t at = name ? texts_add(holder->texts, name) : 0, number;

	if (!value) {
		printf("{%zu, MADE_NULL, false},\n", at);
		return;
	}
	number = (size_t)(uintptr_t)lh_entry_v(
		lh_table_lookup_entry(holder->numbers, value));
	printf("{%zu, %zu, %s},\n", at, number,
	       holder->is_held[number] ? "true" : "false");
	holder->is_held[number] = true;
}

static void print_links(struct holder *holder)
{
	struct lh_entry *entry;

	puts("static const struct made_link made_links[] = {");
	lh_foreach(holder->numbers, entry)
	{
		json_object *value = lh_entry_k(entry);

		for (size_t i = 0; i < json_count(value); i++)
			print_link(holder, NULL, json_at(value, i));
		json_foreach (value, name, member)
			print_link(holder, name, member);
	}
	puts("};\n");
}

static void print_value_row(struct holder *holder, json_object *value)
{
	char room[JSON_SCALAR_ROOM];
	size_t count = json_count(value) + json_member_count(value);

	switch (json_object_get_type(value)) {
	case json_type_array:
		printf("{MADE_ARRAY, %zu},\n", count);
		break;
	case json_type_object:
		printf("{MADE_OBJECT, %zu},\n", count);
		break;
	case json_type_string:
		printf("{MADE_STRING, %zu},\n",
		       texts_add(holder->texts, json_string(value)));
		break;
	case json_type_boolean:
		printf("{MADE_BOOLEAN, %d},\n", json_object_get_boolean(value));
		break;
	case json_type_int:
		printf("{MADE_INTEGER, %zu},\n",
		       texts_add(holder->texts, json_scalar(value, room)));
		break;
	default:
		printf("{MADE_NUMBER, %zu},\n",
		       texts_add(holder->texts, json_scalar(value, room)));
	}
}

void json_print_tables(struct lh_table *numbers, struct texts *texts)
{
	struct holder holder = {.numbers = numbers, .texts = texts};
	struct lh_entry *entry;

	holder.is_held = memory_of(
		calloc((size_t)lh_table_length(numbers), sizeof(bool)));
	print_links(&holder);
	puts("static const struct made_value made_values[] = {");
	lh_foreach(numbers, entry) print_value_row(&holder, lh_entry_k(entry));
	puts("};\n");
	free(holder.is_held);
}

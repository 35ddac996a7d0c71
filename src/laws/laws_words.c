/* What a rule itself speaks of: values of it are worth more than any others,
 * because they lead into its tables. */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "laws.h"

static void add_word(struct word_list *list, const char *word,
		     struct arena *arena)
{
	if (!word || !*word)
		return;
	array_room_in(arena, list->at, list->count);
	list->at[list->count++] = word;
}

static void add_fhir(struct words *words, const char *word, struct arena *arena)
{
	bool system = word && strchr(word, ':');
	add_word(system ? &words->systems : &words->codes, word, arena);
}

static void add_rows(struct words *words, const struct table_row *rows,
		     size_t count, struct arena *arena)
{
	for (size_t i = 0; i < count; i++) {
		add_word(&words->terms, rows[i].dicom, arena);
		add_fhir(words, rows[i].code, arena);
		add_word(&words->displays, rows[i].display, arena);
		add_fhir(words, rows[i].system, arena);
	}
}

static void add_table(struct words *words, const struct table *table,
		      struct arena *arena)
{
	struct table_list *tables = &words->tables;
	array_room_in(arena, tables->at, tables->count);
	tables->at[tables->count++] = table;
	add_fhir(words, table->system, arena);
	add_rows(words, table->rows, table->row_count, arena);
	add_rows(words, table->also, table->also_count, arena);
	add_rows(words, table->formerly, table->formerly_count, arena);
}

static void add_json(struct words *words, json_object *value,
		     struct arena *arena)
{
	if (json_object_is_type(value, json_type_string))
		add_fhir(words, json_object_get_string(value), arena);
	if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < json_count(value); i++)
			add_json(words, json_at(value, i), arena);
	if (!json_object_is_type(value, json_type_object))
		return;
	json_foreach (value, name, member) {
		(void)name;
		add_json(words, member, arena);
	}
}

struct words words_of(const struct rule *rule, struct arena *arena)
{
	struct words words = {0};
	for (size_t i = 0; i < rule->option_count; i++) {
		if (rule->options[i].table)
			add_table(&words, rule->options[i].table, arena);
		else
			add_json(&words, rule->options[i].value, arena);
	}
	for (enum fhir_release r = 0; r < RELEASES; r++)
		if (rule->fhir[r] && rule->fhir[r]->is)
			add_json(&words, rule->fhir[r]->is, arena);
	return words;
}

bool words_have(const struct word_list *list, const char *word)
{
	for (size_t i = 0; word && i < list->count; i++)
		if (strcmp(list->at[i], word) == 0)
			return true;
	return false;
}

const char *make_word(const struct maker *maker, const struct word_list *list)
{
	return list->count ? list->at[random_below(maker->random, list->count)]
			   : NULL;
}

struct words *laws_words(const dfh_rules *rules, struct arena *arena)
{
	struct words *words =
		arena_alloc(arena, rules->rule_count * sizeof *words);
	for (size_t i = 0; i < rules->rule_count; i++)
		words[i] = words_of(&rules->rules[i], arena);
	return words;
}

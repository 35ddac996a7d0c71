/*
 * Texts that recur in JSON, each once: the names of members, and what many
 * values have in common.
 */
#ifndef JSON_WORDS_H
#define JSON_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct json_words;

struct json_words *json_words_new(void);
void json_words_free(struct json_words *words);

/* The number of a text, which is entered. */
size_t json_word(struct json_words *words, const char *text);

/* The same of a text that is entered while there are few: most values are
 * nobody else's.  false: it has no number. */
bool json_word_if_few(struct json_words *words, const char *text,
		      size_t *number);

/* The text of a number; it stays where it is while the words are there. */
const char *json_word_text(const struct json_words *words, size_t number);

#endif

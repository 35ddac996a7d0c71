#include "json_words.h"

#include <stdint.h>
#include <stdlib.h>

#include "json_text.h"
#include "memory.h"

/* More than the codes, systems and countries of all resources of a kind. */
enum { FEW_WORDS = 4096, FIRST_ROOM = 1024 };

struct json_words {
	struct lh_table *numbers; /* of each text, from 1 on */
	const char **texts;
	size_t count, room;
};

struct json_words *json_words_new(void)
{
	struct json_words *words = xmalloc(sizeof(*words));

	*words = (struct json_words){
		.numbers = lh_by_text(FIRST_ROOM, lh_free_key),
	};
	return words;
}

void json_words_free(struct json_words *words)
{
	if (!words)
		return;
	lh_table_free(words->numbers);
	free(words->texts);
	free(words);
}

static bool find(const struct json_words *words, const char *text,
		 size_t *number)
{
	struct lh_entry *entry = lh_table_lookup_entry(words->numbers, text);

	if (entry)
		*number = (size_t)(uintptr_t)lh_entry_v(entry) - 1;
	return entry != NULL;
}

static size_t enter(struct json_words *words, const char *text)
{
	char *own = xstrdup(text);

	if (words->count == words->room) {
		words->room = words->room ? 2 * words->room : FIRST_ROOM;
		words->texts = xrealloc(words->texts,
					words->room * sizeof(*words->texts));
	}
	words->texts[words->count++] = own;
	lh_add(words->numbers, own, (void *)(uintptr_t)words->count);
	return words->count - 1;
}

size_t json_word(struct json_words *words, const char *text)
{
	size_t number;

	return find(words, text, &number) ? number : enter(words, text);
}

bool json_word_if_few(struct json_words *words, const char *text,
		      size_t *number)
{
	if (find(words, text, number))
		return true;
	if (words->count >= FEW_WORDS)
		return false;
	*number = enter(words, text);
	return true;
}

const char *json_word_text(const struct json_words *words, size_t number)
{
	return words->texts[number];
}

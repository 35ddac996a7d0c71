#include "script.h"

#include <stdlib.h>
#include <string.h>

#include <uninorm.h>
#include <unictype.h>
#include <unistr.h>

static bool is_ascii_text(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

static enum script script_of_name(const char *name)
{
	/* Marks that go with letters of any script. */
	if (strcmp(name, "Common") == 0 || strcmp(name, "Inherited") == 0)
		return SCRIPT_NONE;
	if (strcmp(name, "Han") == 0)
		return SCRIPT_HAN;
	if (strcmp(name, "Hiragana") == 0 || strcmp(name, "Katakana") == 0)
		return SCRIPT_KANA;
	return strcmp(name, "Hangul") == 0 ? SCRIPT_HANGUL : SCRIPT_OTHER;
}

static enum script script_of_character(ucs4_t character)
{
	if (!uc_is_property_alphabetic(character))
		return SCRIPT_NONE;
	const uc_script_t *script = uc_script(character);
	return script ? script_of_name(script->name) : SCRIPT_OTHER;
}

enum script script_of(const char *text)
{
	enum script all = SCRIPT_NONE;
	size_t left = strlen(text);
	const uint8_t *at = (const uint8_t *)text;
	while (left) {
		ucs4_t character;
		int length = u8_mbtouc(&character, at, left);
		enum script one = script_of_character(character);
		if (one > all)
			all = one;
		at += length;
		left -= (size_t)length;
	}
	return all;
}

/* Without memory the text stays as it is. */
static const char *normalized_text(uninorm_t form, const char *text,
				   struct arena *arena)
{
	size_t length = 0;
	if (is_ascii_text(text))
		return text;
	uint8_t *made = u8_normalize(form, (const uint8_t *)text, strlen(text),
				     NULL, &length);
	if (!made)
		return text;
	const char *out = arena_strndup(arena, (const char *)made, length);
	free(made);
	return out;
}

const char *text_composed(const char *text, struct arena *arena)
{
	return normalized_text(UNINORM_NFC, text, arena);
}

bool text_is_alike(const char *a, const char *b, struct arena *arena)
{
	if (strcmp(a, b) == 0)
		return true;
	return !(is_ascii_text(a) && is_ascii_text(b)) &&
	       strcmp(normalized_text(UNINORM_NFKC, a, arena),
		      normalized_text(UNINORM_NFKC, b, arena)) == 0;
}

/* Texts of every script, of all lengths that matter, and with what has a
 * meaning in DICOM or in FHIR. */
#include <string.h>

#include "laws.h"
#include "vr.h"
#include "utf8.h"

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* The letters of one script each; the last two go together with others. */
static const char *const scripts[] = {
	"abcdefXYZ",
	"0123456789",
	"äöüßéèñøÅÇ¿",
	"αβγδΩΣπ",
	"АБВгдеёжЯ",
	"אבגדהש",
	"ابتثج",
	"山田太郎漢字",
	"ヤマダｱｲｳ",
	"김희중홍길동",
	"ไทยกขค",
	"e\u0301o\u0308\u0327a\u030A",
	"\U0001F600\U00020000\U0002F800",
	"\u00A0\u2003\u2028\uFEFF",
};

/* Punctuation, and what separates in PN, in lists and in URIs. */
static const char *const marks[] = {" ", ".", ",", "'",	 "-",  "(",  ")", "/",
				    ":", "+", "%", "&",	 "_",  "\"", "<", "#",
				    "*", "^", "=", "\\", "  ", "~",  "|", "?"};

/* letters: how many script has */
static const char *letter_of(const struct maker *maker, const char *script,
			     size_t letters, size_t *size)
{
	size_t skip = random_below(maker->random, letters);
	while (skip--)
		script += utf8_character(script, 4);
	*size = utf8_character(script, 4);
	return script;
}

const char *make_text(const struct maker *maker, size_t length)
{
	const char *script =
		scripts[random_chance(maker->random, 50)
				? random_below(maker->random, 2)
				: random_below(maker->random, LENGTH(scripts))];
	char *text = arena_alloc(maker->arena, 4 * length + 8), *to = text;
	bool marked = random_chance(maker->random, 40);
	size_t letters = utf8_count(script, strlen(script)),
	       latin = utf8_count(scripts[0], strlen(scripts[0]));
	for (size_t i = 0; i < length; i++) {
		size_t size;
		const char *letter = letter_of(maker, script, letters, &size);
		if (marked && random_chance(maker->random, 25)) {
			letter = marks[random_below(maker->random,
						    LENGTH(marks))];
			size = strlen(letter);
		} else if (random_chance(maker->random, 10)) {
			letter = letter_of(maker, scripts[0], latin, &size);
		}
		memcpy(to, letter, size);
		to += size;
	}
	return text;
}

/* Mostly short; else around the limits of the VRs and the codecs. */
size_t make_length(const struct maker *maker)
{
	static const size_t limits[] = {15, 16, 17, 63, 64, 65};
	static const size_t far[] = {1023, 1024, 1025, 10240, 10241};
	if (random_chance(maker->random, 85))
		return 1 + random_below(maker->random, 8);
	if (random_chance(maker->random, 95))
		return limits[random_below(maker->random, LENGTH(limits))];
	return far[random_below(maker->random, LENGTH(far))];
}

const char *make_uid(const struct maker *maker)
{
	static const char *const roots[] = {"1.2.840.10008.5.1.4.1.1.2", "1.2",
					    "2.25", "0.0", "1.3.6.1"};
	const char *uid = roots[random_below(maker->random, LENGTH(roots))];
	size_t parts = random_below(maker->random, 4);
	while (parts--)
		uid = arena_printf(maker->arena, "%s.%zu", uid,
				   random_below(maker->random, 100000));
	if (random_chance(maker->random, 10))
		for (size_t n = strlen(uid); n < 62; n += 2)
			uid = arena_printf(maker->arena, "%s.%zu", uid,
					   1 + random_below(maker->random, 9));
	if (random_chance(maker->random, 5))
		uid = arena_printf(maker->arena, "%s.00", uid);
	return uid;
}

static const char *make_uuid(const struct maker *maker)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	const char *digits = random_chance(maker->random, 50)
				     ? "0123456789abcdef"
				     : "0123456789ABCDEF";
	char *uuid = arena_strdup(maker->arena, form);
	for (char *p = uuid; *p; p++)
		if (*p == 'x')
			*p = digits[random_below(maker->random, 16)];
	return uuid;
}

/* Of a system of the rule, or after one: "urn:oid:" and a UID. */
const char *make_uri(const struct maker *maker)
{
	static const char *const others[] = {
		"http://hospital.example/ids",
		"urn:x",
		"urn:oid:",
		"urn:uuid:",
		"https://dcmfhir.org/fhir/coding-scheme/",
		"URN:OID:1.2.3",
		"ftp://a.example/%20b",
		"relative"};
	const char *word = make_word(maker, &maker->words->systems);
	if (!word || random_chance(maker->random, 35))
		word = others[random_below(maker->random, LENGTH(others))];
	size_t length = strlen(word);
	if (length > 4 && strcmp(word + length - 4, "oid:") == 0)
		return arena_printf(maker->arena, "%s%s", word,
				    make_uid(maker));
	if (length > 5 && strcmp(word + length - 5, "uuid:") == 0)
		return arena_printf(maker->arena, "%s%s", word,
				    make_uuid(maker));
	if (word[length - 1] == '/' || random_chance(maker->random, 5))
		return arena_printf(maker->arena, "%s%zu", word,
				    random_below(maker->random, 1000));
	return word;
}

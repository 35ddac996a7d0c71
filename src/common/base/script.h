/* Unicode beyond UTF-8: which script letters are of (UAX #24), and when two
 * texts are the same characters (UAX #15); by libunistring. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>

#include "arena.h"

/* What the standard PN groups tell apart (PS3.5 6.2.1.2, H, I, J). */
enum script {
	SCRIPT_NONE, /* no letters */
	SCRIPT_HANGUL,
	SCRIPT_KANA,
	SCRIPT_HAN,  /* also with kana or Hangul beside it */
	SCRIPT_OTHER /* Latin, Greek, Cyrillic, Arabic, ... also beside Han */
};

/* text: UTF-8.  Of several scripts the last of the list. */
enum script script_of(const char *text);

/* Composed (NFC); the text itself where that is no other. */
const char *text_composed(const char *text, struct arena *arena);

/* The same characters, however they are composed and wide (NFKC)? */
bool text_is_alike(const char *a, const char *b, struct arena *arena);

#endif

/* Code extensions: escape sequences within a value (PS3.5 6.1.2.5). */
#include "charset_code.h"

#include <string.h>

enum { ESC = 0x1b };

/* Where the state becomes that of value 1 again (PS3.5 6.1.2.5.3). */
static bool is_charset_delimiter(const char vr[3], unsigned char c)
{
	if (c == '\\')
		return strcmp(vr, "ST") != 0 && strcmp(vr, "LT") != 0 &&
		       strcmp(vr, "UT") != 0;
	if (c == '^' || c == '=')
		return strcmp(vr, "PN") == 0;
	return charset_is_control(c);
}

/* ---- decoding ---- */

/* The bytes of an escape sequence; 0: no such one is in PS3.3.  Files that
 * use a set without declaring it are read all the same. */
static size_t designate_by_escape(struct designated *state, const char *bytes,
				  size_t length)
{
	for (int i = NONE + 1; i < CODE_ELEMENTS; i++) {
		const char *escape = code_elements[i].escape;
		size_t n = escape ? strlen(escape) : length;

		if (n >= length || memcmp(bytes + 1, escape, n) != 0)
			continue;
		if (code_elements[i].right)
			state->right = (enum code_element)i;
		else
			state->left = (enum code_element)i;
		return n + 1;
	}
	return 0;
}

/* Bytes taken; 0: not valid here. */
static size_t decode_step(struct charset *charset, const char vr[3],
			  struct designated *state, const char *bytes,
			  size_t length, struct charset_text *out)
{
	unsigned char c = (unsigned char)bytes[0];
	bool pairs = code_elements[state->left].width == 2;
	enum code_element element = c < 0x80 ? state->left : state->right;
	char utf8[8];
	size_t used;

	if (c == ESC)
		return designate_by_escape(state, bytes, length);
	/* SPACE is not part of a 94x94 set, but a delimiter's byte is, and
	 * then does not delimit. */
	if (charset_is_control(c) || c == ' ' ||
	    (!pairs && charset_is_ascii(c))) {
		if (is_charset_delimiter(vr, c))
			*state = charset->initial;
		charset_add(out, bytes, 1);
		return 1;
	}
	if (element == NONE || !code_elements[element].encoding ||
	    length < code_elements[element].width)
		return 0;
	used = charset_decode_character(charset, element, bytes, utf8);
	if (used == 0)
		return 0;
	charset_add(out, utf8, used);
	return code_elements[element].width;
}

bool charset_iso2022_decode(struct charset *charset, const char vr[3],
			    const char *bytes, size_t length,
			    struct charset_text *out)
{
	struct designated state = charset->initial;

	for (size_t at = 0; at < length;) {
		size_t used = decode_step(charset, vr, &state, bytes + at,
					  length - at, out);

		if (used == 0)
			return false;
		at += used;
	}
	return true;
}

/* ---- encoding ---- */

struct encoder {
	struct charset *charset;
	struct designated initial, state;
	/* Many readers take an escape to G0 for one to a whole repertoire, so
	 * G1 is designated anew behind it. */
	bool right_stale;
	struct charset_text *out;
};

static void add_escape(struct encoder *encoder, enum code_element element)
{
	const char *escape = code_elements[element].escape;

	charset_add(encoder->out, "\033", 1);
	charset_add(encoder->out, escape, strlen(escape));
}

static void leave_pairs(struct encoder *encoder)
{
	if (code_elements[encoder->state.left].width != 2)
		return;
	encoder->state.left = encoder->initial.left;
	add_escape(encoder, encoder->state.left);
	encoder->right_stale = true;
}

/* Back to value 1, as it must be before a delimiter and at the end. */
static void leave_all(struct encoder *encoder)
{
	leave_pairs(encoder);
	if (encoder->state.right != encoder->initial.right &&
	    encoder->initial.right != NONE)
		add_escape(encoder, encoder->initial.right);
	encoder->state = encoder->initial;
	encoder->right_stale = false;
}

static void designate_element(struct encoder *encoder,
			      enum code_element element)
{
	if (!code_elements[element].right) {
		if (encoder->state.left != element)
			add_escape(encoder, element);
		encoder->state.left = element;
		return;
	}
	leave_pairs(encoder);
	if (encoder->state.right != element || encoder->right_stale)
		add_escape(encoder, element);
	encoder->state.right = element;
	encoder->right_stale = false;
}

static bool encode_step(struct encoder *encoder, const char vr[3],
			const char *utf8, size_t length)
{
	const struct charset *charset = encoder->charset;
	char bytes[2];

	if (length == 1) {
		if (is_charset_delimiter(vr, (unsigned char)utf8[0]))
			leave_all(encoder);
		leave_pairs(encoder);
		charset_add(encoder->out, utf8, 1);
		return true;
	}
	for (size_t i = 0; i < charset->declared_count; i++) {
		enum code_element element = charset->declared[i];

		if (!charset_encode_character(encoder->charset, element, utf8,
					      length, bytes))
			continue;
		designate_element(encoder, element);
		charset_add(encoder->out, bytes, code_elements[element].width);
		return true;
	}
	return false;
}

bool charset_iso2022_encode(struct charset *charset, const char vr[3],
			    const char *utf8, struct charset_text *out)
{
	struct encoder encoder = {
		charset, charset->initial, {NONE, NONE}, false, out};

	/* A multi-byte set is never the initial one (PS3.3 C.12.1.1.2), even
	 * if value 1 says so: it is always designated. */
	if (code_elements[encoder.initial.right].width == 2)
		encoder.initial.right = NONE;
	encoder.state = encoder.initial;
	while (*utf8) {
		size_t length = charset_utf8_length(utf8);

		if (length == 0 || !encode_step(&encoder, vr, utf8, length))
			return false;
		utf8 += length;
	}
	leave_all(&encoder);
	return true;
}

/* What the files of charset.h share. */
#ifndef CHARSET_CODE_H
#define CHARSET_CODE_H

#include <iconv.h>

#include "charset.h"

/*
 * The code elements of PS3.3 C.12-3 and C.12-4 and the stand-alone sets of
 * C.12-5.  NONE: nothing is designated.
 */
enum code_element {
	NONE,
	ISO_IR_6,
	ISO_IR_14,
	ISO_IR_100,
	ISO_IR_101,
	ISO_IR_109,
	ISO_IR_110,
	ISO_IR_144,
	ISO_IR_127,
	ISO_IR_126,
	ISO_IR_138,
	ISO_IR_148,
	ISO_IR_203,
	ISO_IR_166,
	ISO_IR_13,
	ISO_IR_87,
	ISO_IR_159,
	ISO_IR_149,
	ISO_IR_58,
	ISO_IR_192,
	GB18030,
	GBK,
	CODE_ELEMENTS
};

struct code_element_description {
	const char *escape;   /* after ESC; NULL: no code extension */
	const char *encoding; /* for iconv; NULL: ASCII */
	unsigned char single_shift, width;
	bool right; /* G1, bytes with the high bit */
};

extern const struct code_element_description code_elements[CODE_ELEMENTS];

/* What is designated at some place of a value. */
struct designated {
	enum code_element left, right; /* G0, G1 */
};

struct charset {
	enum code_element alone;   /* a set without code extensions, or NONE */
	struct designated initial; /* by value 1 */
	enum code_element declared[CODE_ELEMENTS]; /* beyond ASCII, in order */
	size_t declared_count;
	struct {
		iconv_t decode, encode; /* (iconv_t)-1: not opened yet */
	} converters[CODE_ELEMENTS];
};

struct charset_text {
	char *bytes;
	size_t length, capacity;
};

/* ---- characters (charset_character.c) ---- */

/* Keeps a NUL behind the end. */
void charset_add(struct charset_text *text, const char *bytes, size_t length);

/* The only control characters of text (PS3.5 6.1.3) besides ESC. */
bool charset_is_control(unsigned char c);
bool charset_is_ascii(unsigned char c);

/* Bytes of the character at text; 0: no UTF-8 (Unicode table 3-7) or no
 * character of a text.  Never looks beyond a NUL. */
size_t charset_utf8_length(const char *text);

/* All of in, exactly; 0: not possible. */
size_t charset_convert(iconv_t *converter, const char *to, const char *from,
		       const char *in, size_t in_length, char *out,
		       size_t room);

/* One character of a code element; 0: there is none at these bytes. */
size_t charset_decode_character(struct charset *charset,
				enum code_element element, const char *bytes,
				char utf8[8]);

/* false: the code element does not hold the character. */
bool charset_encode_character(struct charset *charset,
			      enum code_element element, const char *utf8,
			      size_t length, char bytes[2]);

/* ---- code extensions (charset_iso2022.c) ---- */

/* Append to out; false: not valid in this set. */
bool charset_iso2022_decode(struct charset *charset, const char vr[3],
			    const char *bytes, size_t length,
			    struct charset_text *out);
bool charset_iso2022_encode(struct charset *charset, const char vr[3],
			    const char *utf8, struct charset_text *out);

#endif

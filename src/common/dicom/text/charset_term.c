/* The defined terms of (0008,0005) and what each brings. */
#include "charset_code.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"

/*
 * glibc has no JIS X 0201, 0208 or 0212 alone; EUC-JP holds all three, apart
 * by a single shift, and unlike ISO-2022-JP-2 it never takes a character of
 * JIS X 0212 from a Latin set.
 */
const struct code_element_description code_elements[CODE_ELEMENTS] = {
	/* Where ISO-IR 14 has a yen sign and an overline, files mean the
	 * backslash (a delimiter in DICOM) and the tilde. */
	[ISO_IR_6] = {"(B", NULL, 0, 1, false},
	[ISO_IR_14] = {"(J", NULL, 0, 1, false},
	[ISO_IR_100] = {"-A", "ISO-8859-1", 0, 1, true},
	[ISO_IR_101] = {"-B", "ISO-8859-2", 0, 1, true},
	[ISO_IR_109] = {"-C", "ISO-8859-3", 0, 1, true},
	[ISO_IR_110] = {"-D", "ISO-8859-4", 0, 1, true},
	[ISO_IR_144] = {"-L", "ISO-8859-5", 0, 1, true},
	[ISO_IR_127] = {"-G", "ISO-8859-6", 0, 1, true},
	[ISO_IR_126] = {"-F", "ISO-8859-7", 0, 1, true},
	[ISO_IR_138] = {"-H", "ISO-8859-8", 0, 1, true},
	[ISO_IR_148] = {"-M", "ISO-8859-9", 0, 1, true},
	[ISO_IR_203] = {"-b", "ISO-8859-15", 0, 1, true},
	[ISO_IR_166] = {"-T", "TIS-620", 0, 1, true},
	[ISO_IR_13] = {")I", "EUC-JP", 0x8e, 1, true},
	[ISO_IR_87] = {"$B", "EUC-JP", 0, 2, false},
	[ISO_IR_159] = {"$(D", "EUC-JP", 0x8f, 2, false},
	[ISO_IR_149] = {"$)C", "EUC-KR", 0, 2, true},
	[ISO_IR_58] = {"$)A", "EUC-CN", 0, 2, true},
	[ISO_IR_192] = {NULL, "UTF-8", 0, 0, false},
	[GB18030] = {NULL, "GB18030", 0, 0, false},
	[GBK] = {NULL, "GBK", 0, 0, false},
};

/* What a term brings, its prefix ISO_IR or ISO 2022 IR taken off. */
static const struct {
	const char *number;
	enum code_element left, right;
} terms[] = {
	{"6", ISO_IR_6, NONE},	       {"100", ISO_IR_6, ISO_IR_100},
	{"101", ISO_IR_6, ISO_IR_101}, {"109", ISO_IR_6, ISO_IR_109},
	{"110", ISO_IR_6, ISO_IR_110}, {"144", ISO_IR_6, ISO_IR_144},
	{"127", ISO_IR_6, ISO_IR_127}, {"126", ISO_IR_6, ISO_IR_126},
	{"138", ISO_IR_6, ISO_IR_138}, {"148", ISO_IR_6, ISO_IR_148},
	{"203", ISO_IR_6, ISO_IR_203}, {"166", ISO_IR_6, ISO_IR_166},
	{"13", ISO_IR_14, ISO_IR_13},  {"87", ISO_IR_87, NONE},
	{"159", ISO_IR_159, NONE},     {"149", NONE, ISO_IR_149},
	{"58", NONE, ISO_IR_58},       {"192", ISO_IR_192, NONE},
	{"GB18030", GB18030, NONE},    {"GBK", GBK, NONE},
};

/* Blanks, '_' and '-' are so often confused that they do not count. */
static void fold_term(const char *term, size_t length, char out[32])
{
	size_t used = 0;

	for (size_t i = 0; i < length && used < 31; i++) {
		char c = term[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c != ' ' && c != '_' && c != '-')
			out[used++] = c;
	}
	out[used] = '\0';
}

/* Behind "ISO IR", "ISO 2022 IR" or, as is seen, "ISO 2022"; NULL: none. */
static const char *term_number(const char *folded)
{
	static const char *const prefixes[] = {"ISO2022IR", "ISO2022", "ISOIR"};

	if (folded[0] == '\0')
		return "6";
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t length = strlen(prefixes[i]);

		if (strncmp(folded, prefixes[i], length) == 0)
			return folded + length;
	}
	return strncmp(folded, "GB", 2) == 0 ? folded : NULL;
}

static void declare_code_element(struct charset *charset,
				 enum code_element element)
{
	if (!code_elements[element].encoding)
		return;
	for (size_t i = 0; i < charset->declared_count; i++) {
		if (charset->declared[i] == element)
			return;
	}
	charset->declared[charset->declared_count++] = element;
}

static bool add_term(struct charset *charset, const char *term, size_t length,
		     bool first)
{
	char folded[32];
	const char *number;
	size_t i = 0;

	fold_term(term, length, folded);
	number = term_number(folded);
	if (!number)
		return false;
	while (strcmp(terms[i].number, number) != 0) {
		if (++i == sizeof(terms) / sizeof(terms[0]))
			return false;
	}
	if (!code_elements[terms[i].left].escape && terms[i].left != NONE) {
		/* As a code extension it would leave open how to read bytes
		 * without escape (PS3.3 C.12.1.1.2). */
		if (first)
			charset->alone = terms[i].left;
		return first;
	}
	declare_code_element(charset, terms[i].left);
	declare_code_element(charset, terms[i].right);
	if (first) {
		charset->initial.left =
			terms[i].left == ISO_IR_14 ? ISO_IR_14 : ISO_IR_6;
		charset->initial.right = terms[i].right;
	}
	return true;
}

struct charset *charset_open(const char *term)
{
	struct charset *charset = xmalloc(sizeof(*charset));
	bool first = true;

	memset(charset, 0, sizeof(*charset));
	for (size_t i = 0; i < CODE_ELEMENTS; i++) {
		charset->converters[i].decode = (iconv_t)-1;
		charset->converters[i].encode = (iconv_t)-1;
	}
	for (const char *value = term ? term : "";;) {
		size_t length = strcspn(value, "\\");

		if (!add_term(charset, value, length, first)) {
			charset_close(charset);
			return NULL;
		}
		first = false;
		if (value[length] == '\0')
			return charset;
		value += length + 1;
	}
}

void charset_close(struct charset *charset)
{
	if (!charset)
		return;
	for (size_t i = 0; i < CODE_ELEMENTS; i++) {
		if (charset->converters[i].decode != (iconv_t)-1)
			iconv_close(charset->converters[i].decode);
		if (charset->converters[i].encode != (iconv_t)-1)
			iconv_close(charset->converters[i].encode);
	}
	free(charset);
}

/* Text from outside, as a terminal may be given it. */
#include <stdint.h>
#include <string.h>

#include "cli.h"
#include "utf8.h"

/* What is seen nowhere, or changes how what is beside it is seen: controls,
 * bidirectional and other format characters, fillers, variation selectors, tags
 * (Unicode: Cc, Cf without those that have a form of their own, Zl, Zp, and
 * Default_Ignorable_Code_Point).  In order. */
static const struct {
	uint32_t first, last;
} unseen[] = {
	{0x7f, 0x9f},	    {0xad, 0xad},	{0x34f, 0x34f},
	{0x61c, 0x61c},	    {0x115f, 0x1160},	{0x17b4, 0x17b5},
	{0x180b, 0x180f},   {0x200b, 0x200f},	{0x2028, 0x202e},
	{0x2060, 0x206f},   {0x3164, 0x3164},	{0xfe00, 0xfe0f},
	{0xfeff, 0xfeff},   {0xffa0, 0xffa0},	{0xfff0, 0xfffb},
	{0xfffe, 0xffff},   {0x13430, 0x1343f}, {0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_unseen(uint32_t code)
{
	if (code < 0x20)
		return true;
	for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
		if (code <= unseen[i].last)
			return code >= unseen[i].first;
	return false;
}

static uint32_t code_point_of(const unsigned char *at, size_t length)
{
	static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = at[0] & first[length];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | (at[i] & 0x3f);
	return code;
}

/* ---- what stands for it ---- */

/* RFC 8259 7: above the Basic Multilingual Plane as a pair of surrogates. */
static void print_json_escape(FILE *out, uint32_t code)
{
	if (code < 0x10000) {
		fprintf(out, "\\u%04x", code);
		return;
	}
	code -= 0x10000;
	fprintf(out, "\\u%04x\\u%04x", 0xd800 + (code >> 10),
		0xdc00 + (code & 0x3ff));
}

/* As cat -v shows controls, and less the rest. */
static void print_escape(FILE *out, enum cli_form form, uint32_t code)
{
	if (form == CLI_JSON)
		print_json_escape(out, code);
	else if (code < 0x80)
		fprintf(out, "^%c", (int)(code ^ 0x40));
	else if (code < 0xa0)
		fprintf(out, "M-^%c", (int)(code - 0x40));
	else
		fprintf(out, "<U+%04X>", code);
}

static void print_byte(FILE *out, enum cli_form form, unsigned char byte)
{
	if (form == CLI_JSON)
		fputs("\\ufffd", out);
	else
		fprintf(out, "<%02X>", byte);
}

static bool form_passes(enum cli_form form, uint32_t code)
{
	if (form != CLI_LINE && (code == '\n' || code == '\t'))
		return true;
	return !is_unseen(code);
}

/* How much of text can be printed as it is. */
static size_t printable_length(enum cli_form form, const char *text,
			       size_t left)
{
	size_t all = 0, length;

	while (left && (length = utf8_character(text + all, left)) &&
	       form_passes(form,
			   code_point_of((const unsigned char *)text + all,
					 length))) {
		all += length;
		left -= length;
	}
	return all;
}

void cli_print_as(FILE *out, enum cli_form form, const char *text)
{
	for (size_t left = strlen(text), length; left;) {
		length = printable_length(form, text, left);
		fwrite(text, 1, length, out);
		text += length;
		left -= length;
		if (!left)
			break;
		length = utf8_character(text, left);
		if (length)
			print_escape(out, form,
				     code_point_of((const unsigned char *)text,
						   length));
		else
			print_byte(out, form, (unsigned char)*text);
		text += length ? length : 1;
		left -= length ? length : 1;
	}
}

void cli_print(FILE *out, const char *text)
{
	cli_print_as(out, CLI_LINE, text);
}

#include "dump.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 8192, UNDEFINED = -1 };

/* ---- lines ---- */

struct line {
	unsigned int group, element;
	char vr[3];
	char *value; /* "": none */
};

/* 1: an element, 0: nothing, -1: neither. */
static int parse_line(char *text, struct line *out)
{
	int used = 0;
	text += strspn(text, " \t\r\n");
	if (!*text || *text == '#')
		return 0;
	if (sscanf(text, "(%4x,%4x) %2s%n", &out->group, &out->element, out->vr,
		   &used) != 3)
		return -1;
	text += used;
	text += strspn(text, " ");
	char *bracket = strrchr(text, ']');
	if (*text == '[' && bracket) {
		*bracket = '\0';
		out->value = text + 1;
	} else {
		/* "(no value available)", "(Sequence ...)", or a number */
		text[*text == '(' ? 0 : strcspn(text, " #\r\n")] = '\0';
		out->value = text;
	}
	return 1;
}

/* ---- values ---- */

static const char *encoding_of(const char *charset)
{
	static const char *const known[][2] = {
		{"", "ASCII"},
		{"ISO_IR 192", "UTF-8"},
		{"ISO_IR 100", "ISO-8859-1"},
		{"ISO_IR 126", "ISO-8859-7"},
		{"ISO_IR 127", "ISO-8859-6"},
		{"ISO_IR 138", "ISO-8859-8"},
		{"ISO_IR 144", "ISO-8859-5"},
		{"GB18030", "GB18030"},
		{"\\ISO 2022 IR 87", "ISO-2022-JP"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i][0], charset) == 0)
			return known[i][1];
	return NULL;
}

static size_t encode_text(const char *charset, const char *text, char *out,
			  size_t size)
{
	const char *encoding = encoding_of(charset);
	char *in = (char *)text, *end = out;
	size_t left = strlen(text);
	iconv_t converter =
		encoding ? iconv_open(encoding, "UTF-8") : (iconv_t)-1;
	if (converter == (iconv_t)-1)
		return (size_t)UNDEFINED;
	size_t bad = iconv(converter, &in, &left, &end, &size);
	if (bad != (size_t)-1)
		bad = iconv(converter, NULL, NULL, &end, &size);
	iconv_close(converter);
	return bad == (size_t)-1 ? bad : (size_t)(end - out);
}

static bool is_vr(const char *vr, const char *list)
{
	return strstr(list, vr) != NULL;
}

/* US as decimal numbers, OB and UN as bytes in hex, all parted by '\\'. */
static size_t encode_numbers(const struct line *line, char *out)
{
	size_t length = 0;
	bool is_short = strcmp(line->vr, "US") == 0;
	for (char *at = line->value; *at;) {
		unsigned long number = strtoul(at, &at, is_short ? 10 : 16);
		out[length++] = (char)(number & 0xff);
		if (is_short)
			out[length++] = (char)(number >> 8);
		at += strcspn(at, "\\");
		at += *at == '\\';
	}
	return length;
}

static size_t encode_value(const struct line *line, const char *charset,
			   char *out)
{
	size_t length;
	if (is_vr(line->vr, "US OB UN"))
		length = encode_numbers(line, out);
	else
		length = encode_text(charset, line->value, out, LINE_MAX_BYTES);
	if (length != (size_t)UNDEFINED && length % 2)
		out[length++] = is_vr(line->vr, "UI OB UN") ? '\0' : ' ';
	return length;
}

/* ---- bytes ---- */

static void put_number(FILE *out, unsigned long number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		fputc((int)(number >> (8 * i) & 0xff), out);
}

static void put_head(FILE *out, const struct line *line, size_t length)
{
	put_number(out, line->group, 2);
	put_number(out, line->element, 2);
	if (line->group == 0xfffe) {
		put_number(out, line->element == 0xe000 ? 0xffffffff : 0, 4);
		return;
	}
	fwrite(line->vr, 1, 2, out);
	if (is_vr(line->vr, "OB OW SQ UC UN UR UT")) {
		put_number(out, 0, 2);
		put_number(out, length, 4);
	} else {
		put_number(out, length, 2);
	}
}

/* PS3.10 7.1; the class and the instance are the dataset's, if it has them. */
static void put_meta(FILE *out, const char *sop_class, const char *instance)
{
	struct line lines[] = {
		{0x0002, 0x0001, "OB", (char *)"0\\1"},
		{0x0002, 0x0002, "UI", (char *)sop_class},
		{0x0002, 0x0003, "UI", (char *)instance},
		{0x0002, 0x0010, "UI", (char *)"1.2.840.10008.1.2.1"},
	};
	struct line length = {0x0002, 0x0000, "UL", NULL};
	char value[4][LINE_MAX_BYTES];
	size_t lengths[4], sum = 0;
	for (int i = 0; i < 4; i++) {
		lengths[i] = encode_value(&lines[i], "", value[i]);
		sum += lengths[i] ? lengths[i] + (i ? 8 : 12) : 0;
	}
	for (int i = 0; i < 128; i++)
		fputc(0, out);
	fputs("DICM", out);
	put_head(out, &length, 4);
	put_number(out, sum, 4);
	for (int i = 0; i < 4; i++) {
		if (!lengths[i])
			continue;
		put_head(out, &lines[i], lengths[i]);
		fwrite(value[i], 1, lengths[i], out);
	}
}

/* ---- a file ---- */

/* The values of the top level that the encoding depends on. */
struct known {
	char charset[128], sop_class[128], instance[128];
};

static void remember(struct known *known, const struct line *line)
{
	char *to = line->group != 0x0008     ? NULL
		   : line->element == 0x0005 ? known->charset
		   : line->element == 0x0016 ? known->sop_class
		   : line->element == 0x0018 ? known->instance
					     : NULL;
	if (to)
		snprintf(to, sizeof known->charset, "%s", line->value);
}

static int put_line(FILE *out, struct line *line, const char *charset)
{
	char value[LINE_MAX_BYTES + 1];
	bool is_sequence = strcmp(line->vr, "SQ") == 0;
	if (line->group == 0x0008 && line->element == 0x0005)
		line->value = (char *)charset;
	size_t length = is_sequence || line->group == 0xfffe
				? 0
				: encode_value(line, charset, value);
	if (length == (size_t)UNDEFINED)
		return -1;
	put_head(out, line, is_sequence ? 0xffffffff : length);
	fwrite(value, 1, length, out);
	return 0;
}

/* One pass to learn what the encoding depends on, one to write. */
static int pass(FILE *in, const char *path, FILE *out, const char *charset,
		struct known *known)
{
	char text[LINE_MAX_BYTES];
	int number = 0;
	rewind(in);
	while (fgets(text, sizeof text, in)) {
		struct line line = {0};
		int is_element = parse_line(text, &line);
		number++;
		if (is_element < 0 ||
		    (is_element && out && put_line(out, &line, charset) < 0)) {
			fprintf(stderr, "%s:%d: cannot be encoded\n", path,
				number);
			return -1;
		}
		if (is_element && known)
			remember(known, &line);
	}
	return 0;
}

int dump_encode(const char *dump_path, const char *dicom_path,
		const char *charset)
{
	struct known known = {0};
	FILE *in = fopen(dump_path, "r"), *out = NULL;
	int result = in ? pass(in, dump_path, NULL, NULL, &known) : -1;
	if (result == 0)
		out = fopen(dicom_path, "wb");
	if (out) {
		put_meta(out, known.sop_class, known.instance);
		result = pass(in, dump_path, out,
			      charset ? charset : known.charset, NULL);
	}
	if (in)
		fclose(in);
	if (!out || fclose(out) != 0)
		result = -1;
	return result;
}

/* ---- a dataset as text ---- */

static void print_item(FILE *out, const struct dcm_item *item, int depth);

static void print_items(FILE *out, const struct dcm_element *e, int depth)
{
	for (size_t i = 0; i < e->item_count; i++) {
		fprintf(out, "%*s(fffe,e000) na\n", 2 * depth + 2, "");
		print_item(out, e->items[i], depth + 2);
		fprintf(out, "%*s(fffe,e00d) na\n", 2 * depth + 2, "");
	}
	fprintf(out, "%*s(fffe,e0dd) na\n", 2 * depth, "");
}

/* As encode_numbers takes them. */
static void print_bytes(FILE *out, const struct dcm_element *e)
{
	const unsigned char *bytes = e->bytes;
	bool is_short = strcmp(e->vr, "US") == 0;
	for (size_t k = 0; k + is_short < e->length; k += is_short ? 2 : 1) {
		fputc(k ? '\\' : ' ', out);
		if (is_short)
			fprintf(out, "%d", bytes[k] | bytes[k + 1] << 8);
		else
			fprintf(out, "%02x", bytes[k]);
	}
}

static void print_item(FILE *out, const struct dcm_item *item, int depth)
{
	for (size_t i = 0; i < item->count; i++) {
		const struct dcm_element *e = &item->elements[i];
		fprintf(out, "%*s(%04x,%04x) %s", 2 * depth, "", e->tag.group,
			e->tag.element, e->vr);
		if (e->text)
			fprintf(out, " [%s]", e->text);
		print_bytes(out, e);
		fputc('\n', out);
		if (strcmp(e->vr, "SQ") == 0)
			print_items(out, e, depth);
	}
}

char *dump_of(const struct dataset *dataset)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	if (!out)
		abort();
	print_item(out, &dataset->root, 0);
	fclose(out);
	return text;
}

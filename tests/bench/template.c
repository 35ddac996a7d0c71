#include "template.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "template_text.h"

enum { LINES_MAX = 1024, DEPTH_MAX = 16 };

enum kind { ELEMENT, SEQUENCE, ITEM, END_OF_ITEM, END_OF_SEQUENCE, EACH, END };

struct line {
	enum kind kind;
	uint16_t group, element;
	char vr[3];
	char *value; /* "": none */
};

struct template
{
	struct line lines[LINES_MAX];
	size_t count;
	unsigned long sum;
};

/* ---- reading ---- */

static enum kind kind_of(const struct line *line)
{
	if (line->group == 0xfffe)
		return line->element == 0xe000	 ? ITEM
		       : line->element == 0xe00d ? END_OF_ITEM
						 : END_OF_SEQUENCE;
	return strcmp(line->vr, "SQ") == 0 ? SEQUENCE : ELEMENT;
}

/* 1: a line of the dataset, 0: nothing, -1: neither. */
static int parse_line(char *text, struct line *line)
{
	unsigned int group = 0, element = 0;
	int used = 0;
	text += strspn(text, " \t");
	text[strcspn(text, "\r\n")] = '\0';
	if (!*text || *text == '#')
		return 0;
	line->value = "";
	line->kind = strcmp(text, "end") == 0 ? END : EACH;
	if (line->kind == END || strcmp(text, "each-frame") == 0)
		return 1;
	if (sscanf(text, "(%4x,%4x) %2s%n", &group, &element, line->vr,
		   &used) != 3)
		return -1;
	line->group = (uint16_t)group;
	line->element = (uint16_t)element;
	line->kind = kind_of(line);
	text += used;
	char *start = strchr(text, '['), *end = strrchr(text, ']');
	if (start && end) {
		*end = '\0';
		line->value = strdup(start + 1);
	}
	return line->value ? 1 : -1;
}

static int read_lines(struct template *template, FILE *in)
{
	char text[2 * TEXT_MAX];
	int number = 0;
	while (fgets(text, sizeof text, in)) {
		number++;
		for (const char *at = text; *at; at++)
			template->sum = template->sum * 31 + (unsigned char)*at;
		if (template->count == LINES_MAX)
			return number;
		struct line *line = &template->lines[template->count];
		int result = parse_line(text, line);
		if (result < 0)
			return number;
		template->count += (size_t)result;
	}
	return 0;
}

struct template *template_load(const char *path)
{
	struct template *template = calloc(1, sizeof *template);
	FILE *in = fopen(path, "r");
	if (!template)
		abort();
	int wrong = in ? read_lines(template, in) : 0;
	if (!in)
		perror(path);
	else
		fclose(in);
	if (wrong)
		fprintf(stderr, "%s:%d: no line of a template\n", path, wrong);
	if (in && !wrong)
		return template;
	template_free(template);
	return NULL;
}

void template_free(struct template *template)
{
	for (size_t i = 0; template && i < template->count; i++)
		if (*template->lines[i].value)
			free(template->lines[i].value);
	free(template);
}

unsigned long template_sum(const struct template *template)
{
	return template->sum;
}

/* ---- writing ---- */

struct writer {
	const struct variant *variant;
	struct buffer *out;
	bool defined;		/* the lengths of sequences and items */
	size_t open[DEPTH_MAX]; /* where those to be filled in stand */
	size_t depth;
	size_t meta; /* where the group length's value stands, or 0 */
};

static unsigned char *grow(struct buffer *out, size_t length)
{
	if (out->capacity - out->length < length) {
		out->capacity = 2 * out->capacity + length;
		out->bytes = realloc(out->bytes, out->capacity);
		if (!out->bytes)
			abort();
	}
	out->length += length;
	return out->bytes + out->length - length;
}

static void set_number(unsigned char *at, uint64_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (unsigned char)(number >> 8 * i & 0xff);
}

static void put_number(struct buffer *out, uint64_t number, int bytes)
{
	set_number(grow(out, (size_t)bytes), number, bytes);
}

static bool is_vr(const char *vr, const char *list)
{
	return strstr(list, vr) != NULL;
}

static void put_head(struct buffer *out, const struct line *line,
		     uint32_t length)
{
	put_number(out, line->group, 2);
	put_number(out, line->element, 2);
	if (line->group != 0xfffe) {
		memcpy(grow(out, 2), line->vr, 2);
		if (!is_vr(line->vr, "OB OD OF OW SQ UC UN UR UT")) {
			put_number(out, length, 2);
			return;
		}
		put_number(out, 0, 2);
	}
	put_number(out, length, 4);
}

/* The bits of one number of that VR. */
static uint64_t bits_of(const char *vr, const char *text)
{
	uint64_t bits = 0;
	if (strcmp(vr, "FD") == 0) {
		double value = strtod(text, NULL);
		memcpy(&bits, &value, sizeof value);
	} else if (strcmp(vr, "FL") == 0) {
		float value = strtof(text, NULL);
		memcpy(&bits, &value, sizeof value);
	} else {
		bits = (uint64_t)strtoll(text, NULL, 0);
	}
	return bits;
}

static int width_of(const char *vr)
{
	return is_vr(vr, "SS US")	     ? 2
	       : is_vr(vr, "FL SL UL")	     ? 4
	       : strcmp(vr, "FD") == 0	     ? 8
	       : is_vr(vr, "OB OW OF OD UN") ? 1
					     : 0;
}

static void put_numbers(struct buffer *out, const struct line *line,
			const char *text, int width)
{
	uint32_t count = *text ? 1 : 0;
	for (const char *at = text; *at; at++)
		count += *at == '\\';
	uint32_t length = count * (uint32_t)width;
	put_head(out, line, length + length % 2);
	for (uint32_t i = 0; i < count; i++) {
		put_number(out, bits_of(line->vr, text), width);
		text += strcspn(text, "\\") + 1;
	}
	put_number(out, 0, (int)(length % 2));
}

static void put_text(struct buffer *out, const struct line *line,
		     const char *text)
{
	size_t length = strlen(text);
	put_head(out, line, (uint32_t)(length + length % 2));
	memcpy(grow(out, length), text, length);
	if (length % 2)
		*grow(out, 1) = is_vr(line->vr, "UI") ? '\0' : ' ';
}

/* Noise, as pixels have it; cheap, since it is most of an archive. */
static void put_noise(struct writer *writer, const struct line *line,
		      size_t length)
{
	uint64_t state = template_number(writer->variant, INSTANCE, 77) | 1;
	put_head(writer->out, line, (uint32_t)length);
	for (size_t done = 0; done < length; done += 8) {
		unsigned char bytes[8];
		size_t part = length - done < 8 ? length - done : 8;
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		memcpy(bytes, &state, sizeof bytes);
		memcpy(grow(writer->out, part), bytes, part);
	}
}

static void put_element(struct writer *writer, const struct line *line,
			unsigned long number)
{
	struct buffer *out = writer->out;
	char text[TEXT_MAX];
	size_t bytes = 0;
	if (strcmp(line->value, "{pixels}") == 0) {
		put_noise(writer, line, writer->variant->pixel_bytes);
		return;
	}
	if (sscanf(line->value, "{bytes %zu}", &bytes) == 1) {
		put_noise(writer, line, bytes);
		return;
	}
	template_text(line->value, writer->variant, number, text);
	if (width_of(line->vr))
		put_numbers(out, line, text, width_of(line->vr));
	else
		put_text(out, line, text);
	if (line->group == 0x0002 && line->element == 0)
		writer->meta = out->length - 4;
}

/* Of a sequence or an item. */
static void open_length(struct writer *writer, const struct line *line)
{
	put_head(writer->out, line, UINT32_MAX);
	if (writer->depth == DEPTH_MAX)
		abort();
	writer->open[writer->depth++] = writer->out->length;
}

static void close_length(struct writer *writer, const struct line *line)
{
	if (!writer->depth)
		abort();
	size_t start = writer->open[--writer->depth];
	if (writer->defined)
		set_number(writer->out->bytes + start - 4,
			   writer->out->length - start, 4);
	else
		put_head(writer->out, line, 0);
}

/* PS3.10 7.1: the meta header ends where another group begins. */
static void end_meta(struct writer *writer, const struct line *line)
{
	if (!writer->meta || line->group == 0x0002)
		return;
	set_number(writer->out->bytes + writer->meta,
		   writer->out->length - writer->meta - 4, 4);
	writer->meta = 0;
}

static void put_line(struct writer *writer, const struct line *line,
		     unsigned long number)
{
	end_meta(writer, line);
	if (line->kind == SEQUENCE || line->kind == ITEM)
		open_length(writer, line);
	else if (line->kind == END_OF_ITEM || line->kind == END_OF_SEQUENCE)
		close_length(writer, line);
	else if (line->kind == ELEMENT)
		put_element(writer, line, number);
}

/* Both forms of length occur in archives; a study has one of them. */
void template_fill(const struct template *template,
		   const struct variant *variant, struct buffer *out)
{
	struct variant current = *variant;
	struct writer writer = {.variant = &current, .out = out};
	size_t each = 0;
	writer.defined = variant->number[STUDY] % 2 == 0;
	current.number[FRAME] = 1;
	out->length = 0;
	memset(grow(out, 128), 0, 128);
	memcpy(grow(out, 4), "DICM", 4);
	for (size_t i = 0; i < template->count; i++) {
		const struct line *line = &template->lines[i];
		if (line->kind == EACH)
			each = i;
		else if (line->kind == END &&
			 current.number[FRAME]++ < variant->frames)
			i = each;
		else
			put_line(&writer, line, i);
	}
}

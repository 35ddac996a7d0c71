/*
 * The compiled rules of a rule file as tables in C, on standard output.
 *
 * The file is compiled twice.  What lies in the memory of both is compared word
 * by word: where both lead to the same piece of it, or to the same value of
 * JSON, that is a pointer, and all else must be the same in both.  So nothing
 * has to know of which structs a rule set is made, and what cannot be told
 * is never taken for something else: then there is no table, and rules_made.c
 * has the file compiled at each start.
 */
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "codec.h"
#include "diag.h"
#include "recorder.h"
#include "rules_made.h"
#include "tables.h"

/* Stands for the name of the file, which is known at the start alone. */
#define NAME "\001the rules"

struct half {
	dfh_rules *rules;
	struct arena *arena;
	struct lh_table *json; /* numbers, by address */
};

enum kind { PLAIN, INSIDE, FILE_NAME, JSON, CODEC, PORT, TEXT, UNKNOWN };

static const char *const kind_names[] = {
	[INSIDE] = "MADE_INSIDE", [FILE_NAME] = "MADE_FILE_NAME",
	[JSON] = "MADE_JSON",	  [CODEC] = "MADE_CODEC",
	[PORT] = "MADE_PORT",	  [TEXT] = "MADE_TEXT",
};

/* What a word is: a number, or where it leads to. */
struct target {
	enum kind kind;
	size_t number; /* of a piece, a value, or a codec */
	uintptr_t at;  /* in it; PLAIN: the word */
};

/* ---- what is constant in this program: texts, and codecs ---- */

struct segment_question {
	uintptr_t address;
	bool is_there, is_constant;
};

static int look_at_object(struct dl_phdr_info *info, size_t size, void *context)
{
	struct segment_question *question = context;

	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

		if (segment->p_type != PT_LOAD ||
		    question->address - info->dlpi_addr - segment->p_vaddr >=
			    segment->p_memsz)
			continue;
		question->is_there = true;
		question->is_constant = !(segment->p_flags & PF_W);
	}
	return 0;
}

/* The compiled rules lead to no other constants that could be taken for one:
 * a new member that does belongs beside codecs. */
static bool is_text(const char *text)
{
	while ((unsigned char)*text >= ' ' && *text != 0x7F)
		text++;
	return !*text;
}

static struct target target_in_program(uintptr_t word)
{
	struct segment_question question = {.address = word};
	struct target target = {.kind = PLAIN, .at = word};

	dl_iterate_phdr(look_at_object, &question);
	if (!question.is_there)
		return target;
	target.kind = question.is_constant && is_text((const char *)word)
			      ? TEXT
			      : UNKNOWN;
	return target;
}

static bool target_codec(uintptr_t word, struct target *target)
{
	size_t count;
	const struct codec *const *all = codec_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (word == (uintptr_t)all[i]) {
			*target = (struct target){CODEC, i, 0};
			return true;
		}
		for (size_t k = 0; all[i]->ports[k].name; k++) {
			if (word != (uintptr_t)&all[i]->ports[k])
				continue;
			*target = (struct target){PORT, i, k};
			return true;
		}
	}
	return false;
}

/* ---- what a word is ---- */

static struct target target_of(const struct half *half, uintptr_t word)
{
	const struct piece *piece = recorded_piece(half->arena, word);
	struct lh_entry *entry;
	struct target target;

	if (piece && strcmp(piece->memory, NAME) == 0)
		return (struct target){FILE_NAME, 0,
				       word - (uintptr_t)piece->memory};
	if (piece)
		return (struct target){INSIDE, piece->number,
				       word - (uintptr_t)piece->memory};
	entry = lh_table_lookup_entry(half->json, (void *)word);
	if (entry)
		return (struct target){JSON,
				       (size_t)(uintptr_t)lh_entry_v(entry), 0};
	if (target_codec(word, &target))
		return target;
	return target_in_program(word);
}

/* ---- what is reached ---- */

struct image {
	struct half first, second;
	size_t *at; /* of each piece, in bytes; SIZE_MAX: it is not reached */
	size_t *reached, reached_count;
	size_t size;
	struct texts texts;
};

static void reach(struct image *image, size_t number)
{
	if (image->at[number] != SIZE_MAX)
		return;
	image->at[number] = 0;
	array_room(image->reached, image->reached_count);
	image->reached[image->reached_count++] = number;
}

/* false: it cannot be told what the words of the two are. */
static bool common_target(const struct image *image, uintptr_t first,
			  uintptr_t second, struct target *target)
{
	struct target other = target_of(&image->second, second);

	*target = target_of(&image->first, first);
	return target->kind != UNKNOWN && target->kind == other.kind &&
	       target->number == other.number && target->at == other.at &&
	       (target->kind != FILE_NAME || !target->at);
}

static bool compare_pieces(struct image *image, const struct piece *first,
			   const struct piece *second)
{
	const uintptr_t *a = first->memory, *b = second->memory;
	struct target target;

	/* A name within a text could not be told later. */
	if (first->size != second->size ||
	    memmem(first->memory, first->size, NAME, strlen(NAME)))
		return false;
	for (size_t i = 0; i < first->size / sizeof *a; i++) {
		if (!common_target(image, a[i], b[i], &target)) {
			fprintf(stderr,
				"generate: word %zu of a piece of %zu bytes "
				"cannot be told: %zx, %zx\n",
				i, first->size, (size_t)a[i], (size_t)b[i]);
			return false;
		}
		if (target.kind == INSIDE)
			reach(image, target.number);
		else if (target.kind == TEXT)
			texts_add(&image->texts, (const char *)a[i]);
	}
	return true;
}

/* What is reached from the rules, and where in the table it will be. */
static bool gather_image(struct image *image)
{
	size_t count, other;
	const struct piece *first = recorded_pieces(image->first.arena, &count);
	const struct piece *second =
		recorded_pieces(image->second.arena, &other);

	if (count != other)
		return false;
	image->at = xmalloc(count * sizeof *image->at);
	for (size_t i = 0; i < count; i++)
		image->at[i] = SIZE_MAX;
	reach(image,
	      recorded_piece(image->first.arena, (uintptr_t)image->first.rules)
		      ->number);
	for (size_t i = 0; i < image->reached_count; i++) {
		size_t number = image->reached[i];

		if (!compare_pieces(image, &first[number], &second[number]))
			return false;
		image->at[number] = image->size;
		image->size += first[number].size;
		image->size += -image->size % sizeof(max_align_t);
	}
	return true;
}

/* ---- tables ---- */

static void print_word(struct image *image, const struct target *target,
		       uintptr_t word)
{
	uintptr_t value = target->number;

	if (target->kind == INSIDE)
		value = image->at[target->number] + target->at;
	else if (target->kind == TEXT)
		value = texts_add(&image->texts, (const char *)word);
	else if (target->kind == PORT)
		value = target->number << 16 | target->at;
	else if (target->kind == PLAIN)
		value = word;
	printf("%#zx,", (size_t)value);
}

static void print_piece(struct image *image, const struct piece *piece)
{
	const uintptr_t *words = piece->memory;
	size_t count = piece->size / sizeof *words;

	for (size_t i = 0; i < count; i++) {
		struct target target = target_of(&image->first, words[i]);

		print_word(image, &target, words[i]);
	}
	for (; count * sizeof *words % sizeof(max_align_t); count++)
		printf("0,");
	putchar('\n');
}

/* Which words of a piece are pointers. */
static void print_pointers(struct image *image, const struct piece *piece)
{
	const uintptr_t *words = piece->memory;
	size_t at = image->at[piece->number] / sizeof *words;

	for (size_t i = 0; i < piece->size / sizeof *words; i++) {
		struct target target = target_of(&image->first, words[i]);

		if (target.kind != PLAIN)
			printf("{%zu, %s},\n", at + i, kind_names[target.kind]);
	}
}

static void print_image(struct image *image)
{
	size_t count;
	const struct piece *pieces =
		recorded_pieces(image->first.arena, &count);

	puts("#define RULES_ARE_MADE\n"
	     "static const uintptr_t made_words[] = {");
	for (size_t i = 0; i < image->reached_count; i++)
		print_piece(image, &pieces[image->reached[i]]);
	puts("};\nstatic const struct made_pointer made_pointers[] = {");
	for (size_t i = 0; i < image->reached_count; i++)
		print_pointers(image, &pieces[image->reached[i]]);
	puts("};\n");
	json_print_tables(image->first.json, &image->texts);
	texts_print(&image->texts);
}

/* ---- the rules ---- */

/* There is none yet: they are compiled. */
dfh_rules *rules_made(const char *path, const char *text, size_t length)
{
	(void)path;
	(void)text;
	(void)length;
	return NULL;
}

static bool compile_half(struct half *half, const char *text, size_t length)
{
	dfh_rules_text given = {sizeof given, .text = text, .length = length,
				.name = NAME};

	half->rules = dfh_rules_load_text(&given, NULL);
	if (!half->rules)
		return false;
	half->arena = half->rules->arena;
	half->json = json_numbers(half->rules->json);
	/* It is that of the program which has the table. */
	half->rules->arena = NULL;
	return true;
}

static void free_half(struct half *half)
{
	if (!half->rules)
		return;
	lh_table_free(half->json);
	half->rules->arena = half->arena;
	dfh_rules_free(half->rules);
}

/* By the name of the file; a start will tell them, too. */
static void tell_faults(const char *path)
{
	dfh_error *error = NULL;

	dfh_rules_free(dfh_rules_load(path, &error));
	fprintf(stderr, "%s\n",
		error ? dfh_error_text(error) : "it includes another file");
	dfh_error_free(error);
}

/* An address is to be told from a number: that is not so where a program lies
 * where numbers are. */
static bool addresses_are_large(void)
{
	return (uintptr_t)kind_names > UINT32_MAX;
}

static void print_rules(struct image *image, const char *path)
{
	bool compiled = image->first.rules && image->second.rules;

	texts_open(&image->texts);
	puts("/* Made by tools/rules-image/generate of rules.yaml. */");
	if (!compiled)
		tell_faults(path);
	if (compiled && addresses_are_large() && gather_image(image))
		print_image(image);
	else
		fputs("generate: the rules are compiled at each start\n",
		      stderr);
	texts_close(&image->texts);
	free(image->at);
	free(image->reached);
}

static char *whole_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = xmalloc(SOURCE_SIZE_MAX);

	*length = file ? fread(text, 1, SOURCE_SIZE_MAX, file) : 0;
	if (!file || ferror(file)) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return text;
}

int main(int argc, char **argv)
{
	struct image image = {0};
	size_t length;
	char *text;

	if (argc != 2) {
		fputs("usage: generate RULES.yaml\n", stderr);
		return 2;
	}
	text = whole_file(argv[1], &length);
	if (compile_half(&image.first, text, length))
		compile_half(&image.second, text, length);
	print_rules(&image, argv[1]);
	free_half(&image.first);
	free_half(&image.second);
	free(text);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}

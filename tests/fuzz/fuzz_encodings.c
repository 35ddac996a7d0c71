/*
 * DICOM JSON made of the files of all cases, as it is, damaged and cut: whole
 * and piece by piece it gives the same, and each dataset of it is the same when
 * it is written as a file, and that as DICOM JSON again.  FUZZ_SEED and
 * FUZZ_COUNT choose other and more inputs; FUZZ_ONLY is the number of one that
 * is to be kept as a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "buffer.h"
#include "case_files.h"
#include "dcm.h"
#include "dump.h"
#include "error.h"
#include "json_pull.h"
#include "random.h"
#include "readers.h"

/* Of mutate_json.c, and what it asks for. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t size,
			       unsigned int seed);

enum { INPUT_MAX = 1 << 17, TOGETHER_MAX = 3, PIECE_MAX = 9, DEPTH = 200 };

/* Fewer datasets that are read, and the test would say little. */
enum { LEAST_PERCENT = 20 };

struct corpus {
	char **texts; /* an object each */
	size_t count;
};

struct tally {
	unsigned long datasets, refused, broken, unwritten, failures;
};

/* What one reading gave, instance by instance. */
struct told {
	struct dataset **datasets; /* NULL: refused */
	size_t count;
	struct buffer errors; /* one after the other */
	bool is_whole;	      /* it is JSON up to its end */
};

static struct random *chance; /* of the input at hand */
static bool is_alone;	      /* which is the only one */

/* ---- the files of the cases ---- */

static void add_case(struct corpus *corpus, const struct case_folder *it)
{
	const struct case_name path = case_temp("case.dcm");
	for (int i = 0; i < it->dump_count; i++) {
		if (dump_encode(case_path(it, it->dumps[i]).at, path.at,
				*it->charset ? it->charset : NULL) < 0)
			exit(2);
		char *text = case_dicom_json(path.at);
		if (!text)
			continue; /* bytes that no JSON can hold */
		array_room(corpus->texts, corpus->count);
		corpus->texts[corpus->count++] = text;
	}
}

static struct corpus read_corpus(void)
{
	struct corpus corpus = {0};
	int count;
	struct case_folder *folders = case_folders("cases", &count);
	case_temp_open();
	for (int i = 0; i < count; i++)
		add_case(&corpus, &folders[i]);
	case_temp_close();
	free(folders);
	return corpus;
}

/* ---- one input ---- */

static void add_text(struct buffer *to, const char *text)
{
	buffer_add(to, text, strlen(text));
}

/* One instance alone, or some as an array or one after the other. */
static struct buffer together(const struct corpus *corpus)
{
	size_t count = random_below(chance, TOGETHER_MAX + 1);
	bool is_array = random_chance(chance, 70);
	struct buffer out = {0};
	add_text(&out, is_array ? "[" : "");
	for (size_t i = 0; i < count || !i; i++) {
		add_text(&out, !i ? "" : is_array ? "," : "\n");
		add_text(&out,
			 corpus->texts[random_below(chance, corpus->count)]);
	}
	add_text(&out, is_array ? "]" : "");
	return out;
}

/* A byte changed, some of them gone or there twice, or the end gone. */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t size)
{
	static const char odd[] = "{}[]\",:\\ \n0-9.eEnutfN/\xc3\xed\xff\xef";
	size_t at, some;
	if (!length)
		return 0;
	at = random_below(chance, length);
	some = 1 + random_below(chance, 16);
	if (some > length - at)
		some = length - at;
	switch (random_below(chance, 4)) {
	case 0:
		return at;
	case 1:
		memmove(bytes + at, bytes + at + some, length - at - some);
		return length - some;
	case 2:
		if (length + some > size)
			return length;
		memmove(bytes + at + some, bytes + at, length - at);
		return length + some;
	default:
		bytes[at] = (uint8_t)odd[random_below(chance, sizeof odd)];
		return length;
	}
}

static struct buffer make_input(const struct corpus *corpus)
{
	struct buffer text = together(corpus);
	struct buffer out = {0};
	uint8_t *room = xmalloc(INPUT_MAX);
	size_t length = text.length < INPUT_MAX ? text.length : INPUT_MAX;
	memcpy(room, text.bytes, length); /* never empty */
	for (size_t times = random_below(chance, 3); times; times--)
		length = LLVMFuzzerCustomMutator(
			room, length, INPUT_MAX,
			(unsigned)random_below(chance, 1 << 30));
	buffer_add(&out, room, length);
	buffer_free(&text);
	free(room);
	return out;
}

/* ---- whole and in pieces ---- */

static int read_piece(unsigned long long offset, void *to, size_t length,
		      void *context)
{
	const struct buffer *input = context;
	memcpy(to, input->bytes + offset, length);
	return 0;
}

static void tell_error(struct told *told, dfh_error *error)
{
	for (const dfh_error *at = error; at; at = dfh_error_next(at)) {
		add_text(&told->errors, dfh_error_text(at));
		add_text(&told->errors, "\n");
	}
	dfh_error_free(error);
}

static struct told read_input(const struct dcm_source *source,
			      const struct dcm_wants *wants)
{
	struct told told = {0};
	dfh_error *error = NULL;
	struct dcm_json *json = dcm_json_open(source, NULL, &error);
	enum dcm_json_answer answer = DCM_JSON_FAILED;
	struct dataset *dataset;
	while (json) {
		answer = dcm_json_next(json, wants, &dataset, &error);
		tell_error(&told, error);
		error = NULL;
		if (answer == DCM_JSON_OVER || answer == DCM_JSON_FAILED)
			break;
		array_room(told.datasets, told.count);
		told.datasets[told.count++] = dataset;
	}
	tell_error(&told, error);
	dcm_json_close(json);
	told.is_whole = answer == DCM_JSON_OVER;
	buffer_add(&told.errors, "", 1);
	return told;
}

static void told_free(struct told *told)
{
	for (size_t i = 0; i < told->count; i++)
		dataset_free(told->datasets[i]);
	free(told->datasets);
	buffer_free(&told->errors);
}

static const char *told_difference(const struct told *a, const struct told *b)
{
	if (a->is_whole != b->is_whole || a->count != b->count)
		return "ends elsewhere in pieces";
	if (strcmp((char *)a->errors.bytes, (char *)b->errors.bytes) != 0) {
		if (is_alone)
			printf("%s---- and ----\n%s", (char *)a->errors.bytes,
			       (char *)b->errors.bytes);
		return "has other faults in pieces";
	}
	for (size_t i = 0; i < a->count; i++)
		if (!same_datasets(a->datasets[i], b->datasets[i]))
			return "has other datasets in pieces";
	return NULL;
}

/* ---- token by token, from pieces of few bytes ---- */

struct pieces {
	const struct buffer *input;
	size_t at, most;
	struct random sizes;
};

static int next_piece(void *context, char *to, size_t size, size_t *got)
{
	struct pieces *pieces = context;
	size_t left = pieces->input->length - pieces->at;
	*got = 1 + random_below(&pieces->sizes, pieces->most);
	*got = *got < size ? *got : size;
	*got = *got < left ? *got : left;
	memcpy(to, pieces->input->bytes + pieces->at, *got);
	pieces->at += *got;
	return 0;
}

static const char *token_difference(struct json_pull *whole,
				    struct json_pull *parts)
{
	enum json_token token;
	do {
		token = json_next(whole);
		if (json_next(parts) != token)
			return "has other tokens in pieces";
		if (token >= JSON_NAME && token <= JSON_NUMBER &&
		    (whole->text_length != parts->text_length ||
		     memcmp(whole->text.bytes, parts->text.bytes,
			    whole->text_length) != 0))
			return "has another text in pieces";
	} while (token != JSON_FAULT && token != JSON_END);

	size_t line[2], column[2];
	json_pull_where(whole, &line[0], &column[0]);
	json_pull_where(parts, &line[1], &column[1]);
	return line[0] != line[1] || column[0] != column[1]
		       ? "ends at another place in pieces"
		       : NULL;
}

static const char *compare_tokens(const struct buffer *input)
{
	struct pieces pieces = {.input = input,
				.most = 1 + random_below(chance, PIECE_MAX)};
	struct json_pull whole =
		json_pull_of((char *)input->bytes, input->length, DEPTH);
	struct json_pull parts = json_pull_from(next_piece, &pieces, DEPTH);
	random_seed(&pieces.sizes, pieces.most, "pieces");
	whole.is_loose = parts.is_loose = true;
	const char *fault = token_difference(&whole, &parts);
	json_pull_free(&whole);
	json_pull_free(&parts);
	return fault;
}

/* ---- the other encoding, and back ---- */

static void print_datasets(const struct dataset *a, const struct dataset *b)
{
	char *texts[] = {dump_of(a), b ? dump_of(b) : NULL};
	if (is_alone)
		printf("%s---- and ----\n%s", texts[0],
		       texts[1] ? texts[1] : "none\n");
	free(texts[0]);
	free(texts[1]);
}

/* Of a value: padding, and empty groups behind the others, which JSON has
 * not. */
static size_t length_without(const char *vr, const char *text, size_t length)
{
	const char *ends = strcmp(vr, "PN") == 0 ? " =" : " ";
	while (length && strchr(ends, text[length - 1]))
		length--;
	return length;
}

/* DCMTK takes blanks out of what is no UID. */
static bool is_dropped(const char *vr, char c)
{
	return strcmp(vr, "UI") == 0 && strchr(" \t\n\v\f\r", c);
}

static void level_text(struct arena *arena, struct dcm_element *element)
{
	char *text = arena_strdup(arena, element->text), *to = text;
	for (const char *at = element->text;; at++) {
		if (!*at || *at == '\\')
			to = text + length_without(element->vr, text,
						   (size_t)(to - text));
		if (!*at)
			break;
		if (!is_dropped(element->vr, *at))
			*to++ = *at;
	}
	*to = '\0';
	element->text = *text ? text : NULL;
}

/* ... nor is there a blank behind a UI of other bytes than ASCII. */
static void level_bytes(struct dcm_element *element)
{
	const char *bytes = element->bytes;

	while (is_dropped(element->vr, ' ') && element->length &&
	       strchr(" ", bytes[element->length - 1]))
		element->length--;
}

/* Text is written in ASCII if it fits, whatever the set was. */
static void level_out(struct dcm_item *item)
{
	static const struct dcm_tag charset = {0x0008, 0x0005, NULL};
	dcm_item_remove(item, &charset);
	for (size_t i = 0; i < item->count; i++) {
		struct dcm_element *element = &item->elements[i];
		if (element->text)
			level_text(item->arena, element);
		else
			level_bytes(element);
		for (size_t j = 0; j < element->item_count; j++)
			level_out(element->items[j]);
	}
}

static bool is_same_again(struct dataset *a, struct dataset *b)
{
	if (b)
		level_out(&b->root);
	bool same = same_datasets(a, b);
	if (!same)
		print_datasets(a, b);
	return same;
}

static const char *compare_file(const unsigned char *file, size_t length,
				struct dataset *dataset,
				const struct dcm_wants *wants)
{
	const struct dcm_source source = {
		.name = "file", .bytes = file, .length = length};
	struct dataset *again = dcm_read(&source, wants, NULL);
	bool same = is_same_again(dataset, again);
	dataset_free(again);
	return same ? NULL : "is another dataset as a file";
}

static const char *compare_json(const unsigned char *file, size_t length,
				struct dataset *dataset,
				const struct dcm_wants *wants,
				struct tally *tally)
{
	const dfh_source source = {.size = sizeof source,
				   .name = "file",
				   .bytes = file,
				   .length = length};
	char *text = dfh_dicom_json(&source, NULL);
	if (!text) {
		tally->unwritten++;
		return NULL;
	}
	const struct dcm_source written = {
		.name = "json", .bytes = text, .length = strlen(text)};
	struct told told = read_input(&written, wants);
	bool same = told.count == 1 && is_same_again(dataset, told.datasets[0]);
	if (is_alone)
		printf("%s", (char *)told.errors.bytes);
	told_free(&told);
	free(text);
	return same ? NULL : "is another dataset as JSON of its file";
}

static const char *compare_encodings(struct dataset *dataset,
				     const struct dcm_wants *wants,
				     struct tally *tally)
{
	size_t length;
	level_out(&dataset->root);
	if (!dataset->root.count) {
		tally->unwritten++;
		return NULL;
	}
	unsigned char *file = dcm_encode_instance(dataset, "file",
						  "1.2.840.10008.5.1.4.1.1.7",
						  "1.2.3", &length, NULL);
	if (!file) {
		tally->unwritten++;
		return NULL;
	}
	const char *fault = compare_file(file, length, dataset, wants);
	if (!fault)
		fault = compare_json(file, length, dataset, wants, tally);
	free(file);
	return fault;
}

/* ---- all of one input ---- */

static const char *fault_of(const struct buffer *input,
			    const struct dcm_wants *wants, struct tally *tally)
{
	const struct dcm_source whole = {.name = "input",
					 .bytes = input->bytes,
					 .length = input->length};
	const struct dcm_source parts = {.name = "input",
					 .read_at = read_piece,
					 .context = (void *)input,
					 .length = input->length};
	struct told a = read_input(&whole, wants);
	struct told b = read_input(&parts, wants);
	const char *fault = told_difference(&a, &b);
	tally->broken += !a.is_whole;
	for (size_t i = 0; i < a.count && !fault; i++) {
		tally->datasets += a.datasets[i] != NULL;
		tally->refused += a.datasets[i] == NULL;
		if (a.datasets[i])
			fault = compare_encodings(a.datasets[i], wants, tally);
	}
	told_free(&a);
	told_free(&b);
	return fault ? fault : compare_tokens(input);
}

static void try_input(struct buffer *input, unsigned long number,
		      const struct dcm_wants *wants, struct tally *tally)
{
	/* a copy of the very size shows reads beyond it to sanitizers */
	unsigned char *copy = malloc(input->length ? input->length : 1);
	if (!copy)
		abort();
	if (input->length)
		memcpy(copy, input->bytes, input->length);
	const struct buffer exact = {.bytes = copy, .length = input->length};
	const char *fault = fault_of(&exact, wants, tally);
	if (fault) {
		tally->failures++;
		printf("input %lu %s\n", number, fault);
	}
	free(copy);
}

static void keep_input(const struct buffer *input)
{
	FILE *out = fopen("input.json", "wb");
	if (!out ||
	    fwrite(input->bytes, 1, input->length, out) != input->length)
		perror("input.json");
	else
		puts("kept as input.json");
	if (out)
		fclose(out);
}

static void try_number(const struct corpus *corpus, unsigned long seed,
		       unsigned long number, const struct dcm_wants *wants,
		       bool is_kept, struct tally *tally)
{
	struct random random;
	char name[32];
	snprintf(name, sizeof name, "input %lu", number);
	random_seed(&random, seed, name);
	chance = &random;
	struct buffer input = make_input(corpus);
	if (is_kept)
		keep_input(&input);
	try_input(&input, number, wants, tally);
	buffer_free(&input);
}

/* ---- a real one, cut after each of its bytes ---- */

static void cut_everywhere(const struct corpus *corpus,
			   const struct dcm_wants *wants, struct tally *tally)
{
	struct buffer whole = {0};
	struct random random;
	random_seed(&random, 1, "cuts");
	chance = &random;
	add_text(&whole, "[");
	add_text(&whole, corpus->texts[0]);
	add_text(&whole, ",");
	add_text(&whole, corpus->texts[corpus->count - 1]);
	add_text(&whole, "]");
	for (size_t length = 1; length < whole.length; length++) {
		struct buffer cut = {.bytes = whole.bytes, .length = length};
		unsigned long broken = tally->broken;
		try_input(&cut, length, wants, tally);
		if (tally->broken == broken) {
			tally->failures++;
			printf("cut after %zu bytes it is whole\n", length);
		}
	}
	printf("a text of two instances was cut after each of its %zu bytes\n",
	       whole.length);
	buffer_free(&whole);
}

/* ---- all ---- */

static unsigned long number_of(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

static void try_all(const struct corpus *corpus, unsigned long seed,
		    const struct dcm_wants *wants, struct tally *tally)
{
	unsigned long count = number_of("FUZZ_COUNT", 1000);
	for (unsigned long i = 0; i < count; i++)
		try_number(corpus, seed, i, wants, false, tally);
	if (tally->datasets * 100 < count * LEAST_PERCENT) {
		puts("too few datasets were read");
		tally->failures++;
	}
	printf("seed %lu: %lu inputs of %zu texts, %lu of them no JSON; %lu "
	       "datasets are the same in both encodings, %lu of them in one "
	       "that has no other, %lu refused; %lu differ\n",
	       seed, count, corpus->count, tally->broken, tally->datasets,
	       tally->unwritten, tally->refused, tally->failures);
}

int main(void)
{
	unsigned long seed = number_of("FUZZ_SEED", 1);
	const char *only = getenv("FUZZ_ONLY");
	struct tally tally = {0}, cuts = {0};
	dfh_rules *rules = case_rules();
	struct dcm_wants wants = wants_and_more(&rules->wants);
	struct corpus corpus = read_corpus();
	is_alone = only && *only;
	if (is_alone) {
		try_number(&corpus, seed, strtoul(only, NULL, 10), &wants, true,
			   &tally);
	} else {
		cut_everywhere(&corpus, &wants, &cuts);
		try_all(&corpus, seed, &wants, &tally);
	}
	if (tally.failures && !is_alone)
		puts("FUZZ_ONLY=NUMBER keeps one of them as input.json");
	for (size_t i = 0; i < corpus.count; i++)
		free(corpus.texts[i]);
	free(corpus.texts);
	free(wants.list);
	dfh_rules_free(rules);
	return tally.failures || cuts.failures ? 1 : 0;
}

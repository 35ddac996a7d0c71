/*
 * Headers that are read without DCMTK against DCMTK alone: they must give the
 * same dataset, or neither any.  FUZZ_SEED and FUZZ_COUNT choose other and
 * more headers; FUZZ_ONLY is the number of one that is to be kept as a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dcm_plain.h"
#include "make_header.h"
#include "readers.h"
#include "rules.h"

/* Fewer read without DCMTK, and the test would say little. */
enum { LEAST_PERCENT = 10 };

struct tally {
	unsigned long alike, refused, plain, failures;
};

static bool is_plain(const struct dcm_source *source,
		     const struct dcm_wants *wants)
{
	struct dataset *out = dataset_new();
	struct dcm_file file;
	char *term = NULL;
	bool plain;

	plain = dcm_file_open(&file, source, NULL) == 0;
	plain = plain && dcm_file_scan(&file, NULL) == 0 &&
		dcm_plain_may(&file) &&
		dcm_plain_take(&file, wants, false, out, &term);
	free(term);
	dcm_file_close(&file);
	dataset_free(out);
	return plain;
}

static void keep(const struct bytes *file, const char *name)
{
	FILE *out = fopen(name, "wb");

	if (!out || fwrite(file->data, 1, file->length, out) != file->length)
		perror(name);
	else
		printf("kept as %s\n", name);
	if (out)
		fclose(out);
}

static void compare(const struct bytes *file, const struct dcm_wants *wants,
		    unsigned long number, struct tally *tally)
{
	/* a copy of the very size shows reads beyond it to sanitizers */
	unsigned char *copy = malloc(file->length ? file->length : 1);
	struct dcm_source source = {.name = "memory",
				    .bytes = copy,
				    .length = file->length,
				    .lists_unread = number & 1};
	dfh_error *fast_error = NULL, *slow_error = NULL;
	struct dataset *fast, *slow;

	if (!copy)
		abort();
	memcpy(copy, file->data, file->length);
	fast = dcm_read(&source, wants, &fast_error);
	tally->plain += is_plain(&source, wants);
	source.by_dcmtk = true;
	slow = dcm_read(&source, wants, &slow_error);
	tally->alike += fast && slow;
	tally->refused += !fast && !slow;
	if (!same_datasets(fast, slow)) {
		tally->failures++;
		printf("header %lu: %s, but DCMTK alone: %s\n", number,
		       fast_error ? dfh_error_text(fast_error) : "is read",
		       slow_error ? dfh_error_text(slow_error) : "is read");
	}
	dataset_free(fast);
	dataset_free(slow);
	dfh_error_free(fast_error);
	dfh_error_free(slow_error);
	free(copy);
}

static void one(unsigned long seed, unsigned long number,
		struct dcm_wants *wants, const char *kept, struct tally *tally)
{
	struct random random;
	struct bytes file;
	char name[32];

	snprintf(name, sizeof(name), "header %lu", number);
	random_seed(&random, seed, name);
	wants->assumed_charset =
		random_chance(&random, 30) ? "ISO_IR 100" : NULL;
	file = make_header(&random, wants);
	for (size_t damages = random_below(&random, 3); damages; damages--)
		damage_header(&random, &file);
	compare(&file, wants, number, tally);
	if (kept)
		keep(&file, kept);
	bytes_free(&file);
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoul(text, NULL, 10) : otherwise;
}

int main(void)
{
	unsigned long seed = number_of("FUZZ_SEED", 1);
	unsigned long count = number_of("FUZZ_COUNT", 3000), i;
	const char *only = getenv("FUZZ_ONLY");
	struct tally tally = {0};
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(getenv("DCMFHIR_RULES"), &error);
	struct dcm_wants wants;

	if (!rules) {
		fprintf(stderr, "%s\n", dfh_error_text(error));
		dfh_error_free(error);
		return 2;
	}
	wants = wants_and_more(&rules->wants);
	if (only && *only)
		one(seed, strtoul(only, NULL, 10), &wants, "header.dcm",
		    &tally);
	else
		for (i = 0; i < count; i++)
			one(seed, i, &wants, NULL, &tally);
	printf("seed %lu: %lu read alike, %lu of them without DCMTK; %lu "
	       "refused by both; %lu differ\n",
	       seed, tally.alike, tally.plain, tally.refused, tally.failures);
	if (!only && tally.plain * 100 < count * LEAST_PERCENT) {
		puts("too few were read without DCMTK");
		tally.failures++;
	}
	if (tally.failures && !only)
		puts("FUZZ_ONLY=NUMBER keeps one of them as header.dcm");
	free(wants.list);
	dfh_rules_free(rules);
	return tally.failures ? 1 : 0;
}

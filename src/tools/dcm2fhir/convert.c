/* Files in, Bundles out: all at once, or study by study. */
#include "convert.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

/* About how much longer it takes to convert an instance than to read it. */
enum { CONVERTING = 2 };

void convert_worst(struct conversion *conversion, int status)
{
	if (status > conversion->status)
		conversion->status = status;
}

/* ---- output ---- */

int open_output(struct conversion *conversion)
{
	if (conversion->delivery)
		return 0;
	if (!conversion->output)
		conversion->output = cli_open(conversion->options->output);
	if (conversion->output)
		return 0;
	convert_worst(conversion, DFH_IO);
	return -1;
}

void close_output(struct conversion *conversion, bool complete)
{
	if (!conversion->output)
		return;
	if (!complete)
		cli_abandon(conversion->output);
	else if (cli_close(conversion->output) < 0)
		convert_worst(conversion, DFH_IO);
	conversion->output = NULL;
}

/* How far it is: reading and converting. */
static void show_work(struct conversion *conversion)
{
	conversion->progress.work =
		conversion->progress.files +
		CONVERTING * dfh_export_converted(conversion->export);
}

static int put_output_bytes(const void *bytes, size_t length, void *context)
{
	struct conversion *conversion = context;
	show_work(conversion);
	return cli_interrupted()
		       ? -1
		       : cli_write_part(conversion->output, bytes, length);
}

static size_t write_one_bundle(struct conversion *conversion)
{
	dfh_error *error = NULL;
	if (dfh_export_write(conversion->export, put_output_bytes, conversion,
			     &error) < 0) {
		/* Closing says what is wrong. */
		close_output(conversion, !cli_interrupted());
		dfh_error_free(error);
		return 0;
	}
	cli_write(conversion->output, "");
	return SIZE_MAX;
}

/* Takes the text over; false: no other one is to come. */
static bool put_study(struct conversion *conversion, char *text)
{
	if (conversion->delivery)
		return delivery_take(conversion->delivery, text);
	cli_write(conversion->output, text);
	cli_flush(conversion->output);
	free(text);
	return true;
}

void deliver_all(struct conversion *conversion)
{
	if (!conversion->delivery || conversion->is_delivered)
		return;
	conversion->is_delivered = true;
	convert_worst(conversion, delivery_end(conversion->delivery));
}

int write_studies(struct conversion *conversion)
{
	dfh_error *error = NULL;
	char *text;
	bool goes_on = true;
	if (open_output(conversion) < 0)
		return -1;
	while (goes_on && !cli_interrupted() &&
	       (text = dfh_export_next(conversion->export, &error))) {
		goes_on = put_study(conversion, text);
		conversion->progress.studies++;
		show_work(conversion);
	}
	if (!error)
		return 0;
	convert_worst(conversion, cli_fail(error));
	return -1;
}

size_t write_bundles(struct conversion *conversion)
{
	struct cli_progress *progress = &conversion->progress;
	if (open_output(conversion) < 0)
		return 0;
	if (!conversion->options->ndjson)
		return write_one_bundle(conversion);
	if (write_studies(conversion) < 0) {
		close_output(conversion, false);
		return 0;
	}
	return progress->studies;
}

/* ---- everything ---- */

static void *add_to_export(void *context, size_t file, dfh_record *record)
{
	struct conversion *conversion = context;
	(void)file;
	dfh_export_add_record(conversion->export, record);
	return NULL;
}

static void say_interrupted(const struct conversion *conversion, size_t written)
{
	if (conversion->delivery)
		cli_say("interrupted; run it again for what is not delivered");
	else if (conversion->options->ndjson && written)
		cli_say("interrupted; %zu studies are written whole: run it "
			"again for the others, with --since FILE only for "
			"them",
			written);
	else
		cli_say("interrupted; nothing was written: run it again");
}

void convert_all(struct conversion *conversion)
{
	struct cli_progress *progress = &conversion->progress;
	size_t written = 0;
	progress->work_total = (1 + CONVERTING) * conversion->files.count;
	read_files(&(struct files_reading){.conversion = conversion,
					   .count = conversion->files.count,
					   .make = add_to_export,
					   .context = conversion});
	if (!cli_interrupted()) {
		say_passed_over(conversion);
		/* Where nothing could be read there is nothing to say in
		 * FHIR. */
		if (conversion->added || conversion->status == DFH_OK)
			written = write_bundles(conversion);
	}
	if (cli_interrupted())
		say_interrupted(conversion, written);
	close_output(conversion, true);
}

/* ---- study by study ---- */

/* The studies that were written, as digests of their keys: a table that stays
 * small however large the studies are. */
struct written_studies {
	uint64_t *slots;
	size_t size, count;
};

static uint64_t study_digest_of(const char *text)
{
	uint64_t hash = hash_bytes(HASH_START, text, strlen(text));
	return hash ? hash : 1;
}

/* Where it is, or belongs. */
static uint64_t *written_slot_of(const struct written_studies *written,
				 uint64_t digest)
{
	size_t i = (size_t)digest & (written->size - 1);
	while (written->slots[i] && written->slots[i] != digest)
		i = (i + 1) & (written->size - 1);
	return &written->slots[i];
}

static bool was_written(const struct written_studies *written,
			const char *study)
{
	return written->count &&
	       *written_slot_of(written, study_digest_of(study));
}

static void note_written(struct written_studies *written, const char *study)
{
	if (2 * written->count >= written->size) {
		struct written_studies old = *written;
		written->size = old.size ? 2 * old.size : 256;
		written->slots = cli_memory(
			calloc(written->size, sizeof *written->slots));
		for (size_t i = 0; i < old.size; i++)
			if (old.slots[i])
				*written_slot_of(written, old.slots[i]) =
					old.slots[i];
		free(old.slots);
	}
	*written_slot_of(written, study_digest_of(study)) =
		study_digest_of(study);
	written->count++;
}

struct grouped {
	struct conversion *conversion;
	char *study; /* the one at hand; NULL: none yet */
	struct written_studies written;
};

static void *keep_read_record(void *context, size_t file, dfh_record *record)
{
	(void)context;
	(void)file;
	return record;
}

/* The study at hand is complete. */
static void end_grouped_study(struct grouped *grouped)
{
	if (!grouped->study)
		return;
	note_written(&grouped->written, grouped->study);
	free(grouped->study);
	grouped->study = NULL;
	if (write_studies(grouped->conversion) < 0)
		convert_worst(grouped->conversion, DFH_IO);
}

static void take_grouped(void *context, size_t file, void *made)
{
	struct grouped *grouped = context;
	dfh_record *record = made;
	const char *study = dfh_record_study(record);
	(void)file;
	if (was_written(&grouped->written, study)) {
		cli_say("%s: is of a study that is written already: its files "
			"do not come together; leave out --grouped",
			dfh_record_file(record));
		convert_worst(grouped->conversion, DFH_REFUSED);
		dfh_record_free(record);
		return;
	}
	if (grouped->study && strcmp(grouped->study, study) != 0)
		end_grouped_study(grouped);
	/* The study was ended because another began, not because of an
	 * interruption: then it may lack files. */
	if (!grouped->study)
		grouped->study = cli_memory(strdup(study));
	dfh_export_add_record(grouped->conversion->export, record);
}

void convert_grouped(struct conversion *conversion)
{
	struct grouped grouped = {.conversion = conversion};
	read_files(&(struct files_reading){.conversion = conversion,
					   .count = conversion->files.count,
					   .make = keep_read_record,
					   .take = take_grouped,
					   .context = &grouped});
	if (!cli_interrupted()) {
		end_grouped_study(&grouped);
		say_passed_over(conversion);
	} else {
		say_interrupted(conversion, conversion->progress.studies);
	}
	/* Without a study there is nothing to say, but an empty file. */
	if (!cli_interrupted() && conversion->status == DFH_OK)
		open_output(conversion);
	close_output(conversion, true);
	free(grouped.study);
	free(grouped.written.slots);
}

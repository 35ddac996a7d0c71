/* An archive of made-up patients: the same bytes for the same arguments. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "template.h"

static const char usage[] =
	"usage: generate [-s SEED] [-b PIXEL-BYTES] [-f FRAMES] [-n FIRST] "
	"TEMPLATE FOLDER\n"
	"                STUDIES SERIES INSTANCES\n"
	"Write so many studies, of so many series each, and so on:\n"
	"FOLDER/patient-P/study-S/series-N/I.dcm.  FIRST is the number of the\n"
	"first study; two studies have one patient.\n";

enum { STUDIES_OF_PATIENT = 2, PATH_SIZE = 4096 };

struct archive {
	const struct template *template;
	const char *folder;
	unsigned long first, studies, series, instances;
	struct variant variant;
	struct buffer file;
};

static int make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int result = mkdir(path, 0777);
		*slash = '/';
		if (result < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int save(const char *path, const struct buffer *file)
{
	FILE *out = fopen(path, "wb");
	if (!out)
		return -1;
	size_t done = fwrite(file->bytes, 1, file->length, out);
	return fclose(out) == 0 && done == file->length ? 0 : -1;
}

static int write_series(struct archive *archive)
{
	struct variant *variant = &archive->variant;
	char path[PATH_SIZE];
	for (unsigned long i = 1; i <= archive->instances; i++) {
		variant->number[INSTANCE] = i;
		int length = snprintf(
			path, sizeof path,
			"%s/patient-%05lu/study-%05lu/series-%lu/%05lu.dcm",
			archive->folder, variant->number[PATIENT],
			variant->number[STUDY], variant->number[SERIES], i);
		template_fill(archive->template, variant, &archive->file);
		if (length < 0 || (size_t)length >= sizeof path ||
		    (i == 1 && make_folders(path) < 0) ||
		    save(path, &archive->file) < 0) {
			perror(path);
			return -1;
		}
	}
	return 0;
}

static int write_archive(struct archive *archive)
{
	struct variant *variant = &archive->variant;
	for (unsigned long i = 0; i < archive->studies; i++) {
		unsigned long study = archive->first + i;
		variant->number[STUDY] = study;
		variant->number[PATIENT] = 1 + (study - 1) / STUDIES_OF_PATIENT;
		for (unsigned long n = 1; n <= archive->series; n++) {
			variant->number[SERIES] = n;
			if (write_series(archive) < 0)
				return -1;
		}
	}
	return 0;
}

static unsigned long number_of(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (*text && !*end && *text != '-')
		return number;
	fprintf(stderr, "generate: '%s' is no number\n", text);
	exit(2);
}

static int read_arguments(int argc, char **argv, struct archive *archive)
{
	int option;
	while ((option = getopt(argc, argv, "s:b:f:n:")) != -1) {
		if (option == '?')
			return -1;
		unsigned long number = number_of(optarg);
		if (option == 's')
			archive->variant.seed = number;
		else if (option == 'b')
			archive->variant.pixel_bytes = number;
		else if (option == 'f')
			archive->variant.frames = number;
		else
			archive->first = number;
	}
	if (argc - optind != 5 || !archive->first || !archive->variant.frames)
		return -1;
	archive->folder = argv[optind + 1];
	archive->studies = number_of(argv[optind + 2]);
	archive->series = number_of(argv[optind + 3]);
	archive->instances = number_of(argv[optind + 4]);
	return 0;
}

int main(int argc, char **argv)
{
	struct archive archive = {.first = 1};
	archive.variant.seed = 1;
	archive.variant.frames = 1;
	archive.variant.pixel_bytes = 512 * 1024;
	if (read_arguments(argc, argv, &archive) < 0) {
		fputs(usage, stderr);
		return 2;
	}
	struct template *template = template_load(argv[optind]);
	archive.template = template;
	int result = template ? write_archive(&archive) : -1;
	free(archive.file.bytes);
	template_free(template);
	return result < 0 ? 3 : 0;
}

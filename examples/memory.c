/*
 * Stamp a DICOM file by a FHIR Bundle, and export what it says then, all of it
 * in memory, as a server does with what it receives:
 *
 *	cc memory.c $(pkg-config --cflags --libs dcmfhir) -o memory
 *	./memory BUNDLE FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dcmfhir.h>

struct bytes {
	char *at;
	size_t length;
};

static int fail(dfh_error *error)
{
	int status = (int)dfh_error_code(error);

	fprintf(stderr, "memory: %s\n", dfh_error_text(error));
	if (dfh_error_reason(error) == DFH_CONTRADICTION)
		fprintf(stderr, "memory: it is of another patient\n");
	dfh_error_free(error);
	return status;
}

/* What a sink calls: the next part of the file. */
static int append(const void *bytes, size_t length, void *context)
{
	struct bytes *to = context;
	char *at = realloc(to->at, to->length + length);

	if (!at)
		return -1;
	memcpy(at + to->length, bytes, length);
	to->at = at;
	to->length += length;
	return 0;
}

static int read_all(const char *path, struct bytes *to)
{
	char part[64 * 1024];
	FILE *file = fopen(path, "rb");
	size_t length;
	int answer = 0;

	if (!file) {
		perror(path);
		return -1;
	}
	while (answer == 0 && (length = fread(part, 1, sizeof part, file)) > 0)
		answer = append(part, length, to);
	if (ferror(file))
		answer = -1;
	fclose(file);
	return answer;
}

static int stamp(const dfh_rules *rules, const struct bytes *bundle,
		 const struct bytes *file, struct bytes *stamped,
		 dfh_error **error)
{
	dfh_import *im = dfh_import_new(rules, NULL, error);
	dfh_source source = {.size = sizeof source,
			     .name = "the file",
			     .bytes = file->at,
			     .length = file->length};
	dfh_sink sink = {
		.size = sizeof sink, .write = append, .context = stamped};
	dfh_stamp_options options = {.size = sizeof options,
				     .source = "HOSPITAL EHR"};
	int answer = -1;

	if (im && dfh_import_add_json(im, "the Bundle", bundle->at,
				      bundle->length, error) == 0)
		answer = dfh_import_stamp_source(im, &source, &sink, &options,
						 NULL, error);
	dfh_import_free(im);
	return answer;
}

static char *export(const dfh_rules *rules, const struct bytes *file,
		    dfh_error **error)
{
	dfh_export *ex = dfh_export_new(rules, NULL, error);
	char *bundle = NULL;

	if (ex && dfh_export_add_bytes(ex, "the stamped file", file->at,
				       file->length, error) == 0)
		bundle = dfh_export_bundle(ex, error);
	dfh_export_free(ex);
	return bundle;
}

int main(int argc, char **argv)
{
	struct bytes bundle = {NULL, 0}, file = {NULL, 0}, stamped = {NULL, 0};
	dfh_error *error = NULL;
	dfh_rules *rules;
	char *says = NULL;
	int status = DFH_OK;

	if (argc != 3 || read_all(argv[1], &bundle) < 0 ||
	    read_all(argv[2], &file) < 0)
		return DFH_USAGE;
	rules = dfh_rules_load(NULL, &error);
	if (rules && stamp(rules, &bundle, &file, &stamped, &error) == 0)
		says = export(rules, &stamped, &error);
	if (says)
		puts(says);
	else
		status = fail(error);
	dfh_free(says);
	dfh_rules_free(rules);
	free(bundle.at);
	free(file.at);
	free(stamped.at);
	return status;
}

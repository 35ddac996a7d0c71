/* A Bundle, and files that are stamped from it, read back, and undone: then
 * they are as they were, byte for byte. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *file_of(size_t index)
{
	static const char *const names[] = {"ct-1.dcm", "sr-1.dcm"};
	static char path[512];
	const char *source = getenv("srcdir");

	snprintf(path, sizeof(path), "%.400s/examples/study/%s",
		 source ? source : ".", names[index % 2]);
	return path;
}

static void see_difference(const dfh_difference *difference, void *context)
{
	(void)context;
	fuzz_read(difference->path);
	fuzz_read(difference->keyword);
	fuzz_read(difference->vr);
	fuzz_read(difference->was);
	fuzz_read(difference->is);
}

static void see_rule(const char *rule, const char *attribute, void *context)
{
	(void)context;
	fuzz_read(rule);
	fuzz_read(attribute);
}

/* Undone, the file must be as it was. */
static void undo(const char *path, const char *stamped)
{
	const dfh_undo_options options = {.size = sizeof options};
	const char *undone = fuzz_path("undone.dcm");
	size_t count = 0, length = 0, of_undone = 0;
	dfh_error *error = NULL;
	char *was, *is;

	if (dfh_undo(stamped, undone, &options, &count, &error) < 0)
		fuzz_fail("not undone: %s", dfh_error_text(error));
	was = fuzz_load(path, &length);
	is = fuzz_load(undone, &of_undone);
	if (!was || !is || length != of_undone || memcmp(was, is, length) != 0)
		fuzz_fail("%s: not as before after undo", path);
	free(was);
	free(is);
}

static void stamp(dfh_import *im, size_t choice)
{
	const char *path = file_of(choice);
	const char *out = fuzz_path("stamped.dcm");
	const dfh_writing writing = {
		.size = sizeof writing, .verify = 1, .digests = 1};
	const dfh_stamp_options options = {
		.size = sizeof options,
		.reason = "why",
		.force = 1,
		.policy = (dfh_policy)(choice / 2 % 3),
		.differs = see_difference,
		.applied = see_rule,
		.time = "20240229134501+0100",
		.equipment = choice / 6 % 2,
		.no_widen = choice / 12 % 2,
		.writing = &writing,
	};
	dfh_stamped stamped = {.size = sizeof stamped};
	dfh_error *error = NULL;

	if (dfh_import_stamp(im, path, out, &options, &stamped, &error) == 0) {
		if (stamped.changed && !stamped.signatures_removed)
			undo(path, out);
	} else if (dfh_error_code(error) != DFH_REFUSED) {
		fuzz_fail("%s", dfh_error_text(error));
	}
	fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	fuzz_clean();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	dfh_report *report = dfh_report_new();
	const dfh_import_options options = {.size = sizeof options,
					    .report = report};
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(fuzz_rules(), &options, &error);
	char *told;

	if (dfh_import_add_json(im, "fuzz", (const char *)bytes, length,
				&error) == 0) {
		stamp(im, length);
		stamp(im, length + 1);
		told = dfh_import_provenance(im, "why", NULL);
		fuzz_read(told);
		free(told);
	}
	dfh_error_free(error);
	told = dfh_report_json(report);
	fuzz_read(told);
	free(told);
	dfh_import_free(im);
	dfh_report_free(report);
	return 0;
}

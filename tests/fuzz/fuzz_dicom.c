/*
 * A file as DICOM: with and without DCMTK it is the same dataset, or refused by
 * both.  What is read is exported, in both releases in turn.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "readers.h"
#include "rules.h"

static void compare(const uint8_t *bytes, size_t length)
{
	static struct dcm_wants wants;
	struct dcm_source source = {.name = "memory",
				    .bytes = bytes,
				    .length = length,
				    .lists_unread = true};
	dfh_error *fast_error = NULL, *slow_error = NULL;
	struct dataset *fast, *slow;

	if (!wants.list)
		wants = wants_and_more(&fuzz_rules()->wants);
	wants.assumed_charset = length % 4 ? NULL : "ISO_IR 100";
	fast = dcm_read(&source, &wants, &fast_error);
	source.by_dcmtk = true;
	slow = dcm_read(&source, &wants, &slow_error);
	if (!same_datasets(fast, slow))
		fuzz_fail("%s, but DCMTK alone: %s",
			  fast ? "is read" : dfh_error_text(fast_error),
			  slow ? "is read" : dfh_error_text(slow_error));
	dataset_free(fast);
	dataset_free(slow);
	dfh_error_free(fast_error);
	dfh_error_free(slow_error);
}

static void export_bundle(const uint8_t *bytes, size_t length)
{
	const dfh_export_options options = {.size = sizeof options,
					    .release = length % 2 ? DFH_R4
								  : DFH_R5,
					    .report = dfh_report_new()};
	dfh_error *error = NULL;
	dfh_export *export;

	dfh_report_show_values(options.report, 1);
	dfh_report_want_unmapped(options.report, 1);
	export = dfh_export_new(fuzz_rules(), &options, &error);
	if (dfh_export_add_bytes(export, "memory", bytes, length, &error) == 0)
		free(dfh_export_bundle(export, &error));
	dfh_error_free(error);
	free(dfh_report_json(options.report));
	dfh_export_free(export);
	dfh_report_free(options.report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	compare(bytes, length);
	export_bundle(bytes, length);
	return 0;
}

/* A Bundle, and headers of all its instances. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

/* Every file is in the folder. */
static void see(const char *path, void *context)
{
	const char *folder = context;
	size_t length = strlen(folder);

	if (strncmp(path, folder, length) != 0 || path[length] != '/' ||
	    strchr(path + length + 1, '/'))
		fuzz_fail("%s is not in the folder", path);
}

static void rebuild(dfh_import *im)
{
	char *folder = strdup(fuzz_path("."));
	dfh_error *error = NULL;

	if (folder)
		dfh_import_rebuild(im, folder, see, folder, &error);
	fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	free(folder);
	fuzz_clean();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const dfh_release releases[] = {DFH_RELEASE_ANY, DFH_R4, DFH_R5};
	dfh_report *report = dfh_report_new();
	const dfh_import_options options = {.size = sizeof options,
					    .release = releases[length % 3],
					    .report = report};
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(fuzz_rules(), &options, &error);
	char *told;

	dfh_report_show_values(report, 1);
	if (dfh_import_add_json(im, "fuzz", (const char *)bytes, length,
				&error) == 0)
		rebuild(im);
	fuzz_read(dfh_error_text(error));
	dfh_error_free(error);
	told = dfh_report_json(report);
	fuzz_read(told);
	free(told);
	dfh_import_free(im);
	dfh_report_free(report);
	return 0;
}

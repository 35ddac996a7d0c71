/*
 * Export DICOM files as one FHIR R4 Bundle on standard output, and tell how
 * much was not carried:
 *
 *	cc export.c $(pkg-config --cflags --libs dcmfhir) -o export
 *	./export FILE...
 */
#include <stdio.h>
#include <stdlib.h>

#include <dcmfhir.h>

static int fail(dfh_error *error)
{
	int status = (int)dfh_error_code(error);

	fprintf(stderr, "export: %s\n", dfh_error_text(error));
	dfh_error_free(error);
	return status;
}

static int add_files(dfh_export *ex, char **paths)
{
	int status = DFH_OK;

	for (; *paths; paths++) {
		dfh_error *error = NULL;

		/* A bad file is refused; the others are exported. */
		if (dfh_export_add_file(ex, *paths, &error) < 0)
			status = fail(error);
	}
	return status;
}

int main(int argc, char **argv)
{
	dfh_error *error = NULL;
	dfh_rules *rules = dfh_rules_load(NULL, &error);
	dfh_report *report = dfh_report_new();
	dfh_export_options options = {
		.size = sizeof options, .release = DFH_R4, .report = report};
	dfh_export *ex = rules ? dfh_export_new(rules, &options, &error) : NULL;
	char *bundle = NULL;
	int status;

	if (!ex) {
		status = fail(error);
	} else {
		status = add_files(ex, argv + (argc > 0));
		bundle = dfh_export_bundle(ex, &error);
		if (bundle)
			puts(bundle);
		else
			status = fail(error);
		fprintf(stderr, "export: %zu losses\n",
			dfh_report_losses(report));
	}
	free(bundle);
	dfh_export_free(ex);
	dfh_report_free(report);
	dfh_rules_free(rules);
	return status;
}

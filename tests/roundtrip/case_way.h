/* The way of a case: its files to a Bundle, and a Bundle to headers. */
#ifndef CASE_WAY_H
#define CASE_WAY_H

#include "case_files.h"

/* What an error says; NULL: "no message". */
const char *case_text(const dfh_error *error);

/* Encode the dumps of the folder as temporary files, and the name of one. */
void case_encode_all(const struct case_folder *it);
struct case_name case_file(int index);

/* The Bundle of the encoded dumps; free it.  backwards: the files are read in
 * the reverse order.  report may be NULL. */
char *case_export(const dfh_rules *rules, const struct case_folder *it,
		  const dfh_export_options *options, bool backwards);

/* The same of the files as DICOM JSON; NULL: that has no form for one. */
char *case_export_json(const dfh_rules *rules, const struct case_folder *it,
		       const dfh_export_options *options);

/* The JSON of a file of the folder, in the folder's time zone; or a text that a
 * message calls name. */
dfh_import *case_import(const dfh_rules *rules, const struct case_folder *it,
			const char *file, dfh_report *report);
dfh_import *case_import_text(const dfh_rules *rules, const char *name,
			     const char *text, dfh_report *report);

struct case_paths {
	char at[CASE_DUMPS_MAX][2 * CASE_PATH];
	int count;
};

/* The headers that become of it, in the temporary folder. */
void case_rebuild(dfh_import *im, const char *name, struct case_paths *paths);

/* The rebuilt header of an instance: named after it, or, where it has no UID
 * (""), the only one; or NULL. */
const char *case_rebuilt(const struct case_paths *paths, const char *uid);

struct dataset *case_dataset(const char *path, const struct dcm_wants *wants);
/* The text of an attribute at the top level, or "". */
const char *case_value(const struct dataset *dataset, uint16_t group,
		       uint16_t element);

/* What may differ between an original and a header made from FHIR goes from
 * both: counts, what must be there, items of which no rule reads anything. */
void case_drop_new(const dfh_rules *rules, struct dataset *original,
		   struct dataset *rebuilt);

#endif

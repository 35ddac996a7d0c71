/* What the tests of whole files share: folders of cases, temporary files. */
#ifndef CASE_FILES_H
#define CASE_FILES_H

#include "json_text.h"
#include "dataset.h"
#include "rules.h"

enum { CASE_DUMPS_MAX = 16, CASE_PATH = 1024 };

/* One folder: its dumps in the order of their names, and its options. */
struct case_folder {
	char path[CASE_PATH], name[256];
	char dumps[CASE_DUMPS_MAX][256]; /* names */
	int dump_count;
	char timezone[64], charset[64], plain[64]; /* "": none */
	char match[64], force[64], allow[64], policy[64];	   /* likewise */
};

/* The folders below $srcdir/tests/roundtrip/KIND, sorted; ends the program if
 * there is none. */
struct case_folder *case_folders(const char *kind, int *count);

/* What the options say of stamping; borrows from it. */
dfh_stamp_options case_stamp_options(const struct case_folder *it);

/* One line; context is a FILE. */
void case_print_difference(const dfh_difference *d, void *context);

/* The rules that $DCMFHIR_RULES names, or $srcdir/rules.yaml. */
dfh_rules *case_rules(void);

/* A folder for temporary files, and its end. */
void case_temp_open(void);
void case_temp_close(void);

struct case_name {
	char at[2 * CASE_PATH];
};

/* A file of the folder, and one of the temporary folder. */
struct case_name case_path(const struct case_folder *it, const char *name);
struct case_name case_temp(const char *name);

/* Encode a dump of the folder as a temporary file. */
void case_encode(const struct case_folder *it, const char *dump,
		 const char *path);

/* A whole file; NULL if it is not there.  Free it. */
char *case_read(const char *path, size_t *length);
/* A DICOM file as DICOM JSON; NULL if it is not there, or has no such form. */
char *case_dicom_json(const char *path);
void case_write(const char *path, const char *text);
bool case_same_bytes(const char *a, const char *b);

/* Golden files are rewritten where they differ: $UPDATE_GOLDEN is the name of
 * the case, or "all".  They must then be read. */
bool case_updates(const struct case_folder *it);

/* As json_object_equal, but numbers are equal only digit by digit. */
bool case_same_json(json_object *a, json_object *b);

/* Fail unless the text of a golden file is `actual` (as JSON: unless they mean
 * the same).  Where they differ the actual one is kept for a diff. */
void case_golden(const struct case_folder *it, const char *name,
		 const char *actual, bool is_json);

/* The issues of a report, one a line, as KIND RULE ATTRIBUTE, or without a
 * rule as KIND EXPRESSION; free it. */
char *case_report(const dfh_report *report);

#endif

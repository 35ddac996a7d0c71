/* What stamping would change: like diff(1), or as JSON.
 * Values are shown: they were asked for. */
#ifndef DRY_RUN_H
#define DRY_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include "json_make.h"
#include "dcmfhir.h"

struct dry_run {
	FILE *out;
	const char *file;
	bool as_json;
	bool told;	      /* the name of the file */
	json_object *changes; /* as JSON */
};

/* For one file; options: where to set `differs`. */
void dry_run_begin(struct dry_run *run, FILE *out, const char *file,
		   bool as_json, dfh_stamp_options *options);

/* good: the file was not refused. */
void dry_run_end(struct dry_run *run, bool good);

#endif

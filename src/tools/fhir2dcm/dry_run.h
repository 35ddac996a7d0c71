/* What stamping would change: like diff(1), or as JSON.
 * Values are shown: they were asked for. */
#ifndef DRY_RUN_H
#define DRY_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include "json_make.h"
#include "dcmfhir.h"

struct dry_run_form {
	bool as_json;
	bool in_colour;
};

struct dry_run {
	FILE *out;
	const char *file;
	struct dry_run_form form;
	bool told;	      /* the name of the file */
	json_object *changes; /* as JSON */
};

/* For one file. */
void dry_run_begin(struct dry_run *run, FILE *out, const char *file,
		   const struct dry_run_form *form);

/* `differs` of the library's options, with the run as its context. */
void dry_run_differs(const dfh_difference *difference, void *run);

/* good: the file was not refused. */
void dry_run_end(struct dry_run *run, bool good);

#endif

/* What the ways of dcm2fhir have in common: files or records in, Bundles or
 * records out. */
#ifndef CONVERT_H
#define CONVERT_H

#include "cli.h"
#include "dcm2fhir_options.h"
#include "delivery.h"
#include "dicomweb.h"
#include "roots.h"

struct conversion {
	const struct dcm2fhir_options *options;
	dfh_export *export;
	struct cli_files files;
	struct roots roots;
	struct cli_progress progress;
	struct cli_output *output; /* NULL: not yet opened */
	struct delivery *delivery; /* NULL: studies are written */
	struct dicomweb *web;	   /* NULL: no PATH is a URL */
	bool is_delivered;	   /* deliver_all() was called */
	size_t passed_over;	   /* files that are not DICOM */
	size_t refused;		   /* files, or studies of a URL */
	size_t gone;		   /* of refused: files of a list */
	size_t added;
	int status;
};

void convert_worst(struct conversion *conversion, int status);

/* ---- read_files.c ---- */

/* List the files that the arguments and --files-from name, and the studies of
 * URLs among them.  DFH_OK, or DFH_USAGE. */
int list_files(struct conversion *conversion, char **paths);

/* What becomes of the record of a file. */
struct files_reading {
	struct conversion *conversion;
	/* A file that holds many instances is refused, for what is known of a
	 * file is known of one instance. */
	bool only_files;
	const size_t *which; /* of conversion->files; NULL: all */
	size_t count;
	/* In any thread, several at once; takes the record over, and returns
	 * what take is given. */
	void *(*make)(void *context, size_t file, dfh_record *record);
	/* In the order of files, one at a time, and of the instances in them.
	 * NULL: nothing.  Files that were refused or passed over are left
	 * out. */
	void (*take)(void *context, size_t file, void *made);
	/* All instances of a file were taken, and none was refused; may be
	 * NULL. */
	void (*end)(void *context, size_t file);
	/* A file in a folder that is not DICOM; may be NULL. */
	void (*pass_over)(void *context, size_t file);
	void *context;
};

/* Ends early if interrupted.  A file of a list that is gone is refused. */
void read_files(const struct files_reading *reading);

/* So are all files of a list: their folder may not be mounted. */
bool all_are_gone(const struct conversion *conversion);

/* Say how many files were passed over, and which folders gave nothing. */
void say_passed_over(const struct conversion *conversion);

/* ---- convert.c ---- */

/* Write the Bundles of all that was added: one a line, or one for all.  How
 * many studies were written and will stay, for none is where one Bundle is not
 * whole. */
size_t write_bundles(struct conversion *conversion);

/* Write the studies that were added, a line each; -1: failed. */
int write_studies(struct conversion *conversion);

/* Open the output before it is written to; -1: failed. */
int open_output(struct conversion *conversion);

/* Close it; complete false: what was written is not kept. */
void close_output(struct conversion *conversion, bool complete);

/* --send: wait until all that was made is delivered, or is not. */
void deliver_all(struct conversion *conversion);

/* ---- the ways ---- */

/* Of the files that are listed. */
void convert_all(struct conversion *conversion);
void convert_grouped(struct conversion *conversion);
void convert_since(struct conversion *conversion, const dfh_rules *rules);
void make_records(struct conversion *conversion);
void convert_records(struct conversion *conversion, char **paths);

#endif

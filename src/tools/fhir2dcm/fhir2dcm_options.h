/* The options of fhir2dcm. */
#ifndef FHIR2DCM_OPTIONS_H
#define FHIR2DCM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "asking.h"
#include "dcmfhir.h"

struct fhir2dcm_options {
	const char **bundles;
	size_t bundle_count;
	const char *output, *rules, *report, *timezone;
	dfh_release release;
	const char *log, *provenance, *files_from;
	const char *worklist, *aet; /* its folder; its station */
	struct asking asking;	    /* of servers */
	bool has_urls;		    /* all PATHs are URLs; none is else */
	bool to_server;		    /* the output is one */
	bool stores;		    /* what is stamped goes to a server */
	bool yes;		    /* ... which was agreed to */
	int jobs;
	unsigned long long limit;
	bool in_place, dry_run, strict, quiet;
	bool undo, history;
	bool sandbox, no_sandbox; /* say whether there is one; have none */
	bool in_colour;		  /* --dry-run */
	bool json;		  /* --dry-run and --history tell it so */
	bool as_json;		  /* without them: headers are DICOM JSON */
	bool values;		  /* --history tells them */
	const char *before;	  /* undo no more than this */
	char *allow;		  /* of stamp; owned */
	dfh_stamp_options stamp;
	dfh_writing writing; /* of stamp */
	char time[32];	     /* of SOURCE_DATE_EPOCH, for stamp.time */
};

/* Fill *out; the PATHs are left at argv[optind].  -1: go on; else the exit
 * status, and what there was to say is said. */
int fhir2dcm_options(int argc, char **argv, struct fhir2dcm_options *out);
void fhir2dcm_options_free(struct fhir2dcm_options *options);

#endif

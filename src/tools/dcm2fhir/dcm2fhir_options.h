/* The options of dcm2fhir. */
#ifndef DCM2FHIR_OPTIONS_H
#define DCM2FHIR_OPTIONS_H

#include <stdbool.h>

#include "asking.h"
#include "dcmfhir.h"

struct dcm2fhir_options {
	const char *output, *rules, *timezone, *report, *format;
	const char *files_from, *since;
	const char *send, *outbox;
	const char *endpoint; /* "": that of the URL; NULL: none */
	struct asking asking; /* of servers */
	long entries;	      /* -1: not given */
	bool has_urls;	      /* a PATH is one */
	dfh_release release;
	dfh_reader reader;
	bool ndjson, strict, allow_empty, quiet, check, plain, report_values;
	bool grouped, records, from_records;
	bool sandbox, no_sandbox; /* say whether there is one; have none */
	long jobs;
	unsigned long long limit;
};

/* Fill *out; the PATHs are left at argv[optind].  -1: go on; else the exit
 * status, and what there was to say is said. */
int dcm2fhir_options(int argc, char **argv, struct dcm2fhir_options *out);

#endif

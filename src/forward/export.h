/* An export: the instances that were added, and how they are turned into
 * Bundles.  forward.c takes them in, stream.c and studies.c give the
 * Bundles out. */
#ifndef EXPORT_H
#define EXPORT_H

#include <pthread.h>
#include <stdatomic.h>

#include "assemble.h"

struct dfh_export {
	const dfh_rules *rules;
	enum fhir_release release;
	struct zone *zone;
	dfh_report *report;
	bool plain;
	bool by_dcmtk;
	uint64_t limit; /* of one input; memory_limit() */
	struct store *store;
	char version[40]; /* of records: record_version */
	bool sorted;
	size_t next;  /* of dfh_export_next */
	size_t jobs;  /* threads that make Bundles, from 1 */
	char **ready; /* Bundles that are made already (studies.c) */
	size_t ready_count, ready_next;
	atomic_size_t converted; /* instances, for dfh_export_converted */
	pthread_mutex_t lock;	 /* of the store and the report, while files are
				    added */
};

/* How many studies the threads may be ahead of what is written: their texts
 * are held. */
enum { EXPORT_AHEAD = 32 };

/* The report says that an input was refused, or passed over. */
void export_note_refused(dfh_export *ex, const char *name,
			 const dfh_error *fault);
void export_note_passed_over(dfh_export *ex, const char *path);

/* What the export has to say of how a source is read. */
void export_prepare(const dfh_export *ex, struct dcm_source *source);

/* A record of one file, which is prepared here.  origin: see dfh_input; or
 * NULL. */
dfh_record *export_read(dfh_export *ex, struct dcm_source *source,
			const char *origin, dfh_error **error);

/* A record of what was read, which is taken over; name is its file's.  What is
 * wrong is left to be noted. */
dfh_record *export_record(dfh_export *ex, struct dataset *dataset,
			  const char *name, const char *origin,
			  dfh_error **error);

/* Sort what was added; once. */
void export_sort(dfh_export *ex);

/* All that was added is in Bundles. */
void export_empty(dfh_export *ex);

/* An assembly for one or more studies; outer: see assemble.h. */
struct assembly *export_assembly(dfh_export *ex, struct assembly *outer);

/* Give all instances of a run to the assembly. */
void export_assemble(struct assembly *assembly,
		     const struct instances *instances);

/* Free the Bundles that nobody asked for. */
void export_forget_ready(dfh_export *ex);

#endif

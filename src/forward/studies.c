/* dfh_export_next: a Bundle for each study, several made at a time. */
#include <stdlib.h>

#include "each.h"
#include "export.h"

enum {
	STUDIES_OF_JOB = 8, /* that one thread has no more to do is rare then */
	INSTANCES_OF_JOB = 4096 /* what is made is in memory */
};

static char *study_text_of(dfh_export *ex, const struct instances *study)
{
	struct assembly *assembly = export_assembly(ex, NULL);
	export_assemble(assembly, study);
	json_object *bundle = assembly_bundle(assembly, study);
	char *text = json_to_line(bundle);
	assembly_free(assembly);
	ex->converted += study->to - study->from;
	return text;
}

/* ---- several at a time ---- */

struct study_batch {
	dfh_export *ex;
	struct instances *studies;
	size_t count;
};

static void *make_study_text(void *context, size_t index)
{
	const struct study_batch *batch = context;
	return study_text_of(batch->ex, &batch->studies[index]);
}

static void keep_study_text(void *context, size_t index, void *text)
{
	const struct study_batch *batch = context;
	batch->ex->ready[index] = text;
}

static void list_studies(dfh_export *ex, struct study_batch *batch)
{
	size_t limit = ex->jobs > 1 ? STUDIES_OF_JOB * ex->jobs : 1;
	size_t from = ex->next;
	batch->studies = xmalloc(limit * sizeof *batch->studies);
	while (batch->count < limit && ex->next < store_count(ex->store) &&
	       ex->next - from <= INSTANCES_OF_JOB * ex->jobs) {
		batch->studies[batch->count] = store_study(ex->store, ex->next);
		ex->next = batch->studies[batch->count++].to;
	}
}

static void make_ready(dfh_export *ex)
{
	struct study_batch batch = {.ex = ex};
	list_studies(ex, &batch);
	ex->ready = xrealloc(ex->ready, batch.count * sizeof *ex->ready);
	ex->ready_count = batch.count;
	ex->ready_next = 0;
	each_run(&(struct each_work){.work = make_study_text,
				     .settle = keep_study_text,
				     .context = &batch,
				     .ahead = batch.count},
		 batch.count, (int)ex->jobs);
	free(batch.studies);
}

void export_forget_ready(dfh_export *ex)
{
	while (ex->ready_next < ex->ready_count)
		free(ex->ready[ex->ready_next++]);
	free(ex->ready);
	ex->ready = NULL;
	ex->ready_count = ex->ready_next = 0;
}

char *dfh_export_next(dfh_export *ex, dfh_error **error)
{
	(void)error;
	export_sort(ex);
	if (ex->ready_next < ex->ready_count)
		return ex->ready[ex->ready_next++];
	if (ex->next < store_count(ex->store)) {
		make_ready(ex);
		return ex->ready[ex->ready_next++];
	}
	export_empty(ex);
	return NULL;
}

size_t dfh_export_converted(const dfh_export *ex)
{
	return ex->converted;
}

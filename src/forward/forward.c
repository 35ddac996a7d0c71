/* dfh_export_*, dfh_record_*: files in. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "export.h"
#include "sized.h"
#include "source.h"
#include "zone.h"

/* Which release is meant.  DFH_USAGE: none, or the rules are not for it. */
static int choose_release(const dfh_rules *rules, dfh_release wanted,
			  enum fhir_release *release, dfh_error **error)
{
	if (fhir_release_of(wanted, release, error) < 0)
		return -1;
	if (wanted == DFH_RELEASE_ANY && !rules->in_release[*release])
		*release = fhir_release_first(rules->in_release);
	if (rules->in_release[*release])
		return 0;
	return error_set(error, DFH_USAGE, "the rules are not for %s",
			 release_names[*release]);
}

dfh_export *dfh_export_new(const dfh_rules *rules,
			   const dfh_export_options *given, dfh_error **error)
{
	dfh_export_options own, *options = &own;
	enum fhir_release release;
	if (sized_take(&own, sizeof own, given, "dfh_export_options", error) <
		    0 ||
	    choose_release(rules, options->release, &release, error) < 0)
		return NULL;
	const char *name =
		options->timezone ? options->timezone : rules->timezone;
	struct zone *zone = name ? zone_open(name, error) : NULL;
	if (name && !zone)
		return NULL;
	dfh_export *ex = xmalloc(sizeof *ex);
	*ex = (dfh_export){
		.rules = rules,
		.release = release,
		.zone = zone,
		.report = options->report,
		.plain = options->plain != 0,
		.by_dcmtk = options->reader == DFH_READER_DCMTK,
		.limit = options->limit,
		.jobs = options->jobs > 1 ? (size_t)options->jobs : 1,
		.store = store_new(rules),
	};
	record_version(rules, ex->version);
	pthread_mutex_init(&ex->lock, NULL);
	return ex;
}

void dfh_export_free(dfh_export *ex)
{
	if (!ex)
		return;
	export_forget_ready(ex);
	store_free(ex->store);
	zone_close(ex->zone);
	pthread_mutex_destroy(&ex->lock);
	free(ex);
}

/* ---- reading ---- */

static void note_file(dfh_export *ex, enum report_kind kind, const char *name,
		      const char *text)
{
	pthread_mutex_lock(&ex->lock);
	report_add(ex->report, kind, NULL, ex->release, NULL, name, text);
	pthread_mutex_unlock(&ex->lock);
}

/* The error's text without the name of the file, which the report has. */
void export_note_refused(dfh_export *ex, const char *name,
			 const dfh_error *fault)
{
	const char *text = dfh_error_text(fault);
	size_t length = strlen(name);
	if (strncmp(text, name, length) == 0 && text[length] == ':')
		text += length + 1 + strspn(text + length + 1, " ");
	note_file(ex, REPORT_REFUSED, name, text);
}

/* A file of a folder.  One without bytes is what a broken transfer leaves, or
 * the mark of a program. */
void export_note_passed_over(dfh_export *ex, const char *path)
{
	struct stat status;
	if (ex->report && stat(path, &status) == 0 && !status.st_size)
		note_file(ex, REPORT_EMPTY, path, "it has no bytes");
	else if (ex->report && dcm_sniff(path, NULL) != 1)
		note_file(ex, REPORT_PASSED_OVER, path, "it is not DICOM");
}

static void note_unread(dfh_export *ex, struct dataset *dataset,
			const char *file)
{
	pthread_mutex_lock(&ex->lock);
	report_add_unread(ex->report, dataset->unread, dataset->unread_count,
			  file);
	pthread_mutex_unlock(&ex->lock);
	dataset_drop_unread(dataset);
}

/* Of a doubled attribute the first was read. */
static void note_doubled(dfh_export *ex, struct dataset *dataset,
			 const char *file)
{
	char name[128];
	pthread_mutex_lock(&ex->lock);
	for (size_t i = 0; i < dataset->doubled_count; i++)
		report_add(ex->report, REPORT_INVALID, NULL, ex->release,
			   dcm_tag_name(&dataset->doubled[i], name), file,
			   "it is there more than once; only the first is "
			   "read");
	pthread_mutex_unlock(&ex->lock);
	free(dataset->doubled);
	dataset->doubled = NULL;
	dataset->doubled_count = 0;
}

/* What was to be read and is not of its kind in DICOM JSON. */
static void note_told(dfh_export *ex, struct dataset *dataset, const char *file)
{
	pthread_mutex_lock(&ex->lock);
	for (size_t i = 0; i < dataset->told_count; i++)
		report_add(ex->report, REPORT_LOST, NULL, ex->release,
			   dataset->told[i].attribute, file,
			   dataset->told[i].text);
	pthread_mutex_unlock(&ex->lock);
	free(dataset->told);
	dataset->told = NULL;
	dataset->told_count = 0;
}

static void note_fallbacks(struct dataset *dataset,
			   const struct fallback *fallback)
{
	for (size_t i = 0; i < fallback->tag_count; i++)
		if (dcm_item_find(&dataset->root, &fallback->tags[i]))
			dataset_add_unread(dataset, "", &fallback->tags[i]);
}

/* What stands in for an attribute that the dataset has is not looked at: it is
 * as if no rule read it, and likes stay alike. */
static void drop_fallbacks(const dfh_rules *rules, struct dataset *dataset,
			   bool lists_unread)
{
	struct scope root = scope_root(&dataset->root);
	for (size_t i = 0; i < rules->fallback_count; i++) {
		const struct fallback *fallback = &rules->fallbacks[i];
		const struct dcm_element *better =
			scope_element(&root, fallback->unless);
		if (!better || !better->text)
			continue;
		if (lists_unread)
			note_fallbacks(dataset, fallback);
		dcm_item_remove_all(&dataset->root, fallback->tags,
				    fallback->tag_count);
	}
}

void export_prepare(const dfh_export *ex, struct dcm_source *source)
{
	source->lists_unread = report_wants_unmapped(ex->report);
	source->by_dcmtk = ex->by_dcmtk;
	source->limit = ex->limit;
}

/* Where it came from is an attribute like others from here on. */
static int set_origin(const dfh_export *ex, struct dataset *dataset,
		      const char *origin, dfh_error **error)
{
	const struct dcm_path *path = ex->rules->origin;
	if (!origin)
		return 0;
	if (!path)
		return error_set(error, DFH_USAGE,
				 "the rules do not say what becomes of where "
				 "an instance came from (origin)");
	dcm_item_set_text(&dataset->root, path->tags, path->vr, origin);
	return 0;
}

dfh_record *export_record(dfh_export *ex, struct dataset *dataset,
			  const char *name, const char *origin,
			  dfh_error **error)
{
	bool lists_unread = report_wants_unmapped(ex->report);
	if (!dataset->root.count) {
		dataset_free(dataset);
		error_set(error, DFH_REFUSED,
			  "%s: has no attribute that a rule reads", name);
		return NULL;
	}
	if (set_origin(ex, dataset, origin, error) < 0) {
		dataset_free(dataset);
		return NULL;
	}
	drop_fallbacks(ex->rules, dataset, lists_unread);
	if (lists_unread)
		note_unread(ex, dataset, name);
	if (dataset->doubled_count)
		note_doubled(ex, dataset, name);
	if (dataset->told_count)
		note_told(ex, dataset, name);
	return record_new(ex->rules, dataset, name);
}

dfh_record *export_read(dfh_export *ex, struct dcm_source *source,
			const char *origin, dfh_error **error)
{
	dfh_error *fault = NULL;
	export_prepare(ex, source);
	struct dataset *dataset = dcm_read(source, &ex->rules->wants, &fault);
	dfh_record *record = dataset ? export_record(ex, dataset, source->name,
						     origin, &fault)
				     : NULL;
	if (fault)
		export_note_refused(ex, source->name, fault);
	else if (!record)
		export_note_passed_over(ex, source->name);
	error_pass(fault, error);
	return record;
}

dfh_record *dfh_export_read_file(dfh_export *ex, const char *path,
				 dfh_error **error)
{
	if (path_given(path, error) < 0)
		return NULL;
	return export_read(ex, &(struct dcm_source){.name = path}, NULL, error);
}

dfh_record *dfh_export_read_found(dfh_export *ex, const char *path,
				  dfh_error **error)
{
	struct dcm_source source = {.name = path, .passes_over = true};
	if (path_given(path, error) < 0)
		return NULL;
	return export_read(ex, &source, NULL, error);
}

dfh_record *dfh_export_read_bytes(dfh_export *ex, const char *name,
				  const void *bytes, size_t length,
				  dfh_error **error)
{
	struct dcm_source source;
	if (source_of_bytes(&source, name, bytes, length, error) < 0)
		return NULL;
	return export_read(ex, &source, NULL, error);
}

dfh_record *dfh_export_read_source(dfh_export *ex, const dfh_source *given,
				   dfh_error **error)
{
	struct dcm_source source;
	if (source_take(&source, given, error) < 0)
		return NULL;
	return export_read(ex, &source, NULL, error);
}

/* ---- adding ---- */

void dfh_export_add_record(dfh_export *ex, dfh_record *record)
{
	const struct instance *instance = &record->instance;
	pthread_mutex_lock(&ex->lock);
	if (record->is_alone)
		report_add(ex->report, REPORT_INVALID, NULL, ex->release,
			   "StudyInstanceUID", instance->file,
			   "a study without it cannot be found again");
	if (instance->dataset->mislabelled)
		report_add(ex->report, REPORT_INVALID, NULL, ex->release,
			   "TransferSyntaxUID", instance->file,
			   "the dataset is not encoded as it says");
	store_add(ex->store, instance);
	ex->sorted = false;
	pthread_mutex_unlock(&ex->lock);
	dfh_record_free(record);
}

static int add_record_if_read(dfh_export *ex, dfh_record *record)
{
	if (!record)
		return -1;
	dfh_export_add_record(ex, record);
	return 0;
}

int dfh_export_add_file(dfh_export *ex, const char *path, dfh_error **error)
{
	return add_record_if_read(ex, dfh_export_read_file(ex, path, error));
}

int dfh_export_add_bytes(dfh_export *ex, const char *name, const void *bytes,
			 size_t length, dfh_error **error)
{
	return add_record_if_read(
		ex, dfh_export_read_bytes(ex, name, bytes, length, error));
}

void export_empty(dfh_export *ex)
{
	export_forget_ready(ex);
	store_free(ex->store);
	ex->store = store_new(ex->rules);
	ex->sorted = false;
	ex->next = 0;
}

void export_sort(dfh_export *ex)
{
	if (!ex->sorted)
		store_sort(ex->store, ex->report, ex->release);
	ex->sorted = true;
}

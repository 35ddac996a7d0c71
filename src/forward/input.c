/* dfh_input: one instance or many, of a DICOM file or DICOM JSON. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "export.h"
#include "sized.h"
#include "source.h"
#include "store.h"

/* DICOM JSON while it is read.  Nothing of it is given away until all of it is
 * known to be JSON, for half a study would replace the study at a server: until
 * then its instances are kept in little room. */
struct json_reading {
	dfh_export *ex;
	const dfh_input *input;
	struct dcm_json *json;
	struct store *store;
	struct errors errors; /* of instances that are refused alone */
};

static void keep_record(struct json_reading *reading, dfh_record *record)
{
	store_add(reading->store, &record->instance);
	dfh_record_free(record);
}

/* A server that gives another study for one would replace it by that. */
static bool is_asked_for(const dfh_input *input, const dfh_record *record)
{
	const char *key = record->instance.keys[LEVEL_STUDY];
	size_t length = strcspn(key, KEY_SEPARATOR);
	return !input->study ||
	       (!record->is_alone && strlen(input->study) == length &&
		strncmp(key, input->study, length) == 0);
}

static bool read_instance(struct json_reading *reading,
			  enum dcm_json_answer *answer, dfh_error **error)
{
	dfh_export *ex = reading->ex;
	struct dataset *dataset;
	dfh_error *fault = NULL;
	dfh_record *record;
	*answer = dcm_json_next(reading->json, &ex->rules->wants, &dataset,
				&fault);
	if (*answer == DCM_JSON_FAILED) {
		error_pass(fault, error);
		return false;
	}
	if (*answer == DCM_JSON_OVER)
		return false;
	const char *name = dcm_json_name(reading->json);
	record = dataset ? export_record(ex, dataset, name,
					 reading->input->origin, &fault)
			 : NULL;
	if (record && !is_asked_for(reading->input, record)) {
		error_set(&fault, DFH_REFUSED,
			  "%s: is of another study than was asked for", name);
		dfh_record_free(record);
	} else if (record) {
		keep_record(reading, record);
	}
	errors_add(&reading->errors, fault);
	return true;
}

/* The records of what is kept; not 0: take wants no more. */
static int give_records(struct json_reading *reading)
{
	size_t count = store_count(reading->store);
	int answer = 0;
	for (size_t i = 0; i < count && answer == 0; i++) {
		struct instance instance;
		store_take(reading->store, i, &instance);
		/* what the store makes borrows from it */
		dfh_record *record = record_new(reading->ex->rules,
						dataset_copy(instance.dataset),
						instance.file);
		instance_clear(&instance);
		answer = reading->input->take(record, reading->input->context);
	}
	return answer;
}

static void note_errors(struct json_reading *reading)
{
	const dfh_error *error = reading->errors.first;
	for (; error; error = dfh_error_next(error))
		export_note_refused(reading->ex, dfh_error_file(error), error);
}

static void drop_errors(struct json_reading *reading)
{
	dfh_error *error = NULL;
	errors_end(&reading->errors, &error);
	dfh_error_free(error);
}

/* What was refused alone is said only of what is DICOM JSON at all. */
static int settle_json_input(struct json_reading *reading, const char *name,
			     dfh_error *fault, dfh_error **error)
{
	bool is_dicom = dcm_json_has_datasets(reading->json);
	if (fault || !is_dicom)
		drop_errors(reading);
	if (!is_dicom && reading->input->found) {
		export_note_passed_over(reading->ex, name);
		dfh_error_free(fault);
		return 1;
	}
	if (!fault && !is_dicom)
		error_because(&fault, DFH_NOT_DICOM,
			      "%s: is JSON, but has no dataset as DICOM JSON "
			      "has it (PS3.18 F)",
			      name);
	if (fault) {
		export_note_refused(reading->ex, name, fault);
		error_pass(fault, error);
		return -1;
	}
	note_errors(reading);
	if (!reading->errors.first || !reading->input->whole)
		give_records(reading);
	return errors_end(&reading->errors, error);
}

static int read_json(dfh_export *ex, struct dcm_source *source,
		     const dfh_input *input, dfh_error **error)
{
	const struct dcm_fetch fetch = {input->fetch, input->context};
	struct json_reading reading = {.ex = ex, .input = input};
	enum dcm_json_answer answer;
	dfh_error *fault = NULL;
	export_prepare(ex, source);
	reading.json =
		dcm_json_open(source, input->fetch ? &fetch : NULL, &fault);
	if (!reading.json) {
		export_note_refused(ex, source->name, fault);
		error_pass(fault, error);
		return -1;
	}
	reading.store = store_new(ex->rules);
	while (read_instance(&reading, &answer, &fault))
		;
	int result = settle_json_input(&reading, source->name, fault, error);
	store_free(reading.store);
	dcm_json_close(reading.json);
	return result;
}

/* ---- either ---- */

static int read_dicom(dfh_export *ex, struct dcm_source *source,
		      const dfh_input *input, dfh_error **error)
{
	dfh_error *fault = NULL;
	source->passes_over = input->found != 0;
	dfh_record *record = export_read(ex, source, input->origin, &fault);
	if (record)
		input->take(record, input->context);
	else if (!fault)
		return 1;
	error_pass(fault, error);
	return record ? 0 : -1;
}

/* Metadata of a study are all of its instances, and a file is one. */
static int refuse_file_for_metadata(dfh_export *ex,
				    const struct dcm_source *source,
				    dfh_error **error)
{
	dfh_error *fault = NULL;
	error_because(&fault, DFH_NOT_DICOM, "%s: is no DICOM JSON (PS3.18 F)",
		      source->name);
	export_note_refused(ex, source->name, fault);
	error_pass(fault, error);
	return -1;
}

static int read_either(dfh_export *ex, struct dcm_source *source,
		       const dfh_input *input, dfh_error **error)
{
	if (dcm_json_begins(source, NULL) > 0)
		return read_json(ex, source, input, error);
	if (input->study)
		return refuse_file_for_metadata(ex, source, error);
	return read_dicom(ex, source, input, error);
}

/* It is opened once, so that what is read is what was looked at. */
static int read_each(dfh_export *ex, struct dcm_source *source,
		     const dfh_input *input, dfh_error **error)
{
	int fd = -1;
	if (input->path)
		fd = open(input->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) /* which is said by who reads it */
		return read_either(ex, source, input, error);
	source->fd = &fd;
	int answer = read_either(ex, source, input, error);
	close(fd);
	return answer;
}

int dfh_export_read_each(dfh_export *ex, const dfh_input *given,
			 dfh_error **error)
{
	dfh_input input;
	if (sized_take(&input, sizeof input, given, "dfh_input", error) < 0)
		return -1;
	struct dcm_source source = {.name = input.path};
	if (!input.take || !input.path == !input.source)
		return error_set(error, DFH_USAGE,
				 "a dfh_input has a path or a source, and "
				 "take");
	if (input.source && source_take(&source, input.source, error) < 0)
		return -1;
	return read_each(ex, &source, &input, error);
}

/* ---- JSON in memory ---- */

static int add_record_to_export(dfh_record *record, void *context)
{
	dfh_export_add_record(context, record);
	return 0;
}

int dfh_export_add_dicom_json(dfh_export *ex, const char *name,
			      const char *json, size_t length,
			      dfh_error **error)
{
	const dfh_input input = {.size = sizeof input,
				 .take = add_record_to_export,
				 .context = ex};
	struct dcm_source source;
	if (source_of_bytes(&source, name, json, length, error) < 0)
		return -1;
	return read_json(ex, &source, &input, error);
}

/* ---- what a file is ---- */

int dfh_looks_like_dicom_json(const char *path, dfh_error **error)
{
	static const struct dcm_wants nothing;
	struct dcm_source source = {.name = path};
	struct dataset *dataset = NULL;
	if (path_given(path, error) < 0)
		return -1;
	int begins = dcm_json_begins(&source, error);
	if (begins <= 0)
		return begins;
	struct dcm_json *json = dcm_json_open(&source, NULL, error);
	if (!json)
		return -1;
	dcm_json_next(json, &nothing, &dataset, NULL);
	dataset_free(dataset);
	begins = dcm_json_has_datasets(json);
	dcm_json_close(json);
	return begins;
}

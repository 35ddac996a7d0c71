/* dfh_import_*: FHIR in, DICOM headers out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beside.h"
#include "codec.h"
#include "error.h"
#include "import.h"

dfh_import *dfh_import_new(const dfh_rules *rules,
			   const dfh_import_options *options, dfh_error **error)
{
	(void)error;
	dfh_import *im = xmalloc(sizeof *im);
	*im = (dfh_import){.rules = rules,
			   .release = options->release,
			   .report = options->report,
			   .index = fhir_index_new()};
	return im;
}

void dfh_import_free(dfh_import *im)
{
	if (!im)
		return;
	subjects_free(&im->subjects);
	fhir_index_free(im->index);
	free(im);
}

/* ---- JSON ---- */

static int add_resource(dfh_import *im, const char *name, json_object *resource,
			dfh_error **error)
{
	if (!json_text(resource, "resourceType"))
		return error_set(error, DFH_REFUSED,
				 "%s: not FHIR: a JSON object without "
				 "resourceType",
				 name);
	for (int release = 0; release < RELEASES; release++)
		im->misfits[release] +=
			release_misfits((dfh_release)release, resource);
	subjects_free(&im->subjects);
	im->has_subjects = false;
	return fhir_index_add(im->index, resource);
}

static size_t skip_blank(const char *json, size_t length, size_t at)
{
	while (at < length && strchr(" \t\r\n", json[at]) && json[at])
		at++;
	return at;
}

static int line_of(const char *json, size_t at)
{
	int line = 1;
	for (size_t i = 0; i < at; i++)
		line += json[i] == '\n';
	return line;
}

/* One document, or one after the other: NDJSON. */
int dfh_import_add_json(dfh_import *im, const char *name, const char *json,
			size_t length, dfh_error **error)
{
	struct json_tokener *tokener = json_tokener_new_ex(128);
	int result = 0;
	size_t at = skip_blank(json, length, 0);
	json_tokener_set_flags(
		tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8 |
				 JSON_TOKENER_ALLOW_TRAILING_CHARS);
	if (at == length)
		result = error_set(error, DFH_REFUSED, "%s: is empty", name);
	while (result == 0 && at < length) {
		size_t left = length - at;
		json_tokener_reset(tokener);
		json_object *resource = json_tokener_parse_ex(
			tokener, json + at,
			left > INT32_MAX ? INT32_MAX : (int)left);
		enum json_tokener_error fault = json_tokener_get_error(tokener);
		at += json_tokener_get_parse_end(tokener);
		if (fault == json_tokener_continue)
			result = error_set(error, DFH_REFUSED,
					   "%s:%d: not JSON: it ends too early",
					   name, line_of(json, at));
		else if (fault != json_tokener_success)
			result = error_set(error, DFH_REFUSED,
					   "%s:%d: not JSON: %s", name,
					   line_of(json, at),
					   json_tokener_error_desc(fault));
		else
			result = add_resource(im, name, resource, error);
		json_object_put(resource);
		at = skip_blank(json, length, at);
	}
	json_tokener_free(tokener);
	return result;
}

/* ---- a view as a dataset ---- */

struct note_context {
	const struct dfh_import *im;
	dfh_release release;
	const char *file;
};

static void take_note(void *context, const struct rule *rule,
		      enum note_kind kind, const char *text)
{
	const struct note_context *c = context;
	report_add(c->im->report, report_kind_of(kind), rule, c->release, NULL,
		   c->file, text);
}

static void put_on(const struct dfh_import *im, const struct view *view,
		   const char *file, struct dataset *dataset, bool rebuilds)
{
	struct note_context context = {im, view->release, file};
	struct lens lens = {
		.rules = im->rules,
		.release = view->release,
		.arena = dataset->arena,
		.schemes =
			schemes_of(im->rules, &dataset->root, dataset->arena),
		.note = file ? take_note : NULL,
		.note_context = &context,
		.keeps_uids = !rebuilds,
	};
	put_view(&lens, view, dataset, rebuilds);
	if (rebuilds)
		put_type2(im->rules, dataset);
	/* From the whole to the part: the instance has the last word. */
	for (int level = LEVEL_STUDY; level < 4; level++)
		beside_apply(im->rules, view->at[level], dataset);
}

struct dataset *dataset_of(const struct dfh_import *im, const struct view *view,
			   const char *file)
{
	struct dataset *dataset = dataset_new();
	put_on(im, view, file, dataset, true);
	return dataset;
}

/* ---- rebuilding ---- */

struct rebuild {
	dfh_import *im;
	const char *folder;
	void (*done)(const char *path, void *context);
	void *context;
	size_t count;
};

/* The name of the file: the UID of the instance, or what tells the dataset
 * apart that has none. */
static const char *file_name(const struct rebuild *rebuild,
			     const struct view *view,
			     const struct dataset *dataset)
{
	const struct place *instance =
		view_level_place(rebuild->im->rules, LEVEL_INSTANCE);
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	const char *id = json_text(view->at[LEVEL_STUDY], "id");
	struct port_value key =
		instance ? scope_read(&root, &instance->key[0], dataset->arena)
			 : (struct port_value){VALUE_ABSENT, NULL};
	const char *name = key.text ? key.text : id ? id : "unnamed";
	/* A name from outside never leads out of the folder. */
	return strspn(name, "0123456789abcdefABCDEF.-") == strlen(name) &&
			       name[0] != '.'
		       ? name
		       : NULL;
}

static int rebuild_one(struct rebuild *rebuild, const struct view *view,
		       dfh_error **error)
{
	const char *study = json_text(view->at[LEVEL_STUDY], "id");
	struct dataset *dataset =
		dataset_of(rebuild->im, view, study ? study : "the Bundle");
	const char *name = file_name(rebuild, view, dataset);
	int result = 0;
	if (!name) {
		result = error_set(error, DFH_REFUSED,
				   "an instance has a UID that is none");
	} else if (rebuild->folder) {
		char *path = arena_printf(dataset->arena, "%s/%s.dcm",
					  rebuild->folder, name);
		result = dcm_write(dataset, path, error);
		if (result == 0 && rebuild->done)
			rebuild->done(path, rebuild->context);
	} else if (rebuild->done) {
		rebuild->done(arena_printf(dataset->arena, "%s.dcm", name),
			      rebuild->context);
	}
	rebuild->count += result == 0;
	dataset_free(dataset);
	return result;
}

/* A view for each instance below; a study (or series) without any is rebuilt
 * as the one dataset that it came from. */
static int rebuild_below(struct rebuild *rebuild, struct view view,
			 enum level level, dfh_error **error)
{
	const struct place *place =
		level < LEVEL_INSTANCE
			? view_level_place(rebuild->im->rules,
					   (enum level)(level + 1))
			: NULL;
	const struct fhir_path *in = place ? place->in[view.release] : NULL;
	struct json_list all = {0};
	int result = 0;
	if (in)
		fhir_path_slots(view.at[level], in, &all);
	if (!all.count)
		result = rebuild_one(rebuild, &view, error);
	for (size_t i = 0; i < all.count && result == 0; i++) {
		view.at[level + 1] = all.at[i];
		result = rebuild_below(rebuild, view, (enum level)(level + 1),
				       error);
	}
	json_list_free(&all);
	return result;
}

int dfh_import_rebuild(dfh_import *im, const char *folder,
		       void (*done)(const char *path, void *context),
		       void *context, dfh_error **error)
{
	struct rebuild rebuild = {im, folder, done, context, 0};
	const struct subjects *subjects = import_subjects(im);
	int result = 0;
	for (size_t i = 0; i < subjects->count && result == 0; i++)
		if (subjects->at[i].view.at[LEVEL_STUDY])
			result = rebuild_below(&rebuild, subjects->at[i].view,
					       LEVEL_STUDY, error);
	if (result == 0 && !rebuild.count)
		result = error_set(error, DFH_REFUSED,
				   "there is no ImagingStudy to rebuild "
				   "headers from; to stamp files, name them");
	return result;
}

/* ---- stamping ---- */

static size_t count_changes(const struct dataset *before,
			    const struct dataset *after)
{
	const struct dcm_item *a = &before->root, *b = &after->root;
	size_t i = 0, k = 0, changes = 0;
	while (i < a->count || k < b->count) {
		int order = i == a->count ? 1
			    : k == b->count
				    ? -1
				    : dcm_tag_compare(&a->elements[i].tag,
						      &b->elements[k].tag);
		changes += order != 0 ||
			   !dcm_element_equal(&a->elements[i], &b->elements[k]);
		i += order <= 0;
		k += order >= 0;
	}
	return changes;
}

int dfh_import_stamp(dfh_import *im, const char *path, const char *out,
		     size_t *changed, dfh_error **error)
{
	struct dcm_source source = {.name = path};
	struct view view;
	struct dataset *before = dcm_read(&source, &im->rules->wants, error);
	int result = before ? match(im, before, path, &view, error) : -1;
	if (result < 0)
		report_add(im->report, REPORT_REFUSED, NULL, DFH_R5, NULL, path,
			   before ? "the Bundle does not fit it"
				  : "could not be read");
	if (result == 0) {
		struct dataset *after = dataset_copy(before);
		put_on(im, &view, path, after, false);
		if (changed)
			*changed = count_changes(before, after);
		if (out)
			result = dcm_stamp(path, out, before, after, error);
		dataset_free(after);
	}
	dataset_free(before);
	return result;
}

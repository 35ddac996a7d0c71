/* dfh_import_*: FHIR in, DICOM headers out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/linkhash.h>

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
	if (file)
		note_unmapped(im, view, file);
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
	struct lh_table *names;
	dfh_error *error; /* the first, or the one that ended the work */
	bool stopped;
};

/* The name of the file: the UID of the instance, or the id of the study that
 * a dataset without a UID is all of.  NULL: a name from outside that could
 * lead out of the folder. */
static const char *file_name(const struct rebuild *rebuild,
			     const struct view *view,
			     const struct dataset *dataset)
{
	static const char safe[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-";
	const struct place *instance =
		view_level_place(rebuild->im->rules, LEVEL_INSTANCE);
	struct scope root = scope_root((struct dcm_item *)&dataset->root);
	const char *id = json_text(view->at[LEVEL_STUDY], "id");
	struct port_value key =
		instance ? scope_read(&root, &instance->key[0], dataset->arena)
			 : (struct port_value){VALUE_ABSENT, NULL};
	const char *name = key.text ? key.text : id ? id : "unnamed";
	if (view->at[LEVEL_INSTANCE] && !key.text)
		return NULL;
	return strspn(name, safe) == strlen(name) && name[0] != '.' ? name
								    : NULL;
}

static void free_name(struct lh_entry *entry)
{
	free(lh_entry_k(entry));
}

/* Two instances of one name would be one file. */
static bool is_new(struct rebuild *rebuild, const char *name)
{
	if (lh_table_lookup_entry(rebuild->names, name))
		return false;
	lh_table_insert(rebuild->names, xstrdup(name), NULL);
	return true;
}

static int write_rebuilt(struct rebuild *rebuild, const char *name,
			 const struct dataset *dataset, dfh_error **error)
{
	char *path = arena_printf(dataset->arena, "%s%s%s.dcm",
				  rebuild->folder ? rebuild->folder : "",
				  rebuild->folder ? "/" : "", name);
	if (!is_new(rebuild, name))
		return error_set(error, DFH_REFUSED,
				 "%s: another instance has this UID", name);
	if (rebuild->folder && dcm_write(dataset, path, error) < 0)
		return -1;
	if (rebuild->done)
		rebuild->done(path, rebuild->context);
	return 0;
}

/* One instance that cannot be rebuilt does not keep the others from it; a
 * file that cannot be written ends the work. */
static void rebuild_one(struct rebuild *rebuild, const struct view *view)
{
	const char *study = json_text(view->at[LEVEL_STUDY], "id");
	struct dataset *dataset =
		dataset_of(rebuild->im, view, study ? study : "the Bundle");
	const char *name = file_name(rebuild, view, dataset);
	dfh_error *error = NULL;
	if (!name)
		error_set(&error, DFH_REFUSED,
			  "an instance has a UID that is none");
	else
		write_rebuilt(rebuild, name, dataset, &error);
	rebuild->count += !error;
	dataset_free(dataset);
	if (!error)
		return;
	report_add(rebuild->im->report, REPORT_REFUSED, NULL, view->release,
		   NULL, name, "could not be rebuilt");
	rebuild->stopped = dfh_error_code(error) == DFH_IO;
	if (!rebuild->error || rebuild->stopped) {
		dfh_error_free(rebuild->error);
		rebuild->error = error;
	} else {
		dfh_error_free(error);
	}
}

/* A view for each instance below; a study (or series) without any is rebuilt
 * as the one dataset that it came from. */
static void rebuild_below(struct rebuild *rebuild, struct view view,
			  enum level level)
{
	const struct place *place =
		level < LEVEL_INSTANCE
			? view_level_place(rebuild->im->rules,
					   (enum level)(level + 1))
			: NULL;
	const struct fhir_path *in = place ? place->in[view.release] : NULL;
	struct json_list all = {0};
	if (in)
		fhir_path_slots(view.at[level], in, &all);
	if (!all.count)
		rebuild_one(rebuild, &view);
	for (size_t i = 0; i < all.count && !rebuild->stopped; i++) {
		view.at[level + 1] = all.at[i];
		rebuild_below(rebuild, view, (enum level)(level + 1));
	}
	json_list_free(&all);
}

int dfh_import_rebuild(dfh_import *im, const char *folder,
		       void (*done)(const char *path, void *context),
		       void *context, dfh_error **error)
{
	struct rebuild rebuild = {.im = im,
				  .folder = folder,
				  .done = done,
				  .context = context,
				  .names = lh_kchar_table_new(64, free_name)};
	const struct subjects *subjects = import_subjects(im);
	for (size_t i = 0; i < subjects->count && !rebuild.stopped; i++)
		if (subjects->at[i].view.at[LEVEL_STUDY])
			rebuild_below(&rebuild, subjects->at[i].view,
				      LEVEL_STUDY);
	lh_table_free(rebuild.names);
	if (!rebuild.error && !rebuild.count)
		error_set(&rebuild.error, DFH_REFUSED,
			  "there is no ImagingStudy to rebuild headers from; "
			  "to stamp files, name them");
	if (!rebuild.error)
		return 0;
	if (error && !*error)
		*error = rebuild.error;
	else
		dfh_error_free(rebuild.error);
	return -1;
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
			result = dcm_stamp(path, out, before, after,
					   im->rules->wants.assumed_charset,
					   error);
		dataset_free(after);
	}
	dataset_free(before);
	return result;
}

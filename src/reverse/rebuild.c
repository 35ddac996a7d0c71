/* Headers from FHIR alone: a dataset for each instance of the Bundle. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "error.h"
#include "import.h"
#include "writing.h"

struct rebuild {
	dfh_import *im;
	const char *folder; /* NULL: none is written */
	struct spot spot;   /* the folder, and the name of the file at hand */
	void (*done)(const char *path, void *context);
	/* What takes the files instead of a folder, or NULL. */
	int (*made)(const char *name, const void *bytes, size_t length,
		    void *context);
	void *context;
	size_t count;
	struct lh_table *names;
	struct errors errors;
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

/* Two instances of one name would be one file. */
static bool is_new_name(struct rebuild *rebuild, const char *name)
{
	if (lh_table_lookup_entry(rebuild->names, name))
		return false;
	lh_add(rebuild->names, xstrdup(name), NULL);
	return true;
}

static int write_file(struct rebuild *rebuild, const struct dataset *dataset,
		      const char *path, dfh_error **error)
{
	if (spot_set_name(&rebuild->spot, strrchr(path, '/') + 1) < 0)
		return error_set(error, DFH_IO, "%s: not written: %s", path,
				 strerror(errno));
	return dcm_write(dataset, &rebuild->spot, path, error);
}

static int give_rebuilt(struct rebuild *rebuild, const char *name,
			const struct dataset *dataset, dfh_error **error)
{
	size_t length;
	unsigned char *bytes = dcm_encode_file(dataset, name, &length, error);
	int fault = bytes ? rebuild->made(name, bytes, length, rebuild->context)
			  : 0;
	free(bytes);
	if (!bytes)
		return -1;
	return fault ? error_set(error, DFH_IO, "%s: was not taken", name) : 0;
}

static int write_rebuilt(struct rebuild *rebuild, const char *name,
			 const struct dataset *dataset, dfh_error **error)
{
	char *path = arena_printf(dataset->arena, "%s%s%s.dcm",
				  rebuild->folder ? rebuild->folder : "",
				  rebuild->folder ? "/" : "", name);
	if (!is_new_name(rebuild, name))
		return error_set(error, DFH_REFUSED,
				 "%s: another instance has this UID", name);
	if (rebuild->made)
		return give_rebuilt(rebuild, name, dataset, error);
	if (rebuild->folder && write_file(rebuild, dataset, path, error) < 0)
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
	const struct place *refused = view_refused(view);
	const struct doubt doubt = find_doubt(view);
	dfh_error *error = NULL;
	/* Of two studies of one name each has instances of its own: line by
	 * line two patients may claim one Study Instance UID. */
	if (doubt.kind == DOUBT_TORN &&
	    !(doubt.place->key_count && doubt.place->level == LEVEL_STUDY))
		error_set(&error, DFH_REFUSED,
			  "two accounts of the %s of %s were read, and they "
			  "differ; leave out all but the right one",
			  doubt.place->type, name ? name : "an instance");
	else if (refused)
		error_because(
			&error, DFH_WITHDRAWN,
			"the %s of %s is one that place '%s' of the rules "
			"refuses, such as one entered in error",
			refused->type, name ? name : "an instance",
			refused->name);
	else if (!name)
		error_set(&error, DFH_REFUSED,
			  "an instance has a UID that is none");
	else
		write_rebuilt(rebuild, name, dataset, &error);
	rebuild->count += !error;
	if (error) /* the name is of the dataset */
		report_add(rebuild->im->report, REPORT_REFUSED, NULL,
			   view->release, NULL, name, "could not be rebuilt");
	dataset_free(dataset);
	if (!error)
		return;
	rebuild->stopped = dfh_error_code(error) == DFH_IO;
	errors_add(&rebuild->errors, error);
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

/* The names of the files come from outside: whatever they are, and whoever
 * exchanges the folder, they stay in this one. */
static int enter_rebuild_folder(struct rebuild *rebuild, dfh_error **error)
{
	if (spot_open_folder(&rebuild->spot, rebuild->folder) < 0)
		return error_set(error, DFH_IO, "%s: %s", rebuild->folder,
				 strerror(errno));
	return folders_enter(NULL, &rebuild->spot, rebuild->folder, error);
}

static int rebuild_all_studies(struct rebuild *rebuild, dfh_error **error)
{
	const struct subjects *subjects = import_subjects(rebuild->im);
	rebuild->names = lh_by_text(64, lh_free_key);
	for (size_t i = 0; i < subjects->count && !rebuild->stopped; i++)
		if (subjects->at[i].view.at[LEVEL_STUDY])
			rebuild_below(rebuild, subjects->at[i].view,
				      LEVEL_STUDY);
	lh_table_free(rebuild->names);
	dfh_error *none = NULL;
	if (!rebuild->errors.first && !rebuild->count)
		error_set(&none, DFH_REFUSED,
			  "there is no ImagingStudy to rebuild headers from; "
			  "to stamp files, name them");
	errors_add(&rebuild->errors, none);
	return errors_end(&rebuild->errors, error);
}

int dfh_import_rebuild(dfh_import *im, const char *folder,
		       void (*done)(const char *path, void *context),
		       void *context, dfh_error **error)
{
	struct rebuild rebuild = {
		.im = im, .folder = folder, .done = done, .context = context};
	int result;
	rebuild.spot.folder = -1;
	result = folder ? enter_rebuild_folder(&rebuild, error) : 0;
	if (result == 0)
		result = rebuild_all_studies(&rebuild, error);
	spot_close(&rebuild.spot);
	return result;
}

int dfh_import_rebuild_each(dfh_import *im,
			    int (*made)(const char *name, const void *bytes,
					size_t length, void *context),
			    void *context, dfh_error **error)
{
	struct rebuild rebuild = {.im = im, .made = made, .context = context};
	return rebuild_all_studies(&rebuild, error);
}

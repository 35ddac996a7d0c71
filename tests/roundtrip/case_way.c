#include "case_way.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *case_text(const dfh_error *error)
{
	return error ? dfh_error_text(error) : "no message";
}

/* ---- DICOM -> FHIR ---- */

struct case_name case_file(int index)
{
	char name[32];
	snprintf(name, sizeof name, "%02d.dcm", index);
	return case_temp(name);
}

void case_encode_all(const struct case_folder *it)
{
	ck_assert_msg(it->dump_count > 0, "%s: no dumps", it->name);
	for (int i = 0; i < it->dump_count; i++)
		case_encode(it, it->dumps[i], case_file(i).at);
}

/* -1: it has no form in DICOM JSON. */
static int add_as_json(dfh_export *ex, const char *path)
{
	dfh_error *error = NULL;
	char *json = case_dicom_json(path);
	if (json)
		ck_assert_msg(dfh_export_add_dicom_json(ex, path, json,
							strlen(json),
							&error) == 0,
			      "%s: %s", path, case_text(error));
	free(json);
	return json ? 0 : -1;
}

char *case_export_json(const dfh_rules *rules, const struct case_folder *it,
		       const dfh_export_options *options)
{
	dfh_export_options own = *options;
	int result = 0;
	if (*it->timezone)
		own.timezone = it->timezone;
	dfh_export *ex = dfh_export_new(rules, &own, NULL);
	for (int i = 0; i < it->dump_count && result == 0; i++)
		result = add_as_json(ex, case_file(i).at);
	char *text = result == 0 ? dfh_export_bundle(ex, NULL) : NULL;
	dfh_export_free(ex);
	return text;
}

char *case_export(const dfh_rules *rules, const struct case_folder *it,
		  const dfh_export_options *options, bool backwards)
{
	dfh_error *error = NULL;
	dfh_export_options own = *options;
	if (*it->timezone)
		own.timezone = it->timezone;
	dfh_export *ex = dfh_export_new(rules, &own, &error);
	ck_assert_msg(ex != NULL, "%s: %s", it->name, case_text(error));
	for (int i = 0; i < it->dump_count; i++) {
		int at = backwards ? it->dump_count - 1 - i : i;
		ck_assert_msg(
			dfh_export_add_file(ex, case_file(at).at, &error) == 0,
			"%s: %s", it->name, case_text(error));
	}
	char *text = dfh_export_bundle(ex, &error);
	ck_assert_msg(text != NULL, "%s: %s", it->name, case_text(error));
	dfh_export_free(ex);
	return text;
}

/* ---- FHIR -> DICOM ---- */

static dfh_import *import_of(const dfh_rules *rules, const char *timezone,
			     const char *name, const char *text,
			     dfh_report *report)
{
	dfh_error *error = NULL;
	dfh_import_options options = {
		.size = sizeof options, .report = report, .timezone = timezone};
	dfh_import *im = dfh_import_new(rules, &options, &error);
	ck_assert_msg(im && dfh_import_add_json(im, name, text, strlen(text),
						&error) == 0,
		      "%s: %s", name, case_text(error));
	return im;
}

dfh_import *case_import_text(const dfh_rules *rules, const char *name,
			     const char *text, dfh_report *report)
{
	return import_of(rules, NULL, name, text, report);
}

dfh_import *case_import(const dfh_rules *rules, const struct case_folder *it,
			const char *file, dfh_report *report)
{
	size_t length;
	struct case_name path = case_path(it, file);
	char *text = case_read(path.at, &length);
	ck_assert_msg(text != NULL, "%s is not there", path.at);
	dfh_import *im = import_of(rules, *it->timezone ? it->timezone : NULL,
				   path.at, text, report);
	free(text);
	return im;
}

struct dataset *case_dataset(const char *path, const struct dcm_wants *wants)
{
	struct dcm_source source = {.name = path};
	dfh_error *error = NULL;
	struct dataset *dataset = dcm_read(&source, wants, &error);
	ck_assert_msg(dataset != NULL, "%s", case_text(error));
	return dataset;
}

const char *case_value(const struct dataset *dataset, uint16_t group,
		       uint16_t element)
{
	const struct dcm_tag tag = {group, element, NULL};
	const struct dcm_element *e = dcm_item_find(&dataset->root, &tag);
	return e && e->text ? e->text : "";
}

static void remember(const char *path, void *context)
{
	struct case_paths *paths = context;
	ck_assert_int_lt(paths->count, CASE_DUMPS_MAX);
	snprintf(paths->at[paths->count++], sizeof paths->at[0], "%s", path);
}

void case_rebuild(dfh_import *im, const char *name, struct case_paths *paths)
{
	dfh_error *error = NULL;
	struct case_name folder = case_temp("rebuilt");
	mkdir(folder.at, 0777);
	paths->count = 0;
	ck_assert_msg(
		dfh_import_rebuild(im, folder.at, remember, paths, &error) == 0,
		"%s: %s", name, case_text(error));
}

const char *case_rebuilt(const struct case_paths *paths, const char *uid)
{
	for (int i = 0; *uid && i < paths->count; i++) {
		const char *name = strrchr(paths->at[i], '/') + 1;
		if (strncmp(name, uid, strlen(uid)) == 0 &&
		    strcmp(name + strlen(uid), ".dcm") == 0)
			return paths->at[i];
	}
	return !*uid && paths->count == 1 ? paths->at[0] : NULL;
}

/* Counts appear where there were none, and no rule knows the Manufacturer,
 * which is only there because it must be (Type 2). */
static void drop_counts(const struct dataset *original, struct dataset *rebuilt)
{
	static const struct dcm_tag may_be_new[] = {
		{0x0008, 0x0061, NULL}, {0x0008, 0x0070, NULL},
		{0x0020, 0x1206, NULL}, {0x0020, 0x1208, NULL},
		{0x0020, 0x1209, NULL},
	};
	for (size_t i = 0; i < sizeof may_be_new / sizeof *may_be_new; i++)
		if (!dcm_item_find(&original->root, &may_be_new[i]))
			dcm_item_remove(&rebuilt->root, &may_be_new[i]);
}

static bool has_leaves(const struct dcm_element *sequence)
{
	for (size_t i = 0; i < sequence->item_count; i++)
		for (size_t k = 0; k < sequence->items[i]->count; k++) {
			const struct dcm_element *e =
				&sequence->items[i]->elements[k];
			if (strcmp(e->vr, "SQ") != 0 || has_leaves(e))
				return true;
		}
	return false;
}

static bool is_whole(const dfh_rules *rules, const struct dcm_tag *tag)
{
	for (size_t i = 0; i < rules->wants.count; i++)
		if (dcm_tag_compare(&rules->wants.list[i].tag, tag) == 0)
			return rules->wants.list[i].whole;
	return false;
}

/* Items of which no rule reads anything leave no trace, and need none. */
static void drop_hollow(const dfh_rules *rules, struct dataset *dataset)
{
	for (size_t i = dataset->root.count; i > 0; i--) {
		const struct dcm_element *e = &dataset->root.elements[i - 1];
		const struct dcm_tag tag = e->tag;
		if (strcmp(e->vr, "SQ") == 0 && !is_whole(rules, &tag) &&
		    !has_leaves(e))
			dcm_item_remove(&dataset->root, &tag);
	}
}

void case_drop_new(const dfh_rules *rules, struct dataset *original,
		   struct dataset *rebuilt)
{
	drop_counts(original, rebuilt);
	drop_hollow(rules, original);
	drop_hollow(rules, rebuilt);
}

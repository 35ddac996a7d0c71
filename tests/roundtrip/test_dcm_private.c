/* Private attributes whose VR is in the rules and not in every file. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcm_build.h"
#include "rules.h"
#include "run_suite.h"

#define CREATOR "HOSPITAL.EXAMPLE 1"

/* how the file tells the VRs, where it is explicit */
enum way { AS_IT_IS, AS_UN };

static const struct form *const implicit = &forms[3];

/* (0019,20,CREATOR) */
static void add_ward(struct bytes *to, const struct form *form, enum way way)
{
	const struct form *inner = way == AS_UN ? implicit : form;
	struct bytes items = {0}, item = {0};

	add_text(&item, inner, 0x0019, 0x0010, "LO", CREATOR);
	add_text(&item, inner, 0x0019, 0x1021, "SH",
		 "S\xfc"
		 "d 1");
	add_item(&items, inner, &item);
	if (way == AS_IT_IS) {
		add_sequence(to, form, 0x0019, 0x1120, &items);
		return;
	}
	add_element(to, form, 0x0019, 0x1120, "UN", items.data, items.length);
	bytes_free(&items);
}

/* The rules' creator has the second block. */
static struct bytes build_private(const struct form *form, enum way way)
{
	const char *lo = way == AS_UN ? "UN" : "LO";
	struct bytes dataset = {0}, file;

	add_text(&dataset, form, 0x0008, 0x0005, "CS", "ISO_IR 100");
	add_text(&dataset, form, 0x0008, 0x0016, "UI",
		 "1.2.840.10008.5.1.4.1.1.2");
	add_text(&dataset, form, 0x0008, 0x0018, "UI", "1.2.3.4");
	add_text(&dataset, form, 0x0008, 0x0060, "CS", "CT");
	add_text(&dataset, form, 0x0010, 0x0010, "PN", "Doe^Jane");
	add_text(&dataset, form, 0x0010, 0x0020, "LO", "42");
	add_text(&dataset, form, 0x0019, 0x0010, "LO", "OTHER");
	add_text(&dataset, form, 0x0019, 0x0011, "LO", CREATOR);
	add_text(&dataset, form, 0x0019, 0x1010, lo, "other");
	add_text(&dataset, form, 0x0019, 0x1110, lo, "Gr\xfcn 4");
	add_ward(&dataset, form, way);
	add_text(&dataset, form, 0x0020, 0x000d, "UI", "1.2.3");
	add_text(&dataset, form, 0x0020, 0x000e, "UI", "1.2.3.1");
	file = wrap(form, "1.2.840.10008.5.1.4.1.1.2", &dataset);
	bytes_free(&dataset);
	return file;
}

/* ---- what the rules read ---- */

static dfh_rules *load_rules(void)
{
	const char *source = getenv("srcdir");
	dfh_error *error = NULL;
	dfh_rules *rules;
	char path[4096];

	snprintf(path, sizeof(path),
		 "%s/tests/roundtrip/site-rules/private.yaml",
		 source ? source : ".");
	rules = dfh_rules_load(path, &error);
	ck_assert_msg(rules != NULL, "%s", dfh_error_text(error));
	ck_assert_msg(dfh_rules_run_examples(rules, &error) == 0, "%s",
		      dfh_error_text(error));
	return rules;
}

static void check_element(const struct dcm_item *item, uint16_t element,
			  const char *vr, const char *text)
{
	const struct dcm_tag tag = {0x0019, element, CREATOR};
	const struct dcm_element *found = dcm_item_find(item, &tag);

	ck_assert_ptr_nonnull(found);
	ck_assert_str_eq(found->vr, vr);
	ck_assert_msg(found->text != NULL, "(0019,%02X) is not text", element);
	ck_assert_str_eq(found->text, text);
}

static void check_source(const dfh_rules *rules,
			 const struct dcm_source *source, const char *room,
			 const char *ward)
{
	const struct dcm_tag tag = {0x0019, 0x20, CREATOR};
	const struct dcm_element *wards;
	dfh_error *error = NULL;
	struct dataset *read = dcm_read(source, &rules->wants, &error);

	ck_assert_msg(read != NULL, "%s", dfh_error_text(error));
	check_element(&read->root, 0x10, "LO", room);
	wards = dcm_item_find(&read->root, &tag);
	ck_assert_ptr_nonnull(wards);
	ck_assert_str_eq(wards->vr, "SQ");
	ck_assert_uint_eq(wards->item_count, 1);
	check_element(wards->items[0], 0x21, "SH", ward);
	dataset_free(read);
}

static void check_file(const dfh_rules *rules, const char *path,
		       const char *room, const char *ward)
{
	const struct dcm_source source = {.name = path};

	check_source(rules, &source, room, ward);
}

START_TEST(reading)
{
	dfh_rules *rules = load_rules();

	for (enum way way = AS_IT_IS; way <= AS_UN; way++) {
		struct bytes file = build_private(&forms[_i], way);
		const struct dcm_source source = {.name = forms[_i].name,
						  .bytes = file.data,
						  .length = file.length};

		check_source(rules, &source, "Grün 4", "Süd 1");
		bytes_free(&file);
	}
	dfh_rules_free(rules);
}
END_TEST

/* ---- DICOM -> FHIR -> DICOM ---- */

static char *export(const dfh_rules *rules, dfh_release release,
		    const struct bytes *file)
{
	const dfh_export_options options = {.size = sizeof options,
					    .release = release};
	dfh_error *error = NULL;
	dfh_export *ex = dfh_export_new(rules, &options, &error);
	char *json;

	ck_assert_ptr_nonnull(ex);
	ck_assert_msg(dfh_export_add_bytes(ex, "memory", file->data,
					   file->length, &error) == 0,
		      "%s", dfh_error_text(error));
	json = dfh_export_bundle(ex, &error);
	ck_assert_ptr_nonnull(json);
	dfh_export_free(ex);
	ck_assert_ptr_nonnull(strstr(json, "\"Grün 4\""));
	ck_assert_ptr_nonnull(strstr(json, "\"Süd 1\""));
	return json;
}

static dfh_import *import(const dfh_rules *rules, const char *json)
{
	dfh_error *error = NULL;
	dfh_import *im = dfh_import_new(rules, NULL, &error);

	ck_assert_ptr_nonnull(im);
	ck_assert_msg(dfh_import_add_json(im, "memory", json, strlen(json),
					  &error) == 0,
		      "%s", dfh_error_text(error));
	return im;
}

static void check_rebuilt(const dfh_rules *rules, const char *json)
{
	dfh_import *im = import(rules, json);
	dfh_error *error = NULL;

	ck_assert_msg(
		dfh_import_rebuild(im, in_folder("."), NULL, NULL, &error) == 0,
		"%s", dfh_error_text(error));
	check_file(rules, in_folder("1.2.3.4.dcm"), "Grün 4", "Süd 1");
	unlink(in_folder("1.2.3.4.dcm"));
	dfh_import_free(im);
}

/* Of the same length. */
static void replace(char *text, const char *old, const char *by)
{
	char *at = strstr(text, old);

	ck_assert_ptr_nonnull(at);
	memcpy(at, by, strlen(by));
}

static void check_stamped(const dfh_rules *rules, const char *json,
			  const struct bytes *file, size_t changes,
			  const char *room, const char *ward)
{
	const char *from = in_folder("from"), *to = in_folder("to");
	dfh_import *im = import(rules, json);
	dfh_error *error = NULL;
	dfh_stamped stamped = {.size = sizeof stamped};

	save(from, file);
	ck_assert_msg(dfh_import_stamp(im, from, to, NULL, &stamped, &error) ==
			      0,
		      "%s", dfh_error_text(error));
	ck_assert_uint_eq(stamped.changed, changes);
	check_file(rules, to, room, ward);
	unlink(from);
	unlink(to);
	dfh_import_free(im);
}

START_TEST(round_trip)
{
	const struct form *form = &forms[_i / 2];
	dfh_rules *rules = load_rules();

	for (dfh_release release = DFH_R4; release;
	     release = release == DFH_R4 ? DFH_R5 : DFH_RELEASE_ANY) {
		struct bytes file =
			build_private(form, _i % 2 ? AS_UN : AS_IT_IS);
		char *json = export(rules, release, &file);

		check_rebuilt(rules, json);
		check_stamped(rules, json, &file, 0, "Grün 4", "Süd 1");
		replace(json, "Grün 4", "Blau 12");
		check_stamped(rules, json, &file, 1, "Blau 12", "Süd 1");
		/* and what stays private must follow into ISO_IR 192 */
		replace(json, "Blau 12", "Ost ア");
		check_stamped(rules, json, &file, 1, "Ost ア", "Süd 1");
		replace(json, "Süd 1", "Süd 2");
		check_stamped(rules, json, &file, 2, "Ost ア", "Süd 2");
		free(json);
		bytes_free(&file);
	}
	dfh_rules_free(rules);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dcm_private");
	TCase *all = tcase_create("private");

	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_loop_test(all, reading, 0, (int)form_count);
	tcase_add_loop_test(all, round_trip, 0, 2 * (int)form_count);
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}

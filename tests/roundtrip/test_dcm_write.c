/* Writing DICOM files. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dcm.h"
#include "error.h"
#include "run_suite.h"
#include "spot.h"
#include "stamps.h"

static const struct dcm_tag codes = {0x0008, 0x1032, NULL};

static void second(struct dcm_item *root)
{
	struct dcm_item *item = dcm_item_need_item(root, &codes, 1);

	stamp_set(item, 0x0008, 0x0100, "SH", "B2");
	stamp_set(item, 0x0008, 0x0102, "SH", "99TEST");
	stamp_set(item, 0x0008, 0x0104, "LO", "Arm");
}

static struct dataset *sample(const char *patient)
{
	const struct dcm_tag rows = {0x0028, 0x0010, NULL};
	const struct dcm_tag acme = {0x0009, 0x0001, "ACME 1.0"};
	const struct dcm_tag zenith = {0x0009, 0x0002, "ZENITH"};
	struct dataset *dataset = dataset_new();
	struct dcm_item *root = &dataset->root;

	stamp_set(root, 0x0008, 0x0005, "CS", "ISO_IR 100"); /* not so */
	stamp_set(root, 0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2");
	stamp_set(root, 0x0008, 0x0018, "UI", "1.2.3.4");
	stamp_set(root, 0x0010, 0x0010, "PN", patient);
	stamp_set(root, 0x0010, 0x0030, "DA", "");
	second(root);
	stamp_set(dcm_item_need_item(root, &codes, 0), 0x0008, 0x0104, "LO",
		  patient);
	dcm_item_set_bytes(root, &rows, "US", "\x02\x01", 2);
	dcm_item_set_text(root, &zenith, "LO", "z");
	dcm_item_set_text(root, &acme, "LO", "a");
	dcm_item_set_text(dcm_item_need_item(root, &codes, 0), &acme, "SH",
			  "within");
	return dataset;
}

static const char *const patients[] = {"Doe^Jane", "Müller^Jörg=山田^太郎"};

static int write_at(const struct dataset *dataset, const char *path,
		    dfh_error **error)
{
	struct spot spot;
	int answer;

	if (spot_open(&spot, path) < 0)
		return error_set(error, DFH_IO, "%s", path);
	answer = dcm_write(dataset, &spot, path, error);
	spot_close(&spot);
	return answer;
}

START_TEST(writing)
{
	const struct dcm_tag charset = {0x0008, 0x0005, NULL};
	struct dataset *dataset = sample(patients[_i]), *read;
	const char *path = in_folder("file");
	dfh_error *error = NULL;
	size_t i;

	ck_assert_msg(write_at(dataset, path, &error) == 0, "%s",
		      dfh_error_text(error));
	read = stamp_read(path);
	if (_i)
		ck_assert_str_eq(dcm_item_find(&read->root, &charset)->text,
				 "ISO_IR 192");
	else
		ck_assert_ptr_null(dcm_item_find(&read->root, &charset));
	dcm_item_remove(&read->root, &charset);
	dcm_item_remove(&dataset->root, &charset);
	ck_assert_uint_eq(read->root.count, dataset->root.count);
	for (i = 0; i < read->root.count; i++) {
		ck_assert(dcm_element_equal(&read->root.elements[i],
					    &dataset->root.elements[i]));
		ck_assert_str_eq(read->root.elements[i].vr,
				 dataset->root.elements[i].vr);
	}
	/* again, over it */
	ck_assert_int_eq(write_at(dataset, path, NULL), 0);
	unlink(path);
	dataset_free(read);
	dataset_free(dataset);
}
END_TEST

static void check_uid(const char *path, const char *expected)
{
	const struct dcm_tag tag = {0x0008, 0x010c, NULL};
	struct dataset *dataset = stamp_read(path);
	const struct dcm_element *sequence =
		dcm_item_find(&dataset->root, &codes);

	ck_assert_str_eq(dcm_item_find(sequence->items[0], &tag)->text,
			 expected);
	dataset_free(dataset);
}

/* Not legal, but what it was; also in an item of which another attribute
 * changes. */
START_TEST(uid_with_blanks)
{
	static const char uid[] = " 1.2 .3";
	const struct dcm_stamping how = {0};
	struct dataset *dataset = sample("A");
	const char *path = in_folder("file");
	const struct dcm_source source = {.name = path};

	stamp_set(dcm_item_need_item(&dataset->root, &codes, 0), 0x0008, 0x010c,
		  "UI", uid);
	ck_assert_int_eq(write_at(dataset, path, NULL), 0);
	check_uid(path, uid);
	dataset_free(dataset);
	for (int i = 0; i < 2; i++) {
		struct dataset *before = stamp_read(path);
		struct dataset *after = dataset_copy(before);

		stamp_set(dcm_item_need_item(&after->root, &codes, 0), 0x0008,
			  0x0104, "LO", i ? "Ü" : "Leg");
		ck_assert_int_eq(
			dcm_stamp(&source, path, before, after, &how, NULL), 0);
		check_uid(path, uid);
		dataset_free(before);
		dataset_free(after);
	}
	unlink(path);
}
END_TEST

START_TEST(cannot_write)
{
	struct dataset *dataset = sample("A");
	dfh_error *error = NULL;

	ck_assert_int_eq(write_at(dataset, in_folder("no/file"), &error), -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_IO);
	dfh_error_free(error);
	error = NULL;
	stamp_set(&dataset->root, 0x0008, 0x0060, "CS", "É");
	ck_assert_int_eq(write_at(dataset, in_folder("file"), &error), -1);
	ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
	ck_assert_ptr_nonnull(strstr(dfh_error_text(error), "Modality"));
	dfh_error_free(error);
	dataset_free(dataset);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dcm_write");
	TCase *all = tcase_create("writing");

	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_loop_test(all, writing, 0,
			    sizeof(patients) / sizeof(*patients));
	tcase_add_test(all, uid_with_blanks);
	tcase_add_test(all, cannot_write);
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}

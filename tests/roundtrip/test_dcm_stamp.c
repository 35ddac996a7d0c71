/* Stamping DICOM files. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stamps.h"
#include "run_suite.h"

static void check_stamp(const struct form *form, const struct stamp *stamp,
			const char *assumed, const char *to)
{
	struct bytes before = build(form, &stamp->before);
	struct bytes after = build(form, &stamp->after), got;
	const char *from = in_folder("from");
	const struct dcm_stamping how = {.assumed_charset = assumed};
	struct dataset *old, *new;
	dfh_error *error = NULL;

	save(from, &before);
	old = stamp_read_assuming(from, assumed);
	new = dataset_copy(old);
	stamp->edit(&new->root);
	ck_assert_msg(dcm_stamp(&(struct dcm_source){.name = from}, to, old,
				new, &how, &error) == 0,
		      "%s: %s", form->name, dfh_error_text(error));
	got = load(to);
	ck_assert_msg(got.length == after.length &&
			      !memcmp(got.data, after.data, got.length),
		      "%s: the stamped file is not as expected", form->name);
	unlink(from);
	unlink(to);
	dataset_free(old);
	dataset_free(new);
	bytes_free(&before);
	bytes_free(&after);
	bytes_free(&got);
}

START_TEST(stamping)
{
	size_t i;

	for (i = 0; i < form_count; i++) {
		check_stamp(&forms[i], &stamps[_i], NULL, in_folder("to"));
		check_stamp(&forms[i], &stamps[_i], NULL, in_folder("from"));
	}
}
END_TEST

/* Files that name no character set: others must be able to read what is
 * written, whatever the rules assume. */
static const struct {
	const char *assumed;
	struct stamp stamp;
} assumed_stamps[] = {
	{LATIN,
	 {nothing,
	  {.description = "gr\xfcn", .meaning = "K\xf6rper"},
	  {.description = "gr\xfcn", .meaning = "K\xf6rper"}}},
	{LATIN,
	 {edit_name,
	  {.description = "gr\xfcn", .meaning = "K\xf6rper"},
	  {.description = "gr\xfcn",
	   .meaning = "K\xf6rper",
	   .patient_name = "Doe^Jane"}}},
	{LATIN,
	 {meaning,
	  {.description = "gr\xfcn",
	   .meaning = "K\xf6rper",
	   .second = "H\xfcgel"},
	  {.description = "gr\xfcn", .meaning = "Leg", .second = "H\xfcgel"}}},
	{LATIN,
	 {private_value,
	  {.description = "gr\xfcn", .private = "wei\xdf"},
	  {.description = "gr\xfcn", .private = "other"}}},
	{LATIN,
	 {edit_latin_name,
	  {NULL, "gr\xfcn", "K\xf6rper", NULL, "wei\xdf", "J\xf6rg", "1"},
	  {UTF8, "grün", "Körper", NULL, "weiß", "Möbius^Zoë", "1"}}},
	{LATIN,
	 {edit_japanese_name,
	  {.description = "gr\xfcn"},
	  {UTF8, .description = "grün", .patient_name = "山田^太郎"}}},
	{LATIN,
	 {edit_latin_name,
	  {.description = "x"},
	  {UTF8, .description = "x", .patient_name = "Möbius^Zoë"}}},
	{"ISO_IR 13",
	 {edit_id,
	  {.description = "\xb1\xb2"},
	  {.description = "\xb1\xb2", .patient_id = "ID 7"}}},
	{JAPANESE,
	 {edit_id,
	  {.description = "\x1b$B;3ED\x1b(B"},
	  {.description = "\x1b$B;3ED\x1b(B", .patient_id = "ID 7"}}},
	{JAPANESE,
	 {edit_japanese_name,
	  {.description = "\x1b$B;3ED\x1b(B"},
	  {UTF8, .description = "山田", .patient_name = "山田^太郎"}}},
	/* where the file does name one, that counts */
	{"ISO_IR 144",
	 {edit_latin_name,
	  {LATIN, .description = "gr\xfcn"},
	  {LATIN, .description = "gr\xfcn",
	   .patient_name = "M\xf6"
			   "bius^Zo\xeb"}}},
};

START_TEST(stamping_assumed)
{
	size_t i;

	for (i = 0; i < form_count; i++)
		check_stamp(&forms[i], &assumed_stamps[_i].stamp,
			    assumed_stamps[_i].assumed, in_folder("to"));
}
END_TEST

START_TEST(stamp_keeps_mode)
{
	struct bytes file = build(&forms[0], &stamps[1].before);
	const char *path = in_folder("file"), *link = in_folder("link");
	struct dataset *old, *new;
	struct stat status;

	save(path, &file);
	ck_assert_int_eq(chmod(path, 0640), 0);
	ck_assert_int_eq(symlink("file", link), 0);
	old = stamp_read(path);
	new = dataset_copy(old);
	edit_name(&new->root);
	ck_assert_int_eq(dcm_stamp(&(struct dcm_source){.name = link}, link,
				   old, new, &(struct dcm_stamping){0}, NULL),
			 0);
	ck_assert_int_eq(lstat(link, &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_int_eq(status.st_mode & 07777, 0640);
	dataset_free(old);
	dataset_free(new);
	unlink(link);
	unlink(path);
	bytes_free(&file);
}
END_TEST

static void sop_instance(struct dcm_item *root)
{
	stamp_set(root, 0x0008, 0x0018, "UI", "1.2.3.5");
}

static void long_name(struct dcm_item *root)
{
	char *text = calloc(1, 70000);

	memset(text, 'x', 69999);
	stamp_set(root, 0x0010, 0x0010, "PN", text);
	free(text);
}

static void wide_code(struct dcm_item *root)
{
	stamp_set(root, 0x0008, 0x0060, "CS", "É");
}

static const struct {
	void (*edit)(struct dcm_item *root);
	const char *why;
	struct content before;
	const char *assumed;
} refused[] = {
	{edit_japanese_name,
	 "StudyDescription",
	 {.description = "Sch\xe4"
			 "del"},
	 NULL},
	{edit_japanese_name, "CodeMeaning", {.meaning = "K\xf6rper"}, NULL},
	{edit_japanese_name, "CodeMeaning", {.meaning = "K\xf6rper"}, UTF8},
	{sop_instance, "SOPInstanceUID", {.patient_id = "1"}, NULL},
	{long_name, "PatientName", {.patient_id = "1"}, NULL},
	{wide_code, "Modality", {.patient_id = "1"}, LATIN},
};

START_TEST(stamp_refused)
{
	const char *from = in_folder("from"), *to = in_folder("to");
	struct dataset *old, *new;
	size_t i;

	for (i = 0; i < form_count; i++) {
		struct bytes file = build(&forms[i], &refused[_i].before);
		dfh_error *error = NULL;

		save(from, &file);
		old = stamp_read_assuming(from, refused[_i].assumed);
		new = dataset_copy(old);
		refused[_i].edit(&new->root);
		ck_assert_int_eq(dcm_stamp(&(struct dcm_source){.name = from},
					   to, old, new,
					   &(struct dcm_stamping){
						   .assumed_charset =
							   refused[_i].assumed},
					   &error),
				 -1);
		ck_assert_int_eq(dfh_error_code(error), DFH_REFUSED);
		ck_assert_msg(strstr(dfh_error_text(error), refused[_i].why) !=
				      NULL,
			      "%s", dfh_error_text(error));
		ck_assert_int_ne(access(to, F_OK), 0);
		dfh_error_free(error);
		dataset_free(old);
		dataset_free(new);
		unlink(from);
		bytes_free(&file);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dcm_stamp");
	TCase *all = tcase_create("stamping");

	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_loop_test(all, stamping, 0, (int)stamp_count);
	tcase_add_loop_test(all, stamping_assumed, 0,
			    sizeof(assumed_stamps) / sizeof(*assumed_stamps));
	tcase_add_test(all, stamp_keeps_mode);
	tcase_add_loop_test(all, stamp_refused, 0,
			    sizeof(refused) / sizeof(*refused));
	suite_add_tcase(suite, all);
	return run_suite(suite) ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Stamping DICOM files. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dcm.h"
#include "dcm_build.h"
#include "dcm_undo.h"

static struct dcm_want all_wants[] = {
	{.tag = {0x0008, 0x0005, NULL}},
	{.tag = {0x0008, 0x0016, NULL}},
	{.tag = {0x0008, 0x0018, NULL}},
	{.tag = {0x0008, 0x0060, NULL}},
	{.tag = {0x0008, 0x1030, NULL}},
	{.tag = {0x0008, 0x1032, NULL}, .whole = true},
	{.tag = {0x0009, 0x0001, "ACME 1.0"}, .vr = "LO"},
	{.tag = {0x0009, 0x0002, "ZENITH"}},
	{.tag = {0x0010, 0x0010, NULL}},
	{.tag = {0x0010, 0x0020, NULL}},
	{.tag = {0x0010, 0x0030, NULL}},
	{.tag = {0x0028, 0x0010, NULL}},
};
static const struct dcm_wants wants = {
	all_wants, sizeof(all_wants) / sizeof(*all_wants), NULL};

static struct dataset *read_assuming(const char *path, const char *charset)
{
	struct dcm_source source = {.name = path};
	struct dcm_wants assuming = wants;
	dfh_error *error = NULL;
	struct dataset *dataset;

	assuming.assumed_charset = charset;
	dataset = dcm_read(&source, &assuming, &error);
	ck_assert_msg(dataset != NULL, "%s", dfh_error_text(error));
	return dataset;
}

static struct dataset *read_path(const char *path)
{
	return read_assuming(path, NULL);
}

static void set(struct dcm_item *item, uint16_t group, uint16_t element,
		const char *vr, const char *text)
{
	const struct dcm_tag tag = {group, element, NULL};

	dcm_item_set_text(item, &tag, vr, text);
}

static const struct dcm_tag codes = {0x0008, 0x1032, NULL};

/* ---- stamping: the bytes must be those of a file built that way ---- */

static void nothing(struct dcm_item *root)
{
	(void)root;
}

static void name(struct dcm_item *root)
{
	set(root, 0x0010, 0x0010, "PN", "Doe^Jane");
}

static void latin_name(struct dcm_item *root)
{
	set(root, 0x0010, 0x0010, "PN", "Möbius^Zoë");
}

static void japanese_name(struct dcm_item *root)
{
	set(root, 0x0010, 0x0010, "PN", "山田^太郎");
}

static void id(struct dcm_item *root)
{
	set(root, 0x0010, 0x0020, "LO", "ID 7");
}

static void no_id(struct dcm_item *root)
{
	const struct dcm_tag tag = {0x0010, 0x0020, NULL};

	dcm_item_remove(root, &tag);
}

static void empty_id(struct dcm_item *root)
{
	set(root, 0x0010, 0x0020, "LO", "");
}

static void meaning(struct dcm_item *root)
{
	set(dcm_item_need_item(root, &codes, 0), 0x0008, 0x0104, "LO", "Leg");
}

static void second(struct dcm_item *root)
{
	struct dcm_item *item = dcm_item_need_item(root, &codes, 1);

	set(item, 0x0008, 0x0100, "SH", "B2");
	set(item, 0x0008, 0x0102, "SH", "99TEST");
	set(item, 0x0008, 0x0104, "LO", "Arm");
}

static void no_first(struct dcm_item *root)
{
	struct dcm_element *sequence = dcm_item_find(root, &codes);

	sequence->items++;
	sequence->item_count--;
	set(sequence->items[0], 0x0008, 0x0100, "SH", "A1");
}

static void no_items(struct dcm_item *root)
{
	dcm_item_find(root, &codes)->item_count = 0;
}

static void private_value(struct dcm_item *root)
{
	const struct dcm_tag tag = {0x0009, 0x0001, "ACME 1.0"};

	dcm_item_set_text(root, &tag, "LO", "other");
}

#define LATIN "ISO_IR 100"
#define UTF8 "ISO_IR 192"
#define JAPANESE "\\ISO 2022 IR 87"

struct stamp {
	void (*edit)(struct dcm_item *root);
	struct content before, after;
};

static const struct stamp stamps[] = {
	{nothing,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", "Arm", "p", "A^B", "1"}},
	{name,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", NULL, "p", "A^B^C", "1"},
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "Knie", NULL, "p", "Doe^Jane", "1"}},
	{name,
	 {NULL, NULL, NULL, NULL, NULL, NULL, NULL},
	 {NULL, NULL, NULL, NULL, NULL, "Doe^Jane", NULL}},
	{latin_name,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "K\xf6rper", NULL, "p", "A^B", "1"},
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "K\xf6rper", NULL, "p",
	  "M\xf6"
	  "bius^Zo\xeb",
	  "1"}},
	{japanese_name,
	 {LATIN,
	  "Sch\xe4"
	  "del",
	  "K\xf6rper", "Arm", "p", "A^B", "1"},
	 {UTF8, "Schädel", "Körper", "Arm", "p", "山田^太郎", "1"}},
	{japanese_name,
	 {LATIN, "x", "Knie", NULL, "gr\xfcn", "A^B", "1"},
	 {UTF8, "x", "Knie", NULL, "grün", "山田^太郎", "1"}},
	{japanese_name,
	 {NULL, "Skull", "Body", NULL, NULL, NULL, NULL},
	 {UTF8, "Skull", "Body", NULL, NULL, "山田^太郎", NULL}},
	{japanese_name,
	 {UTF8, "Schädel", "Körper", NULL, "p", "A^B", "1"},
	 {UTF8, "Schädel", "Körper", NULL, "p", "山田^太郎", "1"}},
	{id,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", NULL},
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "ID 7"}},
	{no_id,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "p", "A^B", NULL}},
	{empty_id,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "p", "A^B", ""}},
	{meaning,
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN, "x", "Leg", "Arm", "p", "A^B", "1"}},
	{second,
	 {LATIN, "x", "Knie", NULL, "p", "A^B", "1"},
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"}},
	{no_first,
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN, "x", "Arm", NULL, "p", "A^B", "1"}},
	{no_items,
	 {LATIN, "x", "Knie", "Arm", "p", "A^B", "1"},
	 {LATIN, "x", NULL, NULL, "p", "A^B", "1"}},
	{private_value,
	 {LATIN, "x", "Knie", NULL, "secret", "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "other", "A^B", "1"}},
	{private_value,
	 {LATIN, "x", "Knie", NULL, NULL, "A^B", "1"},
	 {LATIN, "x", "Knie", NULL, "other", "A^B", "1"}},
};

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
	old = read_assuming(from, assumed);
	new = dataset_copy(old);
	stamp->edit(&new->root);
	ck_assert_msg(dcm_stamp(from, to, old, new, &how, &error) == 0,
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

/* ---- undoing ---- */

static bool is_second(const char *time, void *context)
{
	(void)context;
	return strcmp(time, "20240301000000+0000") == 0;
}

static void record(const char *path, void (*edit)(struct dcm_item *root),
		   const char *time)
{
	const struct dcm_record kept = {.time = time,
					.system = "test",
					.source = "ward",
					.reason = "COERCE",
					.comment = "they asked for it",
					.equipment = true};
	const struct dcm_stamping how = {.record = &kept};
	struct dataset *old = read_assuming(path, NULL);
	struct dataset *new = dataset_copy(old);
	dfh_error *error = NULL;

	edit(&new->root);
	ck_assert_msg(dcm_stamp(path, path, old, new, &how, &error) == 0, "%s",
		      dfh_error_text(error));
	dataset_free(old);
	dataset_free(new);
}

static void undo(const char *path, bool (*is_meant)(const char *, void *),
		 size_t expected)
{
	const struct dcm_undoing how = {.system = "test", .is_meant = is_meant};
	dfh_error *error = NULL;
	size_t undone;

	ck_assert_msg(dcm_undo(path, path, &how, &undone, &error) == 0, "%s",
		      dfh_error_text(error));
	ck_assert_uint_eq(undone, expected);
}

static void check_same(const char *path, const struct bytes *expected,
		       const char *what, const struct form *form)
{
	struct bytes got = load(path);

	ck_assert_msg(got.length == expected->length &&
			      !memcmp(got.data, expected->data, got.length),
		      "%s: %s", form->name, what);
	bytes_free(&got);
}

static void other_id(struct dcm_item *root)
{
	set(root, 0x0010, 0x0020, "LO", "4711");
}

/* No other set of the tests holds it: the file must widen. */
static void thai_id(struct dcm_item *root)
{
	set(root, 0x0010, 0x0020, "LO", "สวัสดี");
}

/* Two stamps; the second undone, then the first. */
static void check_undo(const struct form *form, const struct stamp *stamp,
		       void (*again)(struct dcm_item *root))
{
	struct bytes before = build(form, &stamp->before), once;
	const char *path = in_folder("from");

	save(path, &before);
	record(path, stamp->edit, "20240229000000+0000");
	once = load(path);
	ck_assert_uint_gt(once.length, before.length);
	record(path, again, "20240301000000+0000");
	undo(path, is_second, 1);
	check_same(path, &once, "the second stamp is not undone", form);
	undo(path, NULL, 1);
	check_same(path, &before, "the first stamp is not undone", form);
	undo(path, NULL, 0);
	check_same(path, &before, "nothing to undo changes something", form);
	record(path, stamp->edit, "20240229000000+0000");
	record(path, again, "20240301000000+0000");
	undo(path, NULL, 2);
	check_same(path, &before, "both stamps are not undone", form);
	unlink(path);
	bytes_free(&before);
	bytes_free(&once);
}

START_TEST(undoing)
{
	size_t i;

	for (i = 0; i < form_count; i++) {
		check_undo(&forms[i], &stamps[_i], other_id);
		check_undo(&forms[i], &stamps[_i], thai_id);
	}
}
END_TEST

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
	 {name,
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
	 {latin_name,
	  {NULL, "gr\xfcn", "K\xf6rper", NULL, "wei\xdf", "J\xf6rg", "1"},
	  {UTF8, "grün", "Körper", NULL, "weiß", "Möbius^Zoë", "1"}}},
	{LATIN,
	 {japanese_name,
	  {.description = "gr\xfcn"},
	  {UTF8, .description = "grün", .patient_name = "山田^太郎"}}},
	{LATIN,
	 {latin_name,
	  {.description = "x"},
	  {UTF8, .description = "x", .patient_name = "Möbius^Zoë"}}},
	{"ISO_IR 13",
	 {id,
	  {.description = "\xb1\xb2"},
	  {.description = "\xb1\xb2", .patient_id = "ID 7"}}},
	{JAPANESE,
	 {id,
	  {.description = "\x1b$B;3ED\x1b(B"},
	  {.description = "\x1b$B;3ED\x1b(B", .patient_id = "ID 7"}}},
	{JAPANESE,
	 {japanese_name,
	  {.description = "\x1b$B;3ED\x1b(B"},
	  {UTF8, .description = "山田", .patient_name = "山田^太郎"}}},
	/* where the file does name one, that counts */
	{"ISO_IR 144",
	 {latin_name,
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
	old = read_path(path);
	new = dataset_copy(old);
	name(&new->root);
	ck_assert_int_eq(dcm_stamp(link, link, old, new,
				   &(struct dcm_stamping){0}, NULL),
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
	set(root, 0x0008, 0x0018, "UI", "1.2.3.5");
}

static void long_name(struct dcm_item *root)
{
	char *text = calloc(1, 70000);

	memset(text, 'x', 69999);
	set(root, 0x0010, 0x0010, "PN", text);
	free(text);
}

static void wide_code(struct dcm_item *root)
{
	set(root, 0x0008, 0x0060, "CS", "É");
}

static const struct {
	void (*edit)(struct dcm_item *root);
	const char *why;
	struct content before;
	const char *assumed;
} refused[] = {
	{japanese_name,
	 "StudyDescription",
	 {.description = "Sch\xe4"
			 "del"},
	 NULL},
	{japanese_name, "CodeMeaning", {.meaning = "K\xf6rper"}, NULL},
	{japanese_name, "CodeMeaning", {.meaning = "K\xf6rper"}, UTF8},
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
		old = read_assuming(from, refused[_i].assumed);
		new = dataset_copy(old);
		refused[_i].edit(&new->root);
		ck_assert_int_eq(dcm_stamp(from, to, old, new,
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
	SRunner *runner;
	int failed;

	tcase_set_timeout(all, 60);
	tcase_add_checked_fixture(all, make_folder, remove_folder);
	tcase_add_loop_test(all, stamping, 0, sizeof(stamps) / sizeof(*stamps));
	/* the first changes nothing */
	tcase_add_loop_test(all, undoing, 1, sizeof(stamps) / sizeof(*stamps));
	tcase_add_loop_test(all, stamping_assumed, 0,
			    sizeof(assumed_stamps) / sizeof(*assumed_stamps));
	tcase_add_test(all, stamp_keeps_mode);
	tcase_add_loop_test(all, stamp_refused, 0,
			    sizeof(refused) / sizeof(*refused));
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
